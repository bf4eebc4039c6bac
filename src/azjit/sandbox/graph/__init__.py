"""Microsoft Graph v1.0: the directory of the caller's tenant, and its licences."""
