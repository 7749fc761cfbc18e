"""What entries cause, as the API shows it: deliveries, corrections, the entries themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hub.config import WorkingDays
from hub.jobs.resolve import CHINA
from hub.store.corrections import CorrectionRow
from hub.store.deliveries import DeliveryRow
from hub.store.entries import EntryRow
from hub.store.visible import View
from hub.workdays import workday_after
from schemas import MODELS, Section
from schemas.field import field


def delivery_document(row: DeliveryRow, view: View) -> dict[str, Any]:
    """Write a delivery: which fields it carries, as far as the caller sees them; no values."""
    said = {name: getattr(row, name) for name in _DELIVERY}
    return {**said, "fields": [name for name in sorted(row.values) if name in view.names]}


_DELIVERY = (
    *("delivery_id", "source", "dataset", "key", "state", "reason"),
    *("owner", "attempts", "planned_at", "at"),
)


def correction_document(
    row: CorrectionRow, view: View, days: WorkingDays, today: date | None = None
) -> dict[str, Any]:
    """Write a correction; its values only where the caller sees the field."""
    said = {name: getattr(row, name) for name in _CORRECTION}
    shown = row.field in view.names and row.field not in view.masked
    values = {"value": row.value, "proposed": row.proposed} if shown else {}
    return {
        **said,
        "collection": MODELS[row.record_type].collection,
        "golden_id": row.entity_id,
        "escalated": row.state == "open" and escalated(row.due_on, days, today),
        "value": None,
        "proposed": None,
        **{name: _native(view.model, row.field, text) for name, text in values.items()},
    }


_CORRECTION = (
    *("correction_id", "field", "authority", "source", "dataset", "key", "basis", "raised_by"),
    *("raised_at", "due_on", "state", "reason", "answered_by", "answered_at", "delivery_id"),
)


def escalated(due_on: date, days: WorkingDays, today: date | None = None) -> bool:
    """Tell whether the next working day is the last one, or even that is past."""
    return due_on <= workday_after(today or datetime.now(CHINA).date(), 1, days)


def entry_document(row: EntryRow, view: View) -> dict[str, Any]:
    """Write an entry: who, when, why, and what, as far as the caller sees the fields."""
    said = {
        name: _native(view.model, name, text)
        for name, text in row.fields.items()
        if name in view.names and name not in view.masked
    }
    return {
        "entry_id": row.entry_id,
        "said_by": row.said_by,
        "reason": row.reason,
        "at": row.at,
        "fields": said,
        "applied": [name for name in row.applied if name in view.names],
    }


def _native(model: type[Section], name: str, text: str | None) -> object:
    return None if text is None else field(model, name).kind.native(text)
