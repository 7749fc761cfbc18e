"""What a measured process tells on standard output: a line of JSON for each stage that begins."""

from __future__ import annotations

import json
import sys
from collections import Counter
from time import perf_counter, process_time
from typing import Any


class Clock:
    """Adds up the seconds of stages; says which one begins."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        #: Those of the processor: where others are at work on the machine, they say more.
        self.processor: Counter[str] = Counter()
        self._stage = ""
        self._since = perf_counter()
        self._used = process_time()

    def begin(self, stage: str) -> None:
        now, used = perf_counter(), process_time()
        if self._stage:
            self.seconds[self._stage] += now - self._since
            self.processor[self._stage] += used - self._used
        self._stage, self._since, self._used = stage, now, used
        tell({"stage": stage})


def tell(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
