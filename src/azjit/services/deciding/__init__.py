"""The consumer's work: read what waits, approve, deny, revoke."""
