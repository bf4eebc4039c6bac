"""Azure's side of the border: the wire, the pipeline, sign-in and clouds."""
