"""Azure Resource Manager: a call, a route, its limits, the description of the cloud."""
