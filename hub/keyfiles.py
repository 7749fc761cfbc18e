"""Secrets in files of the hub's own: made when first needed, and what is sealed with one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from hub.errors import ConfigError


def kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """Read a secret; make it first where there is none yet, once however many try."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        write_secret(draft, make())
        try:
            # Unlike a rename, a link leaves alone what another process has put there first.
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes()


def write_secret(file: Path, secret: bytes) -> None:
    """Write a new file that nobody else can read."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(secret)
        target.flush()
        os.fsync(target.fileno())


class Seal:
    """Seals texts for the database, so that a dump of it tells no secret."""

    def __init__(self, home: Path) -> None:
        self._fernet = Fernet(kept(home / "keys" / "seal.key", Fernet.generate_key))

    def close(self, text: str) -> str:
        """Return a text that only this hub can read."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Read a sealed text; raise ConfigError where it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ConfigError("keys/seal.key did not seal the secrets that are kept") from None
