"""The rules of the job: thin classes over Azure, the receipts and the names that are known."""
