"""Changes settings: those of applications, and the named contexts of this machine."""
