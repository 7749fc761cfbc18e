"""What every kind promises, whatever is said."""

import ast
import json
import re
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import schemas
from schemas import MODELS, fields
from schemas.kinds import (
    BuildingNo,
    CitizenId,
    Coded,
    Date,
    Geometry,
    Kind,
    ListOf,
    Number,
    PersonName,
    Phone,
    Text,
    Uri,
)
from schemas.rules import RULES

KINDS: list[Kind] = sorted(
    {spec.kind for model in MODELS.values() for spec in fields(model)}, key=repr
)
SHAPES = [kind for kind in KINDS if isinstance(kind, Geometry)]
#: Two of each class: more of the same would try the same code again.
PLAIN = [
    kind
    for number, kind in enumerate(KINDS)
    if kind not in SHAPES and [type(other) for other in KINDS[:number]].count(type(kind)) < 2
]

#: What is said in the tables of cases, so that the properties start from likely values.
SEEDS = [
    "990101199001011231", "990101900101123", "63010219900101123x", "6.30102E+17", "0", "00", "无",
    "６３０１０２", "630102********1234", "111111111111111111", "630102199001010000", "李　四",
    "买买提•艾力", "测试1", "ＴＯＭ  ＬＥＥ", "王?", "王\ue863", "+86 138-0000-0000", "8123456",
    "09718123456", "13800000000/0971-8123456", "2021.3.5", "1956年8月", "19900000", "44260",
    "20210305101500", "2021-03-05T16:00:00Z", "二〇二一年三月五日", "9999-12-31", "1900-01-01",
    "89.50㎡", "-0", "1e5", "１２", "B1", "负一", "3层", "3号楼", "三幢", "3#", "二单元", "五〇一",
    "36号附1号", "甲36号", "汉", "01", "1", "1.0", "党员", "在业", "01、02、01",
    '["02", "01"]', "[]", "[1, 2]", '{"a": 1}', "rtsp://a:b@10.0.0.1/x",
    "http://x/?user=a&password=b",
    "http://中国/路", "rtsp://admin:pa/ss@10.0.0.1:554/h", "张三、李四", "true", "是", "√",
    "　", "\u200b无\u200b",
    "a\u200b\u0308", "a \u0308", "\u00a8", "ﬁ", "CGCS2000", "GCJ-02", "630102000000", "6301020",
    "630102001", "630102400498", "91630100MA7580000X", "12345678901234567", "a\nb",
    "１３８００００００００",
]  # fmt: skip
SIGNS = (
    '0123456789XxABEeT. -/;,:@[]"#+*?０１９Ｘ·、李张三四五十百零〇号楼栋幢单元室层年月日无'
    "\u3000\u200b\u0308\ue000"
)
said = st.one_of(
    st.sampled_from(SEEDS),
    st.text(alphabet=SIGNS, max_size=24),
    st.text(max_size=12).filter(lambda text: "\x00" not in text and text.isprintable()),
    st.builds(
        lambda seed, extra: f"{extra}{seed}{extra}",
        st.sampled_from(SEEDS),
        st.text(" 　", max_size=2),
    ),
)
columns = st.lists(st.none() | said, max_size=8)


def column(values: list[str | None]) -> pd.Series:
    return pd.Series(values, dtype="str")


def told(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in series]


every_kind = pytest.mark.parametrize("kind", PLAIN, ids=repr)


@every_kind
@settings(max_examples=20, deadline=None)
@given(values=columns)
@example(values=SEEDS)
def test_cleaning_twice_is_cleaning_once(kind: Kind, values: list[str | None]) -> None:
    once = kind.judge(column(values)).values
    again = kind.judge(once)
    assert told(again.values) == told(once)
    assert told(again.rules) == [None] * len(values)


@every_kind
@settings(max_examples=20, deadline=None)
@given(values=columns, cut=st.integers(0, 8))
def test_splitting_a_batch_changes_no_value(kind: Kind, values: list[str | None], cut: int) -> None:
    whole = kind.judge(column(values))
    parts = [kind.judge(column(values[:cut])), kind.judge(column(values[cut:]))]
    for name in ("values", "rules", "notes"):
        joined = told(getattr(parts[0], name)) + told(getattr(parts[1], name))
        assert joined == told(getattr(whole, name))


@every_kind
@settings(max_examples=20, deadline=None)
@given(value=said)
def test_a_model_gives_the_verdict_that_a_column_gives(kind: Kind, value: str) -> None:
    class Model(BaseModel):
        field: Annotated[Any, kind] = None

    judged = kind.judge(column([value]))
    clean, rule = told(judged.values)[0], told(judged.rules)[0]
    if rule is None:
        assert Model(field=value).field == (None if clean is None else kind.native(clean))
        return
    with pytest.raises(ValidationError) as caught:
        Model(field=value)
    assert caught.value.errors()[0]["ctx"] == {"rule": rule}


@every_kind
@settings(max_examples=30, deadline=None)
@given(values=columns)
@example(values=SEEDS)
def test_what_is_published_fits_the_published_schema(kind: Kind, values: list[str | None]) -> None:
    validator = jsonschema.Draft202012Validator(kind.json_schema())
    for clean in kind.judge(column(values)).values.dropna():
        validator.validate(kind.native(clean))


@every_kind
@settings(max_examples=20, deadline=None)
@given(values=columns)
@example(values=SEEDS)
def test_a_native_value_is_written_as_it_was_read(kind: Kind, values: list[str | None]) -> None:
    for clean in kind.judge(column(values)).values.dropna():
        written = kind.text(kind.native(clean))
        assert told(kind.judge(column([written])).values) == [clean]


@every_kind
@settings(max_examples=20, deadline=None)
@given(values=columns)
@example(values=SEEDS)
def test_a_value_is_kept_or_blanked_by_a_declared_rule(
    kind: Kind, values: list[str | None]
) -> None:
    judged = kind.judge(column(values))
    assert not (judged.values.notna() & judged.rules.notna()).any()
    assert {RULES[name].fate for name in judged.rules.dropna()} <= {"blank"}
    assert {RULES[name].fate for name in judged.notes.dropna()} <= {"warn", "mend"}


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@pytest.mark.parametrize("values", [[], [None], [None, None], ["", " ", "无", "—"]])
def test_a_column_that_says_nothing_gives_nothing(kind: Kind, values: list[str | None]) -> None:
    judged = kind.judge(column(values))
    for part in (judged.values, judged.rules, judged.notes):
        assert told(part) == [None] * len(values)
        assert part.dtype == "str"


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_the_index_of_the_column_stays(kind: Kind) -> None:
    series = pd.Series(["x", None, "1"], index=[7, 7, 3], dtype="str")
    assert list(kind.judge(series).values.index) == [7, 7, 3]


def test_all_null_columns_of_another_dtype_are_judged() -> None:
    judged = Phone().judge(pd.Series([None, None]))
    assert told(judged.values) == [None, None]


def test_equal_kinds_are_one() -> None:
    assert len({Text(60), Text(60), Coded("GB/T 3304"), Coded("GB/T 3304"), Date()}) == 3


@pytest.mark.parametrize(
    ("kind", "sql", "many"),
    [
        (Text(9), "text", False),
        (Date(), "date", False),
        (Number(0, 1), "numeric", False),
        (ListOf(PersonName(), 3), "jsonb", True),
        (BuildingNo(), "text", False),
    ],
)
def test_kinds_say_how_they_are_stored(kind: Kind, sql: str, many: bool) -> None:
    assert (kind.sql, kind.many) == (sql, many)


def test_a_value_never_stands_in_the_error_of_a_model() -> None:
    class Model(BaseModel, hide_input_in_errors=True):
        number: Annotated[str, CitizenId()]

    with pytest.raises(ValidationError) as caught:
        Model(number="990101199001011239")
    assert "990101199001011239" not in str(caught.value)
    assert "citizen_id.checksum" in str(caught.value)


def test_every_rule_named_in_the_code_is_declared_and_every_declared_rule_is_used() -> None:
    root = Path(schemas.__file__).parent
    texts: set[str] = set()
    for file in [*root.glob("kinds/*.py"), root / "positions.py", root / "settle.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    named = {text for text in texts if re.fullmatch("[a-z_]+[.][a-z0-9_]+", text)}
    assert named <= set(RULES)


def test_uris_keep_no_account() -> None:
    judged = Uri(500).judge(column(SEEDS))
    assert not judged.values.dropna().str.contains("pa|password|a:b|user", regex=True).any()


def test_lists_are_written_as_postgresql_writes_jsonb() -> None:
    clean = ListOf(PersonName(), 5).judge(column(["张三、李四"])).values[0]
    assert clean == '["张三", "李四"]'
    assert json.loads(clean) == ["张三", "李四"]
