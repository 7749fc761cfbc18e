"""What the hub keeps, and the only place that speaks SQL about it."""
