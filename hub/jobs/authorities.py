"""Whose word counts, as the connectors declare it."""

from __future__ import annotations

from functools import cache

import connectors
from hub.golden import Authorities


@cache
def authorities() -> Authorities:
    """Gather from the connectors how far each dataset is trusted and for whom it speaks."""
    trust, speaks_for, tentative = {}, {}, {}
    for source, connector in connectors.CONNECTORS.items():
        for dataset in connector.datasets:
            trust[f"{source}|{dataset.name}"] = dataset.trust
            speaks_for[f"{source}|{dataset.name}"] = dict(dataset.acts_for)
            tentative[f"{source}|{dataset.name}"] = dataset.tentative
    return Authorities(trust, speaks_for, tentative)
