"""The commands about matching: the table of weights, and the benchmarks."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path

import pytest

from hub.cli import main
from hub.matching.compare import COMPARISONS
from hub.matching.weights import shipped_weights


def code_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code


def test_the_weights_are_a_table_of_all_levels(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("match", "weights", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    spoken = [
        (comparison.name, level.name)
        for comparison in COMPARISONS
        for level in comparison.levels
        if not level.silent
    ]
    assert [(line["aspect"], line["level"]) for line in said["levels"]] == spoken
    for line in said["levels"]:
        assert line["bits"] == pytest.approx(log2(line["m"] / line["u"]), abs=0.006)
    assert said["version"] == shipped_weights().version
    assert said["review"] < said["link"]


def test_people_read_the_weights_in_chinese_and_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("match", "weights") == 0
    shown = capsys.readouterr().out
    for comparison in COMPARISONS:
        for level in comparison.levels:
            assert level.silent or f"{level.zh} {level.name}" in shown
    assert "自动合并" in shown


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("sync", "--seeds", "2"), ("matching", "--seeds", "0")],
    ids=" ".join,
)
def test_a_benchmark_that_is_not_there_is_wrong_use(
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    assert code_of("bench", *arguments) == 2
    told = capsys.readouterr()
    assert not told.out
    assert len(told.err.splitlines()) == 1


def test_a_benchmark_that_is_not_there_is_told_beside_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert code_of("bench", "nothing") == 2
    told = capsys.readouterr().err
    assert "matching" in told
    assert "sync" in told
