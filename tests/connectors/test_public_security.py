"""The police's tables, on PostgreSQL and MariaDB as well as on SQLite, as everywhere else."""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.public_security import Addresses, Cameras, PublicSecurity, Residents
from hub.columns import stripped
from hub.config import District
from hub.connector import Dataset
from hub.model import Records
from schemas import fields
from tests.connectors.stages import SqlStage

DISTRICT = District()


def records(dataset: Dataset, **said: str) -> Records:
    rows = dataset.admit(pd.DataFrame([dataset.sample()[0] | said], dtype="str")).rows
    return dataset.records(rows, DISTRICT).records[0]


def value(dataset: Dataset, name: str, **said: str) -> str | None:
    found = records(dataset, **said)
    kind = next(spec.kind for spec in fields(found.model) if spec.name == name)
    judged = kind.judge(found.fields[name]).values[0]
    return None if pd.isna(judged) else str(judged)


@pytest.fixture(params=["empty_database_url", pytest.param("mariadb_url", marks=pytest.mark.long)])
def stage(request: pytest.FixtureRequest) -> SqlStage:
    stage = SqlStage(PublicSecurity(), request.getfixturevalue(request.param))
    for dataset in stage.connector.datasets:
        stage.put(dataset, dataset.sample())
    return stage


def test_all_tables_are_read_whatever_the_database(stage: SqlStage) -> None:
    read = stage.read()

    for dataset in stage.connector.datasets:
        sample = dataset.admit(pd.DataFrame(dataset.sample(), dtype="str")).rows
        said = pd.DataFrame({name: stripped(column) for name, column in sample.items()})
        found = read[dataset.name].frame
        both = [frame.sort_values(dataset.key, ignore_index=True) for frame in (found, said)]
        pd.testing.assert_frame_equal(*both)
    assert read["residents"].cursor == {"changed_at": "20260830090000"}


def test_a_withdrawn_row_is_read_and_marked() -> None:
    assert list(records(Residents(), czlx="D").withdrawn) == [True]
    assert list(records(Residents(), czlx="U").withdrawn) == [False]


@pytest.mark.parametrize(
    ("column", "word", "field", "code"),
    [
        ("xb", "男", "sex_code", "1"),
        ("mz", "汉", "ethnic_group_code", "01"),
        ("mz", "35", "ethnic_group_code", "35"),
        ("zzmm", "1", "political_status_code", "01"),
        ("zzmm", "13", "political_status_code", "13"),
        ("hyzk", "1", "marital_status_code", "10"),
        ("hyzk", "9", "marital_status_code", "90"),
        ("hyzk", "22", "marital_status_code", "22"),
        ("rkfl", "2", "residence_match_code", "02"),
        ("rkfl", "3", "residence_match_code", None),
        ("ryzt", "3", "person_status", "3"),
        ("dh", "不详/8123456；13997000001", "contact_phone", "0971-8123456"),
        ("csrq", "19900000", "birth_date", None),
        ("jzzyxq", "20990101", "residence_permit_valid_until", "2099-01-01"),
    ],
)
def test_words_mean_what_the_agreement_says(
    column: str, word: str, field: str, code: str | None
) -> None:
    assert value(Residents(), field, **{column: word}) == code


def test_an_address_is_in_cgcs2000_unless_it_says_otherwise() -> None:
    assert value(Addresses(), "source_crs", zbxt="") == "CGCS2000"
    assert value(Addresses(), "source_crs", zbxt="GCJ02") == "GCJ02"
    swapped = value(Addresses(), "address_point", zbx="36.6156789", zby="101.7951234")
    assert swapped == value(Addresses(), "address_point")


def test_the_police_area_of_an_address_is_evidence_for_its_grid() -> None:
    assert list(records(Addresses()).evidence["police_organ_code"]) == ["63010200Q101"]


def test_an_account_in_a_stream_address_does_not_even_land() -> None:
    row = Cameras().sample()[0] | {"splj": "rtsp://admin:p@ss/word@10.0.0.8:554/live/1"}

    admitted = Cameras().admit(pd.DataFrame([row], dtype="str"))

    assert "admin" not in str(pd.DataFrame(admitted.rows).to_dict())
    assert admitted.rows["splj"][0].endswith("10.0.0.8:554/live/1")
