"""Everything on disk: receipts, caches, configuration, and their folders."""
