"""The publisher's work: read, request, wait, cancel, activate."""
