"""The shapes of answers, for the API's description: derived from the fields' declarations.

Answers are written without them, straight from the database's text; a test holds one to the other.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema, create_model

from hub.store.visible import MASKABLE
from schemas import FieldSpec, Section, fields

Mark = Literal["provisional", "disputed", "masked"]
Cursor = Annotated[str | None, Field(description="Where the list goes on; null at its end.")]


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:hub:problem:not-found"])
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, Any]] | None = None


class Origin(BaseModel):
    """The record that a value comes from."""

    source: str
    dataset: str
    key: str
    since: datetime = Field(description="When the value first appeared in that source.")
    batch_id: int
    received_at: datetime | None


class Lost(BaseModel):
    """A value that was not chosen."""

    value: Any
    origin: Origin


class Explained(BaseModel):
    """Why a field has its value."""

    value: Any
    mark: Mark | None
    rule: str | None = Field(description="The rule by which the value was chosen or derived.")
    origin: Origin | None
    lost: list[Lost]


class Related(BaseModel):
    """A tie to another entity."""

    role: str
    end: Literal["from", "to"] = Field(description="Which end of the tie this entity is.")
    id: str
    collection: str
    from_date: date | None
    to_date: date | None


class Ledger(BaseModel):
    """What became of the rows of a batch, each counted once."""

    received: int
    accepted: int
    unchanged: int
    quarantined: int
    withdrawn: int
    repeated: int
    missing: int


class Batch(Ledger):
    """Rows of one dataset taken in together."""

    batch_id: int
    source: str
    dataset: str
    label: str
    snapshot: bool
    state: str
    held: bool
    flaw: str | None
    seconds: float
    received_at: datetime
    finished_at: datetime | None
    decided_by: str | None
    reason: str | None = Field(description="Why a steward released or refused it.")
    quality: JsonValue | None


class Quarantined(BaseModel):
    """A record, or one value of it, that broke a rule."""

    quarantine_id: int
    source: str
    dataset: str
    key: str
    record_type: str | None
    field: str | None = Field(description="The field whose value is held; null: the whole record.")
    rule: str
    fate: str
    said: str | None = Field(None, description="The value as sent, where it was asked for.")
    batch_id: int
    opened_at: datetime
    released_at: datetime | None
    released_by: int | None


class Signalled(BaseModel):
    """News about a source itself."""

    signal_id: int
    source: str
    dataset: str
    batch_id: int
    kind: str
    column_name: str | None
    detail: str | None
    count: int = Field(description="How many cells or rows, in the last batch that told it.")
    at: datetime
    closed_at: datetime | None
    closed_by: str | None = Field(
        description="The client that closed it; null: what it told of was no longer so."
    )


class SourceRecord(BaseModel):
    """A record made of a source's row."""

    record_type: str
    key: str
    golden_id: str | None
    recorded_at: datetime | None
    first_at: datetime
    withdrawn_at: datetime | None
    fields: dict[str, Any]


class Sourced(BaseModel):
    """What the hub has under a source's key."""

    source: str
    dataset: str
    key: str
    state: str | None
    batch_id: int | None
    recorded_at: datetime | None
    golden_id: str | None
    row: dict[str, str | None] | None = Field(None, description="As sent; by right only.")
    records: list[SourceRecord]
    quarantine: list[Quarantined]


class PushedProblem(BaseModel):
    """A rule that a pushed row broke."""

    field: str | None
    rule: str
    message: str = Field(description="What is wrong, in Chinese.")
    message_en: str


class PushedRow(BaseModel):
    """What became of one pushed row."""

    index: int
    key: str | None
    outcome: str
    golden_id: str | None
    problems: list[PushedProblem]


class Pushed(Ledger):
    """What became of pushed rows."""

    batch_id: int | None
    dry_run: bool
    state: str
    flaw: str | None = Field(description="Why the batch waits for a steward; null: it does not.")
    results: list[PushedRow]


class ExportFile(BaseModel):
    """One file of an export: golden records as NDJSON."""

    name: str
    href: str
    rows: int
    bytes: int
    sha256: str


class Export(BaseModel):
    """Golden records written to files."""

    export_id: str
    collection: str
    state: Literal["queued", "running", "done", "failed", "expired"]
    rows: int
    files: list[ExportFile]
    cursor: str | None = Field(description="Where the feed goes on from what was exported.")
    created_at: datetime
    finished_at: datetime | None


class Event(BaseModel):
    """One change, as a CloudEvent."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str = Field(examples=["cn.gov.630102.hub.person.updated.v1"])
    subject: str
    time: datetime
    dataschema: str
    datacontenttype: Literal["application/json"]
    data: dict[str, Any]


class Delivered(BaseModel):
    """A change on its way to one row of one source."""

    delivery_id: str
    source: str
    dataset: str
    key: str
    fields: list[str]
    state: Literal["queued", "sent", "accepted", "refused", "confirmed", "differs", "dead"]
    reason: str | None
    owner: str = Field(description="Who sees to it where it cannot be delivered.")
    attempts: int
    planned_at: datetime
    at: datetime = Field(description="When its state changed.")


class Corrected(BaseModel):
    """A request to the authoritative source to check a value."""

    correction_id: int
    collection: str
    golden_id: str
    field: str
    authority: str
    source: str | None
    dataset: str | None
    key: str | None
    value: Any = Field(description="What is served; null where nothing is.")
    proposed: Any
    basis: str | None
    raised_by: str
    raised_at: datetime
    due_on: date
    escalated: bool = Field(description="Open, and due by the next working day or overdue.")
    state: Literal["open", "accepted", "refused", "withdrawn"]
    reason: str | None
    answered_by: str | None
    answered_at: datetime | None
    delivery_id: str | None = Field(description="By which it is carried to its source.")


class Made(BaseModel):
    """One entry of a worker."""

    entry_id: int
    said_by: str
    reason: str | None
    at: datetime
    fields: dict[str, Any] = Field(description="What was entered; null: taken back.")
    applied: list[str] = Field(description="Fields on which it took effect at once.")


@cache
def record_model(model: type[Section]) -> type[BaseModel]:
    """Return the shape of a golden record of a type."""
    name = model.__name__
    members: dict[str, Any] = {
        spec.name: (_annotation(spec), Field(None, title=spec.title_en)) for spec in fields(model)
    }
    values = create_model(f"{name}Fields", __doc__=f"The public fields of a {name}.", **members)
    return create_model(
        f"{name}Record",
        __doc__=f"A golden record: {model.__doc__}",
        id=(str, Field(pattern=f"^{model.letter}[0-9a-f]{{32}}$")),
        version=(int, Field(ge=1)),
        updated_at=(datetime, ...),
        fields=(values, ...),
        marks=(dict[str, Mark], ...),
        provenance=(dict[str, Explained] | None, None),
        relations=(list[Related] | None, None),
        deliveries=(list[Delivered] | None, None),
    )


@cache
def entered_model(model: type[Section]) -> type[BaseModel]:
    """Return the shape of the answer to an entry: the record, and what the entry has caused."""
    return create_model(
        f"{model.__name__}Entered",
        __base__=record_model(model),
        entry_id=(int, ...),
        applied=(list[str], Field(description="Fields on which the entry took effect at once.")),
        deliveries=(list[Delivered], ...),
        corrections=(list[Corrected], ...),
    )


@cache
def entry_model(model: type[Section], name: str, *, patch: bool) -> type[BaseModel]:
    """Return the shape of the fields of an entry; a patch may take words back."""
    members: dict[str, Any] = {
        spec.name: (_said(spec, patch), Field(None, title=spec.title_en))
        for spec in fields(model)
        if spec.authority != "hub"
    }
    return create_model(f"{name}Fields", __config__=_STRICT, **members)


_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _said(spec: FieldSpec, patch: bool) -> Any:
    schema = dict(spec.kind.json_schema())
    schema = {"anyOf": [schema, {"type": "null"}]} if patch else schema
    return Annotated[Any, WithJsonSchema(schema)]


def _annotation(spec: FieldSpec) -> Any:
    schema = dict(spec.kind.json_schema())
    if spec.name in MASKABLE:
        schema = {"anyOf": [schema, {"type": "string", "pattern": r"\*"}]}
    schema["description"] = f"{spec.code} {spec.title_zh}. {spec.meaning}"
    return Annotated[Any, WithJsonSchema(schema)]


@cache
def page_model(name: str, item: type[BaseModel], **more: Any) -> type[BaseModel]:
    """Return the shape of a page of a list."""
    members: dict[str, Any] = {"items": (GenericAlias(list, (item,)), ...), "next": (Cursor, ...)}
    members |= {key: (kind, ...) for key, kind in more.items()}
    return create_model(name, **members)


@cache
def hit_model(model: type[Section]) -> type[BaseModel]:
    """Return the shape of a golden record found by a search."""
    return create_model(
        f"{model.__name__}Hit", __base__=record_model(model), score=(float, Field(ge=0, le=1))
    )


class Spoke(BaseModel):
    """A record that speaks of an entity, by the name its source gives it."""

    source: str
    dataset: str
    key: str


@cache
def explained_model(model: type[Section]) -> type[BaseModel]:
    """Return the shape of a golden record's provenance."""
    return create_model(
        f"{model.__name__}Provenance",
        id=(str, ...),
        version=(int, ...),
        updated_at=(datetime, ...),
        records=(list[Spoke], Field(description="All that speak of it, whether or not heeded.")),
        fields=(dict[str, Explained], ...),
    )


@cache
def version_model(model: type[Section]) -> type[BaseModel]:
    """Return the shape of one version of a golden record."""
    return create_model(
        f"{model.__name__}Version",
        version=(int, ...),
        updated_at=(datetime, ...),
        until=(datetime | None, ...),
        retired=(bool, ...),
        changed=(list[str], Field(description="Fields that differ from the version before.")),
        cause=(
            dict[str, JsonValue] | None,
            Field(description="What brought it about: a batch, an entry, a judgement."),
        ),
        fields=(dict[str, Any], ...),
        marks=(dict[str, Mark], ...),
    )
