"""Azure Resource Graph: queries over what the caller may read in all subscriptions."""
