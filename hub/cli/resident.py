"""One golden record as a client reads it, and laid out for people: `hub demo` ends with it.

A person comes with where each value is from, the household, the house and the grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.cli.printing import table

if TYPE_CHECKING:
    import httpx

    from schemas import Section
    from schemas.field import FieldSpec

Document = dict[str, Any]

_REASONS = ("字段 field", "值 value", "来源 origin", "自 since", "规则 rule", "未采用 not taken")
#: What is shown of those who live together.
_MEMBER = ("person_name", "relationship_to_head_code", "sex_code", "birth_date", "contact_phone")
_MARKS = {"provisional": "暂定", "disputed": "有分歧", "masked": "部分隐藏"}
_RULES = {
    "authority": "权威来源",
    "stand_in": "其他来源代补",
    "position": "由位置推得",
    "home": "由住处推得",
    "age": "由年龄推得",
    "minted": "系统编号",
    "census": "由居住人员统计",
}
_ROLES = {"resident": "居住", "owner": "产权人", "tenant": "承租人", "family": "产权人家属"}
_LONGEST = 40


def read_golden(api: httpx.Client, record_type: str, entity_id: str) -> Document:
    """Read a golden record with its provenance, and what a person belongs to."""
    from schemas import MODELS

    path = f"/v1/{MODELS[record_type].collection}/{entity_id}/provenance"
    found = {"record_type": record_type, "path": path, **_get(api, path)}
    return found | (_belongings(api, entity_id) if record_type == "person" else {})


def _get(api: httpx.Client, path: str, **parameters: str) -> Document:
    answered: Document = api.get(path, params=parameters).raise_for_status().json()
    return answered


def _belongings(api: httpx.Client, person: str) -> Document:
    """Read the household, the house that is home, and its grid."""
    own = _get(api, f"/v1/persons/{person}", include="relations")
    ties = own["relations"]
    household = {tie["id"]: None for tie in ties if tie["role"] == "household"}
    houses: dict[str, list[str]] = {}
    for tie in ties:
        if tie["collection"] == "houses":
            houses.setdefault(tie["id"], []).append(tie["role"])
    found = [
        {**_get(api, f"/v1/houses/{house}"), "roles": sorted(roles)}
        for house, roles in houses.items()
    ]
    code, grid = own["fields"].get("house_code"), own["fields"].get("grid_code")
    homes = [one for one in found if code and one["fields"].get("house_code") == code]
    grids = _get(api, "/v1/grids", grid=grid)["items"] if grid else []
    return {
        "household": [_get(api, f"/v1/persons/{member}") for member in household],
        "house": next(iter(homes), None),
        "grid": next(iter(grids), None),
    }


def laid_out(golden: Document) -> Iterator[Any]:
    """Lay a golden record out as tables, Chinese first."""
    from schemas import MODELS

    model = MODELS[golden["record_type"]]
    origins = _origins(golden)
    title = f"{model.title_zh} {golden['path']} (version {golden['version']}); {origins}"
    yield table(_REASONS, _reasons(model, golden), title)
    records = [[_origin(one)] for one in golden["records"]]
    yield table(("合并的记录 records",), records)
    if members := golden.get("household"):
        specs = _specs(MODELS["person"])
        rows = [
            [*(_word(specs[name], one["fields"].get(name)) for name in _MEMBER), one["id"]]
            for one in members
        ]
        heads = [specs[name].title_zh for name in _MEMBER]
        yield table((*heads, "id"), rows, "同户人员 household")
    for name in ("house", "grid"):
        if found := golden.get(name):
            roles = "、".join(_ROLES.get(role, role) for role in found.get("roles", ()))
            title = f"{MODELS[name].title_zh} {name} {found['id']} {roles}"
            yield table(("字段 field", "值 value"), _values(MODELS[name], found), title)


def _origins(golden: Document) -> str:
    """Say which sources speak of it."""
    from connectors import CONNECTORS

    named = {record["source"] for record in golden["records"]}
    return "来源 " + "、".join(CONNECTORS[name].title.zh for name in CONNECTORS if name in named)


def _reasons(model: type[Section], golden: Document) -> Iterator[tuple[object, ...]]:
    specs = _specs(model)
    for name, reason in golden["fields"].items():
        spec, origin = specs[name], reason["origin"]
        mark = f" [{_MARKS.get(reason['mark'], reason['mark'])}]" if reason["mark"] else ""
        yield (
            f"{spec.title_zh} {name}",
            _word(spec, reason["value"]) + mark,
            _origin(origin) if origin else "",
            str((origin or {}).get("since") or "")[:10],
            _RULES.get(reason["rule"], reason["rule"]),
            "；".join(_lost(spec, one) for one in reason["lost"]),
        )


def _lost(spec: FieldSpec, one: Document) -> str:
    return f"{_word(spec, one['value'])}（{_origin(one['origin'])}）"


def _origin(origin: Mapping[str, Any]) -> str:
    from connectors import CONNECTORS

    connector = CONNECTORS.get(origin["source"])
    dataset = connector.dataset(origin["dataset"]) if connector else None
    if connector is None or dataset is None:
        return f"{origin['source']}/{origin['dataset']} {origin['key']}"
    return f"{connector.title.zh}·{dataset.title.zh} {origin['key']}"


def _values(model: type[Section], found: Document) -> list[tuple[str, str]]:
    specs = _specs(model)
    return [
        (f"{specs[name].title_zh} {name}", _word(specs[name], value))
        for name, value in found["fields"].items()
        if value is not None
    ]


def _specs(model: type[Section]) -> dict[str, FieldSpec]:
    from schemas import fields

    return {spec.name: spec for spec in fields(model)}


def _word(spec: FieldSpec, value: object) -> str:
    """Write a value as people read it: codes with their labels, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _short("、".join(_word(spec, one) for one in value)) or "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    label = _labels(spec).get(str(value))
    return f"{label} {value}" if label else _short(str(value))


def _labels(spec: FieldSpec) -> Mapping[str, str]:
    from schemas.kinds import Coded, ListOf

    kind = spec.kind.item if isinstance(spec.kind, ListOf) else spec.kind
    return kind.codes.labels if isinstance(kind, Coded) else {}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
