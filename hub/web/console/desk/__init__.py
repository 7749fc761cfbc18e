"""The steward's desk: one small module a page, each with its ``routes``.

A page that the desk leads to is named in `places.DESK`; its texts are in the message catalogue's
`desk.json`, `judging.json` and `rights.json`.
"""

from __future__ import annotations

from hub.web.console.desk import (
    audit,
    batches,
    catalogue,
    conflicts,
    corrections,
    deliveries,
    holds,
    home,
    judgements,
    matches,
    months,
    people,
    quality,
    quarantine,
    requests,
    runs,
    sharing,
    signals,
)

#: Modules whose ``routes`` the desk consists of; fixed paths come before those with a number.
MODULES = (
    *(home, batches, runs, holds, quarantine, signals, quality, months, catalogue),
    *(matches, judgements, conflicts, corrections, sharing, requests, deliveries, people, audit),
)
