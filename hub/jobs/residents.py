"""Residents' requests: what answers them, and the steps as they are taken.

Erasure takes what the hub alone holds. What departments hold by their duties they are asked about,
each by its row, and it is served until they let go of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from connectors.worker import WORKER
from hub.config import Settings
from hub.database import engine
from hub.errors import Conflict
from hub.jobs import entry as entering
from hub.jobs.resident_copy import copy_of
from hub.store import erasure, feed
from hub.store import resident_requests as store
from hub.store.audit import Entry, record
from hub.store.grants import Stale
from hub.store.request_steps import StepBy
from hub.store.resident_requests import ResidentRequest
from hub.store.share_materials import Clock, Impossible
from hub.store.spooled import settle
from hub.store.visible import Caller, View, visible
from schemas import Person


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request: who gives it, as what they may see, and which words a duty keeps."""

    request_id: int
    view: View
    step: StepBy
    #: Fields of an erasure whose words stay, by the reason of the step.
    keep: Sequence[str] = ()


def steward_view() -> View:
    """Return what a steward at the command line sees of a person."""
    return visible(Caller("hub request", "admin"), Person, purpose="steward")


@contextmanager
def answered(settings: Settings, reply: Reply) -> Iterator[tuple[Connection, ResidentRequest]]:
    """Answer a request as its kind wants it, in a transaction that ends with the ``with`` block."""
    with engine(settings).connect() as connection:
        with connection.begin():
            before = store.get_request(connection, reply.request_id)
        with _ANSWERS[before.kind](settings, connection, before, reply) as (writing, outcome):
            locked = store.locked(writing, reply.request_id, reply.step, ("verified",))
            yield writing, store.finish(writing, locked, outcome, reply.step)
        with connection.begin():
            feed.number_changes(connection)


_Answering = Iterator[tuple[Connection, Mapping[str, Any]]]


@contextmanager
def _show(_: Settings, connection: Connection, before: ResidentRequest, reply: Reply) -> _Answering:
    """Say that the copy was handed over: it is read by itself, and not kept."""
    _need(before, reply)
    with connection.begin():
        yield connection, {"copy": "given"}


@contextmanager
def _correct(
    settings: Settings, _: Connection, before: ResidentRequest, reply: Reply
) -> _Answering:
    """Enter what is proposed: the street office's fields change, other authorities are asked."""
    _need(before, reply)
    word = entering.Word(
        reply.view,
        before.proposed,
        reply.step.by,
        f"居民申请 {before.request_id}",
        before.entity_id,
    )
    with entering.entered(settings, word) as (connection, made):
        yield (
            connection,
            {
                "entry_id": made.entry_id,
                "changed": [*made.applied],
                "corrections": [*made.corrections],
                "deliveries": [*made.deliveries],
            },
        )


@contextmanager
def _erase(
    settings: Settings, connection: Connection, before: ResidentRequest, reply: Reply
) -> _Answering:
    """Erase what the hub alone holds; ask departments to erase what is theirs."""
    whom = _need(before, reply)
    if reply.keep and not reply.step.reason:
        raise Impossible("what is kept is kept by a legal basis: say which")
    with connection.begin():
        entity_id = erasure.present_id(connection, whom)
        words = erasure.words_of(connection, Person, entity_id, WORKER)
        gone = [name for name in words if name not in reply.keep]
        if gone:
            said = dict.fromkeys(gone)
            word = entering.Word(reply.view, said, reply.step.by, entity_id=entity_id)
            entering.take_back(connection, settings, word)
        erased = erasure.erase_traces(connection, entity_id, reply.keep)
        held = erasure.held_by(connection, erasure.PERSON, entity_id, WORKER)
        store.open_asks(connection, before.request_id, held, reply.step.clock)
        kept = sorted(set(words) & set(reply.keep))
        asked = sorted({one.source for one in held})
        yield connection, {"words": gone, "kept": kept, "erased": erased, "asked": asked}


_ANSWERS: Mapping[str, Callable[..., Any]] = {
    "access": _show,
    "correction": _correct,
    "erasure": _erase,
}


def _need(before: ResidentRequest, reply: Reply) -> str:
    """Refuse early what `locked` would refuse after the work: who is asked about, is verified."""
    if before.state != "verified" or before.entity_id is None:
        raise Conflict(f"the request is {before.state}")
    if reply.step.version not in (None, before.version):
        raise Stale("the request has changed since it was read")
    return before.entity_id


def plain(document: Mapping[str, Any]) -> Any:
    """Return a document as plain JSON."""
    return orjson.loads(orjson.dumps(document, default=str))


def read_requests(
    settings: Settings, asked: store.Asked, *, overdue: bool, limit: int
) -> list[dict[str, Any]]:
    """List requests, newest first; those that are overdue, if only they are asked for."""
    clock = Clock(days=settings.working_days)
    late = clock.today if overdue else None
    wanted = store.Asked(asked.kind, asked.state, asked.entity_id, late)
    with engine(settings).connect() as connection:
        found = store.list_requests(connection, wanted, limit=limit)
    return [one.document(clock) for one in found]


def receive(settings: Settings, wish: store.Wish, by: str) -> dict[str, Any]:
    """Write down what a resident asks for."""
    clock = Clock(days=settings.working_days)
    with engine(settings).begin() as connection:
        made = store.receive(connection, wish, by, clock)
        _tell(connection, by, "receive", made)
    return made.document(clock)


def take_step(
    settings: Settings,
    by: str,
    name: str,
    take: Callable[[Connection, StepBy], ResidentRequest],
    reason: str | None = None,
) -> dict[str, Any]:
    """Take a step on a request; return what has become of it."""
    clock = Clock(days=settings.working_days)
    with engine(settings).begin() as connection:
        taken = take(connection, StepBy(by, clock, reason))
        _tell(connection, by, name, taken)
    return taken.document(clock)


def answer(
    settings: Settings, request_id: int, by: str, reason: str | None, keep: Sequence[str]
) -> dict[str, Any]:
    """Answer a request as its kind wants it."""
    clock = Clock(days=settings.working_days)
    reply = Reply(request_id, steward_view(), StepBy(by, clock, reason), keep)
    with answered(settings, reply) as (connection, taken):
        _tell(connection, by, "answer", taken)
    return taken.document(clock)


def read_copy(settings: Settings, request_id: int, by: str) -> dict[str, Any]:
    """Return the copy that a request asks for; that it was read is told."""
    view = steward_view()
    settle(engine(settings), settings.home)
    with engine(settings).begin() as connection:
        request = store.get_request(connection, request_id)
        said = copy_of(connection, view, request)
        about = f"resident request {request_id}"
        ids = [said["person_id"]]
        entry = Entry(by, "copy for resident", "steward", erasure.PERSON, ids, view.names, about)
        record(connection, entry)
    return said


def read_request(settings: Settings, request_id: int) -> dict[str, Any]:
    """Return a request with its steps and what departments were asked."""
    with engine(settings).connect() as connection:
        found = store.get_request(connection, request_id)
    return found.document(Clock(days=settings.working_days))


def _tell(connection: Connection, by: str, name: str, taken: ResidentRequest) -> None:
    ids = [taken.entity_id] if taken.entity_id else []
    about = f"resident request {taken.request_id}"
    record(connection, Entry(by, f"resident request {name}", entity_ids=ids, about=about))
