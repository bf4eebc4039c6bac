"""Everything that is shown: results on stdout through one seam, notes on stderr."""
