"""The doctor: finds what would make commands fail, and changes nothing."""
