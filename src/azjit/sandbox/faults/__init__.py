"""Injected faults: the kinds, and what they do to a call."""
