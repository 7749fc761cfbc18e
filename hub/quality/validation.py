"""Run the expectations over a batch or a table, in the database, and count.

Great Expectations sees one temporary view, which holds the rows to be looked at and a column for
each condition it could not compute itself; it asks for all counts in one query. Importing it
takes seconds: it is imported by the first validation and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg2.extensions
from sqlalchemy import Engine, text

from hub.errors import HubError
from hub.quality.expectations import SUM, Expectation, of_batch, of_golden
from hub.quality.report import Check, Report
from schemas import MODELS, fields

Subject = tuple[str | None, str]

VIEW = "rows_to_validate"
# Nothing of a row leaves the database in the first pass. In the second the library insists on
# fetching examples of what failed; they are left out of its result, and that is not kept.
_PASS = {"result_format": "BOOLEAN_ONLY"}
_COUNT = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
    "exclude_unexpected_values": True,
}
_VOLUME = Expectation(None, "volume", "expect_table_row_count_to_be_between", {"min_value": 0})


def validate_batch(engine: Engine, record_type: str, batch_id: int) -> Report:
    """Validate the staged records of one type of a batch."""
    rows = f"staged_{record_type} WHERE batch_id = {int(batch_id)}"
    expected = of_batch(MODELS[record_type])
    # No source speaks of all fields. Of a column that says nothing each value is as expected,
    # and the library takes longer to ask about a column than PostgreSQL to answer.
    silent = _silent(engine, record_type, rows)
    return _validate(engine, record_type, rows, expected, silent)


def validate_table(engine: Engine, record_type: str) -> Report:
    """Validate all golden records of a type that are served."""
    rows = f"golden_{record_type} WHERE retired_at IS NULL"
    return _validate(engine, record_type, rows, of_golden(MODELS[record_type]))


def _silent(engine: Engine, record_type: str, rows: str) -> Collection[str]:
    """Name the fields of which no row says anything."""
    names = [spec.name for spec in fields(MODELS[record_type])]
    with engine.connect() as connection:
        counts = connection.execute(
            text(f"SELECT {', '.join(map('count({})'.format, names))} FROM {rows}")
        ).one()
    return {name for name, count in zip(names, counts, strict=True) if not count}


def _validate(
    engine: Engine,
    record_type: str,
    rows: str,
    expected: Sequence[Expectation],
    silent: Collection[str] = (),
) -> Report:
    asked = [each for each in expected if each.field not in silent]
    with _views(engine, _view(record_type, rows, asked)) as connect, _batch(connect) as batch:
        passed = _outcomes(batch, asked, _PASS)
        failed = [each for each in asked if not passed[each.subject]["success"]]
        counted = _outcomes(batch, [_VOLUME, *failed], _COUNT)
    total = int(counted[_VOLUME.subject]["result"]["observed_value"])
    checks = tuple(
        Check(each.field, each.name, each.rule, each.severity, _unexpected(counted, each), total)
        for each in expected
    )
    return Report(record_type, total, checks)


def _unexpected(counted: Mapping[Subject, Any], each: Expectation) -> int:
    found = counted.get(each.subject)
    if found is None or found["success"]:
        return 0
    result = found["result"]
    if each.name == SUM:
        # Without any row there is no sum, and nothing wrong.
        return int(result["observed_value"] or 0)
    # An expectation about the table itself counts nothing: it holds or it does not.
    return int(result.get("unexpected_count", 1))


def _view(record_type: str, rows: str, expected: Sequence[Expectation]) -> str:
    names = {each.field for each in expected if each.field and not each.reads}
    own = [spec.name for spec in fields(MODELS[record_type]) if spec.name in names]
    extra = sorted(names.difference(own))
    derived = [f"{each.reads} AS {each.column}" for each in expected if each.reads]
    return f"CREATE TEMP VIEW {VIEW} AS SELECT {', '.join([*extra, *own, *derived])} FROM {rows}"


@contextmanager
def _views(engine: Engine, view: str) -> Iterator[Callable[[], psycopg2.extensions.connection]]:
    """Give connections in each of which the view exists, and close them all in the end."""
    opened: list[psycopg2.extensions.connection] = []

    def connect() -> psycopg2.extensions.connection:
        fresh = engine.raw_connection()
        driver = cast(psycopg2.extensions.connection, fresh.driver_connection)
        fresh.detach()
        opened.append(driver)
        with driver, driver.cursor() as cursor:
            # Compiling a query of a hundred sums takes longer than it saves.
            cursor.execute("SET jit = off")
            cursor.execute(view)
        return driver

    try:
        yield connect
    finally:
        for driver in opened:
            driver.close()


@contextmanager
def _batch(connect: Callable[[], psycopg2.extensions.connection]) -> Iterator[Any]:
    """Give the view as a batch of the library's; no file, no report to its makers."""
    from hub.quality.library import ProgressBarsConfig, gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # The address is a form to be filled in: connections come from our own pool, and so does
    # the password, which nothing of the library's gets to see.
    sources: Any = context.data_sources
    source = sources.add_postgres(
        "hub", connection_string="postgresql+psycopg2://hub@hub/hub", kwargs={"creator": connect}
    )
    asset = source.add_table_asset(VIEW, table_name=VIEW)
    try:
        yield asset.add_batch_definition_whole_table(VIEW).get_batch()
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().engine.dispose()


def _outcomes(
    batch: Any, expected: Sequence[Expectation], form: dict[str, Any]
) -> dict[Subject, Any]:
    from hub.quality.library import get_expectation_impl, gx

    asked = {f"{number}": each for number, each in enumerate(expected)}
    suite = gx.ExpectationSuite(name=VIEW)
    for number, each in asked.items():
        column = {"column": each.column} if each.column else {}
        impl: Any = get_expectation_impl(each.name)
        suite.add_expectation(
            impl(**column, **each.arguments, severity=each.severity, meta={"number": number})
        )
    found = {}
    for outcome in batch.validate(suite, result_format=form).results:
        each = asked[outcome.expectation_config.meta["number"]]
        if _raised(outcome.exception_info):
            raise HubError(f"the rule {each.rule} of {each.field} could not be evaluated")
        found[each.subject] = {"success": outcome.success, "result": outcome.result}
    return found


def _raised(info: Mapping[str, Any] | None) -> bool:
    """Tell whether an expectation could not be evaluated; the library nests that in two ways."""
    said = [info or {}, *(part for part in (info or {}).values() if isinstance(part, Mapping))]
    return any(part.get("raised_exception") for part in said)
