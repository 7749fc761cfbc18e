"""The hub's tables; those of the eight record types are derived from their declarations.

A record of type ``person`` passes ``staged_person`` (on its way in), ``record_person`` (as its
source says it now) and ends in ``golden_person`` (what the hub serves).

    columns        the one `metadata`, and how columns are declared
    intake         batches, rows as they land, quarantine, signals
    records        `STAGED` and `RECORD` by record type; what they said before, and of each other
    links          entities, links, keys, matches, judgements
    golden         `GOLDEN` by record type; the outbox and the feed
    observed       runs of sources, figures of quality
    deliveries     entries of workers, deliveries, corrections
    callers        clients, accounts, sessions
    sharing        share requests, grants, exports
    audited        the chain of the audit
    subscriptions  who is told of changes
    residents      what residents ask about themselves
    forms          forms that are filled
"""

from hub.store.tables.audited import audit, audit_head, audit_root, audit_spool
from hub.store.tables.callers import (
    account,
    client,
    idempotency,
    login_link,
    revoked_token,
    session,
)
from hub.store.tables.columns import metadata
from hub.store.tables.deliveries import (
    attachment,
    correction,
    delivery,
    delivery_attempt,
    delivery_field,
    entry,
)
from hub.store.tables.forms import form_fill, form_header, form_upload
from hub.store.tables.golden import (
    CARED_FOR,
    DISPUTED,
    GEOMETRY,
    GOLDEN,
    change,
    feed,
    golden_history,
    outbox,
)
from hub.store.tables.intake import (
    batch,
    cursor,
    landing,
    layout,
    quarantine,
    signal,
    staged_fault,
    staged_row,
    staged_tie,
)
from hub.store.tables.links import (
    block_key,
    compound_alias,
    compound_community,
    entity,
    judgement,
    link,
    link_key,
    match,
    relation,
    resolve_queue,
)
from hub.store.tables.observed import quality_figure, source_run
from hub.store.tables.records import RECORD, STAGED, record_history, record_number, tie
from hub.store.tables.residents import erasure_ask, resident_request, resident_step
from hub.store.tables.sharing import caller_area, export, field_grant, share_request, share_step
from hub.store.tables.subscriptions import subscription

__all__ = [
    "CARED_FOR",
    "DISPUTED",
    "GEOMETRY",
    "GOLDEN",
    "RECORD",
    "STAGED",
    "account",
    "attachment",
    "audit",
    "audit_head",
    "audit_root",
    "audit_spool",
    "batch",
    "block_key",
    "caller_area",
    "change",
    "client",
    "compound_alias",
    "compound_community",
    "correction",
    "cursor",
    "delivery",
    "delivery_attempt",
    "delivery_field",
    "entity",
    "entry",
    "erasure_ask",
    "export",
    "feed",
    "field_grant",
    "form_fill",
    "form_header",
    "form_upload",
    "golden_history",
    "idempotency",
    "judgement",
    "landing",
    "layout",
    "link",
    "link_key",
    "login_link",
    "match",
    "metadata",
    "outbox",
    "quality_figure",
    "quarantine",
    "record_history",
    "record_number",
    "relation",
    "resident_request",
    "resident_step",
    "resolve_queue",
    "revoked_token",
    "session",
    "share_request",
    "share_step",
    "signal",
    "source_run",
    "staged_fault",
    "staged_row",
    "staged_tie",
    "subscription",
    "tie",
]
