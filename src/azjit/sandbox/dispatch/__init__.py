"""Which part of this Azure answers a request."""
