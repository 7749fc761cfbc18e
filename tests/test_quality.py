"""Great Expectations and the kinds judge alike, and a report holds counts only."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from itertools import zip_longest

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from hub.database import copy_in
from hub.quality import Report, expectations, validate_batch, validate_table
from schemas import MODELS, FieldSpec, fields

TEXTS = [
    # numbers of persons and bodies
    "11010519491231002X", "630102199002290016", "110105194912310021", "11010588880101001X",
    "111111111111111111", "630102190001010000", "123456789012345678", "630102900101001",
    "91630000710521896T", "916300007105218961", "11111111111111111X", "AAAAAAAA", "E12345678",
    "M1234", "123XXX", "63010219900101000X",
    # codes and numbers of all lengths
    *("9" * length for length in (1, 2, 3, 6, 9, 12, 14, 15, 16, 17, 20, 28, 41)),
    "63010100100100100", "630102001001001", "41016300Q105", "6301020010010010", "01", "1", "10",
    "11", "Z9", "111",
    "630102001001AB12345F12345678", "2.2", "9.9", "a_b-c:1", "P" + "0" * 32,
    "0" * 19 + "1",
    # doors, telephones, addresses of resources
    "36", "36-2", "36附1", "3A", "B-12345", "501", "0501-2", "13800138000", "12345", "0971-8123456",
    "110", "0971-81", "https://models.example/3d/1", "rtsp://10.1.2.3:554/1", "no-address", "ftp://",
    # running text
    "王小明", "迪丽热巴·买买提", "无名氏", "测试1", "TEST", "!!!", "1234567",
    "青海省西宁市城东区36号",
    "长" * 51, "长" * 101, "长" * 201, "x" * 501,
    *("CGCS2000", "GCJ02", "CN1985", "MOON"),
]  # fmt: skip
DATES = ["1879-12-31", "1880-01-01", "1900-01-01", "2000-02-29", "2098-12-31", "2100-01-01"]
INTEGERS = ["-21", "-20", "-1", "0", "1", "20", "21", "200", "201", "1899", "2000", "2101", "4000"]
NUMBERS = ["-200.01", "-1.00", "0.00", "89.50", "360.00", "360.01", "1000.01", "9000.01"]
LISTS = [
    '["01"]', '["01", "02"]', "[]", '["ZZ"]', '["王小明"]', '["!!!"]', '["' + "长" * 201 + '"]',
    json.dumps([f"{number:04}号院" for number in range(60)], ensure_ascii=False),
    json.dumps(["东关大街36号"], ensure_ascii=False),
]  # fmt: skip
RING = [[101.0, 36.0], [101.1, 36.0], [101.1, 36.1], [101.0, 36.0]]
SHAPES = [
    json.dumps({"type": name, "coordinates": coordinates})
    for name, coordinates in (
        ("Point", [101.7812345, 36.6123456]),
        ("Point", [1.5, 2.5]),
        ("Point", []),
        ("Point", ["101", "36"]),
        ("Polygon", [RING]),
        ("Polygon", [RING[:2]]),
        ("Polygon", RING),
        ("MultiPolygon", [[RING]]),
        ("LineString", RING),
    )
]
POOLS = {
    "text": TEXTS,
    "date": DATES,
    "integer": INTEGERS,
    "numeric": NUMBERS,
    "boolean": ["true", "false"],
}


def pool_of(spec: FieldSpec) -> list[str]:
    if spec.kind.sql == "jsonb":
        return LISTS if spec.kind.many else SHAPES
    return POOLS[spec.kind.sql]


@cache
def passed(spec: FieldSpec) -> list[str]:
    """What the kind makes of all it does not blank."""
    judged = spec.kind.judge(pd.Series(pool_of(spec), dtype="str"))
    return judged.values.dropna().drop_duplicates().tolist()


@cache
def blanked(spec: FieldSpec) -> list[str]:
    """What the kind blanks: one value for each rule, then all others."""
    said = pd.Series(pool_of(spec), dtype="str")
    rules = spec.kind.judge(said).rules
    broken = pd.DataFrame({"said": said, "rule": rules}).dropna()
    first = broken.drop_duplicates("rule")
    return [*first["said"], *broken["said"].drop(first.index)]


def stage(engine: Engine, record_type: str, batch_id: int, said: dict[str, list[str]]) -> int:
    """Put values into the staging table past the kinds; return the number of rows."""
    columns = dict(zip(said, zip_longest(*zip_longest(*said.values())), strict=True))
    frame = pd.DataFrame(columns, dtype="str")
    frame["batch_id"], frame["ordinal"] = str(batch_id), [str(row) for row in range(len(frame))]
    frame["key"] = frame["row_key"] = "K" + frame["ordinal"]
    frame["withdrawn"], frame["content_hash"] = "false", "0" * 32
    frame = frame.astype("str")
    with engine.begin() as connection:
        connection.execute(text(f"DELETE FROM staged_{record_type} WHERE batch_id = {batch_id}"))
        return copy_in(connection, f"staged_{record_type}", list(frame.columns), frame)


def found(report: Report, field: str) -> int:
    return sum(check.unexpected for check in report.checks if check.field == field)


@pytest.mark.parametrize("record_type", MODELS)
def test_what_the_kinds_pass_great_expectations_passes(engine: Engine, record_type: str) -> None:
    said = {spec.name: passed(spec) for spec in fields(MODELS[record_type])}
    assert min(map(len, said.values())) > 0
    rows = stage(engine, record_type, 1, said)
    report = validate_batch(engine, record_type, 1)
    assert (report.rows, report.found) == (rows, ())
    assert report.success


@pytest.mark.parametrize("record_type", MODELS)
def test_what_the_kinds_blank_great_expectations_finds(engine: Engine, record_type: str) -> None:
    specs = [spec for spec in fields(MODELS[record_type]) if spec.kind.sql != "boolean"]
    assert all(blanked(spec) for spec in specs)
    for turn in range(6):
        said = {spec.name: [blanked(spec)[turn % len(blanked(spec))]] for spec in specs}
        stage(engine, record_type, 1, said)
        report = validate_batch(engine, record_type, 1)
        passed_over = [
            (spec.name, said[spec.name]) for spec in specs if not found(report, spec.name)
        ]
        assert passed_over == []
        assert not report.success


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))))
@example(words=["\U00057edc²"])
def test_any_text_that_the_kinds_pass_great_expectations_passes(
    engine: Engine, words: list[str]
) -> None:
    model = MODELS["person"]
    said = pd.Series([*words, "王 小明 ", "１３８００１３８０００", "３号"], dtype="str")
    clean = {spec.name: spec.kind.judge(said).values.dropna().tolist() for spec in fields(model)}
    stage(engine, "person", 1, {name: values for name, values in clean.items() if values})
    assert validate_batch(engine, "person", 1).found == ()


def test_a_key_twice_and_a_batch_of_another_number_are_told_apart(engine: Engine) -> None:
    stage(engine, "grid", 1, {"grid_name": ["甲", "乙"]})
    stage(engine, "grid", 2, {"grid_name": ["丙"]})
    with engine.begin() as connection:
        connection.execute(text("UPDATE staged_grid SET key = 'same' WHERE batch_id = 1"))
    first, second = (validate_batch(engine, "grid", batch_id) for batch_id in (1, 2))
    assert [(check.field, check.rule, check.unexpected) for check in first.found] == [
        ("key", "unique", 2)
    ]
    assert (second.rows, second.found) == (1, ())


def test_an_empty_batch_passes(engine: Engine) -> None:
    report = validate_batch(engine, "house", 1)
    assert (report.rows, report.success, report.found) == (0, True, ())


def test_a_report_holds_no_value(engine: Engine) -> None:
    number = "630102198001011239"
    stage(engine, "person", 1, {"citizen_id_no": [number], "person_name": ["无名氏"]})
    document = json.dumps(validate_batch(engine, "person", 1).document(), ensure_ascii=False)
    assert json.loads(document)["success"] is False
    assert number not in document
    assert "无名氏" not in document


def test_a_table_is_measured_for_completeness_without_failing(engine: Engine) -> None:
    golden = (
        "INSERT INTO golden_component (entity_id, version, updated_at, marks, members, origins,"
        " layout_id, content_hash, component_id) VALUES (:id, 1, now() - interval '30 days',"
        " '{}', '{}', '{}', 1, :hash, '6301020010010010')"
    )
    with engine.begin() as connection:
        for id_ in ("C1", "C2"):
            connection.execute(text(golden), {"id": id_, "hash": "0" * 32})
    report = validate_table(engine, "component")
    measured = {(check.field, check.rule): check.unexpected for check in report.found}
    assert report.success
    assert measured[("component_name", "required")] == 2
    assert measured[("identity", "unique")] == 2
    assert measured[("updated_at", "freshness")] == 1
    assert ("component_id", "required") not in measured


def test_every_field_but_a_boolean_has_an_expectation() -> None:
    for model in MODELS.values():
        expected = {each.field for each in expectations(model)}
        silent = {spec.name for spec in fields(model) if spec.name not in expected}
        assert silent == {s.name for s in fields(model) if s.kind.sql == "boolean"}


def test_expectations_are_derived_without_importing_the_library() -> None:
    code = (
        "import sys; from hub.quality import expectations; from schemas import MODELS;"
        "[expectations(model) for model in MODELS.values()];"
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
