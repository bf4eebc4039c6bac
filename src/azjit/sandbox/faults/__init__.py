"""Faults on demand: which there are, and what they do to a call."""
