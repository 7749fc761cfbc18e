"""What is expected of the columns of a record type: a pure function of its fields.

The kinds' own JSON Schema gives patterns, ranges, lengths and code sets; `predicates` gives what
JSON Schema cannot say. Nothing here imports the library that runs the expectations.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from hub.quality.predicates import predicate
from hub.quality.report import Severity
from schemas import FieldSpec, Section, fields

#: Fields by whose values entities of a type are told apart: no two golden records share one.
IDENTIFYING: dict[str, str] = {
    "person": "citizen_id_no",
    "address": "address_code",
    "grid": "grid_type || coalesce(unit_grid_code, grid_code)",
    "component": "component_id",
    "camera": "device_code",
    "geo_entity": "geo_entity_id",
    "building": "model_object_id",
}
#: How rows are counted that break a condition of `predicates`.
SUM = "expect_column_sum_to_be_between"
#: A table whose newest change is older than this many days deserves a look.
FRESH_DAYS = 7


@dataclasses.dataclass(frozen=True)
class Expectation:
    """One expectation in the words of Great Expectations, and the field and rule it is about."""

    field: str | None
    rule: str
    #: Name of the expectation, such as ``expect_column_values_to_match_regex``.
    name: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    severity: Severity = "critical"
    #: SQL of the column it looks at, where that is no column of the table.
    reads: str | None = None

    @property
    def subject(self) -> tuple[str | None, str]:
        """Return the field and the rule, which tell expectations of one table apart."""
        return self.field, self.rule

    @property
    def column(self) -> str | None:
        """Return the name of the column it looks at; None where it looks at the table."""
        return self.field and (f"{self.field}__{self.rule}" if self.reads else self.field)


@cache
def expectations(model: type[Section]) -> tuple[Expectation, ...]:
    """Say what every record of a type has to be like, value by value."""
    return tuple(each for spec in fields(model) for each in _of_field(spec))


def of_batch(model: type[Section]) -> tuple[Expectation, ...]:
    """Say what a batch on its way in has to be like."""
    present = Expectation("key", "present", "expect_column_values_to_not_be_null")
    unique = Expectation("key", "unique", "expect_column_values_to_be_unique")
    return (present, unique, *expectations(model))


def of_golden(model: type[Section]) -> tuple[Expectation, ...]:
    """Say what the golden records of a type have to be like, and what is measured of them."""
    return (*_of_table(model), *expectations(model), *_completeness(model))


def _of_field(spec: FieldSpec) -> Iterator[Expectation]:
    schema = spec.kind.json_schema()
    if "enum" in schema:
        said = {"value_set": list(schema["enum"])}
        yield Expectation(spec.name, "codes", "expect_column_values_to_be_in_set", said)
    if "pattern" in schema and spec.kind.sql == "text":
        said = {"regex": schema["pattern"]}
        yield Expectation(spec.name, "pattern", "expect_column_values_to_match_regex", said)
    if "maxLength" in schema:
        said = {"min_value": schema.get("minLength", 1), "max_value": schema["maxLength"]}
        yield Expectation(spec.name, "length", "expect_column_value_lengths_to_be_between", said)
    if "maximum" in schema:
        said = {"min_value": schema["minimum"], "max_value": schema["maximum"]}
        yield Expectation(spec.name, "range", "expect_column_values_to_be_between", said)
    further = predicate(spec.kind, spec.name)
    if further:
        rule, condition = further
        # A sum looks at the condition once; an expectation about values does so three times.
        broken = f"CAST(({condition}) IS FALSE AS integer)"
        yield Expectation(spec.name, rule, SUM, {"max_value": 0}, reads=broken)


def _of_table(model: type[Section]) -> Iterator[Expectation]:
    rows = {"min_value": 1}
    yield Expectation(None, "volume", "expect_table_row_count_to_be_between", rows, "warning")
    days, age = {"max_value": FRESH_DAYS}, "extract(epoch FROM now() - updated_at) / 86400"
    youngest = "expect_column_min_to_be_between"
    yield Expectation("updated_at", "freshness", youngest, days, "warning", age)
    if identifying := IDENTIFYING.get(model.record_type):
        name = "expect_column_values_to_be_unique"
        yield Expectation("identity", "unique", name, {}, "warning", identifying)


def _completeness(model: type[Section]) -> Iterator[Expectation]:
    for spec in fields(model):
        if spec.required:
            name = "expect_column_values_to_not_be_null"
            yield Expectation(spec.name, "required", name, {}, "warning")
