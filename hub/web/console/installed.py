"""The console put together."""

from __future__ import annotations

from hub.web.console import (
    care,
    carried,
    desk,
    entering,
    filling,
    home,
    maps,
    preferences,
    records,
    search,
    static,
)

#: Modules whose ``routes`` the console consists of; fixed paths come before those of records.
MODULES = (
    static,
    preferences,
    home,
    search,
    *desk.MODULES,
    care,
    maps,
    entering,
    filling,
    carried,
    records,
)
