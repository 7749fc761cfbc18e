"""What was written to a department's system, and what became of it: for people to look at."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Self

LOCAL = timezone(timedelta(hours=8))


def now(form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Write the present moment as departments do: local time without a zone."""
    return datetime.now(LOCAL).strftime(form)


class Journal:
    """A list of what came in, kept in memory and line by line in a file."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.entries: list[dict[str, object]] = []
        self._lock = threading.Lock()

    def note(self, entry: Mapping[str, object]) -> None:
        """Add an entry with the time."""
        line = {"at": now(), **entry}
        with self._lock:
            self.entries.append(line)
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(line, ensure_ascii=False) + "\n")


class Rounds:
    """A clerk who looks every so often whether there is something to do."""

    def __init__(self, name: str, look: Callable[[], object], seconds: float) -> None:
        self._look = look
        self._seconds = seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._walk, name=name, daemon=True)

    def start(self) -> Self:
        """Begin looking."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Look no more, and wait until the last look is over."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def _walk(self) -> None:
        while not self._end.wait(self._seconds):
            self._look()
