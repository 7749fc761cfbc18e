"""The schema: it goes up and down, is what the declarations say, and grows with a field."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Engine

from hub.config import Settings
from hub.database import engine as engine_of
from hub.store.migrations import migrate, newest, revision_of
from hub.store.tables import metadata

ROOT = Path(__file__).parents[2]


def drift(engine: Engine) -> list[object]:
    """Compare the tables in the database with the declarations."""
    views = metadata.info["views"]
    options = {
        "compare_type": True,
        "include_object": lambda _, name, kind, *__: not (kind == "table" and name in views),
    }
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def downgrade(engine: Engine) -> None:
    config = Config(ROOT / "alembic.ini")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def test_the_schema_is_what_the_declarations_say(engine: Engine) -> None:
    assert revision_of(engine) == newest()
    assert drift(engine) == []


def test_the_schema_goes_up_down_and_up_again(empty_database_url: str, tmp_path: Path) -> None:
    engine = engine_of(Settings(home=tmp_path, database_url=SecretStr(empty_database_url)))
    assert revision_of(engine) is None
    assert migrate(engine) == newest()
    downgrade(engine)
    left = sa.inspect(engine)
    assert set(left.get_table_names()) == {"alembic_version"}
    assert left.get_view_names() == left.get_sequence_names() == []
    assert migrate(engine) == newest()
    assert migrate(engine) == newest()
    assert drift(engine) == []
    engine.dispose()


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads()) == 1


ONE_MORE_FIELD = """
import json, sys
import schemas
from schemas.field import public
from schemas.kinds import Text
import sqlalchemy as sa

class Camera(schemas.Camera):
    lens: str | None = public("VID-012", Text(40), "镜头", "Lens", "Make of the lens.",
        authority="public_security", sharing="conditional", level="L2", standard="-")

schemas.MODELS["camera"] = Camera
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hub.store.tables import metadata

views = metadata.info["views"]
options = {"target_metadata": metadata, "compare_type": True,
    "include_object": lambda _, name, kind, *__: not (kind == "table" and name in views)}

def produce(connection):
    return produce_migrations(MigrationContext.configure(connection, opts=options), metadata)

def run(connection, container):
    work = Operations(MigrationContext.configure(connection))
    for part in container.ops:
        for op in part.ops:
            work.invoke(op)

with sa.create_engine(sys.argv[1]).begin() as connection:
    script = produce(connection)
    found = [diff[:3] + (diff[3].name, diff[3].comment) for diff in script.upgrade_ops.as_diffs()]
    run(connection, script.upgrade_ops)
    after = produce(connection).upgrade_ops.as_diffs()
    run(connection, script.downgrade_ops)
print(json.dumps([found, after]))
"""


def test_a_field_declared_once_is_three_columns_and_nothing_else(
    database_url: str, engine: Engine
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_MORE_FIELD, database_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, after = json.loads(done.stdout)
    comment = "VID-012 镜头: Make of the lens."
    assert sorted(found) == [
        ["add_column", None, table, "lens", comment]
        for table in ("golden_camera", "record_camera", "staged_camera")
    ]
    assert after == []
    # The change has been taken back: the schema is the declarations' again.
    assert drift(engine) == []
