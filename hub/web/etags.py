"""Conditional reads (RFC 9110): an entity tag is the record's version and what is shown of it."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Annotated

import orjson
from fastapi import Header

from hub.store.visible import View
from hub.web.problems import Problem

IfMatch = Annotated[
    str | None,
    Header(description="`ETag` of what was read: the write counts only if it is still so."),
]


def etag(view: View, version: int, *besides: object) -> str:
    """Return the strong entity tag of a record; ``besides`` may change without its version."""
    if not besides:
        return f'"{version}-{view.signature}"'
    more = blake2b(orjson.dumps(besides), digest_size=6).hexdigest()
    return f'"{version}-{view.signature}-{more}"'


def names_version(if_match: str, version: int) -> bool:
    """Tell whether a caller who writes has seen this version, of whichever fields."""
    tags = [part.strip() for part in if_match.split(",")]
    return any(tag == "*" or tag.startswith(f'"{version}-') for tag in tags)


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Tell whether the caller already has what the tag stands for."""
    said = (part.strip().removeprefix("W/") for part in (if_none_match or "").split(","))
    return any(part in ("*", tag) for part in said)


def matching_version(if_match: str | None) -> int | None:
    """Return the version that a write is meant for, None for any; answer 428 where it is unsaid."""
    if if_match is None:
        raise Problem("precondition-required", "send the ETag of what you have read")
    if if_match.strip() == "*":
        return None
    found = re.fullmatch('"([0-9]{1,18})"', if_match.strip())
    if found is None:
        raise Problem("precondition-failed")
    return int(found[1])
