"""Sealing: identity numbers lie encrypted wherever rows are kept as their sources sent them.

A sealed text is ``enc:<key id>:<base64>``. It is made by AES-SIV (RFC 5297), whose synthetic IV is
a keyed hash of the text: under one key equal texts give equal seals, so that statements go on
comparing and looking up what they cannot read. Fingerprints of rows are keyed as well; those of
18 digits could be tried out by anybody who gets hold of a plain one.

The keys are in a file of their own beside the database, never in it. The newest one seals, all of
them open. A connection knows where the file is (`hub.database.engine`).
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Connection

from hub.errors import ConfigError
from schemas import MODELS, fields
from schemas.distinct import Rows, Said, distinct, spread

MARK = "enc:"
_SEALED = re.compile("enc:([0-9a-f]{8}):([A-Za-z0-9+/]+={0,2})")
_BITS, _HASH_BYTES = 512, 32


class Seals:
    """The keys of a hub: seals and opens texts, and fingerprints rows."""

    def __init__(self, file: Path) -> None:
        said = orjson.loads(file.read_bytes())
        self._file = file
        self._keys = {name: AESSIV(b64decode(key)) for name, key in said["keys"].items()}
        #: The id of the key that seals.
        self.newest: str = list(said["keys"])[-1]
        self._hash_key = b64decode(said["hash"])

    def seal(self, said: Said) -> Said:
        """Seal a column of text, each distinct value once; missing stays missing."""
        texts, places = distinct(said)
        key, begin = self._keys[self.newest], f"{MARK}{self.newest}:"
        sealed = [begin + b64encode(key.encrypt(text.encode(), None)).decode() for text in texts]
        return spread(sealed, places, said)

    def open(self, said: Said) -> Said:
        """Open a column of sealed texts; what is not sealed stays as it is."""
        texts, places = distinct(said)
        return spread([self._opened(text) for text in texts], places, said)

    def as_said(self, text: str) -> str:
        """Return a text as its source said it, to be shown: opened if it is sealed.

        Any source may say what only looks sealed: that is shown as it is.
        """
        try:
            return self._opened(text)
        except ConfigError:
            return text

    def _opened(self, text: str) -> str:
        found = _SEALED.fullmatch(text) if text.startswith(MARK) else None
        if found is None:
            return text
        key = self._keys.get(found[1])
        if key is None:
            raise ConfigError(f"the key {found[1]} that sealed a row is not in {self._file}")
        try:
            return key.decrypt(b64decode(found[2]), None).decode()
        except (InvalidTag, ValueError):
            raise ConfigError(f"a row is not as key {found[1]} of {self._file} sealed it") from None

    def fingerprints(self, texts: Iterable[bytes]) -> list[str]:
        """Fingerprint rows: 128 bits that nobody can try out without the key."""
        key = self._hash_key
        return [blake2b(text, digest_size=16, key=key).hexdigest() for text in texts]


def seals_of(connection: Connection) -> Seals:
    """Return the keys that belong to the hub whose database this is; make them where missing."""
    file: Path = connection.get_execution_options()["keys"]
    return seals(file)


def seals(file: Path) -> Seals:
    """Return the keys in a file, which is made where there is none."""
    if not file.exists():
        _write(file, {"hash": _fresh(_HASH_BYTES), "keys": _another()}, anew=True)
    state = file.stat()
    if state.st_mode & 0o077:
        raise ConfigError(f"others may read the keys in {file}: chmod 600 it")
    return _read(file, state.st_mtime_ns)


def add_key(file: Path) -> str:
    """Add a key, which seals from now on; return its id. What older keys sealed still opens."""
    seals(file)
    said = orjson.loads(file.read_bytes())
    fresh = _another()
    _write(file, said | {"keys": said["keys"] | fresh})
    return next(iter(fresh))


@cache
def identity_fields(record_type: str) -> frozenset[str]:
    """Name the fields of a record type that hold identity numbers: their kinds say so."""
    return frozenset(spec.name for spec in fields(MODELS[record_type]) if spec.kind.identifies)


def with_sealed(seals: Seals, rows: Rows, columns: Sequence[str]) -> Rows:
    """Return rows with some of their columns sealed."""
    return {**rows, **{name: seals.seal(rows[name]) for name in columns if name in rows}}


def with_opened(seals: Seals, rows: Rows, columns: Sequence[str]) -> Rows:
    """Return rows with some of their columns opened."""
    return {**rows, **{name: seals.open(rows[name]) for name in columns if name in rows}}


@lru_cache(maxsize=16)
def _read(file: Path, _written_at: int) -> Seals:
    try:
        return Seals(file)
    except (ValueError, KeyError, IndexError, TypeError):
        raise ConfigError(f"{file} does not hold the keys of a hub") from None


def _another() -> dict[str, str]:
    return {secrets.token_hex(4): b64encode(AESSIV.generate_key(_BITS)).decode()}


def _fresh(size: int) -> str:
    return b64encode(secrets.token_bytes(size)).decode()


def _write(file: Path, said: dict[str, object], *, anew: bool = False) -> None:
    """Write keys so that they are whole or not there; ``anew``: whoever was first stands."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(number, "wb") as target:
            target.write(orjson.dumps(said, option=orjson.OPT_INDENT_2))
            target.flush()
            os.fsync(number)
        if anew:
            with suppress(FileExistsError):
                os.link(name, file)
            os.unlink(name)
        else:
            os.replace(name, file)
    except OSError as error:
        raise ConfigError(f"the keys cannot be written to {file}: {error.strerror}") from None
