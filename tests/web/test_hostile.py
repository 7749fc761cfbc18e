"""Hostile input: each is answered by a problem document or done rightly, and the API lives on."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from httpx import Client, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import Connection

from hub.store import tables
from schemas import COLLECTIONS, fields
from tests.web.build import Login, a_batch, a_golden, an_entry
from tests.web.hostile import Attack, attacks, usual_requests, written

#: Rows of these are written whatever becomes of a request: who asked, with which key.
BESIDE = ("audit", "audit_head", "audit_root", "audit_spool", "idempotency")
#: What a hostile request may not find in its answer: its own text, if that could do harm there.
TELLING = (b"<script>", b"DROP TABLE", b"jndi:", b"169.254", b"etc/passwd", b"HYPERLINK")

PROBLEM = Draft202012Validator(
    {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "pattern": "^urn:hub:problem:[a-z-]+$"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "errors": {"type": "array", "items": {"type": "object", "required": ["message"]}},
        },
    }
)


class Attacked:
    """The API under attack, and what is known of it."""

    def __init__(self, callers: Sequence[Client], connection: Connection) -> None:
        self.callers, self.connection = callers, connection
        self.answers: Counter[int] = Counter()
        #: Who of the callers gets furthest with an operation.
        self.fit: dict[str, Client] = {}
        self.counted = self._count()

    @property
    def caller(self) -> Client:
        """Whoever may do most."""
        return self.callers[0]

    def prepare(self, usual: Iterable[Attack]) -> None:
        """Find out who may ask what, so that an attack gets past the first door."""
        for one in usual:
            for caller in self.callers:
                self.fit[one.operation] = caller
                if _sent(caller, one).status_code not in (401, 403):
                    break
        self.counted = self._count()

    def send(self, attack: Attack) -> None:
        """Send an attack; see that it is answered well and has changed nothing it should not."""
        answered = _sent(self.fit.get(attack.operation, self.caller), attack)
        self.answers[answered.status_code] += 1
        assert answered.status_code < 500, (attack.name, answered.status_code, answered.text[:300])
        now = self._count()
        if answered.status_code >= 400:
            self._is_problem(attack, answered)
            assert now == self.counted, attack.name
        self.counted = now

    def _is_problem(self, attack: Attack, answered: Response) -> None:
        kind = answered.headers.get("Content-Type")
        if attack.path.startswith("/oauth/") and kind == "application/json":
            # As OAuth has it (RFC 6749, 5.2).
            assert answered.json()["error"], attack.name
            return
        assert kind == "application/problem+json", (attack.name, kind, answered.text[:200])
        document = answered.json()
        assert not list(PROBLEM.iter_errors(document)), (attack.name, document)
        assert document["status"] == answered.status_code
        assert len(answered.content) < 100_000, attack.name
        said = [word for word in TELLING if word in answered.content]
        assert not said, (attack.name, answered.text[:300])

    def _count(self) -> Mapping[str, int]:
        kept = [table for table in tables.metadata.sorted_tables if table.name not in BESIDE]
        parts = (f"(SELECT count(*) FROM {one.name}) AS {one.name}" for one in kept)
        row = self.connection.execute(sa.text(f"SELECT {', '.join(parts)}")).one()
        return dict(row._mapping)

    def is_sound(self) -> None:
        """See that the API lives and that all it serves is as its kinds have it."""
        assert self.caller.get("/healthz").status_code == 200
        assert self.caller.get("/readyz").status_code == 200
        for collection, model in COLLECTIONS.items():
            assert self.caller.get(f"/v1/{collection}").status_code == 200
            table = tables.GOLDEN[model.record_type]
            for spec in fields(model):
                said = sa.select(sa.cast(table.c[spec.name], sa.Text)).distinct()
                texts = [text for text in self.connection.scalars(said) if text is not None]
                assert [t for t in texts if spec.kind.judge_one(t).rule] == [], spec.name


def _sent(caller: Client, attack: Attack) -> Response:
    headers = list(attack.headers.items())
    return caller.request(attack.method, attack.path, headers=headers, content=attack.content)


@pytest.fixture
def entities(writing: Connection) -> dict[str, str]:
    names = {collection: model.record_type for collection, model in COLLECTIONS.items()}
    said = {"person": {"person_name": "王小明"}, "geo_entity": {"geo_entity_name": "康乐小区"}}
    batch_id = a_batch(writing, "property", "rooms")
    an_entry(writing, batch_id)
    told = {"source": "property", "dataset": "rooms", "kind": "column.missing", "column_name": "a"}
    insert = tables.signal.insert().values(batch_id=batch_id, **told)
    signal_id = writing.scalar(insert.returning(tables.signal.c.signal_id))
    found = {many: a_golden(writing, one, **said.get(one, {})) for many, one in names.items()}
    return {**found, "batch_id": str(batch_id), "signal_id": str(signal_id)}


@pytest.fixture
def attacked(app: FastAPI, login: Login, writing: Connection, entities: dict[str, str]) -> Attacked:
    roles = (("admin",), ("worker",), ("department", "property"), ("auditor",))
    made = Attacked([login(*role) for role in roles], writing)
    made.prepare(usual_requests(app.openapi(), entities))
    return made


def chosen(app: FastAPI, entities: Mapping[str, str], number: int) -> Iterator[Attack]:
    """Choose attacks, the same ones each time, of all operations alike."""
    every = list(attacks(app.openapi(), entities))
    assert len(every) > 10_000
    by_operation: dict[str, list[Attack]] = {}
    for attack in every:
        by_operation.setdefault(attack.operation, []).append(attack)
    chance = random.Random(20260901)
    names = sorted(by_operation)
    for _ in range(number):
        # What writes has far more places for a bad value than what reads.
        name = chance.choice(names)
        yield chance.choice(by_operation[name])


def test_two_hundred_attacks_are_answered_and_change_nothing(
    app: FastAPI, attacked: Attacked, entities: dict[str, str]
) -> None:
    for attack in chosen(app, entities, 200):
        attacked.send(attack)
    # Most get as far as being read, or to what they are about.
    assert attacked.answers[401] + attacked.answers[403] < 40
    attacked.is_sound()


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_three_thousand_attacks_are_answered_and_change_nothing(
    app: FastAPI, attacked: Attacked, entities: dict[str, str]
) -> None:
    for attack in chosen(app, entities, 3_000):
        attacked.send(attack)
    attacked.is_sound()


def test_every_text_in_every_criterion_is_only_a_text(
    attacked: Attacked, app: FastAPI, entities: dict[str, str]
) -> None:
    found = [one for one in attacks(app.openapi(), entities) if one.name.startswith("search_pers")]
    for attack in random.Random(3).sample(found, 60):
        attacked.send(attack)
    attacked.is_sound()


#: Any text of any signs, single surrogates among them, and any JSON.
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
_OPERATIONS = (
    ("POST", "/v1/persons/search", ("q", "name", "phone", "id_number", "address")),
    ("POST", "/v1/persons", ("fields", "reason")),
    ("POST", "/v1/exports", ("collection", "fields", "format")),
    ("POST", "/v1/judgements", ("collection", "left", "right", "verdict", "note")),
    ("POST", "/v1/share-requests", ("fields", "basis", "scene", "scope", "mode", "until")),
    ("POST", "/v1/sources/property/rooms/records", ("room_id", "community_name", "year")),
)


def made_up(draw: Any) -> Attack:
    method, path, names = draw(st.sampled_from(_OPERATIONS))
    body: Any = draw(st.dictionaries(st.sampled_from(names), ANY_JSON, max_size=5) | ANY_JSON)
    if "sources" in path:
        body = [body]
    headers = {"Idempotency-Key": draw(st.uuids()).hex, "Content-Type": "application/json"}
    return Attack(f"{path} {body!r}"[:300], method, path, headers, body)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_bodies_that_nobody_thought_of(attacked: Attacked, data: st.DataObject) -> None:
    attacked.send(made_up(data.draw))


@pytest.mark.long
@pytest.mark.timeout(1_800)
@settings(max_examples=1_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_thousand_bodies_that_nobody_thought_of(attacked: Attacked, data: st.DataObject) -> None:
    attacked.send(made_up(data.draw))


def test_a_name_of_ten_megabytes_is_too_large_and_nothing_is_kept(
    attacked: Attacked, entities: dict[str, str]
) -> None:
    body = {"fields": {"person_name": "名" * 3_500_000}}
    for method, path in (("POST", "/v1/persons"), ("PATCH", f"/v1/persons/{entities['persons']}")):
        headers = {"Idempotency-Key": "ten", "If-Match": "*", "Content-Type": "application/json"}
        attacked.send(Attack("ten megabytes", method, path, headers, written(body)))


def test_no_path_leads_out_of_the_api(attacked: Attacked) -> None:
    for path in (
        *("/v1/../../etc/passwd", "/v1/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/v1//persons"),
        *("/console/static/..%2f..%2f/config.py", "/v1/exports/1/files/..%2f..%2fkeys"),
        *(
            "/v1/persons/..",
            "/v1/persons/%ff%fe",
            "/v1/persons/\u202e",
            "/v1/persons/" + "a" * 9000,
        ),
    ):
        answered = attacked.caller.get(path)
        assert answered.status_code in (404, 308, 400, 414, 422), path
        assert b"root:" not in answered.content
        assert unquote_to_bytes("..%2f") not in answered.content


def test_text_that_cannot_be_stored_is_refused_in_every_field(attacked: Attacked) -> None:
    headers = {"Idempotency-Key": "k", "Hub-Purpose": "visit", "Content-Type": "application/json"}
    for text in ("\ud800", "张\udfff三", "a\x00b"):
        for name in ("person_name", "address_code", "birth_date", "care_categories"):
            said = [text] if name == "care_categories" else text
            body = {"fields": {name: said}}
            attacked.send(Attack("describe_person: x", "POST", "/v1/persons", headers, body))
    assert attacked.answers == {422: 12}


def test_a_number_is_no_day(attacked: Attacked) -> None:
    for query in ("due_before=0", "due_before=1e9", "due_before=20260901"):
        attacked.send(Attack("list_share_requests: x", "GET", f"/v1/share-requests?{query}"))
    for query in ("to=0", "from=1e9", "to=20260901"):
        attacked.send(Attack("list_quality: x", "GET", f"/v1/quality?{query}"))
    assert attacked.answers == {422: 6}


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        # PostgreSQL knows no zone as far away as that, RFC 3339 does.
        ("0902-09-22T14:53:32.8+20:48", 200),
        ("2026-09-22T14:53:32-23:59", 200),
        ("0001-01-01T00:00:00+23:00", 422),
        ("9999-12-31T23:59:59-23:00", 422),
    ],
)
def test_a_time_of_any_zone_is_a_time(login: Login, moment: str, status: int) -> None:
    auditor = login("auditor")
    assert auditor.get("/v1/audit", params={"from": moment}).status_code == status
    asked = auditor.get("/v1/grids", params={"changed_since": moment})
    assert asked.status_code == status
