"""The domain as frozen types and pure rules: no I/O, no clock, no spellings of the wire."""
