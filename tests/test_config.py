from __future__ import annotations

from pathlib import Path

import pytest

from hub.config import Settings, load_settings
from hub.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    return tmp_path


def test_without_any_setting_the_hub_is_at_home_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.home == tmp_path / ".hub"
    assert settings.database_url is None
    assert settings.sources == {}
    assert (settings.district.division, settings.district.epsg) == ("630102", 4543)


def test_a_source_is_connected_by_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SOURCES__STREET_OFFICE__FOLDER", "/srv/street")
    monkeypatch.setenv("hub_sources__Urban_Management__Token", "t")
    assert load_settings().sources == {
        "street_office": {"folder": "/srv/street"},
        "urban_management": {"token": "t"},
    }


@pytest.mark.parametrize("secret", ["0123", "1e5", "true", "null", '{"a": 1}', "[1]"])
def test_a_secret_that_looks_like_json_stays_the_text_it_is(
    home: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("HUB_SOURCES__PROPERTY__WEBHOOK_SECRET", secret)
    assert load_settings().sources["property"]["webhook_secret"] == secret


def test_the_file_of_the_home_says_what_the_environment_does_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "hub.toml").write_text(
        '[sources.street_office]\nfolder = "/file"\n[sources.property]\nFOLDER = "/p"\npin = 12\n'
        '[district]\nepsg = 4544\ncommunities = "~/c.geojson"\n'
    )
    monkeypatch.setenv("HUB_SOURCES__STREET_OFFICE__FOLDER", "/environment")
    settings = load_settings()
    assert settings.sources["street_office"] == {"folder": "/environment"}
    assert settings.sources["property"] == {"folder": "/p", "pin": "12"}
    assert settings.district.epsg == 4544
    assert settings.district.communities == Path.home() / "c.geojson"


def test_settings_travel_whole_to_another_process(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "hub.toml").write_text(
        'database_url = "postgresql://a:b@c/d"\n[sources.property]\nfolder = "/p"\n'
        '[district]\ncommunities = "/c"\n[tls]\ncertificate = "/c.pem"\nkey = "/k.pem"\n'
    )
    here = load_settings()
    for name, said in here.environment().items():
        monkeypatch.setenv(name, said)
    (home / "hub.toml").unlink()
    assert load_settings() == here


def test_no_secret_shows_in_the_settings_as_text(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://hub:hush@db/hub")
    monkeypatch.setenv("HUB_SOURCES__URBAN_MANAGEMENT__TOKEN", "hush")
    settings = load_settings()
    assert "hush" not in repr(settings)
    assert "hush" not in str(settings)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HUB_DISTRICT__EPSG", "hush"),
        ("HUB_DISTRICT__DIVISION", "hush"),
        ("HUB_DISTRICT__AREA_CODE", "hush"),
        ("HUB_DISTRICT__COLOUR", "hush"),
        ("HUB_PORT", "70000"),
        ("HUB_SOURCES__PROPERTY", "hush"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting_and_not_the_value(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setenv(name, said)
    with pytest.raises(ConfigError, match=name) as caught:
        load_settings()
    assert said not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"[sources", "hub.toml is not readable as TOML"),
        (b"\xff\xfe", "hub.toml is not readable as TOML"),
        (b'colour = "red"', "setting colour"),
        (b"port = 'hush'", "setting port"),
    ],
)
def test_a_bad_file_is_one_line(home: Path, content: bytes, named: str) -> None:
    (home / "hub.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=named) as caught:
        load_settings()
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_do_not_change(home: Path) -> None:
    settings = Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]
