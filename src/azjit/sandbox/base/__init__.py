"""What every part of the sandbox uses: clock, ids, messages, switches."""
