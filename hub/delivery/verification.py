"""Changes as entries of the police's verification list (核查反馈), one a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.connector import Dataset
from hub.delivery.parcel import (
    SENDER,
    Answering,
    Outcome,
    Parcel,
    Readable,
    Reply,
    Target,
)
from hub.errors import HubError
from hub.written import Row

_NAMES = ("fkbh", "ywb", "ywbh", "zdmc", "yz", "xz", "yj", "fksj", "clzt", "clyj")
_LIST = sa.table("zk_hcfk", *map(sa.column, _NAMES))
_OPEN, _REFUSED = "0", "2"
#: So many ids are asked about at a time: databases bound the length of a list.
_AT_ONCE = 200


class VerificationList(Target, Answering, Readable):
    """A table that proposals are written into, and answered in by whoever reads it."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine

    def close(self) -> None:
        """Let go of nothing: connections are not kept."""

    def send(self, parcel: Parcel) -> Outcome:
        """Write the proposals that are not there yet."""
        rows = {row["fkbh"]: row for row in _proposals(parcel)}
        try:
            with self._engine().begin() as connection:
                known = sa.select(_LIST.c.fkbh).where(_LIST.c.fkbh.in_(list(rows)))
                there = set(connection.scalars(known))
                missing = [row for name, row in rows.items() if name not in there]
                if missing:
                    connection.execute(sa.insert(_LIST), missing)
        except HubError as error:
            return Outcome("failed", str(error), down=True)
        except SQLAlchemyError as error:
            return Outcome("unknown", _told(error), down=True)
        return Outcome("handed")

    def replies(self, parcels: Sequence[Parcel]) -> dict[str, Reply]:
        """Read the answers to proposals; a parcel is answered when all of its columns are."""
        found: dict[str, tuple[str, str | None]] = {}
        ids = [name for parcel in parcels for name in _ids(parcel)]
        try:
            with self._engine().connect() as connection:
                for start in range(0, len(ids), _AT_ONCE):
                    chosen = _LIST.c.fkbh.in_(ids[start : start + _AT_ONCE])
                    query = sa.select(_LIST.c.fkbh, _LIST.c.clzt, _LIST.c.clyj).where(chosen)
                    found |= {row.fkbh: (row.clzt, row.clyj) for row in connection.execute(query)}
        except (HubError, SQLAlchemyError):
            return {}
        replies = ((parcel, [found.get(name) for name in _ids(parcel)]) for parcel in parcels)
        return {
            parcel.delivery_id: reply
            for parcel, answers in replies
            if (reply := _reply(answers)) is not None
        }

    def read(self, dataset: Dataset, key: str) -> Row | None:
        """Read a row of the source's own table."""
        query = sa.text(f"SELECT * FROM {dataset.location} WHERE {dataset.key} = :key")
        try:
            with self._engine().connect() as connection:
                row = connection.execute(query, {"key": key}).mappings().first()
        except (HubError, SQLAlchemyError):
            return None
        return dict(row) if row else None


def _ids(parcel: Parcel) -> list[str]:
    return [f"{parcel.delivery_id}-{place}" for place in range(1, len(parcel.cells) + 1)]


def _proposals(parcel: Parcel) -> list[dict[str, str]]:
    return [
        {
            "fkbh": name,
            "ywb": parcel.dataset.location,
            "ywbh": parcel.key,
            "zdmc": column,
            "yz": now or "",
            "xz": wanted,
            "yj": parcel.basis or SENDER,
            "fksj": parcel.at.strftime("%Y%m%d%H%M%S"),
            "clzt": _OPEN,
            "clyj": "",
        }
        for name, (column, (now, wanted)) in zip(
            _ids(parcel), sorted(parcel.cells.items()), strict=True
        )
    ]


def _reply(answers: Sequence[tuple[str, str | None] | None]) -> Reply | None:
    said = [answer for answer in answers if answer is not None and answer[0] != _OPEN]
    if len(said) < len(answers):
        return None
    reasons = [reason or "refused" for state, reason in said if state == _REFUSED]
    return Reply(done=not reasons, reason="；".join(reasons) or None)


def _told(error: SQLAlchemyError) -> str:
    # What a driver says may quote a row.
    return f"the database failed ({type(error).__name__})"
