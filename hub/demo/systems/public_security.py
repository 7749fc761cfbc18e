"""The police's system: a database with three tables to read and one to write to.

Any SQLAlchemy URL: SQLite, or PostgreSQL with a database of its own. The police check what
is proposed in `zk_hcfk` and accept or refuse it; an accepted value is in their table at once.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Self
from zlib import crc32

import pandas as pd
import sqlalchemy as sa

from hub.demo.native import changed_rows, keys_of
from hub.demo.systems.journal import Journal, Rounds, now
from hub.demo.views.view import View

STAMP = "%Y%m%d%H%M%S"
TABLES = {"residents": "zk_rkxx", "addresses": "zk_dzxx", "cameras": "zk_spsb"}
COLUMNS = {
    "zk_rkxx": "rybh gmsfhm zjlx zjhm xm cym xb csrq mz whcd zzmm hyzk hjxzqh hjdz hh yhzgx dh rkfl"
    " jzsy jzdzbm jzdzxz jzrq jzzyxq ryzt gxsj czlx",
    "zk_dzxx": "dzbm dzqc xzqh jddm sqdm jlxmc mlph xqmc ldh dyh szlc sh zbx zby zbxt jwqdm dzzt"
    " gxsj czlx",
    "zk_spsb": "sbbm sbmc sblx gldwdm jd wd fwj sjj sbzt ccts babh splj gxsj czlx",
    "zk_hcfk": "fkbh ywb ywbh zdmc yz xz yj fksj clzt clyj",
}
#: Nobody may change by proposal what names the row or says how it was written.
FIXED = frozenset({"rybh", "dzbm", "sbbm", "gxsj", "czlx"})
OPEN, ACCEPTED, REFUSED = "0", "1", "2"
CHUNK = 20_000


class PublicSecurity:
    """The police's database, and the officer who works through the verification list."""

    def __init__(
        self, url: str, journal: Path | None = None, refuses: float = 0.1, seconds: float = 0.5
    ) -> None:
        self.url = url
        self.refuses = refuses
        self.journal = Journal(journal)
        self._engine = sa.create_engine(url)
        self._meta = sa.MetaData()
        self._tables = {name: self._table(name) for name in COLUMNS}
        self._rounds = Rounds("public_security", self.answer, seconds)

    def load(self, view: View) -> Self:
        """Create the tables and fill them with the rows of a view."""
        self._meta.drop_all(self._engine)
        self._meta.create_all(self._engine)
        with self._engine.begin() as connection:
            for dataset, name in TABLES.items():
                self._insert(connection, name, view.rows[dataset])
        return self

    def advance(self, before: View, after: View) -> int:
        """Write the rows of a later view that are new or changed; return how many."""
        written = 0
        with self._engine.begin() as connection:
            for dataset, name in TABLES.items():
                key = keys_of("public_security")[dataset]
                rows = changed_rows(before.rows[dataset], after.rows[dataset])
                table = self._tables[name]
                gone = sa.delete(table).where(table.c[key] == sa.bindparam("gone"))
                if len(rows):
                    connection.execute(gone, [{"gone": one} for one in rows[key]])
                self._insert(connection, name, rows)
                written += len(rows)
        return written

    def start(self) -> Self:
        """Begin to work through the verification list."""
        self._rounds.start()
        return self

    def stop(self) -> None:
        """Stop work and let go of the database."""
        self._rounds.stop()
        self._engine.dispose()

    def answer(self) -> int:
        """Accept or refuse every open proposal; return how many there were."""
        table = self._tables["zk_hcfk"]
        with self._engine.begin() as connection:
            query = sa.select(table).where(table.c.clzt == OPEN).order_by(table.c.fkbh)
            rows = connection.execute(query).mappings().all()
            for row in rows:
                reason = self._reason_against(connection, row)
                said = {"clzt": REFUSED if reason else ACCEPTED, "clyj": reason}
                connection.execute(sa.update(table).where(table.c.fkbh == row["fkbh"]).values(said))
                if not reason:
                    self._apply(connection, row)
                self.journal.note(
                    {**{name: row[name] for name in ("fkbh", "ywb", "ywbh", "zdmc")}, **said}
                )
        return len(rows)

    def _reason_against(self, connection: sa.Connection, row: sa.RowMapping) -> str:
        table = self._tables.get(str(row["ywb"]))
        if table is None or table.name == "zk_hcfk":
            return "无此业务表"
        if row["zdmc"] not in table.c or row["zdmc"] in FIXED:
            return "字段不可变更"
        key = next(iter(table.primary_key))
        if connection.execute(sa.select(key).where(key == row["ywbh"])).first() is None:
            return "无此记录"
        # The same proposal always meets the same officer.
        if crc32(str(row["fkbh"]).encode()) % 1000 < self.refuses * 1000:
            return "经核实，原登记无误"
        return ""

    def _apply(self, connection: sa.Connection, row: sa.RowMapping) -> None:
        table = self._tables[str(row["ywb"])]
        key = next(iter(table.primary_key))
        change = {str(row["zdmc"]): row["xz"], "gxsj": now(STAMP), "czlx": "U"}
        connection.execute(sa.update(table).where(key == row["ywbh"]).values(change))

    def _table(self, name: str) -> sa.Table:
        first, *others = COLUMNS[name].split()
        columns: list[Any] = [sa.Column(first, sa.String(255), primary_key=True)]
        columns += [sa.Column(one, sa.String(255), index=one == "gxsj") for one in others]
        return sa.Table(name, self._meta, *columns)

    def _insert(self, connection: sa.Connection, name: str, rows: pd.DataFrame) -> None:
        if not len(rows):
            return
        if connection.dialect.name == "postgresql":
            _copy(connection, name, rows)
            return
        table = sa.insert(self._tables[name])
        for start in range(0, len(rows), CHUNK):
            chunk = rows.iloc[start : start + CHUNK].to_dict("records")
            connection.execute(table, [{str(name): row[name] for name in row} for row in chunk])


def create_database(url: str) -> None:
    """Create the PostgreSQL database that a URL names, unless it is there."""
    wanted = sa.make_url(url)
    engine = sa.create_engine(wanted.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        there = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.execute(there, {"name": wanted.database}).first() is None:
            quoted = engine.dialect.identifier_preparer.quote(str(wanted.database))
            connection.execute(sa.text(f"CREATE DATABASE {quoted}"))
    engine.dispose()


def _copy(connection: sa.Connection, name: str, rows: pd.DataFrame) -> None:
    # QUOTE and ESCAPE as pandas writes them; an empty cell is empty text here, not NULL.
    text = io.StringIO(rows.to_csv(index=False, header=False, lineterminator="\n"))
    cursor = connection.connection.cursor()
    columns = ", ".join(rows.columns)
    cursor.copy_expert(f"COPY {name} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", text)
