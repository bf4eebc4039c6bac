"""The commands: each parses, calls one service and shows one view; a change is planned first."""
