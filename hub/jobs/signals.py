"""Signals as stewards work on them: what is new about the sources, and what is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.config import Settings
from hub.database import engine
from hub.store import signals as store
from hub.store.audit import Entry, record
from hub.store.source_reads import Asked, list_signals
from hub.store.visible import Caller, visible_sources

CALLER = "hub signal"


def read_signals(settings: Settings, asked: Asked, limit: int) -> list[Mapping[str, Any]]:
    """List signals, newest first."""
    view = visible_sources(Caller(CALLER, "admin"))
    with engine(settings).connect() as connection:
        return list_signals(connection, view, asked, before=None, limit=limit)


def close(settings: Settings, signal_id: int, by: str) -> Mapping[str, Any]:
    """Close a signal that is known and return it."""
    view = visible_sources(Caller(CALLER, "admin"))
    with engine(settings).begin() as connection:
        closed = store.close_signal(connection, view, signal_id, by)
        record(connection, Entry(CALLER, "close", about=f"signal {signal_id}"))
        return closed
