"""What Prometheus reads: the hub's own figures, and how its requests fare."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.store.health_reads import Figures, figures
from hub.store.share_materials import Clock
from hub.store.share_requests import count_overdue
from hub.web.running import Hub

_LABELS = ("source", "dataset")


class Metrics:
    """The metrics of one running API; names of routes and datasets only, never of callers."""

    def __init__(self, hub: Hub) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Figures(hub))
        self.requests = Counter(
            "hub_http_requests", "Requests answered", ("route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "hub_http_request_seconds",
            "Time until the answer was complete",
            ("route",),
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0),
        )

    def text(self) -> bytes:
        """Write all metrics as Prometheus reads them."""
        return generate_latest(self.registry)


class _Figures(Collector):
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def describe(self) -> Iterator[Metric]:
        """Say beforehand that figures are read when they are asked for."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Read the figures from the database."""
        with self._hub.transaction() as connection:
            yield from _families(figures(connection))
            today = Clock(days=self._hub.settings.working_days).today
            yield GaugeMetricFamily(
                "hub_share_requests_overdue",
                "Share requests whose statutory period has run out",
                count_overdue(connection, today),
            )


def _families(found: Figures) -> Iterator[Metric]:
    ages = GaugeMetricFamily(
        "hub_source_age_seconds", "Time since a dataset's last batch", labels=_LABELS
    )
    rows = GaugeMetricFamily("hub_quarantine_rows", "Entries open in quarantine", labels=_LABELS)
    held = GaugeMetricFamily("hub_held_batches", "Batches that wait for a steward", labels=_LABELS)
    for family, values in ((ages, found.source_ages), (rows, found.quarantine), (held, found.held)):
        for place, value in values.items():
            family.add_metric(place, value)
        yield family
    yield GaugeMetricFamily(
        "hub_feed_lag_seconds", "Age of the oldest change not yet in the feed", found.outbox_oldest
    )
    yield GaugeMetricFamily(
        "hub_outbox_oldest_seconds", "Age of the oldest entry of the outbox", found.outbox_oldest
    )
    yield GaugeMetricFamily("hub_resolve_queue_rows", "Records waiting to be linked", found.queued)
    sent = GaugeMetricFamily("hub_deliveries", "Deliveries by state", labels=("source", "state"))
    for place, count in found.deliveries.items():
        sent.add_metric(place, count)
    yield sent
    due = GaugeMetricFamily(
        "hub_delivery_oldest_due_seconds",
        "Time for which the oldest delivery to a source has been due",
        labels=("source",),
    )
    for source, seconds in found.deliveries_oldest.items():
        due.add_metric((source,), seconds)
    yield due
    asked = GaugeMetricFamily(
        "hub_open_corrections", "Corrections not answered yet", labels=("authority", "overdue")
    )
    for (authority, overdue), count in found.corrections.items():
        asked.add_metric((authority, str(overdue).lower()), count)
    yield asked
    told = GaugeMetricFamily("hub_subscriptions", "Subscriptions by state", labels=("state",))
    for state, count in found.subscriptions.items():
        told.add_metric((state,), count)
    yield told


class Measured:
    """Counts and times every request by its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it fared."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self.metrics.requests.labels(route, str(status)).inc()
            self.metrics.seconds.labels(route).observe(time.monotonic() - began)
