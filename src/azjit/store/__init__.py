"""Everything on disk: receipts, remembered names, and where they live."""
