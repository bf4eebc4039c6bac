"""Microsoft Entra ID: sign-in, tokens and workload identities."""
