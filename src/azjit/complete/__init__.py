"""Completion: what a TAB offers, answered from disk without typer, at about python's own price."""
