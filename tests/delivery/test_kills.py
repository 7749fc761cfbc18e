"""Killed between any two steps of delivering: nothing is lost, nothing done twice, order kept."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from sqlalchemy import event

from hub.config import Settings
from hub.database import engine
from hub.jobs import deliver as jobs
from hub.processes import context
from hub.store.deliveries import UNDER_WAY
from tests.delivery.town import CITY, OWNERS, POLICE, STREET, Town

#: More steps than a pass over eight deliveries takes.
STEPS = 90


def deliver_until(settings: Settings, now: datetime, step: int) -> None:
    """Deliver, and be killed at the so many-th step: a transaction's beginning or its commit.

    What is sent is sent between the two, so that this is before, between and after everything.
    """
    left = [step]

    def count(*_: Any) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    connections = engine(settings)
    for moment in ("begin", "commit"):
        event.listen(connections, moment, count)
    jobs.deliver(settings, clock=lambda: now)


def delivered_and_killed(town: Town, step: int) -> bool:
    """Deliver in a process of its own; tell whether it was killed."""
    ways = context()
    # Loaded once, not by every process that is to be killed.
    ways.set_forkserver_preload(["hub.jobs.sync", __name__])
    process: multiprocessing.process.BaseProcess = ways.Process(
        target=deliver_until, args=(town.settings, town.now, step)
    )
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def answer_all(town: Town, answered: set[str]) -> None:
    """Have the departments answer what they have received and not answered yet."""
    town.police.answer()
    for file in (town.street / "outbox").glob("回流_*.xlsx"):
        town.receipt(file.stem.removeprefix("回流_"))
    for delivery_id in [one for one in town.webhooks.applied if one not in answered]:
        town.answer(OWNERS, delivery_id)
        answered.add(delivery_id)


def kill_often(town: Town, kills: int, seed: int) -> None:
    """Enter, deliver, be killed, over and over; then let all of it come to an end."""
    chance, entered, killed = random.Random(seed), 0, 0
    answered: set[str] = set()
    while killed < kills:
        for number in (1, 2):
            entered += 1
            town.enter(number, contact_phone=f"1399701{entered:04}")
        killed += delivered_and_killed(town, chance.randrange(1, STEPS))
        town.now += 2 * jobs.LEASE
        if chance.random() < 0.5:
            answer_all(town, answered)
    for _ in range(20):
        town.deliver(later=2 * jobs.LEASE)
        answer_all(town, answered)
        if not town.ask("SELECT FROM delivery WHERE state = ANY(:ways)", ways=list(UNDER_WAY)):
            break
    check(town, entered)


def check(town: Town, entered: int) -> None:
    ended = (
        "SELECT source, state, reason, attempts, number FROM delivery WHERE state <> 'confirmed'"
    )
    assert town.ask(ended) == []
    sent = dict(town.ask("SELECT source, count(*) FROM delivery GROUP BY source"))
    # One effect each, as often as it was sent.
    for source in (POLICE, STREET, CITY, OWNERS):
        assert town.effects(source) == sent[source], source
    for number in (1, 2):
        last = f"1399701{entered - 2 + number:04}"
        assert town.phone(number)[:2] == (last, None)
        assert town.city.rows["reporters"][f"RP0000{number}"]["Phone"] == last
    orders = [[key for key, _ in groupby(values)] for values in [*received(town), *told(town)]]
    assert orders
    for values in orders:
        assert values == sorted(set(values)), "nothing overtakes what went before it"


def received(town: Town) -> list[list[str]]:
    """Return what the property system was told of each row, in the order in which it applied it."""
    found: dict[str, list[str]] = {}
    for said in town.webhooks.applied.values():
        found.setdefault(said["key"], []).append(said["changes"]["link"])
    return [*found.values()]


def told(town: Town) -> list[list[str]]:
    """Return what each row of each source was sent, in the order in which it had it."""
    rows = town.ask(
        """SELECT d.source, d.key, f.value FROM delivery d JOIN delivery_field f USING (delivery_id)
        -- Of what a source has shown before anybody noted that it had it, nobody knows when.
        WHERE d.handed_at IS NOT NULL ORDER BY d.source, d.key, d.handed_at, d.number"""
    )
    return [[value for *_, value in some] for _, some in groupby(rows, lambda row: row[:2])]


def test_killed_five_times_a_hub_delivers_all_once_and_in_order(town: Town) -> None:
    kill_often(town, 5, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_killed_fifty_times_a_hub_delivers_all_once_and_in_order(town: Town, seed: int) -> None:
    kill_often(town, 10, seed=seed + 10)


def test_steps_cover_a_whole_pass(town: Town) -> None:
    town.enter(1, contact_phone="13997010001")
    assert not delivered_and_killed(town, 10 * STEPS)
    assert town.effects(CITY) == 1
    assert delivered_and_killed(town, 1)
    town.now += timedelta(minutes=5)
