"""An embedded Azure for managed-application JIT access; it imports nothing else of azjit."""
