"""Which record belongs to which entity, and what that follows from."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import metadata, text, time

entity = sa.Table(
    "entity",
    metadata,
    text("entity_id", primary_key=True),
    text("record_type", nullable=False),
    time("created_at", nullable=False, server_default=sa.func.now()),
    text("superseded_by", index=True),
    time("superseded_at"),
    comment="The person, house, … itself. An id is never reused and never deleted.",
)

link = sa.Table(
    "link",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    text("record_type", nullable=False),
    text("entity_id", index=True, comment="Empty while the record is withdrawn."),
    text("home_id", nullable=False, comment="The id it had before any merge."),
    text("community_code", comment="Where the record belongs: said, or derived."),
    text("compound_key"),
    comment="Which entity a record speaks of.",
)

link_key = sa.Table(
    "link_key",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    sa.Column("key", pg.UUID, primary_key=True),
    text(
        "use",
        primary_key=True,
        comment="same: equal keys link; block: they are compared; home: only looked up",
    ),
    text("record_type", nullable=False),
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
    text("record_type", nullable=False),
    sa.Column("weight", sa.Float, nullable=False, comment="Bits for their being the same."),
    text("levels", nullable=False, comment="How far each aspect agrees."),
    text("review", comment="Why a steward is asked about this pair; empty: nobody is."),
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
    text("record_type", nullable=False),
    sa.Column("left_id", sa.BigInteger, nullable=False),
    sa.Column("right_id", sa.BigInteger, nullable=False, index=True),
    text("verdict", nullable=False, comment="same, different or unsure"),
    text("reason", nullable=False),
    text("said_by", nullable=False),
    time("said_at", nullable=False, server_default=sa.func.now()),
    time("ended_at", comment="When another word took its place, or it was taken back."),
    text("ended_by", comment="Who did."),
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
    text("record_type", nullable=False),
    # Whether what it says of places may have changed: then compounds are counted again.
    sa.Column("moved", sa.Boolean, nullable=False, server_default=sa.true()),
    comment="Records that changed since they were last resolved.",
)

compound_community = sa.Table(
    "compound_community",
    metadata,
    text("compound_key", primary_key=True),
    text("community_code", nullable=False),
    comment="The community that a compound of this name lies in, where the records agree.",
)

compound_alias = sa.Table(
    "compound_alias",
    metadata,
    text("community_code", primary_key=True),
    text("compound_key", primary_key=True),
    text("known_as", primary_key=True),
    sa.Index(None, "compound_key"),
    comment="Other names by which records call a compound, in the community that it lies in.",
)

metadata.info["views"] = {"relation"}

#: A view: it follows from links, keys and ties and so is always up to date.
relation = sa.Table(
    "relation",
    metadata,
    text("from_id", primary_key=True),
    text("role", primary_key=True),
    text("to_id", primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True),
    sa.Column("from_date", sa.Date),
    sa.Column("to_date", sa.Date),
    comment="Who owns, rents or lives where, and which record says so.",
)
