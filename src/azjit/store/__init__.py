"""All files: receipts, caches, configuration, and their directories."""
