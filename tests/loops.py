"""Coroutines run to their end by tests that are none themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Said = TypeVar("Said")


def run_to_its_end(ask: Callable[[], Coroutine[Any, Any, Said]]) -> Said:
    """Run on a loop of its own: a browser's tests may have left one running in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()
