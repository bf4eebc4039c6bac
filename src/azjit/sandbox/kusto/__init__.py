"""The part of the Kusto query language that the sandbox's Resource Graph understands."""
