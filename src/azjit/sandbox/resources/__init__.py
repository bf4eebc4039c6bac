"""Subscriptions, resource groups, resource providers and resources."""
