"""How this process keeps memory: what large frames leave behind goes back to the system."""

from __future__ import annotations

import ctypes

import pyarrow as pa

# glibc's names for what mallopt sets (malloc.h).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
#: Blocks of so many bytes go back to the system at once; those of `STRICT` at a price.
_LARGE, STRICT = 512 * 1024, 128 * 1024


def return_freed_memory(least: int = _LARGE) -> None:
    """Return freed memory at once; for processes that take in whole tables, before they do.

    By default the C library and Arrow keep what they were given for the next time: measured over
    a resolve of 240,000 persons that held 1.25 GB instead of 0.92, and saved no time.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is None:
        # Not the GNU library: there is nothing to be set.
        return
    for option, value in ((_TRIM_THRESHOLD, least), (_MMAP_THRESHOLD, least), (_ARENA_MAX, 1)):
        set_option(option, value)
