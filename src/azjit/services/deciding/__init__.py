"""The consumer's tasks: list pending requests, approve, deny, revoke."""
