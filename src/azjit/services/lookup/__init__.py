"""Finds applications, requests, roles and people, and joins them with their names."""
