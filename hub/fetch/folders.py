"""Sources that put files into a folder: deliveries of snapshots, or files read when changed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import ClassVar

import pandas as pd

from hub.connector import Connector, Cursor, Dataset, Delivery, SourceSettings
from hub.errors import SourceUnavailable
from hub.parse import Unreadable, ditto_filled, gathered, read_csv, read_workbook
from hub.processes import made_beside

INBOX, COMPLETE = "inbox", "_SUCCESS"
#: Bytes from which on a file is read in another process, while this one takes in its rows.
LARGE = 4 * 2**20
_DELIVERY = re.compile(r"[0-9]{8}T[0-9]{6}")


class FolderSettings(SourceSettings):
    """Where the source puts its files."""

    folder: Path


class CsvSettings(SourceSettings):
    """Where the source puts its files, if it has files."""

    folder: Path | None = None


class FolderOfDeliveries(Connector):
    """Snapshots in folders ``inbox/<yyyymmddThhmmss>/``, each complete when it says so.

    Deliveries are taken in the order of their names, each once; a file found flawed is held and
    the next delivery takes its place.
    """

    settings = FolderSettings

    def deliveries(
        self, settings: FolderSettings, cursors: Mapping[str, Cursor]
    ) -> Iterator[Delivery]:
        """Yield what is new since the cursors."""
        for folder in self._complete(settings):
            for dataset in self.datasets:
                taken = str(cursors.get(dataset.name, {}).get("delivery", ""))
                file = folder / dataset.location
                if folder.name > taken and file.is_file():
                    cursor = {"delivery": folder.name}
                    yield _delivery(self.name, dataset, folder.name, file, cursor)

    def check(self, settings: FolderSettings) -> None:
        """Raise SourceUnavailable unless the source can be read."""
        self._complete(settings)

    def _complete(self, settings: FolderSettings) -> list[Path]:
        _check_folder(self.name, settings.folder)
        found = (settings.folder / INBOX).glob(f"*/{COMPLETE}")
        return sorted(mark.parent for mark in found if _DELIVERY.fullmatch(mark.parent.name))


class CsvFolder(Connector):
    """One file a dataset, read again when its content has changed; absence withdraws nothing."""

    settings: ClassVar[type[CsvSettings]] = CsvSettings

    def connected(self, said: Mapping[str, str]) -> bool:
        """Tell whether there is a folder to read."""
        return "folder" in said

    def deliveries(
        self, settings: CsvSettings, cursors: Mapping[str, Cursor]
    ) -> Iterator[Delivery]:
        """Yield what is new since the cursors."""
        self.check(settings)
        if settings.folder is None:
            return
        for file, dataset in ((settings.folder / one.location, one) for one in self.datasets):
            if not file.is_file():
                continue
            content = _content_hash(self.name, file)
            if content != cursors.get(dataset.name, {}).get("sha256"):
                yield _delivery(self.name, dataset, file.name, file, {"sha256": content})

    def check(self, settings: CsvSettings) -> None:
        """Raise SourceUnavailable unless the source can be read."""
        if settings.folder:
            _check_folder(self.name, settings.folder)


def _delivery(source: str, dataset: Dataset, label: str, file: Path, cursor: Cursor) -> Delivery:
    delivery = Delivery(dataset, label, (), lambda: cursor, snapshot=dataset.snapshot)
    about = (source, dataset, file)
    pages = made_beside(_pages, *about) if _pays(source, file) else _pages(*about)
    try:
        # Most of what can be wrong with a file shows by its first page.
        delivery.pages = chain([next(pages)], pages)
    except Unreadable as error:
        delivery.flaw = str(error)
    return delivery


def _pages(source: str, dataset: Dataset, file: Path) -> Iterator[pd.DataFrame]:
    try:
        if file.suffix.lower() == ".xlsx":
            sheets = read_workbook(file, dataset.agreement.headers)
            yield from ditto_filled(gathered(dataset.rows_of(page) for page in sheets))
        else:
            yield from ditto_filled(read_csv(file, dataset.encoding))
    except OSError as error:
        raise _unavailable(source, file.name, error) from None


def _pays(source: str, file: Path) -> bool:
    """Tell whether a file is worth a process of its own."""
    try:
        return (os.cpu_count() or 1) > 1 and file.stat().st_size >= LARGE
    except OSError as error:
        raise _unavailable(source, file.name, error) from None


def _check_folder(source: str, folder: Path) -> None:
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise _unavailable(source, "its folder", error) from None


def _content_hash(source: str, file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise _unavailable(source, file.name, error) from None


def _unavailable(source: str, what: str, error: OSError) -> SourceUnavailable:
    return SourceUnavailable(f"source {source}: {what} cannot be read: {error.strerror}")
