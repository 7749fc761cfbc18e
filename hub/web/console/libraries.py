"""Front-end libraries: fetched from npm at set-up, kept outside the source, served by the hub.

Each is pinned by its version and by the digest of the one file that is served: a file that differs
is as good as none. Without Node, or without a way to the registry, the console works without them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha384
from pathlib import Path
from shutil import which

from hub.errors import SourceUnavailable

#: Fetching gives up after so many seconds.
WITHIN = 180
#: Where `make setup` puts them: beside the packages of the environment.
BESIDE = Path(sys.prefix) / "share" / "hub"


@dataclass(frozen=True, slots=True)
class Library:
    """One file of an npm package."""

    package: str
    version: str
    file: str
    #: SHA-384 of the file, as hexadecimal digits.
    digest: str

    @property
    def name(self) -> str:
        """Return what the file is called on its own; another version is another name."""
        plain = self.package.replace("@", "").replace("/", "-")
        return f"{plain}-{self.version}-{Path(self.file).name}"

    def read(self, folder: Path) -> bytes | None:
        """Return the file, if it is in a folder and is what it should be."""
        try:
            content = (folder / self.name).read_bytes()
        except OSError:
            return None
        return content if sha384(content).hexdigest() == self.digest else None


HTMX = Library(
    "htmx.org",
    "2.0.11",
    "dist/htmx.min.js",
    "d8e6adcd0cb51fe65dfc822b8ebd5372e0c6a8b5de1e16e8a00c8963529d40c2a7af82d9db6937d4604b7582879958e0",
)
MAPLIBRE = Library(
    "maplibre-gl",
    "6.17.0",
    "dist/maplibre-gl.mjs",
    "a60854c2b658daaff9c5cf9b64261b7943f826c36e644986f23f99bf324c0b50cecb745d8f902144d4e12d102212349b",
)
MAPLIBRE_WORKER = Library(
    "maplibre-gl",
    "6.17.0",
    "dist/maplibre-gl-worker.mjs",
    "dd341439aff42c64fb0b1ff7dd868b22ce513f3a8604250096603c86dda87d620fe94ba016889d1df8a4a518a3068cc5",
)
#: What the console serves where it is at hand.
LIBRARIES = (HTMX, MAPLIBRE, MAPLIBRE_WORKER)


def folders(home: Path) -> tuple[Path, Path]:
    """Return where libraries are looked for, and put: the environment's folder, the home's."""
    return BESIDE, home / "libraries"


def find(library: Library, home: Path) -> bytes | None:
    """Return a library's file from where it was put, or None."""
    found = (library.read(folder) for folder in folders(home))
    return next(filter(None, found), None)


def fetch(folder: Path, libraries: Iterable[Library] = LIBRARIES) -> list[Path]:
    """Fetch what a folder lacks by npm, without running any script of a package."""
    wanted = [one for one in libraries if one.read(folder) is None]
    if wanted:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="npm-") as aside:
            _install(Path(aside), wanted)
            for library in wanted:
                _keep(library, Path(aside), folder)
    return [folder / library.name for library in libraries]


def fetch_beside(home: Path) -> threading.Thread:
    """Fetch what is found nowhere while the hub starts; failing is no reason not to start."""

    def attempt() -> None:
        missing = [one for one in LIBRARIES if find(one, home) is None]
        try:
            fetch(home / "libraries", missing)
        except (SourceUnavailable, OSError):
            return

    thread = threading.Thread(target=attempt, name="libraries", daemon=True)
    thread.start()
    return thread


def _install(aside: Path, wanted: Iterable[Library]) -> None:
    npm = which("npm", path=str(Path(sys.executable).parent)) or which("npm")
    if npm is None:
        raise SourceUnavailable("there is no npm: the console works without its libraries")
    quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--no-save", "--loglevel=error")
    # Where there is no way to the registry, npm would go on trying for minutes.
    soon = ("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
    named = sorted({f"{one.package}@{one.version}" for one in wanted})
    command = [npm, "install", "--prefix", str(aside), "--ignore-scripts", *quiet, *soon, *named]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=WITHIN, cwd=aside)
    except (subprocess.SubprocessError, OSError) as error:
        raise SourceUnavailable(
            "npm could not fetch the console's libraries: pages work without them, and "
            "without a map; `hub libraries` tries again"
        ) from error


def _keep(library: Library, aside: Path, folder: Path) -> None:
    content = (aside / "node_modules" / library.package / library.file).read_bytes()
    if sha384(content).hexdigest() != library.digest:
        raise SourceUnavailable(f"{library.package} {library.version} is not the file it should be")
    new = folder / f"{library.name}.new"
    new.write_bytes(content)
    new.replace(folder / library.name)
