"""What each result holds: one module per result."""
