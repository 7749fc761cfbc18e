"""Files in folders: deliveries of snapshots, and files read when they have changed."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from hub.errors import SourceUnavailable
from hub.fetch import folders
from tests.connectors.stages import CsvStage, FolderStage
from tests.fetch.made_up import Csv, Files, Folder, TwoFiles, Workbook, keys, lamps, read

# Deliveries in folders


def a_folder(path: Path) -> FolderStage:
    return FolderStage(Folder(), path)


def test_deliveries_are_taken_in_the_order_of_their_names_each_once(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    for count in (1, 2, 3):
        stage.put(Workbook(), lamps(count))
        stage.deliver()

    found = list(stage.connector.deliveries(stage.settings, {}))

    labels = ["20260901T000001", "20260901T000002", "20260901T000003"]
    assert [delivery.label for delivery in found] == labels
    assert all(delivery.snapshot for delivery in found)
    rest = stage.connector.deliveries(stage.settings, {"lamps": found[1].next_cursor()})
    assert [delivery.label for delivery in rest] == labels[2:]


def test_a_delivery_without_its_mark_is_not_complete(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.put(Workbook(), lamps(1))

    assert stage.read() == {}


def test_a_dataset_without_a_file_is_not_touched(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.deliver()

    assert stage.read() == {}


def test_folders_of_other_names_are_no_deliveries(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.put(Workbook(), lamps(1))
    stage.deliver()
    (tmp_path / "inbox" / "20260901T000001").rename(tmp_path / "inbox" / "old")

    assert stage.read() == {}


def test_a_flawed_file_is_held_and_a_later_one_takes_its_place(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.file(Workbook()).write_bytes(b"no workbook")
    stage.deliver()
    stage.put(Workbook(), lamps(2))
    stage.deliver()

    flawed, good = stage.connector.deliveries(stage.settings, {})

    assert flawed.flaw == "lamps.xlsx is not an XLSX workbook"
    assert list(flawed.pages) == []
    assert good.flaw is None
    assert sum(len(page) for page in good.pages) == 2


# Files read when changed


def test_a_file_is_read_again_only_when_its_content_has_changed(tmp_path: Path) -> None:
    stage = CsvStage(Files(), tmp_path)
    stage.put(Csv(), lamps(2))
    first = read(stage)
    stage.file(Csv()).touch()

    assert first.cursor == {"sha256": hashlib.sha256(stage.file(Csv()).read_bytes()).hexdigest()}
    assert keys(read(stage, dict(first.cursor))) == []
    stage.put(Csv(), lamps(3))
    assert len(keys(read(stage, dict(first.cursor)))) == 3


def test_a_file_that_is_not_there_yet_is_nothing(tmp_path: Path) -> None:
    assert CsvStage(Files(), tmp_path).read() == {}


# Large files


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every file read in another process, on however few cores."""
    monkeypatch.setattr(folders, "LARGE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.mark.usefixtures("beside")
def test_a_file_read_in_another_process_gives_the_same(tmp_path: Path) -> None:
    stage = a_folder(tmp_path)
    stage.put(Workbook(), lamps(3))
    stage.deliver()
    stage.file(Workbook()).write_bytes(b"no workbook")
    stage.deliver()

    good, flawed = stage.connector.deliveries(stage.settings, {})

    assert [len(page) for page in good.pages] == [3]
    assert flawed.flaw == "lamps.xlsx is not an XLSX workbook"
    assert list(flawed.pages) == []
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("beside")
def test_the_next_large_file_is_begun_while_one_is_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = a_folder(tmp_path)
    for count in (1, 2, 3):
        stage.put(Workbook(), lamps(count))
        stage.deliver()
    begun, really = [], folders.made_beside

    def made_beside(*about: Any) -> Any:
        begun.append(about)
        return really(*about)

    monkeypatch.setattr(folders, "made_beside", made_beside)
    found = []
    for number, delivery in enumerate(stage.connector.deliveries(stage.settings, {}), start=1):
        assert len(begun) == min(number + 1, 3)
        found.append(sum(len(page) for page in delivery.pages))
    assert found == [1, 2, 3]


def test_what_could_be_read_is_delivered_before_what_could_not_is_told(tmp_path: Path) -> None:
    stage = CsvStage(TwoFiles(), tmp_path)
    stage.put(Csv(), lamps(2))
    # A file that may be opened, and fails when it is read.
    (tmp_path / "more.csv").symlink_to("/proc/self/mem")
    found = stage.connector.deliveries(stage.settings, {})
    assert sum(len(page) for page in next(found).pages) == 2
    with pytest.raises(SourceUnavailable, match=r"source made_up: more\.csv cannot be read"):
        next(found)
