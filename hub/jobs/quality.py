"""Measuring the golden records against what is expected of them."""

from __future__ import annotations

from hub.config import Settings
from hub.database import engine
from hub.quality import Report, validate_table
from schemas import MODELS


def measure(settings: Settings) -> list[Report]:
    """Run the expectations over all golden records that are served, type by type."""
    return [validate_table(engine(settings), record_type) for record_type in MODELS]
