"""Old files become new ones, and a migrated database is the one a fresh start makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Text, create_engine, text
from sqlalchemy.pool import NullPool

from desktop_inbox.store import driver, migrations, schema
from desktop_inbox.store.database import Database, DatabaseTooNew
from desktop_inbox.store.errors import UpgradeFailed


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """An empty file, with nothing of the program between."""
    engine = create_engine(
        "sqlite://",
        module=driver.MODULE,
        creator=lambda: driver.open_file(tmp_path / "empty.db", key=None),
        poolclass=NullPool,
    )
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def _shape(conn: Connection) -> dict[str, str]:
    """Every table and index, and the settings of the search index, whatever their layout."""
    found = {
        f"{kind} {name}": re.sub(r"\s+", " ", sql or "")
        .replace("( ", "(")
        .replace(" )", ")")
        .strip()
        for kind, name, sql in conn.execute(text("SELECT type, name, sql FROM sqlite_master"))
    }
    settings = conn.execute(text("SELECT k, v FROM message_fts_config ORDER BY k")).all()
    return {**found, "search settings": str(settings)}


def test_a_migrated_database_equals_the_schema(connection: Connection) -> None:
    with connection.begin():
        migrations.run(connection, migrations.STEPS)
        migrated = _shape(connection)
        for name in reversed(schema.metadata.sorted_tables):
            connection.execute(text(f"DROP TABLE {name}"))
        for virtual in ("message_fts", "customer_fts", "file_fts"):
            connection.execute(text(f"DROP TABLE {virtual}"))
        schema.create_all(connection)
        assert migrated == _shape(connection)


def test_a_fresh_database_says_its_version_and_whose_it_is(tmp_path: Path) -> None:
    Database.open(tmp_path / "workspace.db").close()
    file = driver.open_file(tmp_path / "workspace.db", key=None)
    assert file.execute("PRAGMA user_version").fetchone() == (migrations.VERSION,)
    assert file.execute("PRAGMA application_id").fetchone() == (migrations.APPLICATION_ID,)
    file.close()


def _add_mood(op: Any) -> None:
    """A step as later ones will be: a table is rebuilt, which SQLite cannot alter in place."""
    with op.batch_alter_table("tag") as batch:
        batch.add_column(Column("mood", Text, nullable=False, server_default="calm"))
        batch.alter_column("name", new_column_name="title")


def _fail(op: Any) -> None:
    op.execute("CREATE TABLE half (x)")
    raise RuntimeError("step failed")


def _later(monkeypatch: pytest.MonkeyPatch, step: migrations.Step) -> None:
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)


def _old_file(path: Path) -> None:
    Database.open(path).close()
    file = driver.open_file(path, key=None)
    file.execute("INSERT INTO tag (uid, name, hue) VALUES ('t', 'VIP', 0)")
    file.execute(
        "INSERT INTO conversation (uid, subject, status, created_at, last_at)"
        " VALUES ('c', 'Hello', 'open', 1, 1)"
    )
    file.execute("INSERT INTO conversation_tag VALUES (1, 1, 1)")
    file.close()


def test_an_older_file_is_copied_and_then_walked_through_the_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "workspace.db"
    _old_file(path)
    _later(monkeypatch, _add_mood)
    db = Database.open(path)
    assert db.read(lambda c: c.execute(text("SELECT title, mood FROM tag")).all()).result(10) == [
        ("VIP", "calm")
    ]
    assert db.read(lambda c: c.execute(text("PRAGMA foreign_key_check")).all()).result(10) == []
    db.close()
    (copy,) = tmp_path.glob("backups/*-before-version-*.db")
    kept = driver.open_file(copy, key=None)
    assert kept.execute("SELECT name FROM tag").fetchall() == [("VIP",)]
    kept.close()


def test_an_encrypted_file_is_copied_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "workspace.db"
    Database.open(path, key="secret").close()
    _later(monkeypatch, _add_mood)
    Database.open(path, key="secret").close()
    (copy,) = tmp_path.glob("backups/*-before-version-*.db")
    assert not copy.read_bytes().startswith(b"SQLite format 3")
    kept = driver.open_file(copy, key=driver.key_for(copy, "secret"))
    assert kept.execute("SELECT count(*) FROM tag").fetchone() == (0,)
    kept.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "workspace.db"
    _old_file(path)
    with monkeypatch.context() as patched:
        _later(patched, _fail)
        with pytest.raises(UpgradeFailed, match="RuntimeError") as failure:
            Database.open(path)
    assert str(failure.value.__cause__) == "step failed"
    db = Database.open(path)
    assert db.read(lambda c: c.execute(text("SELECT name FROM tag")).all()).result(10) == [("VIP",)]
    db.close()


def test_an_older_program_refuses_the_newer_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "workspace.db"
    with monkeypatch.context() as patched:
        _later(patched, _add_mood)
        Database.open(path).close()
    with pytest.raises(DatabaseTooNew):
        Database.open(path)
