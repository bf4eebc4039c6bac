"""What a publisher ships: the definition, the package and the offer."""
