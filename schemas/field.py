"""How a public field is declared, and the one description that all else is derived from.

A field is declared once, with :func:`public`, in the record type where it is at home;
other record types carry it with :func:`refer`. Tables, expectations, JSON Schema, OpenAPI,
contract, catalogue, forms and masks are functions of :func:`fields`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from schemas.kinds.kind import Kind

Sharing = Literal["unconditional", "conditional", "restricted"]
Level = Literal["L1", "L2", "L3", "L4"]
Authority = Literal[
    "public_security", "street_office", "urban_management", "property", "surveying", "hub"
]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One public field: what it means, how its values behave, whose word counts, who may see it."""

    code: str
    kind: Kind
    title_zh: str
    title_en: str
    meaning: str
    standard: str
    authority: Authority
    sharing: Sharing
    level: Level
    required: bool
    name: str = ""

    @property
    def domain(self) -> str:
        """Return the prefix of the field's code, such as ``POP``."""
        return self.code.split("-")[0]

    @property
    def personal(self) -> bool:
        """Tell whether reading the field needs a purpose and is audited (L3 and L4)."""
        return self.level in ("L3", "L4")


class Section(BaseModel):
    """A record type: the public fields a record of it may carry, all of them optional."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    record_type: ClassVar[str]
    collection: ClassVar[str]
    title_zh: ClassVar[str]
    #: First letter of the ids of entities of this type.
    letter: ClassVar[str]


def public(
    code: str,
    kind: Kind,
    title_zh: str,
    title_en: str,
    meaning: str,
    *,
    authority: Authority,
    sharing: Sharing,
    level: Level,
    standard: str,
    required: bool = False,
) -> Any:
    """Declare a public field of the record type it is written in.

    ``required`` is a measure of a golden record's completeness, never a reason for quarantine.
    """
    spec = FieldSpec(
        code, kind, title_zh, title_en, meaning, standard, authority, sharing, level, required
    )
    return _carry(spec)


def refer(
    model: type[Section], name: str, *, level: Level | None = None, sharing: Sharing | None = None
) -> Any:
    """Carry a field that another record type declares, more strictly guarded if said so."""
    spec = field(model, name)
    return _carry(replace(spec, level=level or spec.level, sharing=sharing or spec.sharing))


@cache
def fields(model: type[Section]) -> tuple[FieldSpec, ...]:
    """Describe the public fields of a record type in the order they are declared."""
    return tuple(_spec(name, info) for name, info in model.model_fields.items())


@cache
def field(model: type[Section], name: str) -> FieldSpec:
    """Describe one public field of a record type; KeyError if it carries no such field."""
    return next((spec for spec in fields(model) if spec.name == name), None) or _missing(
        model, name
    )


def _missing(model: type[Section], name: str) -> FieldSpec:
    raise KeyError(f"{model.record_type} has no field {name}")


def _carry(spec: FieldSpec) -> FieldInfo:
    info = FieldInfo(default=None, title=spec.title_en, description=spec.meaning)
    info.metadata.extend([spec.kind, spec])
    return info


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    spec = next(part for part in info.metadata if isinstance(part, FieldSpec))
    return replace(spec, name=name)
