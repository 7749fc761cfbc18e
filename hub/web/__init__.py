"""The hub's door for other systems: the HTTP API. Routes read through `hub.store`'s views."""
