"""Packages of managed applications: reading, checking and editing, without Azure."""
