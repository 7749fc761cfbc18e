"""Processes beside this one: what they make arrives, what goes wrong is told, none is left."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

import pytest

from hub.errors import HubError, NotFound
from hub.processes import made_beside

#: More than a pipe holds, so that whoever gives has to wait for who takes.
LARGE = 2**20


def three(first: int) -> Iterator[bytes]:
    for number in range(first, first + 3):
        yield bytes([number]) * LARGE


def some_then_nothing() -> Iterator[int]:
    yield 1
    raise NotFound("there is no second")


def test_what_is_made_in_another_process_arrives_in_order() -> None:
    assert [part[:1] for part in made_beside(three, 7)] == [b"\x07", b"\x08", b"\x09"]
    assert multiprocessing.active_children() == []


def test_an_error_there_is_the_same_error_here_after_what_came_before() -> None:
    parts = made_beside(some_then_nothing)
    assert next(parts) == 1
    with pytest.raises(NotFound, match="there is no second"):
        next(parts)


def test_a_killed_process_is_a_clear_error_and_no_endless_wait() -> None:
    parts = made_beside(three, 0)
    next(parts)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(HubError, match="a process of the hub was killed"):
        list(parts)


def test_a_process_ends_when_nobody_asks_for_more() -> None:
    parts = made_beside(three, 0)
    next(parts)
    parts.close()
    assert multiprocessing.active_children() == []
