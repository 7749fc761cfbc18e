"""What many ask for at once is done once, and anew for who asks later."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hub.web.together import Together
from tests.loops import run_to_its_end


def test_work_is_done_once_for_all_who_ask_meanwhile_and_anew_for_who_comes_later() -> None:
    done: list[int] = []
    go_on = threading.Event()

    def work() -> int:
        go_on.wait(30)
        done.append(0)
        return len(done)

    async def ask() -> list[int]:
        together: Together[int] = Together()
        asked = [together.begin("one", work) for _ in range(3)]
        asked.append(together.begin("another", work))
        go_on.set()
        first = await asyncio.gather(*asked)
        return [*first, await together.begin("one", work)]

    *first, another, later = run_to_its_end(ask)
    assert len(done) == later == 3
    assert len(set(first)) == 1
    assert {*first, another} == {1, 2}


def test_what_went_wrong_is_told_to_all_who_wait_and_not_kept() -> None:
    faults = [ValueError("no")]

    def work() -> int:
        if faults:
            raise faults.pop()
        return 1

    async def ask() -> int:
        together: Together[int] = Together()
        asked = [together.begin("one", work) for _ in range(2)]
        for one in asked:
            with pytest.raises(ValueError, match="no"):
                await one
        return await together.begin("one", work)

    assert run_to_its_end(ask) == 1
