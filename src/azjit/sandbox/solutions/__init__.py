"""Microsoft.Solutions: applications, definitions, JIT requests and updateAccess."""
