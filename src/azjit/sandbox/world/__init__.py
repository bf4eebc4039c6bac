"""The state of the sandbox: one SQLite file, read and written in transactions."""
