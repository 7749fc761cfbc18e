"""Signals: told once, closed when what they tell of is over, and quiet where a steward knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.cli import main
from hub.jobs.push import pushed
from hub.jobs.signals import close, read_signals
from hub.store.source_reads import Asked
from tests.build import a_component, a_grid, a_resident, rows_frame
from tests.jobs.world import CITY, World

Told = set[tuple[str, str | None, str | None, int]]


def told(world: World, state: str = "open") -> Told:
    """Return kind, column, word and count of the signals in a state."""
    found = read_signals(world.settings, Asked(state=state), 100)
    names = ("kind", "column_name", "detail", "count")
    signals = [tuple(one[name] for name in names) for one in found]
    assert len(set(signals)) == len(signals) or state == "closed"
    return set(signals)


def deliver(world: World, *numbers: int, **more: str) -> None:
    world.deliver(grids=[a_grid(number) | more for number in numbers])
    assert not world.sync_one().held


def close_all(world: World) -> None:
    for one in read_signals(world.settings, Asked(state="open"), 100):
        close(world.settings, one["signal_id"], "an inspector")


def test_a_column_is_told_once_however_often_it_comes(world: World) -> None:
    deliver(world, 1, 2, 心情="好")
    deliver(world, 1, 2, 心情="好")
    deliver(world, 1, 2, 3, 心情="好")
    assert told(world) == {("column.unexpected", "心情", None, 3)}
    assert told(world, "closed") == set()


def test_what_is_told_again_is_not_written_again(world: World) -> None:
    deliver(world, 1, 2, 心情="好")
    before = world.rows_written()["signal"]
    deliver(world, 1, 2, 心情="好")
    assert world.rows_written()["signal"] == before
    deliver(world, 1, 2)
    assert told(world) == set()


def test_a_column_that_is_gone_is_no_news_any_more_until_it_comes_again(world: World) -> None:
    deliver(world, 1, 心情="好")
    deliver(world, 1)
    assert told(world) == set()
    assert told(world, "closed") == {("column.unexpected", "心情", None, 1)}
    deliver(world, 1, 心情="好")
    assert told(world) == {("column.unexpected", "心情", None, 1)}


def test_what_a_steward_knows_is_not_told_again_while_it_lasts(world: World) -> None:
    deliver(world, 1, 心情="好")
    close_all(world)
    deliver(world, 1, 2, 心情="好", 天气="晴")
    assert told(world) == {("column.unexpected", "天气", None, 2)}
    (known,) = read_signals(world.settings, Asked(state="closed"), 100)
    assert (known["closed_by"], known["count"]) == ("an inspector", 2)
    deliver(world, 1, 2)
    deliver(world, 1, 2, 心情="好")
    assert told(world) == {("column.unexpected", "心情", None, 2)}


def test_a_delivery_that_is_held_closes_nothing(world: World) -> None:
    deliver(world, 1, 心情="好")
    world.deliver(grids=[{"网格编号": "630102001001001"}])
    assert world.sync_one().held
    assert ("column.unexpected", "心情", None, 1) in told(world)


def test_the_command_line_lists_and_closes(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in world.settings.environment().items():
        monkeypatch.setenv(name, value)
    deliver(world, 1, 心情="好")
    (listed,) = command(capsys, "list", "--source", "street_office", "--json")["signals"]
    assert (listed["kind"], listed["column_name"]) == ("column.unexpected", "心情")
    closed = command(capsys, "close", str(listed["signal_id"]), "--json")
    assert closed["closed_by"]
    assert command(capsys, "list", "--json") == {"signals": []}
    assert len(command(capsys, "list", "--closed", "--json")["signals"]) == 1
    with pytest.raises(SystemExit) as ended:
        main(["signal", "close", "999999"])
    assert ended.value.code == 2
    main_shows(capsys, "出现约定之外的列")


def command(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    with pytest.raises(SystemExit) as ended:
        main(["signal", *words])
    assert ended.value.code == 0
    return json.loads(capsys.readouterr().out)


def main_shows(capsys: pytest.CaptureFixture[str], word: str) -> None:
    with pytest.raises(SystemExit):
        main(["signal", "list", "--closed"])
    assert word in capsys.readouterr().out


def unknown(*, of: str, rows: int = 5) -> list[dict[str, str]]:
    return [a_resident(number, 民族=of) for number in range(1, rows + 1)]


def test_an_unknown_word_is_news_until_no_row_says_it(world: World) -> None:
    world.deliver(residents=unknown(of="火星族"))
    world.sync_one()
    word = ("code.unknown", "民族", "火星族", 5)
    assert told(world) == {word}
    # Rows that have not changed are not translated again, and say it still.
    world.deliver(residents=[*unknown(of="火星族"), a_resident(6)])
    world.sync_one()
    assert told(world) == {word}
    world.deliver(residents=[*unknown(of="火星族", rows=1), *(a_resident(n) for n in range(2, 7))])
    world.sync_one()
    assert told(world) == {word}
    world.deliver(residents=[a_resident(number) for number in range(1, 7)])
    world.sync_one()
    assert told(world) == set()


def test_an_unknown_word_that_is_known_to_be_unknown_stays_closed(world: World) -> None:
    world.deliver(residents=unknown(of="火星族"))
    world.sync_one()
    close_all(world)
    world.deliver(residents=unknown(of="火星族", rows=10))
    world.sync_one()
    assert told(world) == set()


def test_one_pushed_row_says_nothing_of_others_columns(world: World) -> None:
    for row in (a_component(1) | {"Mood": "good"}, a_component(2)):
        with pushed(world.settings, CITY, "components", [rows_frame(row)]):
            pass
    assert told(world) == {("column.unexpected", "Mood", None, 1)}


def test_an_unknown_word_of_a_pushed_row_closes_with_its_last_value(world: World) -> None:
    for state in ("不明", "1"):
        row = a_component(1, ObjState=state)
        with pushed(world.settings, CITY, "components", [rows_frame(row)]):
            pass
        assert bool(told(world)) == (state == "不明")
