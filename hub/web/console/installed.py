"""The console put together: its routes, and errors as pages."""

from __future__ import annotations

from fastapi import FastAPI

from hub.web.console import (
    care,
    carried,
    desk,
    entering,
    errors,
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


def install(app: FastAPI) -> None:
    """Give an application the console; its error handlers have to be there already."""
    for module in MODULES:
        app.include_router(module.routes)
    errors.install(app)
