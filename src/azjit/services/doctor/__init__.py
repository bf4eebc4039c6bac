"""The doctor: finds what would make a command fail, and changes nothing."""
