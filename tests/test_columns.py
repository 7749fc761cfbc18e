"""The agreement with a source, and what happens to columns and words outside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hub.columns import UNREADABLE, Agreement, Columns, admit
from hub.config import District
from hub.connector import Dataset
from hub.model import Ledger, Records, Title, faults
from schemas import House
from schemas.distinct import cells, is_said, nothing, size_of, text_array

AGREED = Agreement(
    required=("编号", "电话"),
    optional=("备用",),
    ignored=frozenset({"备注"}),
    aliases={"手机": "电话"},
)


def frame(columns: list[str], *rows: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns, dtype="str")


def columns_of(**said: list[str | None]) -> Columns:
    rows = {name: text_array(values) for name, values in said.items()}
    unsaid, withdrawn = nothing(size_of(rows)), np.zeros(size_of(rows), np.bool_)
    return Columns(rows, District(), keys=unsaid, recorded_at=unsaid, withdrawn=withdrawn)


# Admission


def test_rows_are_let_in_under_agreed_names_in_agreed_order() -> None:
    admitted = admit(AGREED, frame(["备注", " 手\n机 ", "编　号"], ["x", "1", "a"]))

    assert list(admitted.rows) == ["编号", "电话", "备用"]
    assert [cells(said).tolist() for said in admitted.rows.values()] == [["a"], ["1"], [None]]
    assert admitted.signals == []
    assert admitted.missing == []


def test_an_agreed_name_comes_before_its_alias() -> None:
    admitted = admit(AGREED, frame(["手机", "编号", "电话"], ["2", "a", "1"]))

    assert list(admitted.rows["电话"]) == ["1"]
    assert [(one.kind, one.name) for one in admitted.signals] == [("column.unexpected", "手机")]


def test_a_header_that_comes_twice_counts_once() -> None:
    admitted = admit(AGREED, frame(["编号", "电话", "编号"], ["a", "1", "b"]))

    assert list(admitted.rows["编号"]) == ["a"]
    assert [(one.kind, one.name) for one in admitted.signals] == [("column.unexpected", "编号")]


def test_without_any_agreed_column_the_headers_are_not_told() -> None:
    admitted = admit(AGREED, frame(["李四", "13811112222"], ["王五", "13811113333"]))

    assert [one.kind for one in admitted.signals] == ["header.missing"]
    assert "李四" not in str(admitted.signals)
    assert admitted.missing == ["编号", "电话"]


def test_unexpected_columns_are_told_with_their_filled_cells() -> None:
    rows: list[list[str | None]] = [["a", "1", "x"], ["b", "2", " "], ["c", "3", None]]

    (signal,) = admit(AGREED, frame(["编号", "电话", "年龄"], *rows)).signals

    assert (signal.kind, signal.name, signal.count) == ("column.unexpected", "年龄", 1)


def test_a_forbidden_column_is_not_let_in_even_as_an_alias() -> None:
    agreement = Agreement(("编号",), aliases={"信访编号": "编号"}, forbidden=frozenset({"收入"}))

    admitted = admit(agreement, frame(["信访编号", "收入"], ["a", "1"]))

    assert admitted.missing == ["编号"]
    assert not is_said(admitted.rows["编号"]).any()


def test_unreadable_rows_are_set_apart() -> None:
    page = frame(["编号", "电话", UNREADABLE], ["a", "1", None], [None, None, "row 3"])

    admitted = admit(AGREED, page)

    assert list(admitted.rows["编号"]) == ["a"]
    assert list(admitted.unreadable) == ["row 3"]
    assert admitted.signals == []


# Words


def test_known_words_are_decoded_however_they_are_typed() -> None:
    said = columns_of(lift=["有", " Ｙ ", "y", None, ""])

    decoded = said.decode("lift", {"有": "true", "Y": "true"})

    assert decoded.fillna("-").tolist() == ["true", "true", "true", "-", "-"]
    assert said.signals == []


def test_an_unknown_word_stays_and_is_signalled() -> None:
    said = columns_of(state=["坏", "坏", "坏", "好"])

    decoded = said.decode("state", {"好": "1"})

    assert decoded.tolist() == ["坏", "坏", "坏", "1"]
    assert [(one.kind, one.name, one.count, one.word) for one in said.signals] == [
        ("code.unknown", "state", 3, "坏")
    ]


def test_an_unknown_word_is_not_taken_for_the_code_it_looks_like() -> None:
    assert columns_of(sex=["0", "2"]).decode("sex", {"0": "1", "1": "2"}).tolist() == ["1", "sex=2"]


@pytest.mark.parametrize(
    "words", [["李四"], ["李四", "李四"], ["13811112222"] * 5, ["很" * 20] * 5]
)
def test_a_word_that_could_be_personal_is_counted_and_not_told(words: list[str | None]) -> None:
    said = columns_of(state=words)
    said.decode("state", {"好": "1"})

    assert [one.word for one in said.signals] == [None]
    assert [one.count for one in said.signals] == [len(words)]


def test_a_table_may_say_that_a_word_means_nothing() -> None:
    said = columns_of(sold=["0", "1"])

    assert said.decode("sold", {"0": None, "1": "1"}).fillna("-").tolist() == ["-", "1"]
    assert said.signals == []


def test_a_code_table_is_decoded_by_its_name() -> None:
    assert columns_of(mz=["汉", "回族", "30"]).decode("mz", "GB/T 3304").tolist() == [
        "01",
        "03",
        "30",
    ]


# Datasets


class Lamps(Dataset):
    """Asks for columns in every way there is."""

    name, model, title = "lamps", House, Title("灯", "Lamps")
    location, key, changed_at, trust = "lamps", "id", "changed", 90
    withdrawal = ("gone", "yes")

    def translate(self, said: Columns) -> list[Records]:
        said.ignore("remark")
        said.optional("spare")
        return [said.records(House, {"room_no": said.take("room"), "floor_no": "3"})]

    def sample(self) -> list[dict[str, str]]:
        return []


def test_an_agreement_is_what_the_translation_asks_for() -> None:
    agreement = Lamps().agreement

    assert agreement.required == ("id", "changed", "gone", "room")
    assert agreement.optional == ("spare",)
    assert agreement.ignored == {"remark"}


def test_a_record_has_its_rows_key_time_and_withdrawal() -> None:
    rows = [[" 1 ", "20260801100000", "yes", "101"], ["2", "2026-08-01T02:00:00Z", "", None]]
    admitted = Lamps().admit(frame(["id", "changed", "gone", "room"], *rows))

    (records,) = Lamps().records(admitted.rows, District()).records

    assert list(records.keys) == ["1", "2"]
    assert list(records.recorded_at) == ["2026-08-01 10:00:00"] * 2
    assert list(records.withdrawn) == [True, False]
    assert list(records.fields["floor_no"]) == ["3", "3"]


def test_a_field_that_the_record_type_lacks_is_a_mistake_of_the_connector() -> None:
    class Wrong(Lamps):
        """Names a field that no house has."""

        def translate(self, said: Columns) -> list[Records]:
            return [said.records(House, {"romm_no": said.take("room")})]

    admitted = Wrong().admit(frame(["id", "changed", "gone", "room"]))

    with pytest.raises(LookupError, match="a house carries no field romm_no"):
        Wrong().records(admitted.rows, District())


def test_faults_name_record_rule_and_all_that_was_said() -> None:
    rules, x, y = map(text_array, ([None, "point.zero"], ["1", "0"], ["2", None]))

    assert faults("address_point", rules, x, y) == [(1, "address_point", "point.zero", "0,")]


def test_a_ledger_balances_when_every_row_is_accounted_for() -> None:
    first = Ledger(received=5, accepted=2, unchanged=1, quarantined=1, repeated=1)
    second = Ledger(received=2, accepted=1, withdrawn=1, missing=7)

    assert (first + second).balanced
    assert first + second == Ledger(7, 3, 1, 1, 1, 1, 7)
    assert not Ledger(received=2, accepted=1).balanced


def test_unknown_words_of_withdrawn_rows_are_no_news() -> None:
    said = columns_of(state=["坏", "坏", "新"])
    said.withdrawn = pd.Series([True, False, True])
    said.decode("state", {"好": "1"})

    assert [(one.name, one.word, one.count) for one in said.signals] == [("state", None, 1)]
