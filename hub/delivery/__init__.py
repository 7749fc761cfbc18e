"""Deliveries: changes translated back into the words of each source, and sent to it."""
