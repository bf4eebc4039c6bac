"""Who did what, from the activity log, the requests and the receipts."""
