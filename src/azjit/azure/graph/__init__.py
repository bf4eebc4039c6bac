"""Microsoft Graph: the client and its responses."""
