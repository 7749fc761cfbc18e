"""Changes as CloudEvents: what the feed shows, and what subscribers are sent."""

from __future__ import annotations

from typing import Any

from hub.store.feed_reads import Change
from schemas import MODELS


def event_of(change: Change, division: str) -> dict[str, Any]:
    """Write a change as an event: it names fields, not values."""
    collection = MODELS[change.record_type].collection
    told = {name: getattr(change, name) for name in ("version", "change", "fields", "cause")}
    return {
        **_envelope(division),
        "id": f"{change.position.epoch}-{change.position.seq}",
        "type": f"cn.gov.{division}.hub.{change.record_type}.{change.change}.v1",
        "subject": change.entity_id,
        "time": change.at,
        "dataschema": f"/v1/catalogue/{collection}/schema",
        "data": {"id": change.entity_id, "collection": collection, **told},
    }


def notice_of(kind: str, event_id: str, division: str, **told: Any) -> dict[str, Any]:
    """Write an event about the feed or a subscription itself: ``feed.begun``, ``test``."""
    kind = f"cn.gov.{division}.hub.{kind}.v1"
    return {**_envelope(division), "id": event_id, "type": kind, "data": told}


def _envelope(division: str) -> dict[str, Any]:
    said = {"specversion": "1.0", "source": f"urn:hub:{division}"}
    return {**said, "datacontenttype": "application/json"}
