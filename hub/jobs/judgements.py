"""Judging: a steward's word on two records is heeded at once, and can be taken back.

The word and all that follows from it are one transaction: what was answered is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hub.config import Settings
from hub.database import engine
from hub.errors import NotFound, WrongUse
from hub.jobs.explanation import link_weights
from hub.jobs.preview import Effect, begin_resolving, tried
from hub.jobs.resolve import resolve_queued
from hub.store import feed, judgements
from hub.store.effects import Told, told_of
from hub.store.judgements import VERDICTS, Asked, Judgement
from hub.store.match_reads import Party, find_party
from hub.store.source_reads import made_of
from hub.store.visible import View
from schemas import MODELS

#: A judgement's number, and the cause by which the feed tells of it.
Cause = tuple[int, dict[str, Any]]


class Unfit(WrongUse):
    """These two records cannot be judged together."""

    status = 422


@dataclass(frozen=True, slots=True)
class RecordKey:
    """A record by the name that its source gives it."""

    source: str
    dataset: str
    key: str


@dataclass(frozen=True, slots=True)
class Word:
    """What a steward says of two records."""

    record_type: str
    left: RecordKey
    right: RecordKey
    verdict: str
    reason: str
    said_by: str


@dataclass(frozen=True, slots=True)
class Heeded:
    """A judgement with its records' entities as they are now, and what it has changed."""

    judgement: Judgement
    told: tuple[Told, ...]


@contextmanager
def judged(settings: Settings, word: Word) -> Iterator[tuple[Connection, Heeded]]:
    """Write a word down and heed it, within a transaction that ends with the ``with`` block.

    What the caller writes over the connection is committed with it (an idempotency key).
    """
    with engine(settings).begin() as connection:
        yield connection, _heeded(connection, _judge(connection, settings, word))
    _number(settings)


@contextmanager
def taken_back(
    settings: Settings, judgement_id: int, ended_by: str
) -> Iterator[tuple[Connection, Heeded]]:
    """Take a word back, within a transaction as `judged` does; former ids return."""
    with engine(settings).begin() as connection:
        yield (
            connection,
            _heeded(connection, _take_back(connection, settings, judgement_id, ended_by)),
        )
    _number(settings)


def try_judgement(
    settings: Settings, word: Word, views: Mapping[str, View], most: int = 100
) -> Effect:
    """Say what a word would change, by doing it and undoing it; values as the views show them."""
    return _tried(settings, views, most, lambda connection: _judge(connection, settings, word))


def try_taking_back(
    settings: Settings, judgement_id: int, views: Mapping[str, View], most: int = 100
) -> Effect:
    """Say what taking a word back would change, by doing it and undoing it."""
    act = lambda connection: _take_back(connection, settings, judgement_id, "nobody")  # noqa: E731
    return _tried(settings, views, most, act)


def read_judgements(
    settings: Settings, asked: Asked, types: Collection[str], limit: int
) -> list[Judgement]:
    """List judgements, newest first, each with what stands against it."""
    with engine(settings).connect() as connection:
        return judgements.list_judgements(
            connection, types, asked, link_weights(), before=None, limit=limit
        )


def _tried(
    settings: Settings,
    views: Mapping[str, View],
    most: int,
    act: Callable[[Connection], Cause],
) -> Effect:
    with engine(settings).connect() as connection, connection.begin() as transaction:
        begin_resolving(connection, settings)
        effect = tried(connection, lambda: act(connection)[1], views, most)
        transaction.rollback()
    return effect


def _judge(connection: Connection, settings: Settings, word: Word) -> Cause:
    """Write a word down and resolve; return its number and the cause that the feed tells."""
    pair = _pair(connection, word)
    begin_resolving(connection, settings)
    said = {name: getattr(word, name) for name in ("record_type", "verdict", "reason", "said_by")}
    number = judgements.write_judgement(connection, pair, said)
    cause = {"kind": "judgement", "judgement_id": number, "verdict": word.verdict}
    resolve_queued(connection, cause=cause)
    return number, cause


def _take_back(
    connection: Connection, settings: Settings, judgement_id: int, ended_by: str
) -> Cause:
    begin_resolving(connection, settings)
    judgements.end_judgement(connection, judgement_id, ended_by)
    cause = {"kind": "judgement", "judgement_id": judgement_id, "verdict": None}
    resolve_queued(connection, cause=cause)
    return judgement_id, cause


def _pair(connection: Connection, word: Word) -> tuple[Party, Party]:
    if word.record_type not in MODELS:
        raise Unfit("there is no such record type")
    if word.record_type not in link_weights():
        raise Unfit(f"records of type {word.record_type} are linked by their codes alone")
    if word.verdict not in VERDICTS:
        raise Unfit(f"a verdict is one of {', '.join(VERDICTS)}")
    left, right = (_party(connection, word.record_type, key) for key in (word.left, word.right))
    if left.record_id == right.record_id:
        raise Unfit("both names are those of one record")
    return left, right


def _party(connection: Connection, record_type: str, named: RecordKey) -> Party:
    said = (named.source, named.dataset, named.key)
    party = find_party(connection, record_type, *said)
    if party is not None:
        return party
    others = made_of(connection, *said)[0] - {record_type}
    if others:
        kinds = ", ".join(sorted(others))
        raise Unfit(f"{named.source} {named.dataset} has under this key no {record_type}: {kinds}")
    raise NotFound("that dataset has no record of this key")


def _heeded(connection: Connection, done: Cause) -> Heeded:
    number, cause = done
    judgement = judgements.get_judgement(connection, number, link_weights())
    return Heeded(judgement, tuple(told_of(connection, cause)))


def _number(settings: Settings) -> None:
    with engine(settings).begin() as connection:
        feed.number_changes(connection)
