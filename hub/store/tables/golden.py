"""Golden records by type, derived from the fields; their versions; the feed of changes."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.store.tables.columns import column_of, metadata, text, time
from schemas import MODELS, Section, fields

golden_history = sa.Table(
    "golden_history",
    metadata,
    text("entity_id", primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    text("record_type", nullable=False),
    time("updated_at", nullable=False),
    time("until", nullable=False),
    sa.Column("golden", pg.JSONB, nullable=False),
    comment="Versions of golden records that are no longer served.",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("outbox_id", sa.BigInteger, sa.Identity(), primary_key=True),
    text("record_type", nullable=False),
    text("entity_id", nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    text("change", nullable=False, comment="created, updated, withdrawn, merged or split"),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("cause", pg.JSONB, nullable=False),
    time("at", nullable=False, server_default=sa.func.now()),
    comment="Changes committed with their cause, waiting to be numbered.",
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    text("record_type", nullable=False),
    text("entity_id", nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    text("change", nullable=False),
    sa.Column("fields", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("cause", pg.JSONB, nullable=False),
    time("at", nullable=False),
    comment="The feed: every change of every golden record, densely numbered.",
)

feed = sa.Table(
    "feed",
    metadata,
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    text("system_identifier", nullable=False, comment="Tells that a dump was restored."),
    comment="The last number given out in each epoch of the feed.",
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

#: The condition of a golden record with a disputed field.
DISPUTED = """retired_at IS NULL AND jsonb_path_exists(marks, '$.* ? (@ == "disputed")')"""


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


def _golden(model: type[Section]) -> sa.Table:
    return sa.Table(
        f"golden_{model.record_type}",
        metadata,
        text("entity_id", primary_key=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        time("updated_at", nullable=False, server_default=sa.func.now()),
        time("retired_at", comment="When its last record was withdrawn."),
        sa.Column("marks", pg.JSONB, nullable=False, comment="field: provisional or disputed"),
        sa.Column("members", pg.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("origins", pg.ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("layout_id", sa.Integer, nullable=False),
        sa.Column("content_hash", pg.UUID, nullable=False),
        *map(column_of, fields(model)),
        *_golden_indexes(model),
        comment=f"Golden records of type {model.record_type}.",
    )


GOLDEN = {name: _golden(model) for name, model in MODELS.items()}
