"""One thing, one page: every value with its source and date, why it is so, and what it was before.

Residents, homes, grids, components, cameras, places, buildings, addresses: the same pages for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from hub.store.entries import causes_of
from hub.store.golden_reads import GoldenRecord, Relation, get_golden, golden_of, relations_of
from hub.store.provenance_reads import Version, list_versions
from hub.store.visible import Denied, View, may_enter, sees_audit
from hub.web.access import Access
from hub.web.api.provenance import explained, shown_version
from hub.web.asked import CursorText, read_cursor
from hub.web.console import shown
from hub.web.console.areas import GRID, grid_names
from hub.web.console.pages import page, words
from hub.web.console.visiting import READING, Reading
from hub.web.console.words import Words
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import COLLECTIONS, MODELS, FieldSpec, Section, field

routes = router("console")
_PATH = "/console/{collection}/{entity_id}"
#: Versions on a page of the history.
VERSIONS = 20
#: The most ties that are named; a building's homes are found by the search.
MOST_TIES = 50

#: The parts of a resident's page; what a part does not name is shown in the last one.
PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        "identity": (
            *("person_name", "former_name", "sex_code", "birth_date", "citizen_id_no"),
            *("id_document_type", "id_document_no", "ethnic_group_code", "person_status"),
        ),
        "home": (
            *("standard_address", "community_code", "grid_code"),
            *("residence_start_date", "population_category", "residence_match_code"),
        ),
        "household": (
            *("household_no", "relationship_to_head_code", "household_register_address"),
            *("household_register_division_code", "marital_status_code"),
        ),
        "care": (
            *("care_categories", "disability_category_code", "disability_level_code"),
            *("social_assistance_type", "last_visit_date"),
        ),
        "contacts": ("contact_phone", "emergency_contact_name", "emergency_contact_phone"),
    },
}
OTHERS = "others"
#: The roles of ties that there are words for.
ROLES = ("owner", "family", "tenant", "resident", "household")


@dataclass(frozen=True, slots=True)
class Value:
    """One value as the page shows it."""

    name: str
    title: str
    text: str
    mark: str | None
    source: str | None
    since: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Another thing that this one has to do with."""

    role: str
    path: str
    name: str
    about: str
    dates: str


def model_of(collection: str) -> type[Section]:
    """Return the record type of a collection, or answer 404."""
    found = COLLECTIONS.get(collection)
    if found is None:
        raise Problem("not-found")
    return found


def path_of(model: type[Section], entity_id: str) -> str:
    """Return the address of a thing's page."""
    return f"/console/{model.collection}/{entity_id}"


@routes.get(_PATH, operation_id="show_record", include_in_schema=False)
def record(request: Request, collection: str, entity_id: str, access: Reading) -> Response:
    """Show all that is known of a thing."""
    t, model = words(request), model_of(collection)
    view = access.view(model)
    with access.transaction(snapshot=True) as connection:
        golden = get_golden(connection, view, entity_id)
        reasons = explained(connection, view, entity_id)["fields"]
        ties = _ties(t, access, connection, entity_id)
        grids = _grids_of(access, connection, model, [golden.fields])
        access.tell(connection, "read", view, [entity_id], fields=("provenance", "relations"))
    values = [
        _value(t, model, entity_id, spec, golden, reasons, grids) for spec in _present(view, golden)
    ]
    return page(
        request,
        "record.html",
        name=shown.name_of(t, model, golden),
        kind=shown.type_title(t, model),
        path=path_of(model, entity_id),
        parts_of=_parts(model, values),
        ties=ties,
        changed=shown.moment(golden.updated_at),
        number=entity_id,
        may_enter=may_enter(access.caller),
        who_looked=f"/console/desk/audit?entity={entity_id}" if sees_audit(access.caller) else None,
        unseen=_unseen(t, access, view),
    )


def _grids_of(
    access: Access,
    connection: Connection,
    model: type[Section],
    said: Iterable[Mapping[str, object]],
) -> dict[str, str]:
    """Name the grids that things lie in; a grid is called by its name anyway."""
    if model is GRID:
        return {}
    return grid_names(access, connection, [one.get("grid_code") for one in said])


def _present(view: View, golden: GoldenRecord) -> list[FieldSpec]:
    return [spec for spec in view.specs if golden.fields.get(spec.name) is not None]


def _value(
    t: Words,
    model: type[Section],
    entity_id: str,
    spec: FieldSpec,
    golden: GoldenRecord,
    reasons: Mapping[str, Any],
    grids: Mapping[str, str],
) -> Value:
    reason = reasons.get(spec.name) or {}
    origin = reason.get("origin")
    return Value(
        spec.name,
        shown.title_of(t, spec),
        shown.written(t, spec, golden.fields[spec.name], grids),
        golden.marks.get(spec.name),
        shown.source_title(t, origin["source"] if origin else "hub"),
        shown.day(origin["since"]) if origin else None,
        f"{path_of(model, entity_id)}/why/{spec.name}",
    )


def _parts(model: type[Section], values: Iterable[Value]) -> list[tuple[str, list[Value]]]:
    """Sort values into the parts of the page, in the order in which the parts name them."""
    # The id stands below the parts, for those who need it.
    known = {value.name: value for value in values if value.name != "person_id"}
    parts = [
        (key, [known.pop(name) for name in names if name in known])
        for key, names in PARTS.get(model.record_type, {}).items()
    ]
    return [(key, held) for key, held in (*parts, (OTHERS, [*known.values()])) if held]


def _unseen(t: Words, access: Access, view: View) -> list[str]:
    """Name the fields that another purpose might show."""
    every = access.view(view.model, values=False)
    return [shown.title_of(t, spec) for spec in every.specs if spec.name not in view.names]


def _ties(t: Words, access: Access, connection: Connection, entity_id: str) -> list[Tie]:
    """Return the things that this one has to do with: one query for each type of them."""
    if access.purpose is None:
        return []
    views = [access.view(model, values=False) for model in COLLECTIONS.values()]
    ties = relations_of(connection, views, entity_id)
    # Of a household both are a member: either end says the same.
    found = [*{(tie.role, tie.id): tie for tie in reversed(ties)}.values()][::-1][:MOST_TIES]
    by_type: dict[str, list[str]] = defaultdict(list)
    for tie in found:
        by_type[tie.record_type].append(tie.id)
    told: dict[str, tuple[str, str]] = {}
    for record_type, ids in by_type.items():
        told |= named(t, access, connection, MODELS[record_type], ids)
    return [_tie(t, tie, *told[tie.id]) for tie in found if tie.id in told]


def named(
    t: Words, access: Access, connection: Connection, model: type[Section], ids: list[str]
) -> dict[str, tuple[str, str]]:
    """Return names of things and what tells them apart, by their ids, as far as they are seen."""
    try:
        view = access.view(model, shown.listed_fields(model))
    except Denied:
        return {}
    known = golden_of(connection, view, ids)
    access.tell(connection, "read", view, list(known))
    return {
        one: (shown.name_of(t, model, golden), shown.telling(t, model, golden))
        for one, golden in known.items()
    }


def _tie(t: Words, tie: Relation, name: str, about: str) -> Tie:
    path = path_of(MODELS[tie.record_type], tie.id)
    since = t("record.since", day=tie.from_date) if tie.from_date else ""
    until = t("record.until", day=tie.to_date) if tie.to_date else ""
    dates = " ".join(filter(None, (since, until)))
    role = tie.role if tie.role in ROLES else "other"
    return Tie(t(f"relation.{role}.{tie.end}"), path, name, about, dates)


@routes.get(f"{_PATH}/why/{{name}}", operation_id="show_why", include_in_schema=False)
def why(request: Request, collection: str, entity_id: str, name: str, access: Reading) -> Response:
    """Say why a value is what it is: who says so, since when, by which rule; and who says else."""
    t, model = words(request), model_of(collection)
    view = access.view(model, {name})
    with access.transaction(snapshot=True) as connection:
        explanation = explained(connection, view, entity_id)
        reason = explanation["fields"].get(name) or {}
        values = [{name: one.get("value")} for one in (reason, *reason.get("lost", ()))]
        grids = _grids_of(access, connection, model, values)
        access.tell(connection, "provenance", view, [entity_id])
    if not reason:
        raise Problem("not-found")
    spec = field(model, name)
    return page(
        request,
        "why.html",
        kind=shown.type_title(t, model),
        title=shown.title_of(t, spec),
        path=path_of(model, entity_id),
        value=shown.written(t, spec, reason["value"], grids),
        mark=reason["mark"],
        rule=reason["rule"] or "authority",
        authority=shown.authority_title(t, spec.authority),
        origin=_origin(t, reason["origin"]),
        lost=[
            {
                **(_origin(t, one["origin"]) or {}),
                "value": shown.written(t, spec, one["value"], grids),
            }
            for one in reason["lost"]
        ],
        meaning=shown.meaning_of(t, spec),
    )


def _origin(t: Words, origin: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "source": shown.source_title(t, origin["source"]),
        "key": origin["key"],
        "since": shown.day(origin["since"]),
        "received": shown.moment(origin["received_at"]),
        "batch": origin["batch_id"],
    }


@routes.get(f"{_PATH}/history", operation_id="show_history", include_in_schema=False)
def history(
    request: Request,
    collection: str,
    entity_id: str,
    access: Reading,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> Response:
    """Show all versions of a thing, newest first: what changed in each, and why."""
    t, model = words(request), model_of(collection)
    view = access.view(model)
    bound = ("console history", entity_id, view.signature)
    before = read_cursor(access, cursor, bound)
    with access.transaction(snapshot=True) as connection:
        seen = view.of_one(connection, entity_id)
        found = list_versions(connection, seen, entity_id, before=before, limit=VERSIONS + 1)
        causes = causes_of(connection, entity_id)
        grids = _grids_of(access, connection, model, [one.fields for one in found])
        access.tell(connection, "history", view, [entity_id])
    pairs = zip(found, [*found[1:], None], strict=True)
    versions = [
        (shown_version(one, former, causes.get(one.version)), former) for one, former in pairs
    ]
    path = path_of(model, entity_id)
    onward = None
    if len(found) > VERSIONS:
        onward = access.hub.cursors.write(found[VERSIONS - 1].version, *bound)
    return page(
        request,
        "history.html",
        kind=shown.type_title(t, model),
        path=path,
        versions=[_told(t, model, *version, grids) for version in versions[:VERSIONS]],
        first=f"{path}/history" if cursor else None,
        next=f"{path}/history?cursor={onward}" if onward else None,
    )


def _told(
    t: Words,
    model: type[Section],
    version: Mapping[str, Any],
    former: Version | None,
    grids: Mapping[str, str],
) -> dict[str, Any]:
    changed = [
        (shown.title_of(t, spec), *_before_and_after(t, spec, version, former, grids))
        for spec in shown.specs_of(model, version["changed"])
    ]
    cause = version["cause"] or {}
    kind = str(cause.get("kind", "batch"))
    return {
        "number": version["version"],
        "at": shown.moment(version["updated_at"]),
        "retired": version["retired"],
        "changed": changed,
        "cause": t("cause." + (kind if kind in CAUSES else "other")),
    }


def _before_and_after(
    t: Words,
    spec: FieldSpec,
    version: Mapping[str, Any],
    former: Version | None,
    grids: Mapping[str, str],
) -> tuple[str | None, str]:
    """Write a value as it became, after what it was if it was anything else."""
    after = shown.written(t, spec, version["fields"].get(spec.name), grids)
    before = shown.written(t, spec, former.fields.get(spec.name), grids) if former else ""
    return before if before != after else None, after


#: Why versions come about, as far as there are words for it.
CAUSES = ("entry", "batch", "resolve", "judgement", "rebuild", "delivery")


@routes.get(
    "/console/{collection}",
    operation_id="lead_to_search",
    include_in_schema=False,
    dependencies=READING,
)
def lead(collection: str) -> Response:
    """Lead from an address without an id to the search box, which a search's own address has too.

    What was sought is not in the address, so that it cannot be repeated from there.
    """
    if collection != "search":
        model_of(collection)
    return RedirectResponse("/console", 303)
