"""The catalogue over the API: how good fields are today, linked data, the workbook."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from httpx import Client
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.jobs.quality import measure_sources
from schemas import COLLECTIONS, MODELS
from tests.web.build import Login, Said, a_golden

POLICE, STREET = "public_security", "street_office"
YESTERDAY, TODAY = date(2026, 9, 2), date(2026, 9, 3)


@pytest.fixture
def measured(settings: Settings, engine: Engine, writing: Connection) -> None:
    """Two residents; the sources differ in the name of one, and one says no name."""
    measure_sources(settings, YESTERDAY)
    police = Said(POLICE, "residents", "R1", {"person_name": "马", "sex_code": "1"})
    street = Said(STREET, "residents", "S1", {"person_name": "馬"})
    a_golden(writing, said=(police, street), person_name="马", sex_code="1")
    a_golden(writing, said=(Said(POLICE, "residents", "R2"),), person_name="")
    measure_sources(settings, TODAY)


def quality(client: Client, collection: str = "persons") -> dict[str, Any]:
    """Return what list and detail say alike."""
    (listed,) = (
        one["quality"]
        for one in client.get("/v1/catalogue").json()["items"]
        if one["collection"] == collection
    )
    assert client.get(f"/v1/catalogue/{collection}").json()["quality"] == listed
    return dict(listed)


@pytest.mark.usefixtures("measured")
def test_each_field_says_how_good_it_is_today(steward: Client) -> None:
    told = quality(steward)
    assert told["day"] == TODAY.isoformat()
    name = {"completeness": round(2 / 3, 6), "validity": 1.0, "agreement": 0.5}
    assert told["fields"]["person_name"] == name
    # Nobody else says what sex they are.
    assert told["fields"]["sex_code"]["agreement"] is None
    assert set(told["fields"]) <= set(MODELS["person"].model_fields)
    houses = quality(steward, "houses")
    assert all(one["completeness"] is None for one in houses["fields"].values())


@pytest.mark.usefixtures("measured")
def test_a_department_is_told_of_its_own_values_and_a_worker_of_none(login: Login) -> None:
    name = quality(login("department", STREET))["fields"]["person_name"]
    assert name == {"completeness": 1.0, "validity": 1.0, "agreement": 0.0}
    assert quality(login("worker")) == {"day": None, "timeliness": None, "fields": {}}


def test_before_anything_was_measured_nothing_is_said(steward: Client) -> None:
    assert quality(steward) == {"day": None, "timeliness": None, "fields": {}}


def test_the_catalogue_is_read_as_linked_data(steward: Client, address: str) -> None:
    answered = steward.get("/v1/catalogue?format=dcat")
    assert answered.status_code == 200
    assert answered.headers["content-type"] == "application/ld+json"
    said = answered.json()
    assert said["@context"]["dcat"] == "http://www.w3.org/ns/dcat#"
    assert said["@type"] == "dcat:Catalog"
    datasets = said["dcat:dataset"]
    assert {one["dct:identifier"] for one in datasets} == {
        f"urn:hub:contract:{name}" for name in MODELS
    }
    base = said["@id"].removesuffix("/v1/catalogue")
    for one in datasets:
        for place in (one["@id"], *(linked["@id"] for linked in one["dct:conformsTo"])):
            assert steward.get(place.removeprefix(base)).status_code == 200, place


def test_the_catalogue_is_read_as_a_workbook(steward: Client) -> None:
    answered = steward.get("/v1/catalogue?format=sheet")
    assert answered.status_code == 200
    assert answered.headers["content-type"].endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(BytesIO(answered.content), read_only=True)
    entries, items = (list(page.iter_rows(values_only=True)) for page in book.worksheets)
    assert (len(entries), len(items)) == (len(COLLECTIONS) + 1, 108 + 1)


def test_another_form_is_refused_and_none_is_told_without_a_token(
    steward: Client, anybody: Client
) -> None:
    assert steward.get("/v1/catalogue?format=xml").status_code == 422
    for form in ("json", "dcat", "sheet"):
        assert anybody.get(f"/v1/catalogue?format={form}").status_code == 401
