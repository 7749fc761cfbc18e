"""After a whole run over the demo district no personal value is where nobody audits the reading.

Logs of every level, metrics, addresses that were asked for, errors, ledgers, signals, what
expectations found, and what the DAGs hand from task to task.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from httpx import Client

from hub.config import Settings
from hub.database import engine
from hub.demo import Departments, District, district
from hub.jobs import sync as steps
from hub.jobs.resolve import resolve
from hub.store.clients import add_client
from hub.web.app import create_app
from tests.demo.test_sealed import numbers_of, sources_of
from tests.web.served import served

#: Tables that tell of the work and are read by many, without an audit.
TELLING = ("batch", "signal", "cursor", "layout", "feed", "delivery_attempt")
_PHONE = re.compile("1[3-9][0-9]{9}")
_PERSONAL = (
    *(("public_security", "residents", name) for name in ("xm", "dh")),
    *(("street_office", "residents", name) for name in ("姓名", "联系电话")),
    *(("property", "owners", name) for name in ("name", "link")),
)


@pytest.fixture
def town() -> District:
    return district(500, seed=13)


@pytest.fixture
def connected(settings: Settings, town: District, tmp_path: Path) -> Iterator[Settings]:
    with Departments(tmp_path / "departments", town) as departments:
        made = settings.model_copy(update={"sources": sources_of(departments)})
        yield made
        engine(made).dispose()


def personal_values(town: District) -> set[str]:
    """Return numbers, telephones and names; of names those that are no usual word as well."""
    said = {
        str(cell).strip()
        for source, dataset, column in _PERSONAL
        for cell in town.views[source].rows[dataset][column]
    }
    names = {text for text in said if re.fullmatch("[\u4e00-\u9fff]{3,4}", text)}
    phones = {phone for text in said for phone in _PHONE.findall(text)}
    return numbers_of(town) | phones | names


def handed_over(settings: Settings) -> str:
    """Run every step as the DAGs do; return what they would hand to each other."""
    told: list[object] = []
    for source in steps.connected(settings):
        batch_ids = steps.land(settings, source)
        told.append(batch_ids)
        for batch_id in batch_ids:
            told += [step(settings, batch_id) for step in (steps.translate, steps.validate)]
            told.append(steps.keep(settings, batch_id))
    resolve(settings)
    return json.dumps(told)


def asked(settings: Settings, values: set[str]) -> tuple[str, str]:
    """Search for people over the API, well and badly; return errors, and metrics after that."""
    with engine(settings).begin() as connection:
        client_id, secret = add_client(connection, "a worker", "worker", None)
    phones = sorted(value for value in values if _PHONE.fullmatch(value))[:5]
    errors = []
    with served(create_app(settings)) as address, Client(base_url=address, timeout=60) as client:
        form = {"grant_type": "client_credentials"}
        token = client.post("/oauth/token", data=form, auth=(client_id, secret)).json()
        client.headers.update({"Authorization": f"Bearer {token['access_token']}"})
        client.headers["Hub-Purpose"] = "visit"
        for phone in phones:
            assert client.post("/v1/persons/search", json={"phone": phone}).status_code == 200
            wrong = {"phone": phone, phone: 1}
            refused = client.post("/v1/persons/search", json=wrong)
            assert refused.status_code == 422
            errors.append(refused.text)
        return "\n".join(errors), client.get("/metrics").text


def told_of(settings: Settings) -> str:
    with engine(settings).connect() as connection:
        return "\n".join(
            text
            for name in TELLING
            for text in connection.scalars(sa.text(f'SELECT t::text FROM "{name}" t'))
        )


def test_no_personal_value_is_in_logs_metrics_errors_ledgers_or_hand_overs(
    connected: Settings, town: District, caplog: pytest.LogCaptureFixture
) -> None:
    values = personal_values(town)
    assert len(values) > 1_000
    with caplog.at_level(logging.DEBUG):
        places = {"hand-overs": handed_over(connected)}
        places["errors"], places["metrics"] = asked(connected, values)
    # What httpx, the tests' own client, says of its bodies is none of the hub's.
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    places["logs"] = "\n".join(one.getMessage() for one in ours)
    files = (connected.home / "logs").glob("*") if (connected.home / "logs").exists() else ()
    places["log files"] = "\n".join(file.read_text("utf-8") for file in files)
    places["ledgers"] = told_of(connected)
    assert "hub_http_requests_total" in places["metrics"]
    found = {
        (place, len(value)) for place, text in places.items() for value in values if value in text
    }
    assert found == set()
