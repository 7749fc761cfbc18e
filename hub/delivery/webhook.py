"""Changes by signed webhook (Standard Webhooks), each a CloudEvent."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import orjson
from standardwebhooks.webhooks import Webhook

from hub.connector import Connector
from hub.delivery.parcel import SENDER, Outcome, Parcel, Target
from hub.delivery.put import lost, turned_away

_REFUSED = 409
_TYPE = "cn.gov.hub.{source}.{dataset}.change.v1"


class SignedWebhook(Target):
    """A system that is told of changes, and pushes the changed rows back itself."""

    def __init__(self, connector: Connector, url: str, secret: str, timeout: float = 20.0) -> None:
        self._source, self._url = connector.name, url
        self._webhook = Webhook(secret)
        self._client = httpx.Client(timeout=timeout, trust_env=False)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def send(self, parcel: Parcel) -> Outcome:
        """Send one signed event; its id is the delivery's, the time of signing that of sending."""
        body = orjson.dumps(self._event(parcel)).decode()
        now = datetime.now(UTC)
        headers = {
            "Content-Type": "application/cloudevents+json",
            "webhook-id": parcel.delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(parcel.delivery_id, now, body),
        }
        try:
            response = self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return lost(error)
        if response.is_success:
            return Outcome("accepted")
        if response.status_code == _REFUSED:
            return Outcome("refused", _reason(response))
        return turned_away(response)

    def _event(self, parcel: Parcel) -> dict[str, object]:
        name = parcel.dataset.name
        return {
            "specversion": "1.0",
            "id": parcel.delivery_id,
            "source": f"hub/{SENDER}",
            "type": _TYPE.format(source=self._source, dataset=name),
            "subject": parcel.key,
            "time": parcel.at.isoformat(),
            "datacontenttype": "application/json",
            "data": {"dataset": name, "key": parcel.key, "changes": parcel.changes},
        }


def _reason(response: httpx.Response) -> str:
    try:
        return str(response.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return "refused"
