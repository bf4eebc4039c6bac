"""Makes worlds: the seeded one, large ones, and those read from a file."""
