"""The activity log: what was written in a subscription, by whom and when."""
