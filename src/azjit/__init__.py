"""Just-in-time access for Azure Managed Applications, from the terminal."""
