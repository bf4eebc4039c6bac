"""All output: results on stdout, notes on stderr."""
