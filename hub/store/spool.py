"""A file that holds what was told of readings until PostgreSQL has it, as a log shipper's does.

One process writes it and holds a lock on it while it lives; a file without its lock was left
behind. Entries are numbered, each in a frame with its length and a checksum. The file is written
full of zeros first, so that the disk has only the entry to write, and used anew in two halves: one
takes entries while PostgreSQL takes over those of the other. A frame is read back if it is whole
and its number follows: what a power cut tore was never answered for, and what is left of an
earlier turn has a lower number.

Entries are written while the reading is still under way. Those of what was not served then are
withdrawn: by a list of their numbers in a frame of its own, which nobody waits for.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from uuid import UUID, uuid4
from zlib import crc32

import orjson

#: Below the hub's home; nobody else may look into it.
FOLDER = "audit-spool"
#: Bytes of each half.
HALF = 2 << 20
#: What a disk is written by at least, where its cache is passed by.
BLOCK = 4096
#: Stands for what was withdrawn.
NOTHING = b"null"

_FRAME = struct.Struct("<IIQ")


class SpoolFull(OSError):
    """PostgreSQL has taken over too little for there to be room."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Entries that follow each other, with the number of the first."""

    first: int
    entries: Sequence[bytes]


class Spool:
    """The file of one process."""

    def __init__(self, folder: Path) -> None:
        """Make a file that nobody else has, all of it on disk; raise OSError where that fails."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.id = uuid4()
        self.broken = False
        self._path = folder / f"{self.id.hex}.spool"
        self._last, self._at, self._half, self._ends = 0, 0, 0, [0, 0]
        self._waiting: list[bytes] = []
        self._unsure = 0
        #: What the half in use holds, or the other one held there: whole blocks of it are written.
        self._held = memoryview(mmap(-1, HALF))
        self._file = _opened(self._path)
        try:
            # Whoever saw it before it was locked took it for one that was left behind.
            if not _locked(self._file) or not self._path.exists():
                raise OSError("somebody removed the spool")
            for half in range(2):
                _write(self._file, self._held, half * HALF)
            os.fsync(self._file)
            _sync_folder(folder)
        except OSError:
            self.close()
            raise

    @property
    def waits(self) -> int:
        """How many entries PostgreSQL may take over, and has not."""
        return len(self._waiting) - self._unsure

    def append(self, entries: Sequence[bytes]) -> None:
        """Return when the entries are on disk; raise OSError where they are not.

        They are not offered before `confirm`.
        """
        self._put(entries)
        self._waiting.extend(entries)
        self._unsure = len(entries)

    def confirm(self, withdrawn: Sequence[int] = ()) -> None:
        """Offer what was appended last, but for what these places of it are of."""
        begin = self.waits
        self._unsure = 0
        if not withdrawn:
            return
        before = self._last - len(self._waiting) + 1 + begin
        for place in withdrawn:
            self._waiting[begin + place] = NOTHING
        # Without room, or a disk, only somebody who kills the process right now has it told.
        with suppress(OSError):
            self._put([orjson.dumps([before + place for place in withdrawn])])
            self._waiting.append(NOTHING)

    def waiting(self, most: int) -> Waiting:
        """Return the oldest entries that PostgreSQL may take over, and has not."""
        first = self._last - len(self._waiting) + 1
        return Waiting(first, self._waiting[: min(most, self.waits)])

    def forget(self, count: int) -> None:
        """Give up the room of the oldest entries: PostgreSQL has them for good."""
        del self._waiting[:count]

    def close(self) -> None:
        """Let go of the file, and remove it unless entries wait in it: others take those over."""
        if not self._waiting:
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def _put(self, entries: Sequence[bytes]) -> None:
        """Write frames; nothing more after the disk has failed, when it may hold anything."""
        if self.broken:
            raise OSError("the spool's disk has failed")
        numbered = enumerate(entries, self._last + 1)
        frames = b"".join(_framed(number, entry) for number, entry in numbered)
        at = self._room_for(len(frames))
        begin, end = at % HALF, at % HALF + len(frames)
        self._held[begin:end] = frames
        first = begin // BLOCK * BLOCK
        try:
            _write(self._file, self._held[first : -(-end // BLOCK) * BLOCK], at - begin + first)
        except OSError:
            self.broken = True
            raise
        self._at = at + len(frames)
        self._last += len(entries)
        self._ends[self._half] = self._last

    def _room_for(self, size: int) -> int:
        """Return where there is room, in the other half where that one is free."""
        if self._at + size <= (self._half + 1) * HALF:
            return self._at
        other = 1 - self._half
        if size > HALF or self._ends[other] > self._last - len(self._waiting):
            raise SpoolFull("PostgreSQL is behind")
        self._half = other
        return other * HALF


def _framed(number: int, entry: bytes) -> bytes:
    return _FRAME.pack(len(entry), _checksum(number, entry), number) + entry


def _checksum(number: int, entry: bytes) -> int:
    return crc32(entry, number & 0xFFFFFFFF)


def _opened(path: Path) -> int:
    """Make a file whose writes are on disk when they return, by the shortest way there is."""
    flags = os.O_RDWR | os.O_DSYNC
    os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    with suppress(OSError):
        return os.open(path, flags | os.O_DIRECT)
    # Not every file system lets its cache be passed by.
    return os.open(path, flags)


def _write(file: int, content: memoryview, at: int) -> None:
    if os.pwrite(file, content, at) < len(content):
        raise OSError("the disk is full")


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@dataclass(frozen=True, slots=True)
class Found:
    """A spool as it lies there: whose it is, what it holds, and whether its process lives."""

    id: UUID
    lives: bool
    entries: Sequence[Waiting]

    @property
    def last(self) -> int:
        """The number of its newest entry."""
        return max((run.first + len(run.entries) - 1 for run in self.entries), default=0)


def found(home: Path) -> Generator[Found, None, None]:
    """Yield the spools of a home.

    One that was left behind is this process's own while it is looked at, and then removed; it
    stays where the generator is closed instead of asked for the next one.
    """
    for path in sorted((home / FOLDER).glob("*.spool")):
        with suppress(FileNotFoundError):
            file = os.open(path, os.O_RDONLY)
            try:
                mine = _locked(file)
                if mine and not path.exists():
                    continue
                yield Found(UUID(path.stem), not mine, _runs(_read(file)))
                if mine:
                    path.unlink()
            finally:
                os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: int) -> dict[int, bytes]:
    """Read the whole frames of both halves, by number."""
    entries: dict[int, bytes] = {}
    for half in range(2):
        content, at, before = os.pread(file, HALF, half * HALF), 0, None
        while at + _FRAME.size <= len(content):
            length, checksum, number = _FRAME.unpack_from(content, at)
            at += _FRAME.size
            entry = content[at : at + length]
            torn = not length or len(entry) < length or _checksum(number, entry) != checksum
            if torn or number != (before or number - 1) + 1:
                break
            entries[number], before, at = entry, number, at + length
    return _confirmed(entries)


def _confirmed(entries: dict[int, bytes]) -> dict[int, bytes]:
    lists = {number: entry for number, entry in entries.items() if entry.startswith(b"[")}
    withdrawn = {place for entry in lists.values() for place in orjson.loads(entry)}
    gone = withdrawn.union(lists).intersection(entries)
    return entries | dict.fromkeys(gone, NOTHING)


def _runs(entries: dict[int, bytes]) -> list[Waiting]:
    """Put entries into the order of their numbers, apart where some are missing."""
    runs: list[tuple[int, list[bytes]]] = []
    for number in sorted(entries):
        if not runs or number != runs[-1][0] + len(runs[-1][1]):
            runs.append((number, []))
        runs[-1][1].append(entries[number])
    return [Waiting(first, told) for first, told in runs]
