"""The publisher's tasks: list, request, wait, cancel, activate."""
