"""Who did what: the activity log beside requests and receipts."""
