"""How values of a field are to be written, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.catalogue.entries import table_of
from hub.web.console import shown
from hub.web.console.words import Words
from schemas import FieldSpec
from schemas.codes import code_table
from schemas.kinds import Boolean, Date, Geometry, Integer, ListOf, Number, Phone
from schemas.kinds.kind import Kind

#: Kinds whose form is told by a key of their own: patterns are for programs.
KINDS = (
    *("CitizenId", "DocumentNo", "OwnerId", "Uscc", "DivisionCode", "SubdistrictCode"),
    *("CommunityCode", "GridCode", "UnitGridCode", "PoliceOrganCode", "ComponentId"),
    *("ComponentClass", "DeviceCode", "Doorplate", "BuildingNo", "UnitNo", "RoomNo"),
)
#: Fields with a form that no other field of their kind has.
FIELDS = (
    *("person_id", "household_no", "house_code", "building_code", "address_code"),
    *("real_estate_unit_code", "geo_entity_id", "model_object_id", "level_of_detail"),
)
#: Codes that are listed where a value is to be mended; the rest is in the catalogue.
MOST_CODES = 30


@dataclass(frozen=True, slots=True)
class Expected:
    """What a field takes: its meaning, its form in words, and its codes where it has such."""

    title: str
    meaning: str
    form: str
    standard: str
    authority: str
    table: str | None
    codes: Sequence[tuple[str, str]]


def expected_of(t: Words, spec: FieldSpec) -> Expected:
    """Say what values of a field have to be like."""
    name = table_of(spec)
    table = code_table(name) if name else None
    return Expected(
        shown.title_of(t, spec),
        shown.meaning_of(t, spec),
        form_of(t, spec),
        spec.standard,
        shown.authority_title(t, spec.authority),
        name,
        list(shown.labels(t, table).items())[:MOST_CODES] if table else (),
    )


def form_of(t: Words, spec: FieldSpec) -> str:
    """Say in words how values of a field are written."""
    if isinstance(spec.kind, ListOf):
        return t("form.list", most=spec.kind.max_items, item=_form(t, spec.kind.item, spec))
    return _form(t, spec.kind, spec)


def hint_of(t: Words, spec: FieldSpec) -> str | None:
    """Say how a value is typed where its title does not say so already."""
    kind = spec.kind
    told = isinstance(kind, Phone) or type(kind).__name__ in KINDS or spec.name in FIELDS
    return form_of(t, spec) if told else None


def _form(t: Words, kind: Kind, spec: FieldSpec) -> str:
    schema = kind.json_schema()
    if name := table_of(spec):
        table = code_table(name)
        return t("form.codes", table=t.pick(table.title_zh, table.title_en))
    if isinstance(kind, Date):
        return t("form.date")
    if isinstance(kind, Boolean):
        return t("form.boolean")
    if isinstance(kind, Phone):
        return t("form.phone")
    if isinstance(kind, Geometry):
        return t("form.geometry")
    if isinstance(kind, Integer | Number) and "maximum" in schema:
        return t("form.number", least=schema["minimum"], most=schema["maximum"])
    if (name := type(kind).__name__) in KINDS:
        return t(f"form.kind.{name}")
    if spec.name in FIELDS:
        return t(f"form.field.{spec.name}")
    if "pattern" in schema:
        return t("form.pattern")
    return t("form.text", most=schema["maxLength"]) if "maxLength" in schema else t("form.any")
