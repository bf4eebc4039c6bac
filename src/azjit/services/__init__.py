"""The tasks of the commands: classes over Azure, the receipts and the cached names."""
