"""Azure Resource Graph: what a caller may read, over all subscriptions, by query."""
