"""The hub's own secrets: made when first needed, kept in ``$HUB_HOME/keys`` for it alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from joserfc.jwk import RSAKey


def token_key(home: Path) -> RSAKey:
    """Return the key that access tokens are signed with."""
    text = _kept(home / "keys" / "token.pem", _new_token_key)
    key = RSAKey.import_key(text, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key


def cursor_secret(home: Path) -> bytes:
    """Return the secret that cursors are signed with."""
    return _kept(home / "keys" / "cursor.key", lambda: secrets.token_hex(32).encode())


def _new_token_key() -> bytes:
    key = RSAKey.generate_key(2048)
    return key.as_pem(private=True)


def _kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """Read a secret; make it first where there is none yet, once however many try."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(make())
            target.flush()
            os.fsync(target.fileno())
        try:
            # Unlike a rename, a link leaves alone what another process has put there first.
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes()
