"""The publisher's definitions, packages and offers."""
