"""Backing up and restoring from the window, and what it offers where the file is damaged."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.errors import UserError
from desktop_inbox.store import backup, driver, migrations
from desktop_inbox.store.backup import Kind
from desktop_inbox.store.errors import DatabaseTooNew
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.upkeep import Condition, Trouble
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.dialogs import recovery
from desktop_inbox.ui.dialogs.backups import Backups
from desktop_inbox.ui.dialogs.recovery import Answer
from tests.support import builders

REPLACED = Kind.REPLACED


@pytest.fixture
def data(tmp_path: Path) -> Path:
    workspace = Workspace.open(tmp_path / "data")
    workspace.db.write(lambda tx: builders.fill(tx, conversation_count=3)).result(10)
    workspace.close()
    return tmp_path / "data"


def press(label: str) -> None:
    """Press a button of the box that is open, once it is."""

    def look() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(10, look)
            return
        next(one for one in box.findChildren(QPushButton) if one.text().startswith(label)).click()

    QTimer.singleShot(0, look)


def conversations(data: Path) -> int:
    workspace = Workspace.open(data)
    try:
        count = workspace.db.read(
            lambda conn: conn.exec_driver_sql("SELECT count(*) FROM conversation").scalar_one()
        )
        return int(count.result(10))
    finally:
        workspace.close()


def damage(data: Path) -> None:
    path = data / "workspace.db"
    contents = bytearray(path.read_bytes())
    contents[100:4000] = b"\xff" * 3900
    path.write_bytes(contents)


def test_a_damaged_workspace_is_recovered_on_request(qtbot: QtBot, data: Path) -> None:
    damage(data)
    press("Recover")
    assert recovery.offer(data) is Answer.MENDED
    assert conversations(data) == 3


def test_the_last_copy_is_opened_on_request(qtbot: QtBot, data: Path) -> None:
    backup.take(data / "workspace.db", now=datetime(2026, 10, 5, tzinfo=UTC))
    damage(data)
    press("Open the copy of")
    assert recovery.offer(data) is Answer.MENDED
    assert conversations(data) == 3


def test_who_quits_finds_everything_as_it_was(qtbot: QtBot, data: Path) -> None:
    damage(data)
    before = (data / "workspace.db").read_bytes()
    press("Quit")
    assert recovery.offer(data) is Answer.QUIT
    assert (data / "workspace.db").read_bytes() == before


def test_what_still_opens_may_be_opened_as_it_is(qtbot: QtBot, data: Path) -> None:
    press("Open it as it is")
    assert recovery.offer(data, still_opens=True) is Answer.AS_IT_IS


def newer(data: Path) -> None:
    """As a newer version leaves it: a copy, and a shape that this one does not know."""
    path = data / "workspace.db"
    file = driver.open_file(path, key=None)
    backup.before_migration(file, path=path, key=None, version=migrations.VERSION + 1)
    file.execute("DELETE FROM conversation WHERE id = 1")
    file.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
    file.close()


def test_what_a_newer_version_wrote_is_not_opened_and_its_older_copy_is(
    qtbot: QtBot, data: Path
) -> None:
    newer(data)
    with pytest.raises(DatabaseTooNew):
        Workspace.open(data)
    press("Open the copy of")
    assert recovery.offer_older(data) is Answer.MENDED
    assert conversations(data) == 3
    (kept,) = (one for one in backup.listing(data / "workspace.db") if one.kind is REPLACED)
    file = driver.open_file(kept.path, key=None)
    assert file.execute("PRAGMA user_version").fetchone() == (migrations.VERSION + 1,)
    assert file.execute("SELECT count(*) FROM conversation").fetchone() == (2,)
    file.close()


def test_who_would_rather_install_the_newer_version_again_finds_all_as_it_was(
    qtbot: QtBot, data: Path
) -> None:
    newer(data)
    before = (data / "workspace.db").read_bytes()
    press("Quit")
    assert recovery.offer_older(data) is Answer.QUIT
    assert (data / "workspace.db").read_bytes() == before


@pytest_asyncio.fixture
async def desk(context: AppContext, qtbot: QtBot) -> Backups:
    window = QWidget()
    qtbot.addWidget(window)
    return Backups(context, window)


async def test_a_backup_is_written_and_looked_over_before_it_waits_for_the_next_start(
    context: AppContext, desk: Backups, tmp_path: Path
) -> None:
    banners: list[Banner] = []
    context.banner.connect(banners.append)
    await desk._backed_up(tmp_path / "shop.zip")
    assert "workspace.db" in zipfile.ZipFile(tmp_path / "shop.zip").namelist()
    await desk._restored(tmp_path / "shop.zip")
    assert backup.staged(context.workspace.db.path) is not None
    assert "next start" in banners[-1].text


async def test_what_is_no_backup_is_refused_and_nothing_waits(
    context: AppContext, desk: Backups, tmp_path: Path
) -> None:
    (tmp_path / "x.zip").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError):
        await desk._restored(tmp_path / "x.zip")
    assert backup.staged(context.workspace.db.path) is None


async def test_everything_goes_out_and_comes_in(
    context: AppContext, desk: Backups, tmp_path: Path
) -> None:
    said: list[str] = []
    context.notice.connect(lambda notice: said.append(notice.text))
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "a.eml").write_bytes(
        b"From: a@example.org\r\nMessage-ID: <a@example.org>\r\n\r\nHello"
    )
    await desk._imported(tmp_path / "mail")
    assert said[-1] == "Imported: 1 new, 0 here before"
    await desk._exported(tmp_path / "out")
    assert (tmp_path / "out" / "export.json").exists()


async def test_a_damaged_workspace_is_said_and_a_missing_copy_until_it_is_there(
    context: AppContext, desk: Backups
) -> None:
    banners: list[Banner] = []
    cleared: list[str] = []
    context.banner.connect(banners.append)
    context.banner_cleared.connect(cleared.append)
    desk._show_condition(Condition(trouble=Trouble.DAMAGED, detail="page 7"))
    desk._show_condition(Condition(trouble=Trouble.NO_COPY))
    assert [one.key for one in banners] == ["condition", "condition"]
    assert banners[0].detail == "page 7"
    restarts: list[bool] = []
    context.restart_requested.connect(lambda: restarts.append(True))
    assert banners[0].action is not None
    banners[0].action()
    assert restarts == [True]
    desk._show_condition(Condition())
    assert cleared == ["condition"]
