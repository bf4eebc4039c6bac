"""`azjit sandbox`: the embedded Azure."""
