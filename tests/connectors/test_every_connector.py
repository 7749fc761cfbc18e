"""What every connector must keep to, whatever its source: run on each of its datasets.

The rows are each dataset's own samples, read from a real source of the connector's transport.
A connector outside this repository is tested likewise: it only has to be on Python's path.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors import CONNECTORS
from hub.columns import Admitted, stripped
from hub.config import District
from hub.connector import Connector, Dataset, Translation
from hub.errors import SourceUnavailable
from hub.fetch import RestPages
from hub.model import SIGNALS
from hub.sealing import identity_fields
from schemas import MODELS, fields
from schemas.rules import RULES
from tests.connectors.rest_server import body
from tests.connectors.stages import RestStage, Stage, staged

GOLDEN = Path(os.environ.get("HUB_TESTS_GOLDEN") or Path(__file__).parent / "golden")
WRITE_GOLDEN = "HUB_TESTS_WRITE_GOLDEN" in os.environ
DISTRICT = District()

DATASETS = [
    pytest.param(connector, dataset, id=f"{connector.name}-{dataset.name}")
    for connector in CONNECTORS.values()
    if connector.has_system
    for dataset in connector.datasets
]
#: A citizen's number, with a birth date where it has it.
IDENTITY = r"(?<![0-9A-Z])[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx](?![0-9])"
IDENTIFYING = {name for record_type in MODELS for name in identity_fields(record_type)}
every_dataset = pytest.mark.parametrize(("connector", "dataset"), DATASETS)


@pytest.fixture
def stage(connector: Connector, dataset: Dataset, tmp_path: Path) -> Iterator[Stage]:
    with staged(connector, tmp_path / "source") as stage:
        stage.put(dataset, dataset.sample())
        stage.deliver()
        yield stage


def sample_of(dataset: Dataset) -> Admitted:
    return dataset.admit(pd.DataFrame(dataset.sample(), dtype="str"))


def sample_frame(dataset: Dataset) -> pd.DataFrame:
    return pd.DataFrame(sample_of(dataset).rows)


def translated(dataset: Dataset, frame: pd.DataFrame) -> Translation:
    rows = {str(name): column.array for name, column in frame.items()}
    return dataset.records(rows, DISTRICT)


def by_key(dataset: Dataset, frame: pd.DataFrame) -> pd.DataFrame:
    clean = frame.apply(stripped)
    return clean.sort_values(list(clean.columns)).reset_index(drop=True)


# The source and its transport


@every_dataset
def test_what_is_read_is_what_the_source_holds(stage: Stage, dataset: Dataset) -> None:
    read = stage.read()[dataset.name]

    assert not read.held
    expected = by_key(dataset, sample_frame(dataset))
    pd.testing.assert_frame_equal(by_key(dataset, read.frame), expected)


@every_dataset
def test_two_full_reads_are_equal(stage: Stage, dataset: Dataset) -> None:
    first, second = stage.read()[dataset.name], stage.read()[dataset.name]

    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert first.cursor == second.cursor


@every_dataset
def test_a_second_read_brings_nothing_that_was_not_read_before(
    stage: Stage, dataset: Dataset
) -> None:
    first = stage.read()[dataset.name]
    second = stage.read({dataset.name: first.cursor or {}}).get(dataset.name)

    if second is not None:
        known = first.frame.merge(second.frame, how="right", indicator=True)["_merge"]
        assert set(known) <= {"both"}
        assert second.cursor == first.cursor


@every_dataset
def test_a_cursor_is_json_and_comes_back_the_same(stage: Stage, dataset: Dataset) -> None:
    cursor = stage.read()[dataset.name].cursor

    assert cursor
    assert json.loads(json.dumps(cursor)) == cursor


@every_dataset
def test_a_cursor_from_the_future_gives_no_rows(stage: Stage, dataset: Dataset) -> None:
    if not stage.has_times:
        pytest.skip("files that are read when changed have no cursor in time")

    assert dataset.name not in stage.read({dataset.name: stage.future(dataset)})


@every_dataset
def test_a_read_that_was_killed_can_be_done_again(stage: Stage, dataset: Dataset) -> None:
    whole = stage.read()[dataset.name]
    killed = next(iter(stage.connector.deliveries(stage.settings, {})))
    next(iter(killed.pages))
    del killed

    pd.testing.assert_frame_equal(stage.read()[dataset.name].frame, whole.frame)


@every_dataset
def test_a_missing_column_holds_the_dataset(stage: Stage, dataset: Dataset) -> None:
    sent = list(dict.fromkeys(name for row in dataset.sample() for name in row))
    dropped = dataset.agreement.required[-1]
    stage.put(dataset, dataset.sample(), [name for name in sent if name != dropped])
    stage.deliver()

    read = stage.read({dataset.name: {}})[dataset.name]

    assert read.held
    assert set(read.missing) == {dropped}


@every_dataset
def test_an_empty_source_withdraws_nothing(stage: Stage, dataset: Dataset) -> None:
    before = stage.read()[dataset.name]
    stage.put(dataset, [], list(dataset.agreement.required))
    stage.deliver()

    read = stage.read({dataset.name: before.cursor or {}}).get(dataset.name)

    assert read is None or read.flaw


@every_dataset
def test_another_encoding_is_noticed(stage: Stage, dataset: Dataset) -> None:
    if isinstance(stage, RestStage):
        stage.server.faults = [body("{'code': '坏'}".encode("gb18030"))] * 2
        with pytest.raises(SourceUnavailable):
            stage.read()
        return
    stage.put(dataset, dataset.sample())
    if not stage.garble(dataset):
        pytest.skip("the format itself says in which encoding it is")
    stage.deliver()

    assert stage.read()[dataset.name].held


@every_dataset
def test_a_source_that_is_not_there_says_so_in_one_line(
    stage: Stage, connector: Connector, dataset: Dataset
) -> None:
    wrong = {"folder": "/nowhere/at/all", "url": "sqlite:////nowhere/at/all.db", "token": "x"}
    if isinstance(connector, RestPages):
        wrong |= {"url": "http://127.0.0.1:9", "tries": "1"}
    settings = connector.settings_from(wrong)

    with pytest.raises(SourceUnavailable) as caught:
        connector.check(settings)

    assert connector.name in str(caught.value)
    assert "\n" not in str(caught.value)


@every_dataset
def test_a_source_that_can_be_read_passes_its_check(stage: Stage, connector: Connector) -> None:
    for dataset in connector.datasets:
        stage.put(dataset, dataset.sample())

    assert stage.connector.check(stage.settings) is None


@every_dataset
def test_a_source_without_settings_is_not_connected(connector: Connector, dataset: Dataset) -> None:
    assert connector.settings_from({}) is None


# The agreement


@every_dataset
def test_every_agreed_column_is_missed_when_it_is_gone(
    connector: Connector, dataset: Dataset
) -> None:
    frame = pd.DataFrame(dataset.sample(), dtype="str")

    missed = {name: dataset.admit(frame.drop(columns=name)) for name in dataset.agreement.required}

    assert all(admitted.missing == [name] for name, admitted in missed.items())
    assert all(
        list(admitted.rows) == list(dataset.agreement.columns) for admitted in missed.values()
    )


@every_dataset
def test_aliases_stand_for_agreed_columns(connector: Connector, dataset: Dataset) -> None:
    expected = sample_of(dataset)
    for alias, name in dataset.aliases.items():
        renamed = pd.DataFrame(dataset.sample(), dtype="str").rename(columns={name: alias})

        admitted = dataset.admit(renamed)

        assert not admitted.missing
        pd.testing.assert_frame_equal(*map(pd.DataFrame, (admitted.rows, expected.rows)))


@every_dataset
def test_a_new_column_is_signalled_and_does_not_land(
    connector: Connector, dataset: Dataset
) -> None:
    frame = pd.DataFrame(dataset.sample(), dtype="str").assign(
        新的列=["x", *[""] * 99][: len(dataset.sample())]
    )

    admitted = dataset.admit(frame)

    assert "新的列" not in admitted.rows
    assert [(s.kind, s.name, s.count) for s in admitted.signals] == [
        ("column.unexpected", "新的列", 1)
    ]


@every_dataset
@pytest.mark.parametrize(
    "name",
    [
        "是否刑满释放",
        "重点人员类型",
        "宗教信仰",
        "信访次数",
        "吸毒史",
        "社区矫正",
        "艾滋",
        "精神障碍",
        "fee_coefficient",
        "arrears",
    ],
)
def test_forbidden_columns_are_counted_and_never_land(
    connector: Connector, dataset: Dataset, name: str
) -> None:
    frame = pd.DataFrame(dataset.sample(), dtype="str").assign(**{name: "1"})

    admitted = dataset.admit(frame)

    assert name not in admitted.rows
    assert [(s.kind, s.name) for s in admitted.signals] == [("column.forbidden", name)]


@every_dataset
def test_no_agreed_column_is_a_forbidden_one(connector: Connector, dataset: Dataset) -> None:
    names = [*dataset.agreement.columns, *dataset.agreement.ignored, *dataset.aliases]

    assert not [name for name in names if dataset.agreement.forbids(name)]


# The translation


@every_dataset
def test_sample_keys_are_distinct_and_never_empty(connector: Connector, dataset: Dataset) -> None:
    keys = pd.Series(dataset.key_of(sample_of(dataset).rows))

    assert keys.notna().all()
    assert keys.is_unique


@every_dataset
def test_records_have_keys_of_their_own_and_only_public_fields(
    connector: Connector, dataset: Dataset
) -> None:
    frame = sample_frame(dataset)
    for records in translated(dataset, frame).records:
        keys = pd.Series(records.keys)
        assert keys.notna().all()
        assert keys.is_unique
        assert set(records.fields) <= {spec.name for spec in fields(records.model)}
        assert {*records.rows.tolist()} <= {*range(len(frame))}


@every_dataset
def test_rules_and_signals_are_declared(connector: Connector, dataset: Dataset) -> None:
    translation = translated(dataset, sample_frame(dataset))

    assert {one.rule for part in translation.records for one in part.faults} <= set(RULES)
    assert {signal.kind for signal in translation.signals} <= set(SIGNALS)


@every_dataset
def test_columns_that_hold_identity_numbers_are_declared(
    connector: Connector, dataset: Dataset
) -> None:
    frame = sample_frame(dataset)
    shaped = {
        str(name)
        for name, column in frame.items()
        if name != dataset.key and column.str.contains(IDENTITY, na=False).any()
    }
    feeding = [part.fields.keys() for part in translated(dataset, frame).records]
    wanted = {name for record in feeding for name in record} & IDENTIFYING

    assert shaped <= set(dataset.identity) <= set(dataset.agreement.columns)
    assert bool(wanted) == bool(dataset.identity)
    assert dataset.key not in dataset.identity


@every_dataset
def test_splitting_a_batch_changes_no_value(connector: Connector, dataset: Dataset) -> None:
    frame = sample_frame(dataset)
    whole = written(translated(dataset, frame))
    rows = [frame.iloc[[place]] for place in range(len(frame))]

    alone = [written(translated(dataset, row)) for row in rows]

    assert sorted(whole) == sorted(text for one in alone for text in one)


@every_dataset
def test_batches_without_rows_or_without_values_are_translated(
    connector: Connector, dataset: Dataset
) -> None:
    frame = sample_frame(dataset)
    silent = frame.head(2).mask(frame.head(2).notna())
    silent[dataset.key] = ["a", "b"]

    assert written(translated(dataset, frame.head(0))) == []
    assert all(len(part.faults) == 0 for part in translated(dataset, silent).records)


@every_dataset
def test_records_are_as_expected(connector: Connector, dataset: Dataset) -> None:
    file = GOLDEN / f"{connector.name}.{dataset.name}.json"
    found = [json.loads(text) for text in written(translated(dataset, sample_frame(dataset)))]
    if WRITE_GOLDEN:
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    assert found == json.loads(file.read_text(encoding="utf-8"))


def written(translation: Translation) -> list[str]:
    """Write every record as JSON: what it says, judged by the kinds, and what broke a rule."""
    return [
        json.dumps(record, ensure_ascii=False, sort_keys=True)
        for part in translation.records
        for record in _records(part)
    ]


def _records(part: Any) -> Iterator[dict[str, Any]]:
    judged = {
        s.name: s.kind.judge(part.fields[s.name])
        for s in fields(part.model)
        if s.name in part.fields
    }
    for place in range(len(part)):
        rules = {name: column.rules[place] for name, column in judged.items()}
        rules |= {one.field: one.rule for one in part.faults if one.record == place}
        yield {
            "type": part.model.record_type,
            "key": part.keys[place],
            "recorded_at": _said(part.recorded_at[place]),
            "withdrawn": bool(part.withdrawn[place]),
            "fields": _spoken({name: column.values[place] for name, column in judged.items()}),
            "rules": _spoken(rules),
            "evidence": _spoken({name: part.evidence[name][place] for name in part.evidence}),
            "ties": [[tie.role, tie.dataset, _said(tie.keys[place])] for tie in part.ties],
        }


def _spoken(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if pd.notna(value)}


def _said(value: Any) -> Any:
    return None if pd.isna(value) else value


@every_dataset
def test_a_dataset_can_be_handed_to_another_process_whatever_it_has_worked_out(
    connector: Connector, dataset: Dataset
) -> None:
    assert dataset.written or not connector.takes
    assert pickle.loads(pickle.dumps(dataset)).agreement.columns == dataset.agreement.columns
