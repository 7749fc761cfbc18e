"""The connectors: one module a source, found by being in this folder.

A module joins by defining one subclass of `hub.connector.Connector`; nothing else is touched. A
folder ``connectors`` anywhere on Python's path joins in, so that a district can keep its own.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from pkgutil import extend_path
from types import MappingProxyType, ModuleType

from hub.connector import Connector
from hub.errors import ConfigError

__path__ = extend_path(__path__, __name__)


def find_connectors() -> Mapping[str, Connector]:
    """Load every module of this folder and return the connectors by name, in its order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = [_connector(_load(name)) for name in names]
    twice = {one.name for one in found if sum(one.name == other.name for other in found) > 1}
    if twice:
        raise ConfigError(f"two connectors are named {min(twice)}")
    return MappingProxyType({one.name: one for one in sorted(found, key=lambda one: one.name)})


def _load(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ConfigError(f"connector {name} cannot be loaded: {reason}") from error


def _connector(module: ModuleType) -> Connector:
    own = [
        one
        for one in vars(module).values()
        if inspect.isclass(one) and issubclass(one, Connector) and one.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise ConfigError(f"{module.__name__} defines {len(own)} connectors instead of one")
    return own[0]()


#: Every connector by the name of its source.
CONNECTORS: Mapping[str, Connector] = find_connectors()
