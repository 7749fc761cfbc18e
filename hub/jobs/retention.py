"""Disposing of what is over: what ended grants delivered, and what has been kept long enough.

Every step is a transaction of its own that is told to the audit with it. Files go after the
transaction that gives them up, and what a killed run has left of them, the next one removes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.errors import NotFound
from hub.store import erasure, exports, retention, subscriptions
from hub.store.audit import Entry, record
from hub.store.callers import entitled, find_caller
from hub.store.feed_reads import followed_views
from hub.store.retention import AUDIT, PERIODS, Period
from hub.store.subscriptions import Subscription
from hub.store.visible import Caller, Denied, visible
from schemas import MODELS

CALLER = "hub retention"
#: What ended grants delivered has no period: it goes when they end.
GRANTS, ERASED = "grants", "erased_residents"

Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Disposed:
    """What was disposed of, or would be: of which kind, and how many."""

    name: str
    count: int


def periods() -> list[Period]:
    """Return what is kept, how long, and why."""
    return [*PERIODS, AUDIT]


def due(settings: Settings) -> list[Disposed]:
    """Say what a run would dispose of, and change nothing."""
    with engine(settings).connect() as connection:
        counts = [Disposed(GRANTS, len(retention.ended_grants(connection)))]
        counts.append(Disposed(ERASED, len(erasure.left_over(connection))))
        counts += [Disposed(one.name, retention.due(connection, one)) for one in PERIODS]
    return counts


def run(settings: Settings, watch: Watch = lambda _: None) -> list[Disposed]:
    """Dispose of all that is over; return how many of what, as far as there was any."""
    done = [Disposed(GRANTS, _dispose_of_grants(settings))]
    done.append(Disposed(ERASED, _dispose_of_erased(settings)))
    for period in PERIODS:
        watch(period.name)
        done.append(Disposed(period.name, _dispose_of(settings, period)))
    _remove_files(settings)
    return [one for one in done if one.count]


def _dispose_of(settings: Settings, period: Period) -> int:
    total = 0
    for table in period.tables:
        count = most = retention.AT_ONCE
        while count == most:
            with engine(settings).begin() as connection:
                count = retention.dispose(connection, period, table, most)
                if count:
                    _tell(connection, f"{period.name}: {count} of {table}")
            total += count
    return total


def _dispose_of_grants(settings: Settings) -> int:
    """Dispose of what ended grants delivered, grant by grant (Decree 809, Art 27)."""
    with engine(settings).connect() as connection:
        ended = retention.ended_grants(connection)
    for grant in ended:
        with engine(settings).begin() as connection:
            given_up = list(_give_up(connection, grant.client_id))
            retention.note_disposed(connection, grant.grant_id)
            _tell(connection, f"grant {grant.grant_id}: {', '.join(given_up) or 'nothing kept'}")
    return len(ended)


def _give_up(connection: Connection, client_id: str) -> Iterator[str]:
    """Give up the exports and subscriptions that a client's rights no longer cover.

    Cursors of the feed are kept by nobody but the client, and show what its rights show.
    """
    known = find_caller(connection, client_id)
    caller = entitled(connection, known) if known else None
    for export_id in exports.done_exports(connection):
        export = exports.get_export(connection, export_id)
        if export.client_id == client_id and not _covers(caller, export):
            exports.give_up(connection, export_id)
            yield f"export {export_id}"
    for one in subscriptions.list_subscriptions(connection, client_id=client_id, limit=10_000):
        if not _follows(caller, one):
            subscriptions.delete_subscription(connection, one.subscription_id, None)
            yield f"subscription {one.subscription_id}"


def _covers(caller: Caller | None, export: exports.Export) -> bool:
    """Tell whether a client may still see exactly what was exported for it."""
    if caller is None:
        return False
    model = MODELS[export.record_type]
    try:
        view = visible(caller, model, names=export.fields, purpose=export.purpose)
    except (Denied, NotFound):
        return False
    return export.view is None or view.signature == export.view


def _follows(caller: Caller | None, one: Subscription) -> bool:
    """Tell whether a subscriber may still be told of anything that it follows."""
    if caller is None:
        return False
    try:
        views = followed_views(caller, one.following)
    except Denied:
        return False
    return any(view.parts for view in views.values())


def _dispose_of_erased(settings: Settings) -> int:
    """Erase what was left of residents who had asked for it, once their sources let them go."""
    with engine(settings).connect() as connection:
        left = erasure.left_over(connection)
    for entity_id in left:
        with engine(settings).begin() as connection:
            erasure.erase_traces(connection, entity_id, keep=())
            entry = Entry(
                CALLER, "erase", entity_ids=[entity_id], about="no source has it any more"
            )
            record(connection, entry)
    return len(left)


def _remove_files(settings: Settings) -> None:
    """Give up exports that are old enough; remove the files of all that were given up."""
    with engine(settings).begin() as connection:
        for export_id in exports.expire_exports(connection):
            _tell(connection, f"export {export_id}")
    with engine(settings).connect() as connection:
        kept = {*exports.done_exports(connection), *exports.unfinished(connection)}
    for folder in _folders(settings.home / "exports"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(home: Path) -> list[Path]:
    return [one for one in home.iterdir() if one.is_dir()] if home.is_dir() else []


def _tell(connection: Connection, what: str) -> None:
    record(connection, Entry(CALLER, "dispose", about=what))
