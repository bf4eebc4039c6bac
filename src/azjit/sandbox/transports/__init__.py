"""The ways into the sandbox: in process, and over HTTPS on loopback."""
