"""The hub's own secrets: made when first needed, kept in ``$HUB_HOME/keys`` for it alone."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from joserfc.jwk import RSAKey

from hub.keyfiles import kept, write_secret

_CURRENT, _FORMER = "token.pem", "token.former.pem"


@dataclass
class TokenKeys:
    """The keys of access tokens: the one that signs, and the one before, whose tokens count yet.

    They are read again when somebody has changed them (`rotate`), by whatever process.
    """

    home: Path
    _read: tuple[float, tuple[RSAKey, ...]] = field(default=(0.0, ()))

    def __post_init__(self) -> None:
        # Made now if at all: the first caller need not wait for it.
        _ = self.all

    @property
    def current(self) -> RSAKey:
        """The key that signs."""
        return self.all[0]

    @property
    def all(self) -> tuple[RSAKey, ...]:
        """All keys whose tokens count, the one that signs first."""
        text = kept(self._file(_CURRENT), _new_token_key)
        changed = self._file(_CURRENT).stat().st_mtime
        if changed != self._read[0]:
            former = self._file(_FORMER)
            texts = [text, *([former.read_bytes()] if former.exists() else [])]
            self._read = changed, tuple(map(_token_key, texts))
        return self._read[1]

    def rotate(self) -> str:
        """Sign with a new key from now on; return its id. The key before last counts no more."""
        kept(self._file(_CURRENT), _new_token_key)
        former, draft = self._file(_FORMER), self._file(f"draft.{secrets.token_hex(4)}")
        write_secret(draft, _new_token_key())
        former.unlink(missing_ok=True)
        os.link(self._file(_CURRENT), former)
        # There is a key to sign with at every moment.
        draft.replace(self._file(_CURRENT))
        return str(self.current.kid)

    def _file(self, name: str) -> Path:
        return self.home / "keys" / name


def cursor_secret(home: Path) -> bytes:
    """Return the secret that cursors are signed with."""
    return kept(home / "keys" / "cursor.key", lambda: secrets.token_hex(32).encode())


def session_secret(home: Path) -> bytes:
    """Return the secret that forms of people who are logged in, or log in, are signed with."""
    return kept(home / "keys" / "session.key", lambda: secrets.token_hex(32).encode())


def _new_token_key() -> bytes:
    key = RSAKey.generate_key(2048)
    return key.as_pem(private=True)


def _token_key(text: bytes) -> RSAKey:
    key = RSAKey.import_key(text, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key
