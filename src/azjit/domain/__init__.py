"""The field's words as frozen types and pure rules: no I/O, no clock, no wire spellings."""
