"""The commands: each parses, calls one service method and shows one view."""
