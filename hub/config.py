"""The hub's settings: the environment first, then ``$HUB_HOME/hub.toml``, then defaults.

``HUB_SOURCES__STREET_OFFICE__FOLDER`` and, in the file, ``folder`` under
``[sources.street_office]`` are the same setting. What a source's settings mean is the
connector's to say; here they are text.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hub.errors import ConfigError

PREFIX, DELIMITER = "HUB_", "__"
FILE = "hub.toml"

Port = Annotated[int, Field(ge=0, le=65535)]


class District(BaseModel):
    """The district the hub serves: what short telephone numbers and plane coordinates mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    division: str = Field("630102", pattern="^[0-9]{6}$")
    area_code: str = Field("0971", pattern="^0[0-9]{2,3}$")
    epsg: int = Field(4543, gt=0)
    #: GeoJSON file of the communities' areas; without it the grids' own areas have to do.
    communities: Path | None = None

    @field_validator("communities")
    @classmethod
    def _from_anywhere(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().absolute()


class WorkingDays(BaseModel):
    """What was proclaimed of single days since the calendar library: ``2027-02-06,2027-02-07``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: Saturdays and Sundays that are worked to make up for days off.
    working: frozenset[date] = frozenset()
    #: Days off besides weekends.
    off: frozenset[date] = frozenset()

    @field_validator("working", "off", mode="before")
    @classmethod
    def _listed(cls, said: object) -> object:
        return [day.strip() for day in said.split(",")] if isinstance(said, str) else said

    @model_validator(mode="after")
    def _either(self) -> WorkingDays:
        if self.working & self.off:
            raise ValueError("a day cannot be both a working day and off")
        return self

    def as_text(self) -> dict[str, str]:
        """Return the days as they are set, without what is empty."""
        said = {"working": self.working, "off": self.off}
        return {name: ",".join(map(str, sorted(days))) for name, days in said.items() if days}


class Subscribers(BaseModel):
    """Where changes may be sent to subscribers: nowhere, unless it is set."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: Names, as ``hooks.example.cn,*.street.example.cn``: told by https, at public addresses.
    hosts: frozenset[str] = frozenset()
    #: Networks inside, as ``10.20.0.0/16``: what lies there may be named, and told by http too.
    networks: frozenset[IPvAnyNetwork] = frozenset()

    @field_validator("hosts", "networks", mode="before")
    @classmethod
    def _listed(cls, said: object) -> object:
        if not isinstance(said, str):
            return said
        return [part.strip().lower() for part in said.split(",") if part.strip()]

    def as_text(self) -> dict[str, str]:
        """Return what is allowed as it is set, without what is empty."""
        said = {"hosts": self.hosts, "networks": self.networks}
        return {name: ",".join(sorted(map(str, one))) for name, one in said.items() if one}


class Carrying(BaseModel):
    """Which sources are told what others have changed; what workers enter goes to all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: Whether an authority's change goes to the others who hold the value.
    changes: bool = True
    #: Sources that are not told: ``public_security,property``.
    not_to: frozenset[str] = frozenset()

    @field_validator("not_to", mode="before")
    @classmethod
    def _listed(cls, said: object) -> object:
        if not isinstance(said, str):
            return said
        return [name.strip().lower() for name in said.split(",") if name.strip()]

    def as_text(self) -> dict[str, str]:
        """Return what is set, without what is as usual."""
        said = {} if self.changes else {"changes": "false"}
        return said | ({"not_to": ",".join(sorted(self.not_to))} if self.not_to else {})


class Oidc(BaseModel):
    """The OpenID provider that people may log in with; who they are to the hub, accounts say."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    issuer: str = Field(pattern="^https?://")
    client_id: str
    client_secret: SecretStr | None = None
    #: The claim that holds the name of the account.
    claim: str = "preferred_username"
    scope: str = "openid profile"


class Tls(BaseModel):
    """What `hub serve` is known by where it speaks TLS itself: files in PEM."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: The certificate, with those that lead from it to a known one.
    certificate: Path
    key: Path

    @field_validator("certificate", "key")
    @classmethod
    def _from_anywhere(cls, path: Path) -> Path:
        return path.expanduser().absolute()


class Settings(BaseSettings):
    """Everything that can be set, with what holds where nothing is set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        # A source's password of digits is text, not a JSON number.
        enable_decoding=False,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    #: Folder of hub.toml, and of everything the hub keeps outside the database.
    home: Path = Path(".hub")
    #: PostgreSQL 15 or newer; None starts the embedded server.
    database_url: SecretStr | None = None
    #: What the API logs in as, where that is not the role which owns the tables.
    api_database_url: SecretStr | None = None
    #: A role that connections take on after logging in, where there is one and they may.
    database_role: str | None = Field(None, pattern="^[a-z_][a-z0-9_]*$")
    #: Airflow's metadata; None is a database ``airflow`` beside the hub's own.
    airflow_database_url: SecretStr | None = None
    #: Where `hub serve` listens, and Airflow's console; 0 takes any free port.
    port: Port = 8630
    #: Where people reach the hub, if not at that port of this machine: ``https://hub.example.cn``.
    address: str | None = Field(None, pattern="^https?://[^/]+$")
    #: None leaves TLS to a proxy in front.
    tls: Tls | None = None
    oidc: Oidc | None = None
    airflow_port: Port = 8631
    #: The file of the keys that identity numbers are sealed by; None is one in ``home``.
    keys: Path | None = None
    #: Where people reach Airflow; the console then leads to its runs.
    airflow_address: str | None = Field(None, pattern="^https?://[^/]+$")
    sources: dict[str, dict[str, str]] = Field(default_factory=dict, repr=False)
    district: District = District()
    #: Statutory periods are counted in working days: what the calendar library does not know yet.
    working_days: WorkingDays = WorkingDays()
    #: Where subscriptions may lead.
    subscribers: Subscribers = Subscribers()
    carrying: Carrying = Carrying()

    @field_validator("home", "keys")
    @classmethod
    def _from_anywhere(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().absolute()

    @field_validator("sources", mode="before")
    @classmethod
    def _as_text(cls, sources: object) -> object:
        """Read ``token = 12`` in the file as the text it is in the environment; fold names."""
        if not isinstance(sources, Mapping):
            return sources
        return {
            str(source).lower(): {str(name).lower(): str(said) for name, said in settings.items()}
            if isinstance(settings, Mapping)
            else settings
            for source, settings in sources.items()
        }

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the base class's names)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the file."""
        home = init_settings().get("home") or env_settings().get("home") or Path(".hub")
        file = Path(home).expanduser() / FILE
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)

    @property
    def key_file(self) -> Path:
        """Where the keys are that identity numbers are sealed by."""
        return self.keys or self.home / "keys" / "landing.json"

    @property
    def public_address(self) -> str:
        """Where people reach the hub."""
        return self.address or f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def scheme(self) -> str:
        """How the hub itself is spoken to."""
        return "https" if self.tls else "http"

    def welcome(self, token: str, address: str | None = None) -> str:
        """Return the one-time link by which somebody sets a password."""
        return f"{address or self.public_address}/welcome/{token}"

    def environment(self) -> dict[str, str]:
        """Return the settings as environment variables, for a process the hub starts.

        A setting of the file travels too: the process need not find the same file.
        """
        said: dict[str, Any] = {"home": self.home, "port": self.port}
        said |= {"airflow_port": self.airflow_port}
        for name in ("database_url", "api_database_url", "airflow_database_url"):
            secret: SecretStr | None = getattr(self, name)
            said |= {name: secret.get_secret_value()} if secret else {}
        for name in ("address", "airflow_address"):
            said |= {name: address} if (address := getattr(self, name)) else {}
        said |= {"keys": self.keys} if self.keys else {}
        tls = self.tls.model_dump() if self.tls else {}
        said |= {f"tls{DELIMITER}{name}": path for name, path in tls.items()}
        if self.oidc is not None:
            oidc = self.oidc.model_dump(exclude_none=True, exclude={"client_secret"})
            secret = self.oidc.client_secret
            oidc |= {"client_secret": secret.get_secret_value()} if secret else {}
            said |= {f"oidc{DELIMITER}{name}": value for name, value in oidc.items()}
        district = self.district.model_dump(exclude_none=True)
        said |= {f"district{DELIMITER}{name}": value for name, value in district.items()}
        for part in ("working_days", "subscribers", "carrying"):
            texts: dict[str, str] = getattr(self, part).as_text()
            said |= {f"{part}{DELIMITER}{name}": text for name, text in texts.items()}
        for source, settings in self.sources.items():
            said |= {DELIMITER.join(("sources", source, name)): settings[name] for name in settings}
        return {f"{PREFIX}{name}".upper(): str(value) for name, value in said.items()}


def load_settings(**chosen: Any) -> Settings:
    """Read the settings; raise ConfigError, in one line without any value, where one is bad."""
    try:
        return Settings(**chosen)
    except ValidationError as error:
        faults = "; ".join(_fault(fault["loc"], fault["msg"]) for fault in error.errors())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults = f"{FILE} is not readable as TOML: {error}"
    except OSError as error:
        faults = f"{FILE} cannot be read: {error.strerror}"
    raise ConfigError(faults)


def _fault(place: tuple[int | str, ...], message: str) -> str:
    variable = (PREFIX + DELIMITER.join(map(str, place))).upper()
    origin = variable if variable in map(str.upper, os.environ) else ".".join(map(str, place))
    return f"setting {origin}: {message[:1].lower()}{message[1:]}"
