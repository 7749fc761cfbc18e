"""Measuring the golden records against what is expected of them."""

from __future__ import annotations

from hub.config import Settings
from hub.database import engine
from hub.jobs.cross_checks import cross_check
from hub.quality import Report, validate_table
from schemas import MODELS


def measure(settings: Settings) -> list[Report]:
    """Check across records, then run the expectations over all golden records served, by type."""
    cross_check(settings)
    return [validate_table(engine(settings), record_type) for record_type in MODELS]
