"""Sources that put files into a folder: deliveries of snapshots, or files read when changed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import ClassVar

import pandas as pd

from hub.connector import Connector, Cursor, Dataset, Delivery, SourceSettings
from hub.errors import SourceUnavailable
from hub.parse import Page, Unreadable, ditto_filled, gathered, read_csv, read_workbook
from hub.processes import made_beside

INBOX, COMPLETE = "inbox", "_SUCCESS"
#: Bytes from which on a file is read in another process, while this one takes in its rows.
LARGE = 4 * 2**20
_DELIVERY = re.compile(r"[0-9]{8}T[0-9]{6}")


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a dataset that is to be read, and how far its source will have been read by it."""

    dataset: Dataset
    label: str
    path: Path
    cursor: Cursor


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
        return _one_ahead(self.name, self._new(settings, cursors))

    def _new(self, settings: FolderSettings, cursors: Mapping[str, Cursor]) -> Iterator[_File]:
        for folder in self._complete(settings):
            for dataset in self.datasets:
                taken = str(cursors.get(dataset.name, {}).get("delivery", ""))
                file = folder / dataset.location
                if folder.name > taken and file.is_file():
                    yield _File(dataset, folder.name, file, {"delivery": folder.name})

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
        return _one_ahead(self.name, self._new(settings, cursors))

    def _new(self, settings: CsvSettings, cursors: Mapping[str, Cursor]) -> Iterator[_File]:
        if settings.folder is None:
            return
        for file, dataset in ((settings.folder / one.location, one) for one in self.datasets):
            if not file.is_file():
                continue
            content = _content_hash(self.name, file)
            if content != cursors.get(dataset.name, {}).get("sha256"):
                yield _File(dataset, file.name, file, {"sha256": content})

    def check(self, settings: CsvSettings) -> None:
        """Raise SourceUnavailable unless the source can be read."""
        if settings.folder:
            _check_folder(self.name, settings.folder)


def _one_ahead(source: str, files: Iterator[_File]) -> Iterator[Delivery]:
    """Deliver files one by one; a large one is begun while the one before is taken in."""
    begun = ((file, _begun(source, file)) for file in files)
    coming, failure = next(begun, None), None
    while coming is not None:
        file, pages = coming
        try:
            coming = next(begun, None)
        except SourceUnavailable as error:
            # What could be read is delivered first.
            coming, failure = None, error
        yield _delivery(file, pages)
    if failure is not None:
        raise failure


def _begun(source: str, file: _File) -> Iterator[pd.DataFrame]:
    about = (source, file.dataset, file.path)
    return made_beside(_pages, *about) if _pays(source, file.path) else _pages(*about)


def _delivery(file: _File, pages: Iterator[pd.DataFrame]) -> Delivery:
    dataset = file.dataset
    delivery = Delivery(dataset, file.label, (), lambda: file.cursor, snapshot=dataset.snapshot)
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
            yield from gathered(_filled(dataset, sheets))
        else:
            yield from ditto_filled(read_csv(file, dataset.encoding))
    except OSError as error:
        raise _unavailable(source, file.name, error) from None


def _filled(dataset: Dataset, pages: Iterable[Page]) -> Iterator[pd.DataFrame]:
    """Fill 同上 in sheet by sheet: nothing stands above the first row of one."""
    for _, sheet in groupby(pages, key=lambda page: page.sheet):
        yield from ditto_filled(dataset.rows_of(page) for page in sheet)


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
