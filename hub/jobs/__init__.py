"""What the hub does: each job owns its transactions and the order of its steps."""
