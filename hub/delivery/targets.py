"""Which way each source takes changes, by the word its connector says (`Connector.takes`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.connector import Connector
from hub.delivery.parcel import Target
from hub.delivery.put import Put
from hub.delivery.returns import Returns
from hub.delivery.verification import VerificationList
from hub.delivery.webhook import SignedWebhook
from hub.errors import ConfigError

#: Opens a target by the settings of its source; None where these lead nowhere.
Open = Callable[[Connector, Any], Target | None]


def _verification(connector: Any, settings: Any) -> Target:
    return VerificationList(lambda: connector.engine(settings))


def _webhook(connector: Connector, settings: Any) -> Target | None:
    url, secret = settings.webhook_url, settings.webhook_secret
    if url is None or secret is None:
        return None
    try:
        return SignedWebhook(connector, str(url), secret.get_secret_value())
    except ValueError:
        raise ConfigError(f"source {connector.name}: setting webhook_secret is no secret") from None


TARGETS: Mapping[str, Open] = {
    "put": lambda _, settings: Put(settings),
    "returns": lambda _, settings: Returns(settings.folder),
    "verification": _verification,
    "webhook": _webhook,
}


def target_of(connector: Connector, settings: Any) -> Target | None:
    """Return the way to a source; None where it takes no changes, or is not told where."""
    return TARGETS[connector.takes](connector, settings) if connector.takes else None


def is_reachable(connector: Connector, settings: Any) -> bool:
    """Tell whether a source takes changes and it is known where, without opening the way."""
    if connector.takes == "webhook":
        return settings.webhook_url is not None and settings.webhook_secret is not None
    return connector.takes is not None
