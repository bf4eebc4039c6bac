"""Writes a view in the format asked for, and notes on stderr."""
