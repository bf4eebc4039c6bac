"""Who signs in and how: credentials, tokens, the caller."""
