"""Shell completion: answered from local files, without typer, almost as fast as Python starts."""
