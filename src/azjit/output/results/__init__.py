"""The fields of each result: one module per result."""
