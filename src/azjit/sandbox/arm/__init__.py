"""Azure Resource Manager at large: gateway, routes, limits, long-running operations."""
