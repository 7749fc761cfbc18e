"""The hub's tables; those of the eight record types are derived from their declarations.

A record of type ``person`` passes ``staged_person`` (on its way in), ``record_person`` (as its
source says it now) and ends in ``golden_person`` (what the hub serves).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemas import MODELS, FieldSpec, Section, fields

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_TYPES: dict[str, Any] = {
    "text": sa.Text,
    "date": sa.Date,
    "integer": sa.Integer,
    "numeric": sa.Numeric,
    "boolean": sa.Boolean,
    "jsonb": pg.JSONB,
}

metadata.info["views"] = {"relation"}

#: One sequence numbers the records of all types, so that a number alone names a record.
record_number = sa.Sequence("record_number", metadata=metadata)

Column = sa.Column[Any]


def column_of(spec: FieldSpec) -> Column:
    """Derive a table column from a field: its type from the kind, its comment from the meaning."""
    comment = f"{spec.code} {spec.title_zh}: {spec.meaning}"
    return sa.Column(spec.name, _TYPES[spec.kind.sql](), comment=comment)


def _time(name: str, **said: Any) -> Column:
    return sa.Column(name, sa.DateTime(timezone=True), **said)


def _text(name: str, **said: Any) -> Column:
    return sa.Column(name, sa.Text, **said)


def _hash(name: str, **said: Any) -> Column:
    return sa.Column(name, sa.LargeBinary, **said)


def _count(name: str) -> Column:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


layout = sa.Table(
    "layout",
    metadata,
    sa.Column("layout_id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("names", pg.ARRAY(sa.Text), nullable=False, unique=True),
    comment="Names in order: of the columns of raw rows, of the fields that origins are about.",
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("batch_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("source", nullable=False),
    _text("dataset", nullable=False),
    _text("label", nullable=False),
    sa.Column("snapshot", sa.Boolean, nullable=False),
    _text("state", nullable=False),
    _text("flaw"),
    sa.Column("next_cursor", pg.JSONB),
    sa.Column("layout_id", sa.Integer, sa.ForeignKey("layout.layout_id")),
    _time("received_at", nullable=False, server_default=sa.func.now()),
    _time("finished_at"),
    *map(_count, ("received", "accepted", "unchanged", "quarantined", "withdrawn", "repeated")),
    _count("missing"),
    sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
    _text("decided_by"),
    _text("reason", comment="Why a steward released or refused it."),
    sa.Column("quality", pg.JSONB, comment="What the expectations over the whole batch found."),
    sa.Column(
        "told",
        pg.ARRAY(sa.Text),
        comment="The signals it told, each as kind, column and word: new ones or not.",
    ),
    sa.Index(None, "source", "dataset", "batch_id"),
    # Every pushed row makes a batch; those still under way are found without looking at all.
    sa.Index(
        "ix_batch_under_way",
        "source",
        "dataset",
        "batch_id",
        postgresql_where=sa.text("state NOT IN ('kept', 'replaced', 'refused')"),
    ),
    comment="Rows of one dataset taken in together, with the ledger of what became of them.",
)

cursor = sa.Table(
    "cursor",
    metadata,
    _text("source", primary_key=True),
    _text("dataset", primary_key=True),
    sa.Column("state", pg.JSONB, nullable=False),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    comment="How far a dataset has been read; written with the data it speaks of.",
)

landing = sa.Table(
    "landing",
    metadata,
    _text("source", primary_key=True),
    _text("dataset", primary_key=True),
    _text("key", primary_key=True),
    sa.Column("hash", pg.UUID, nullable=False),
    _text("row", nullable=False, comment="JSON array of text in the order of the layout."),
    sa.Column("layout_id", sa.Integer, nullable=False),
    _text("state", nullable=False, comment="live, quarantined, withdrawn or missing"),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    _time("recorded_at"),
    sa.Index(None, "batch_id"),
    comment="The last row of each key as the source sent it.",
)

staged_row = sa.Table(
    "staged_row",
    metadata,
    sa.Column("batch_id", sa.BigInteger, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    _text("key", nullable=False),
    _time("recorded_at"),
    sa.Column("hash", pg.UUID, nullable=False),
    _text("row", comment="Absent where the row is known unchanged."),
    _text(
        "outcome",
        nullable=False,
        server_default="accepted",
        comment="accepted until translating tells otherwise",
    ),
    comment="Rows of batches on their way in.",
)

staged_fault = sa.Table(
    "staged_fault",
    metadata,
    sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    _text("key", nullable=False),
    _text("record_type"),
    _text("field"),
    _text("rule", nullable=False),
    _text("fate", nullable=False),
    _text("said"),
    comment="Rules that rows of a batch on its way in have broken.",
)

staged_tie = sa.Table(
    "staged_tie",
    metadata,
    sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
    _text("record_type", nullable=False),
    _text("key", nullable=False),
    _text("role", nullable=False),
    _text("to_type", nullable=False),
    _text("to_dataset", nullable=False),
    _text("to_key", nullable=False),
    comment="What records of a batch on its way in say about other records of their source.",
)

tie = sa.Table(
    "tie",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    _text("role", primary_key=True),
    _text("to_type", nullable=False),
    _text("source", nullable=False),
    _text("to_dataset", primary_key=True),
    _text("to_key", primary_key=True),
    sa.Index(None, "source", "to_dataset", "to_key"),
    comment="What a record says about another record of its source: owner of a room, …",
)

record_history = sa.Table(
    "record_history",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    _time("until", primary_key=True),
    sa.Column("record", pg.JSONB, nullable=False),
    comment="What records said before they changed.",
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("quarantine_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("source", nullable=False),
    _text("dataset", nullable=False),
    _text("key", nullable=False),
    _text("record_type"),
    _text("field", comment="The field whose value is held; empty: the whole record is."),
    _text("rule", nullable=False),
    _text("fate", nullable=False),
    _text("said"),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    _time("opened_at", nullable=False, server_default=sa.func.now()),
    _time("released_at"),
    sa.Column("released_by", sa.BigInteger, comment="The batch whose row passed."),
    sa.Index(
        "uq_quarantine_open",
        "source",
        "dataset",
        "key",
        "record_type",
        "field",
        "rule",
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
    comment="Records and values that broke a rule: kept with the reason, not published.",
)

signal = sa.Table(
    "signal",
    metadata,
    sa.Column("signal_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("source", nullable=False),
    _text("dataset", nullable=False),
    sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
    _text("kind", nullable=False),
    _text("column_name"),
    _text("detail"),
    _count("count"),
    _time("at", nullable=False, server_default=sa.func.now()),
    _time("closed_at"),
    _text("closed_by", comment="The steward who did; empty: it was no longer so."),
    sa.Index(
        "uq_signal_open",
        "source",
        "dataset",
        "kind",
        "column_name",
        "detail",
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
    comment="News about a source itself: a new column, an unknown code.",
)

entity = sa.Table(
    "entity",
    metadata,
    _text("entity_id", primary_key=True),
    _text("record_type", nullable=False),
    _time("created_at", nullable=False, server_default=sa.func.now()),
    _text("superseded_by", index=True),
    _time("superseded_at"),
    comment="The person, house, … itself. An id is never reused and never deleted.",
)

link = sa.Table(
    "link",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    _text("record_type", nullable=False),
    _text("entity_id", index=True, comment="Empty while the record is withdrawn."),
    _text("home_id", nullable=False, comment="The id it had before any merge."),
    _text("community_code", comment="Where the record belongs: said, or derived."),
    _text("compound_key"),
    comment="Which entity a record speaks of.",
)

link_key = sa.Table(
    "link_key",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    sa.Column("key", pg.UUID, primary_key=True),
    _text(
        "use",
        primary_key=True,
        comment="same: equal keys link; block: they are compared; home: only looked up",
    ),
    _text("record_type", nullable=False),
    sa.Index(None, "key", "use"),
    comment="What records of one entity have in common, hashed.",
)

block_key = sa.Table(
    "block_key",
    metadata,
    # A batch writes millions of these; a key that held all of it together would cost more than
    # the rows themselves.
    sa.Column("record_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("key", sa.BigInteger, nullable=False),
    sa.Index(None, "key", "record_id"),
    comment="Keys, hashed, by which records are found that are worth comparing.",
)

match = sa.Table(
    "match",
    metadata,
    sa.Column("left_id", sa.BigInteger, primary_key=True),
    sa.Column("right_id", sa.BigInteger, primary_key=True, index=True),
    _text("record_type", nullable=False),
    sa.Column("weight", sa.Float, nullable=False, comment="Bits for their being the same."),
    _text("levels", nullable=False, comment="How far each aspect agrees."),
    _text("review", comment="Why a steward is asked about this pair; empty: nobody is."),
    sa.Index(
        "ix_match_review", "record_type", "weight", postgresql_where=sa.text("review IS NOT NULL")
    ),
    sa.CheckConstraint("left_id < right_id", name="order"),
    comment="Pairs of records that were compared and may be the same, with their weight.",
)

judgement = sa.Table(
    "judgement",
    metadata,
    sa.Column("judgement_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("record_type", nullable=False),
    sa.Column("left_id", sa.BigInteger, nullable=False),
    sa.Column("right_id", sa.BigInteger, nullable=False, index=True),
    _text("verdict", nullable=False, comment="same, different or unsure"),
    _text("reason", nullable=False),
    _text("said_by", nullable=False),
    _time("said_at", nullable=False, server_default=sa.func.now()),
    _time("ended_at", comment="When another word took its place, or it was taken back."),
    _text("ended_by", comment="Who did."),
    sa.Index(
        "uq_judgement_pair",
        "left_id",
        "right_id",
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
    sa.CheckConstraint("left_id < right_id", name="order"),
    sa.CheckConstraint("verdict IN ('same', 'different', 'unsure')", name="verdict"),
    comment="What stewards said of pairs of records; superseded, never deleted.",
)

resolve_queue = sa.Table(
    "resolve_queue",
    metadata,
    # Numbered, not keyed by record: a record that changes again while it is being resolved
    # must leave a second entry behind.
    sa.Column("queue_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    _text("record_type", nullable=False),
    # Whether what it says of places may have changed: then compounds are counted again.
    sa.Column("moved", sa.Boolean, nullable=False, server_default=sa.true()),
    comment="Records that changed since they were last resolved.",
)

compound_community = sa.Table(
    "compound_community",
    metadata,
    _text("compound_key", primary_key=True),
    _text("community_code", nullable=False),
    comment="The community that a compound of this name lies in, where the records agree.",
)

compound_alias = sa.Table(
    "compound_alias",
    metadata,
    _text("community_code", primary_key=True),
    _text("compound_key", primary_key=True),
    _text("known_as", primary_key=True),
    sa.Index(None, "compound_key"),
    comment="Other names by which records call a compound, in the community that it lies in.",
)

#: A view: it follows from links, keys and ties and so is always up to date.
relation = sa.Table(
    "relation",
    metadata,
    _text("from_id", primary_key=True),
    _text("role", primary_key=True),
    _text("to_id", primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    sa.Column("from_date", sa.Date),
    sa.Column("to_date", sa.Date),
    comment="Who owns, rents or lives where, and which record says so.",
)

golden_history = sa.Table(
    "golden_history",
    metadata,
    _text("entity_id", primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    _text("record_type", nullable=False),
    _time("updated_at", nullable=False),
    _time("until", nullable=False),
    sa.Column("golden", pg.JSONB, nullable=False),
    comment="Versions of golden records that are no longer served.",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("outbox_id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("record_type", nullable=False),
    _text("entity_id", nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    _text("change", nullable=False, comment="created, updated, withdrawn, merged or split"),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("cause", pg.JSONB, nullable=False),
    _time("at", nullable=False, server_default=sa.func.now()),
    comment="Changes committed with their cause, waiting to be numbered.",
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    _text("record_type", nullable=False),
    _text("entity_id", nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    _text("change", nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("cause", pg.JSONB, nullable=False),
    _time("at", nullable=False),
    comment="The feed: every change of every golden record, densely numbered.",
)

feed = sa.Table(
    "feed",
    metadata,
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    _text("system_identifier", nullable=False, comment="Tells that a dump was restored."),
    comment="The last number given out in each epoch of the feed.",
)

client = sa.Table(
    "client",
    metadata,
    _text("client_id", primary_key=True),
    _text("name", nullable=False),
    _text("role", nullable=False),
    _text("source", comment="The source a department's system may push for."),
    _text("secret_hash", nullable=False),
    _time("created_at", nullable=False, server_default=sa.func.now()),
    _time("revoked_at"),
    _text("former_hash", comment="Of the secret before the last change."),
    _time("former_until", comment="So long the secret before counts too."),
    comment="Systems that may call the API.",
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", sa.BigInteger, autoincrement=False),
    _time("at"),
    sa.PrimaryKeyConstraint("at", "audit_id"),
    _text("caller", nullable=False),
    _text("action", nullable=False),
    _text("purpose"),
    _text("record_type"),
    sa.Column("entity_ids", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    _text("about", comment="What it concerns besides entities: a batch, an export, a source."),
    _text("origin", comment="The address the call came from."),
    _hash("hash", nullable=False, comment="Of the entry and of the hash before it."),
    sa.Index("ix_audit_entity_ids", "entity_ids", postgresql_using="gin"),
    # Whoever read all records of a type has read each of them.
    sa.Index(
        "ix_audit_whole",
        "record_type",
        "at",
        postgresql_where=sa.text("entity_ids = '{}' AND record_type IS NOT NULL"),
    ),
    # Its parts lie in a schema of their own, `audit_months`, and are made as time goes on.
    postgresql_partition_by="RANGE (at)",
    comment="Who read or wrote what, for which purpose; a chain that only grows.",
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("audit_id", sa.BigInteger, primary_key=True, autoincrement=False),
    _time("at", nullable=False),
    _hash("hash", nullable=False),
    comment="Where the chain ended at times; the last one is where it goes on.",
)

audit_spool = sa.Table(
    "audit_spool",
    metadata,
    sa.Column("spool", pg.UUID, primary_key=True),
    sa.Column("taken", sa.BigInteger, nullable=False, comment="The last entry taken over."),
    _time("at", nullable=False),
    comment="How far the audit has taken over what each process was told of readings.",
)

audit_root = sa.Table(
    "audit_root",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("audit_id", sa.BigInteger, nullable=False, comment="The last entry of the day."),
    _hash("hash", nullable=False),
    _time("made_at", nullable=False, server_default=sa.func.now()),
    comment="The hash at the end of each day; it covers all entries up to there.",
)

account = sa.Table(
    "account",
    metadata,
    _text("account_id", primary_key=True),
    _text("name", nullable=False, unique=True),
    _text("role", nullable=False),
    _text("source", comment="The department an officer stands for."),
    sa.Column(
        "areas",
        pg.ARRAY(sa.Text),
        nullable=False,
        comment="Codes of the communities and grids that are theirs.",
    ),
    _text("password_hash"),
    _count("failures"),
    _time("locked_until"),
    _time("created_at", nullable=False, server_default=sa.func.now()),
    _time("disabled_at"),
    comment="People who log in.",
)


def _of_account() -> Column:
    key = sa.ForeignKey("account.account_id")
    return sa.Column("account_id", sa.Text, key, nullable=False, index=True)


login_link = sa.Table(
    "login_link",
    metadata,
    _hash("link_hash", primary_key=True),
    _of_account(),
    _time("expires_at", nullable=False),
    _time("used_at"),
    comment="Links by which people set a password, once.",
)

session = sa.Table(
    "session",
    metadata,
    _hash("session_hash", primary_key=True),
    _of_account(),
    _time("begun_at", nullable=False, server_default=sa.func.now()),
    _time("seen_at", nullable=False, server_default=sa.func.now()),
    _time("expires_at", nullable=False),
    _time("ended_at"),
    comment="Where people are logged in; of the cookie only a hash is kept.",
)

revoked_token = sa.Table(
    "revoked_token",
    metadata,
    _text("token_id", primary_key=True),
    _time("expires_at", nullable=False),
    comment="Access tokens taken back before their time.",
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    _text("client_id", primary_key=True),
    _text("route", primary_key=True),
    _text("key", primary_key=True),
    _text("fingerprint", nullable=False, comment="Hash of the request the key was used for."),
    sa.Column("answer", pg.JSONB, nullable=False, comment="What to answer again."),
    _time("at", nullable=False, server_default=sa.func.now()),
    comment="Answers to requests that must have one effect only, kept with the effect.",
)

export = sa.Table(
    "export",
    metadata,
    _text("export_id", primary_key=True),
    _text("client_id", nullable=False),
    _text("record_type", nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), comment="The fields asked for; empty: all."),
    _text("purpose"),
    _text("state", nullable=False, comment="queued, running, done, failed or expired"),
    sa.Column("row_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("files", pg.JSONB, nullable=False, comment="name, rows, bytes and sha256 of each"),
    sa.Column("epoch", sa.Integer, comment="Where the feed goes on from what was exported."),
    sa.Column("seq", sa.BigInteger),
    _text("view", comment="What the client might see when it was made."),
    _time("created_at", nullable=False, server_default=sa.func.now()),
    _time("finished_at"),
    comment="Golden records written to files for one client.",
)

share_request = sa.Table(
    "share_request",
    metadata,
    sa.Column("request_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    _text("client_id", nullable=False, index=True, comment="Who is to read."),
    _text("asked_by", nullable=False),
    _text("state", nullable=False, comment="incomplete, asked, approved, delivered, …"),
    sa.Column("wanted", pg.JSONB, nullable=False, comment="Fields by record type."),
    sa.Column("masked", pg.JSONB, nullable=False, comment="Those shown in part, by record type."),
    sa.Column("area", pg.JSONB, nullable=False, comment="Codes by kind; empty: everywhere."),
    sa.Column("purposes", pg.ARRAY(sa.Text), nullable=False),
    _text("basis", comment="The law or duty it is asked under (Decree 809, Art 20)."),
    _text("scene", comment="What it is used in."),
    _text("mode", comment="service, batch or file"),
    _text("approver", comment="The head of the asking department who approved it."),
    sa.Column("used_from", sa.Date),
    sa.Column("used_until", sa.Date, comment="The last day of use."),
    sa.Column("conditional", sa.Boolean, nullable=False),
    _time("asked_at", nullable=False, server_default=sa.func.now()),
    _time("told_at", comment="When it was told what is missing; that is told once."),
    sa.Column("missing", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("received_on", sa.Date, comment="When it was complete: periods run from here."),
    sa.Column("due_on", sa.Date, comment="The last day for the next step."),
    sa.Column("extended", sa.Integer, nullable=False, server_default="0", comment="Working days."),
    sa.Index(
        "ix_share_request_due",
        "due_on",
        postgresql_where=sa.text("state IN ('asked', 'approved')"),
    ),
    comment="What departments have asked to share, and how far the answer is.",
)

share_step = sa.Table(
    "share_step",
    metadata,
    sa.Column("request_id", sa.BigInteger, primary_key=True),
    sa.Column("step_no", sa.Integer, primary_key=True),
    _text("step", nullable=False),
    _text("by", nullable=False),
    _time("at", nullable=False, server_default=sa.func.now()),
    _text("reason"),
    comment="What was done with a share request, by whom, and why.",
)

field_grant = sa.Table(
    "field_grant",
    metadata,
    sa.Column("grant_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("request_id", sa.BigInteger, nullable=False, index=True),
    _text("client_id", nullable=False, index=True),
    _text("record_type", nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("masked", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("area", pg.JSONB, nullable=False, comment="Codes by kind; empty: everywhere."),
    sa.Column("purposes", pg.ARRAY(sa.Text), nullable=False),
    _text("mode", nullable=False),
    _time("since", nullable=False),
    _time("until", nullable=False, comment="From then on nothing is read by it."),
    _time("revoked_at"),
    _text("revoked_by"),
    _text("reason", comment="Why it was revoked."),
    _time("disposed_at", comment="When what was delivered by it was disposed of."),
    comment="What callers may read beyond what their role may, each from an approved request.",
)

caller_area = sa.Table(
    "caller_area",
    metadata,
    _text("client_id", primary_key=True),
    sa.Column("area", pg.JSONB, nullable=False, comment="Codes by kind."),
    _text("set_by", nullable=False),
    _time("set_at", nullable=False, server_default=sa.func.now()),
    comment="Where a worker or a street office works; without an entry, everywhere.",
)


def _envelope() -> list[Column]:
    return [
        _text("address_key", comment="Folded address down to the room, for comparing."),
        _text("compound_key", comment="Folded name of the compound, for comparing."),
        _text("evidence", comment="JSON: facts kept for matching, never published."),
        _text("notes", comment="JSON: what was mended, derived or warned of, by field."),
        sa.Column("content_hash", pg.UUID, nullable=False),
        _time("recorded_at"),
    ]


def _staged(model: type[Section]) -> sa.Table:
    return sa.Table(
        f"staged_{model.record_type}",
        metadata,
        sa.Column("batch_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("ordinal", sa.Integer, nullable=False),
        _text("key", nullable=False),
        _text("row_key", nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        *_envelope(),
        *map(column_of, fields(model)),
        comment=f"Records of type {model.record_type} on their way in.",
    )


def _record(model: type[Section]) -> sa.Table:
    name = f"record_{model.record_type}"
    return sa.Table(
        name,
        metadata,
        sa.Column(
            "record_id",
            sa.BigInteger,
            record_number,
            primary_key=True,
            server_default=record_number.next_value(),
        ),
        _text("source", nullable=False),
        _text("dataset", nullable=False),
        _text("key", nullable=False),
        _text("row_key", nullable=False, comment="Key of the native row it came from."),
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        _time("first_at", nullable=False, comment="When the values first appeared, unless since."),
        sa.Column("since", pg.JSONB, comment="When values that changed later first appeared."),
        _time("withdrawn_at"),
        *_envelope(),
        *map(column_of, fields(model)),
        sa.UniqueConstraint("source", "dataset", "key"),
        sa.Index(None, "source", "dataset", "row_key"),
        sa.Index(
            f"ix_{name}_compound_key",
            "compound_key",
            postgresql_where=sa.text("compound_key IS NOT NULL"),
        ),
        comment=f"Records of type {model.record_type} as their sources say them now.",
    )


#: Fields that golden records are looked up by, and are searched for by exact value.
_LOOKED_UP = {
    "person": (
        *("citizen_id_no", "id_document_no", "person_name", "former_name"),
        *("contact_phone", "household_no"),
    ),
    "house": ("house_code", "owner_id_no", "owner_name", "owner_phone"),
    "address": ("address_code",),
    "component": ("component_id",),
    "camera": ("device_code",),
    "geo_entity": ("geo_entity_id",),
    "building": ("model_object_id", "building_code"),
}
#: Fields whose text is searched through.
_SEARCHED = {
    "person": ("person_name", "standard_address"),
    "house": ("owner_name", "standard_address"),
    "address": ("compound_name", "standard_address"),
    "geo_entity": ("geo_entity_name",),
}
#: The field that says where a thing lies, as a point or as a shape.
GEOMETRY = {
    "address": "address_point",
    "grid": "grid_boundary",
    "component": "component_point",
    "camera": "device_point",
    "geo_entity": "boundary_geometry",
}
#: Whom workers see to before others: those who live alone, are old, or are disabled.
CARED_FOR = """retired_at IS NULL AND (care_categories @> '["01"]'::jsonb OR
    care_categories @> '["03"]'::jsonb OR disability_category_code IS NOT NULL)"""


def _golden_indexes(model: type[Section]) -> Iterator[sa.Index]:
    """Declare how golden records are found: by exact value, by text, by place, by time."""
    name = f"golden_{model.record_type}"
    if shape := GEOMETRY.get(model.record_type):
        # The function is a migration's own; see there why it is one.
        yield sa.Index(f"ix_{name}_box", sa.text(f"geometry_box({shape})"), postgresql_using="gist")
    if model.record_type == "person":
        cared_for = sa.text(CARED_FOR)
        yield sa.Index(f"ix_{name}_cared_for", "grid_code", postgresql_where=cared_for)
        known = sa.text("residence_start_date IS NOT NULL")
        yield sa.Index(f"ix_{name}_arrived", "residence_start_date", postgresql_where=known)
    for field in _LOOKED_UP.get(model.record_type, ()):
        given = sa.text(f"{field} IS NOT NULL")
        yield sa.Index(f"ix_{name}_{field}", field, postgresql_where=given)
    for field in _SEARCHED.get(model.record_type, ()):
        yield sa.Index(
            f"ix_{name}_{field}_trgm",
            field,
            postgresql_using="gin",
            postgresql_ops={field: "gin_trgm_ops"},
        )
    for field in ("community_code", "grid_code"):
        # Pages of a community or grid are read in the order of the ids.
        yield sa.Index(f"ix_{name}_{field}", field, "entity_id")
    # What departments differ about is little, and looked for by stewards.
    yield sa.Index(f"ix_{name}_disputed", "entity_id", postgresql_where=sa.text(DISPUTED))
    # A block range index leaves updates in place cheap, which an ordinary one would not.
    yield sa.Index(f"ix_{name}_updated_at", "updated_at", postgresql_using="brin")


#: The condition of a golden record with a disputed field.
DISPUTED = """retired_at IS NULL AND jsonb_path_exists(marks, '$.* ? (@ == "disputed")')"""


def _golden(model: type[Section]) -> sa.Table:
    return sa.Table(
        f"golden_{model.record_type}",
        metadata,
        _text("entity_id", primary_key=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        _time("updated_at", nullable=False, server_default=sa.func.now()),
        _time("retired_at", comment="When its last record was withdrawn."),
        sa.Column("marks", pg.JSONB, nullable=False, comment="field: provisional or disputed"),
        sa.Column("members", pg.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("origins", pg.ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("layout_id", sa.Integer, nullable=False),
        sa.Column("content_hash", pg.UUID, nullable=False),
        *map(column_of, fields(model)),
        *_golden_indexes(model),
        comment=f"Golden records of type {model.record_type}.",
    )


STAGED = {name: _staged(model) for name, model in MODELS.items()}
RECORD = {name: _record(model) for name, model in MODELS.items()}
GOLDEN = {name: _golden(model) for name, model in MODELS.items()}

# What belongs to entering once is declared in a file of its own, in the same metadata.
from hub.store import delivery_tables as _delivery_tables  # noqa: E402, F401
from hub.store import form_tables as _form_tables  # noqa: E402, F401
from hub.store import observed_tables as _observed_tables  # noqa: E402, F401
from hub.store import resident_tables as _resident_tables  # noqa: E402, F401
from hub.store import subscription_tables as _subscription_tables  # noqa: E402, F401
