"""Conditional reads (RFC 9110): an entity tag is the record's version and what is shown of it."""

from __future__ import annotations

from hashlib import blake2b

import orjson

from hub.store.visible import View


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
