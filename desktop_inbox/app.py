"""The composition root: builds everything by hand, and starts and stops it in order.

Runs on the main thread, which is the window's. What a command or the first frame of the window
does without is imported later, where it is used. The engine starts once the window is complete, on
a thread of its own, and everything ends in the reverse order.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_inbox import crashes, log
from desktop_inbox.paths import Places, own_program, places
from desktop_inbox.secrets import Secrets, SystemSecrets
from desktop_inbox.settings import Settings
from desktop_inbox.store import DATABASE_NAME
from desktop_inbox.store.errors import DatabaseCorrupt, DatabaseTooNew, StoreError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_inbox.store.conversation_rows import ConversationRow
    from desktop_inbox.store.workspace import Workspace
    from desktop_inbox.sync.engine_thread import EngineThread
    from desktop_inbox.ui.main_window import MainWindow

logger = logging.getLogger(__name__)

_ENGINE_STOP_SECONDS = 35.0
_LEAVE_SECONDS = 10.0  # for the window, besides what its engine may take
_LOOK_SECONDS = 0.1


def run(options: Namespace) -> int:
    """Open the window, the sample shop, or do what needs a window's parts; return the status."""
    if options.self_test:
        from desktop_inbox import self_test

        return self_test.run(as_json=options.json)
    if options.quit:
        return leave(places(options.data_dir))
    if options.command == "inspect":
        return _render(options)
    if options.command == "demo" and options.tour is not None:
        _without_a_display()
        return tour(options.tour)
    if not has_display():
        sys.stderr.write(
            "desktop-inbox: there is no display to open a window on. “desktop-inbox demo --tour "
            "DIR” works without one, and “desktop-inbox --help” lists what else does.\n"
        )
        return 1
    if options.command == "demo":
        return demo()
    return window(places(options.data_dir), mailto=getattr(options, "mailto", ""))


def window(where: Places, *, mailto: str = "", damaged: bool = False) -> int:
    """Open the window on a workspace until it is closed; `mailto` is a link to write to.

    `damaged`: the owner knows that it is, and wants it opened all the same.
    """
    gc.disable()  # nothing of what is imported is garbage; the window's `Collector` takes over
    from desktop_inbox.ui import application  # before the driver, whose library it loads ahead

    log.start(None)
    settings = Settings(where.settings_file)
    secrets = SystemSecrets(where.vault_file)
    status = 0
    failure: StoreError | None = None
    with ExitStack() as open_parts:
        try:
            status = application.run(
                lambda: _open(where, settings, secrets, open_parts, damaged=damaged),
                settings,
                secrets,
                name=str(where.data.resolve()),
                rows=_first_rows(where, settings),
                on_ready=_go_on,
                on_sample=_open_sample,
                mailto=mailto,
            )
        except StoreError as error:
            failure = error
    if status == application.AGAIN:  # in another language
        return window(where)
    if failure is None:
        return status
    if isinstance(failure, DatabaseCorrupt):
        return _recover(settings, where, failure)
    if isinstance(failure, DatabaseTooNew):
        return _go_back(settings, where)
    return _refuse(settings, failure)


def _first_rows(where: Places, settings: Settings) -> list[ConversationRow] | None:
    """Return what the list begins with, None where it is not known before all is open."""
    from desktop_inbox.store import first_page

    view = settings.last_view
    sort = str(settings.list_sorts.get(view, ""))
    return first_page.read(where.data / DATABASE_NAME, view, sort=sort)


def _recover(settings: Settings, where: Places, failure: DatabaseCorrupt) -> int:
    """Offer to mend a damaged workspace, and open what there is then."""
    from desktop_inbox.ui import application
    from desktop_inbox.ui.dialogs import recovery
    from desktop_inbox.ui.dialogs.recovery import Answer

    application.dress(application.create_application(settings))
    match recovery.offer(where.data, still_opens=isinstance(failure, _KnownDamage)):
        case Answer.MENDED:
            return window(where)
        case Answer.AS_IT_IS:
            return window(where, damaged=True)
        case Answer.QUIT:
            return 1


def _go_back(settings: Settings, where: Places) -> int:
    """Offer the copy from before a newer version changed the workspace."""
    from desktop_inbox.ui import application
    from desktop_inbox.ui.dialogs import recovery
    from desktop_inbox.ui.dialogs.recovery import Answer

    logger.error("a newer version of the program has changed the workspace")
    application.dress(application.create_application(settings))
    return window(where) if recovery.offer_older(where.data) is Answer.MENDED else 1


class _KnownDamage(DatabaseCorrupt):
    """The file opens, but an engine found damage deep inside it."""


def _open(
    where: Places, settings: Settings, secrets: Secrets, open_parts: ExitStack, *, damaged: bool
) -> tuple[Workspace, EngineThread | None]:
    """Open the workspace and make its engine, both to be ended with `open_parts`. Any thread."""
    from desktop_inbox.services import recovery
    from desktop_inbox.store.workspace import Workspace

    log.start(where.logs)
    crashes.watch(where.logs)
    open_parts.callback(crashes.end)
    if not damaged and (detail := recovery.known_damage(where.data)):
        raise _KnownDamage(where.data / DATABASE_NAME, detail)
    workspace = Workspace.open(where.data)
    open_parts.callback(workspace.close)
    engine = _engine(workspace, settings, secrets)
    if engine is not None:
        open_parts.callback(engine.stop, timeout_seconds=_ENGINE_STOP_SECONDS)
    return workspace, engine


def leave(where: Places) -> int:
    """Have the window on a workspace close, and wait until all of it has ended.

    Installers ask for this before they replace what runs. As on a signal: drafts are kept, nothing
    is left in the middle of sending, and nobody is asked.
    """
    from PySide6.QtCore import QCoreApplication

    from desktop_inbox.store.lock import EngineLock
    from desktop_inbox.ui.instance import SingleInstance

    _application = QCoreApplication.instance() or QCoreApplication(sys.argv[:1])
    instance, lock = SingleInstance(str(where.data.resolve())), EngineLock(where.data)
    if not instance.ask_to_leave():
        return 0
    patience = time.monotonic() + _ENGINE_STOP_SECONDS + _LEAVE_SECONDS
    while instance.is_elsewhere() or lock.holder() is not None:
        if time.monotonic() > patience:
            sys.stderr.write("desktop-inbox: the window did not close; is it asking something?\n")
            return 1
        time.sleep(_LOOK_SECONDS)
    return 0


def demo() -> int:
    """Open the window on the sample shop, in a folder that is gone afterwards."""
    from desktop_inbox.demo.living import open_shop
    from desktop_inbox.ui import application

    settings = Settings()
    with open_shop() as shop:
        ready: Callable[[MainWindow, EngineThread | None], None] = _show_around
        while True:
            status = application.run(
                lambda: (shop.workspace, shop.engine),
                settings,
                shop.secrets,
                name=str(shop.workspace.data_dir.resolve()),
                on_ready=ready,
            )
            if status != application.AGAIN:
                return status
            ready = _end_by_signal  # in another language, and the engine runs already


def tour(folder: Path) -> int:
    """Show the program to nobody: play the tour and leave a screenshot of each step in `folder`."""
    from desktop_inbox.demo.living import open_shop
    from desktop_inbox.demo.tour import Tour
    from desktop_inbox.ui import application

    log.start(None)
    with open_shop(answer_seconds=(6.0, 7.0), with_new_mail=False) as shop:
        visit = Tour(folder, shop.workspace)
        _start_engine(shop.engine)
        paths = (("en", visit.walk), ("en", visit.look), ("tr", visit.look), ("en", visit.meet))
        for language, path in paths:
            settings = Settings()
            settings.language, settings.theme, settings.undo_send_seconds = language, "light", 6
            settings.notify = False  # whoever works at this computer meanwhile is not meant
            visit.settings = settings
            application.run(
                lambda: (shop.workspace, shop.engine),
                settings,
                shop.secrets,
                name=str(folder.resolve()),
                on_ready=_alone(path),
            )
            failure = visit.failure or "\n".join(log.faults())
            if failure:
                sys.stderr.write(f"desktop-inbox: the tour failed: {failure}\n")
                return 1
    return 0


def _alone(path: Callable[[QWidget], None]) -> Callable[[QWidget, EngineThread | None], None]:
    return lambda window, _engine: path(window)


def has_display() -> bool:
    """Tell whether a window could be seen."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _without_a_display() -> None:
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def _engine(workspace: Workspace, settings: Settings, secrets: Secrets) -> EngineThread | None:
    """Return an engine that is not running yet, None where another process runs it."""
    from desktop_inbox.store.lock import EngineLock
    from desktop_inbox.sync.engine import Engine
    from desktop_inbox.sync.engine_thread import EngineThread

    holder = EngineLock(workspace.data_dir).holder()
    if holder is not None:
        logger.info("process %d runs the engine of this workspace", holder.pid)
        return None
    return EngineThread(Engine(workspace, secrets, wants_copies=lambda: settings.daily_backup))


def _go_on(window: QWidget, engine: EngineThread | None) -> None:
    """What follows once the window is complete."""
    _end_by_signal(window, engine)
    _start_engine(engine)


def _show_around(window: MainWindow, engine: EngineThread | None) -> None:
    _go_on(window, engine)
    window.help_desk.offer_tips()


def _end_by_signal(window: QWidget, _engine: EngineThread | None) -> None:
    # As if it were closed by hand: drafts are kept, and nothing is left in the middle of sending.
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_signal: window.close())


def _start_engine(engine: EngineThread | None) -> None:
    """Start the engine without making the window wait for it."""
    if engine is not None:
        threading.Thread(target=_start, args=(engine,), name="engine-start", daemon=True).start()


def _start(engine: EngineThread) -> None:
    from desktop_inbox.store.lock import EngineBusy

    try:
        engine.start()
    except EngineBusy as error:
        # Somebody was faster; what that engine does reaches this window through the store.
        logger.info("another engine was started: %s", error)


def _refuse(settings: Settings, error: StoreError) -> int:
    """Say in a window of its own why the workspace cannot be opened."""
    from PySide6.QtWidgets import QMessageBox

    from desktop_inbox import words
    from desktop_inbox.ui import application

    logger.error("the workspace cannot be opened: %s", error.code)
    application.dress(application.create_application(settings))
    text = words.refusal(error.code, {"path": error.path, "detail": error.detail})
    sys.stderr.write(f"desktop-inbox: {text} ({error.path})\n")
    box = QMessageBox(QMessageBox.Icon.Critical, "Desktop Inbox", text)
    box.setInformativeText(str(error.path))
    box.exec()  # no loop of ours runs yet
    return 1


def _open_sample() -> None:
    """Open the sample shop in a program of its own, so that it cannot touch the real one."""
    import subprocess

    subprocess.Popen(own_program("demo"), stdin=subprocess.DEVNULL)  # noqa: S603 - ourselves


def _render(options: Namespace) -> int:
    from desktop_inbox import rendering

    _without_a_display()
    return rendering.run(options)
