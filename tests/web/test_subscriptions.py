"""Subscriptions: signed, in order, at least once, by grant, to allowed addresses alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Client
from sqlalchemy import Connection

from hub.config import Settings, Subscribers
from hub.delivery.addresses import NotAllowed, place_of
from hub.jobs.deliver import TRIES
from hub.jobs.resolve import CHINA
from hub.jobs.subscriptions import LEASE, Told, tell_subscribers
from hub.store import subscriptions as store
from hub.store import tables
from hub.store.clients import revoke
from tests.web.build import Login, a_change, a_golden
from tests.web.hooks import Hooks, listening
from tests.web.people import a_key

HOME = "127.0.0.0/8"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    allowed = Subscribers(networks=frozenset({ip_network(HOME)}))
    return settings.model_copy(update={"subscribers": allowed})


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with listening() as found:
        yield found


class Now:
    """A clock of the test's own, ahead of the database's."""

    def __init__(self) -> None:
        self.at = datetime.now(CHINA) + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def tell(settings: Settings) -> Callable[..., Told]:
    """Tell who is due, after some time."""
    clock = Now()

    def go(later: timedelta = timedelta(seconds=1)) -> Told:
        clock.at += later
        return tell_subscribers(settings, clock=clock)

    return go


def subscribed(client: Client, hooks: Hooks, **said: Any) -> dict[str, Any]:
    answered = client.post("/v1/subscriptions", json={"url": hooks.url, **said}, headers=a_key())
    assert answered.status_code == 201, answered.text
    found: dict[str, Any] = answered.json()
    hooks.secrets = [found["secret"]]
    return found


def read(client: Client, made: dict[str, Any]) -> dict[str, Any]:
    answered = client.get(f"/v1/subscriptions/{made['subscription_id']}")
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def act(client: Client, made: dict[str, Any], what: str, **said: Any) -> dict[str, Any]:
    path = f"/v1/subscriptions/{made['subscription_id']}/{what}"
    answered = client.post(path, json=said, headers=a_key())
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def grids(writing: Connection, count: int) -> None:
    for _ in range(count):
        a_change(writing, "G" + "0" * 32, "grid", fields=["grid_name"])


def test_changes_are_sent_signed_in_order_as_the_feed_shows_them(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    grids(writing, 1)
    made = subscribed(steward, hooks)
    cursor = made["cursor"]
    grids(writing, 250)

    done = tell()

    assert done.counts == {"sent": 250}
    assert hooks.seqs == list(range(2, 252))
    feed = steward.get("/v1/changes", params={"cursor": cursor, "limit": 1000}).json()["items"]
    assert hooks.events == feed
    headers = hooks.requests[0][0]
    assert headers["content-type"] == "application/cloudevents+json"
    assert tell().counts == {}
    assert read(steward, made)["sent_at"] is not None


def test_what_is_followed_is_sent_and_nothing_else(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    here = a_golden(writing, "house", community_code="630102001001")
    gone = a_golden(writing, "house", community_code="630102001002")
    subscribed(
        steward, hooks, collections=["houses"], fields=["floor_area_m2"], community="630102001001"
    )
    a_change(writing, here, "house", fields=["floor_area_m2", "has_elevator"])
    a_change(writing, here, "house", fields=["has_elevator"])
    a_change(writing, gone, "house", fields=["floor_area_m2"])
    a_change(writing, here, "house", change="merged")
    a_change(writing, "G" + "0" * 32, "grid")

    tell()

    assert hooks.seqs == [1, 4]
    assert hooks.events[0]["data"]["fields"] == ["floor_area_m2"]


def test_a_subscriber_is_told_what_its_grants_cover_at_the_time(
    login: Login, hooks: Hooks, writing: Connection, tell: Callable[..., Told], audited: Any
) -> None:
    city = login("department", "urban_management")
    subscribed(city, hooks)
    a_change(writing, "C" + "0" * 32, "camera", fields=["device_name"])
    a_change(writing, "G" + "0" * 32, "grid", fields=["grid_name"])
    tell()
    assert [event["subject"][0] for event in hooks.events] == ["G"]

    police = login("department", "public_security", purpose="verification")
    subscribed(police, hooks)
    a_change(writing, "P" + "0" * 32, "person", fields=["person_name"])
    hooks.secrets = []
    tell()
    (entry,) = [one for one in audited() if one["action"] == "follow"]
    assert (entry["entity_ids"], entry["purpose"]) == (["P" + "0" * 32], "verification")
    assert entry["fields"] == ["person_id"]


def test_who_is_shut_out_is_sent_nothing_more(
    login: Login, hooks: Hooks, writing: Connection, steward: Client, tell: Callable[..., Told]
) -> None:
    city = login("department", "urban_management")
    made = subscribed(city, hooks)
    assert revoke(writing, made["client_id"])
    grids(writing, 1)
    assert tell().counts == {"disabled": 1}
    assert hooks.requests == []
    found = read(steward, made)
    assert (found["state"], found["reason"]) == ("disabled", "its owner was shut out")


@pytest.mark.parametrize("fault", [500, 302, 404])
def test_what_is_not_taken_is_sent_again_under_the_same_id_and_nothing_overtakes_it(
    fault: int, steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    made = subscribed(steward, hooks)
    grids(writing, 3)
    hooks.faults = [204, fault]

    assert tell().counts == {"sent": 1, "failed": 1}
    found = read(steward, made)
    assert (found["attempts"], found["reason"]) == (1, f"HTTP {fault}")
    assert found["failing_since"] is not None
    assert tell(timedelta(0)).counts == {}, "it is not tried before it is due"
    assert len(hooks.requests) == 2, "and nobody is followed elsewhere"

    assert tell(timedelta(minutes=1)).counts == {"sent": 2}
    assert hooks.seqs == [1, 2, 3]
    assert hooks.requests[1][0]["webhook-id"] == hooks.requests[2][0]["webhook-id"]
    assert read(steward, made)["attempts"] == 0


def test_a_retry_after_is_heeded(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    subscribed(steward, hooks)
    grids(writing, 1)
    hooks.faults = [429]
    tell()
    assert tell(timedelta(seconds=80)).counts == {}
    assert tell(timedelta(seconds=20)).counts == {"sent": 1}


def test_who_is_gone_is_disabled_and_can_be_enabled_again(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    made = subscribed(steward, hooks)
    grids(writing, 2)
    hooks.faults = [410]
    assert tell().counts == {"failed": 1, "disabled": 1}
    assert read(steward, made)["state"] == "disabled"
    assert tell(timedelta(days=1)).counts == {}

    path = f"/v1/subscriptions/{made['subscription_id']}"
    tag = steward.get(path).headers["ETag"]
    body = {"state": "active"}
    assert steward.patch(path, json=body).status_code == 428
    assert steward.patch(path, json=body, headers={"If-Match": '"9"'}).status_code == 412
    assert steward.patch(path, json=body, headers={"If-Match": tag}).status_code == 200
    assert tell().counts == {"sent": 2}


def test_who_takes_nothing_for_days_is_disabled(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    made = subscribed(steward, hooks)
    grids(writing, 1)
    hooks.faults = [500] * 100
    for _ in range(TRIES + 1):
        tell(timedelta(hours=7))
    found = read(steward, made)
    assert (found["state"], len(hooks.requests)) == ("disabled", TRIES)
    assert "HTTP 500" in found["reason"]


def test_who_does_not_answer_delays_only_itself(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    with listening() as other:
        subscribed(steward, hooks)
        subscribed(steward, other)
        hooks.faults = ["hang"]
        grids(writing, 5)
        with ThreadPoolExecutor(1) as beside:
            telling = beside.submit(tell)
            assert hooks.hanging.wait(20)
            while len(other.ids) < 5:
                assert not telling.done()
            hooks.release.set()
            assert telling.result().counts == {"sent": 5, "failed": 1}
    assert other.seqs == [1, 2, 3, 4, 5]


def test_a_sender_that_dies_is_followed_by_another_which_sends_the_same_again(
    steward: Client,
    hooks: Hooks,
    writing: Connection,
    tell: Callable[..., Told],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subscribed(steward, hooks)
    grids(writing, 3)
    monkeypatch.setattr(store, "advance", _die)
    monkeypatch.setattr(store, "let_go", _die)
    with pytest.raises(KilledError):
        tell()
    monkeypatch.undo()
    assert tell().counts == {}, "somebody else might be sending yet"
    assert tell(2 * LEASE).counts == {"sent": 3}
    assert hooks.seqs == [1, 1, 2, 3]


class KilledError(BaseException):
    """The process is no more."""


def _die(*_: object, **__: object) -> None:
    raise KilledError


def test_a_rotated_secret_signs_along_for_its_time(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    made = subscribed(steward, hooks)
    new = act(steward, made, "rotate", overlap_hours=3)["secret"]
    assert new != made["secret"]
    hooks.secrets = [made["secret"], new]
    grids(writing, 1)
    assert tell().counts == {"sent": 1}
    assert len(hooks.requests[0][0]["webhook-signature"].split(" ")) == 2

    hooks.secrets = [new]
    grids(writing, 1)
    assert tell(timedelta(hours=4)).counts == {"sent": 1}
    assert len(hooks.requests[1][0]["webhook-signature"].split(" ")) == 1


def test_a_secret_is_shown_once_and_kept_sealed(
    steward: Client,
    hooks: Hooks,
    writing: Connection,
    tell: Callable[..., Told],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    key = a_key()
    body = {"url": hooks.url}
    first = steward.post("/v1/subscriptions", json=body, headers=key)
    again = steward.post("/v1/subscriptions", json=body, headers=key)
    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert again.json() == {**first.json(), "secret": None}
    assert secret not in steward.get("/v1/subscriptions").text
    hooks.secrets = [secret]
    grids(writing, 1)
    hooks.faults = [500]
    tell()
    kept = writing.execute(sa.text("SELECT subscription::text FROM subscription")).scalars().all()
    kept += writing.execute(sa.text("SELECT idempotency::text FROM idempotency")).scalars().all()
    (held,) = store.list_subscriptions(writing, limit=9)
    for text in (*kept, repr(held), caplog.text):
        assert secret.removeprefix("whsec_") not in text


def test_changes_can_be_sent_again_from_a_cursor(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    grids(writing, 4)
    made = subscribed(steward, hooks)
    cursor = steward.get("/v1/changes", params={"limit": 2}).json()["next"]
    act(steward, made, "replay", cursor=cursor)
    tell()
    act(steward, made, "replay")
    tell()
    assert hooks.seqs == [3, 4, 1, 2, 3, 4]


def test_after_a_restore_a_subscriber_is_told_to_read_anew(
    steward: Client, hooks: Hooks, writing: Connection, tell: Callable[..., Told]
) -> None:
    subscribed(steward, hooks)
    grids(writing, 1)
    writing.execute(tables.feed.insert().values(epoch=2, last_seq=0, system_identifier="restored"))
    tell()
    notice, change = hooks.events
    assert notice["type"] == "cn.gov.630102.hub.feed.resync.v1"
    assert notice["data"] == {"epoch": 2, "resync": "/v1/exports"}
    assert change["id"] == "1-1"
    assert tell().counts == {}


def test_a_test_event_says_what_has_become_of_it(steward: Client, hooks: Hooks) -> None:
    made = subscribed(steward, hooks)
    assert act(steward, made, "test") == {"taken": True, "reason": None}
    (event,) = hooks.events
    assert event["type"] == "cn.gov.630102.hub.subscription.test.v1"
    hooks.faults = [500]
    assert act(steward, made, "test") == {"taken": False, "reason": "HTTP 500"}


def test_subscriptions_are_their_owners_own_and_stewards(
    login: Login, steward: Client, hooks: Hooks
) -> None:
    city = login("department", "urban_management")
    made = subscribed(city, hooks)
    path = f"/v1/subscriptions/{made['subscription_id']}"
    company = login("department", "property")
    assert company.get(path).status_code == 404
    assert company.delete(path, headers={"If-Match": "*"}).status_code == 404
    assert company.get("/v1/subscriptions").json()["items"] == []
    assert len(steward.get("/v1/subscriptions").json()["items"]) == 1
    assert login("auditor").post("/v1/subscriptions", json={}, headers=a_key()).status_code == 403
    assert city.delete(path, headers={"If-Match": "*"}).status_code == 204
    assert city.get(path).status_code == 404


ALLOWED = Subscribers(
    hosts=frozenset({"localhost", "*.street.invalid"}),
    networks=frozenset({ip_network("10.1.0.0/16")}),
)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://10.2.0.1/",
        "https://8.8.8.8/",
        "https://localhost/",
        "https://2130706433/",
        "https://example.com/",
        "https://street.invalid/",
        "https://hooks.street.invalid/",
        "https://user:pass@10.1.2.3/",
        "ftp://10.1.2.3/",
        "https://10.1.2.3/#x",
        "https://10.1.2.3:0/",
        "https:///x",
        "https://10.1.2.3:99999/",
    ],
)
def test_nothing_is_sent_to_where_only_the_hub_can_reach(url: str) -> None:
    with pytest.raises(NotAllowed):
        place_of(url, ALLOWED)


def test_an_allowed_address_is_called_by_its_number_and_named_by_its_name() -> None:
    place = place_of("http://10.1.2.3:8080/a?b=c", ALLOWED)
    assert (place.url, place.name) == ("http://10.1.2.3:8080/a?b=c", "10.1.2.3:8080")
    home = Subscribers(hosts=frozenset({"localhost"}), networks=frozenset({ip_network(HOME)}))
    named = place_of("http://localhost:8080/", home)
    assert (named.url, named.name) == ("http://127.0.0.1:8080/", "localhost:8080")


def test_an_address_that_is_not_allowed_is_not_subscribed(steward: Client) -> None:
    body = {"url": "https://169.254.169.254/"}
    answered = steward.post("/v1/subscriptions", json=body, headers=a_key())
    assert answered.status_code == 422
    wrong = {"url": "http://127.0.0.1/", "fields": ["no_such_field"]}
    assert steward.post("/v1/subscriptions", json=wrong, headers=a_key()).status_code == 422


def test_an_address_that_is_allowed_no_more_is_not_called(
    steward: Client, hooks: Hooks, writing: Connection, settings: Settings
) -> None:
    subscribed(steward, hooks)
    grids(writing, 1)
    closed = settings.model_copy(update={"subscribers": Subscribers()})
    done = tell_subscribers(closed, clock=Now())
    assert done.counts == {"failed": 1}
    assert hooks.requests == []
