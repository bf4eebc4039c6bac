"""Just-in-time access for Azure Managed Applications, from the terminal."""

__version__ = "0.2.0"
