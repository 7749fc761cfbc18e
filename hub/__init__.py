"""The hub: one golden record of each resident, home and street lamp of a city district."""
