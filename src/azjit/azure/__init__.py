"""Everything that calls Azure: clients, pipeline, sign-in, clouds, and the conversion of JSON."""
