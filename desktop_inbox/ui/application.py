"""The graphical program: QApplication, its loop, one instance per workspace, and the last hooks.

`run` is called once on the main thread, by app.py, and returns when the window is closed. It paints
the window first; then it imports the loop, has the workspace opened on another thread, and lets
the window complete itself.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QLocale,
    QMessageLogContext,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    QTranslator,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import delete

from desktop_inbox import i18n
from desktop_inbox.paths import resources
from desktop_inbox.secrets import Secrets
from desktop_inbox.settings import Settings
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.forward import TOKEN, come_forward
from desktop_inbox.ui.garbage import Collector
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.meeting_place import may_be_taken
from desktop_inbox.ui.system_application import SystemApplication
from desktop_inbox.ui.theme import Choice, Theme

if TYPE_CHECKING:
    import asyncio

    from desktop_inbox.store.workspace import Workspace
    from desktop_inbox.sync.engine_thread import EngineThread
    from desktop_inbox.ui.instance import Request, SingleInstance

logger = logging.getLogger(__name__)

SWITCH_INTERVAL_SECONDS = 0.0005  # with the default of 5 ms a busy engine makes the window stutter
AGAIN = -1
STALL_MS = 100
_TICK_MS = 25
_FIRST_FRAME_MS = 500  # nobody paints a window that lies behind others
# What completes the window: imported beside it, so that it answers meanwhile.
_REST = (
    "desktop_inbox.ui.commands",
    "desktop_inbox.ui.views.thread_view",
    "desktop_inbox.ui.views.customer_sidebar",
    "desktop_inbox.ui.views.search_completion",
    "desktop_inbox.ui.views.palette",
)

_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)

OpenWorkspace = Callable[[], "tuple[Workspace, EngineThread | None]"]
"""Opens the workspace, with an engine that does not run yet; None where another process has it."""


def run(
    open_workspace: OpenWorkspace,
    settings: Settings,
    secrets: Secrets,
    *,
    name: str,
    rows: Sequence[ConversationRow] | None = None,
    on_ready: Callable[[MainWindow, EngineThread | None], None] | None = None,
    on_sample: Callable[[], None] | None = None,
    mailto: str = "",
) -> int:
    """Show the window on a workspace until it is closed; return the exit code.

    It is `AGAIN` where the window is to be shown anew at once, such as in another language.

    `name` tells windows on one workspace from those on others. With `rows`, the beginning of its
    list, the window is shown before `open_workspace` is called on another thread; without, after
    it was called on this one. `on_ready` is called once, when the window is complete. `on_sample`
    opens the sample shop; without it the welcome page does not offer it. `mailto` is a link to
    write to; where another window has the workspace, that one opens the composer.

    Raises:
        StoreError: from `open_workspace`; the window is gone again.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    application = create_application(settings)
    # Who finds nobody at the meeting place paints first, and goes there then.
    instance: SingleInstance | None = None
    if rows is None or may_be_taken(name):
        instance = _claim(name, mailto)
        if instance is None:
            return 0
    collector = Collector()
    try:
        context = AppContext(
            workspace=None, engine=None, settings=settings, secrets=secrets, theme=_theme(settings)
        )
        application.setFont(context.theme.font())  # widgets keep the family they are made with
        context.tasks.hold()
        if rows is None:
            context.open(*open_workspace())
        window = MainWindow(context, with_sample=on_sample is not None, rows=rows or ())
        # Only now: a style sheet in force is worked through for each widget that finds its place.
        context.theme.apply()
        window.show()
        _paint(window)
        instance = instance or _claim(name, mailto)
        if instance is None:  # two starts at once, and the other was there first
            context.tasks.forget()
            delete(window)  # before the context that it is made of
            return 0
        dress(application)
        if mailto:
            _write_to(context, mailto)
        return _loop(
            application, _session(window, instance, context, open_workspace, on_ready, on_sample)
        )
    finally:
        collector.close()
        if instance is not None:
            instance.close()


def _claim(name: str, mailto: str) -> SingleInstance | None:
    """Become the window of the workspace; None where there is one, which was told of the start."""
    from desktop_inbox.ui.instance import Request, SingleInstance

    instance = SingleInstance(name)
    if instance.claim(Request(mailto=mailto, token=os.environ.get(TOKEN, ""))):
        return instance
    logger.info("handed over to the window that is open already")
    return None


def _paint(window: QWidget) -> None:
    """Let Qt paint the window, before anything else is imported."""
    painting = QEventLoop()
    painted = _Painted(window)
    painted.done.connect(painting.quit, Qt.ConnectionType.QueuedConnection)
    QTimer.singleShot(_FIRST_FRAME_MS, painting, painting.quit)
    painting.exec()
    painted.deleteLater()


class _Painted(QObject):
    """Says when a window was asked to paint itself for the first time."""

    done = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self.done.emit()
        return False


def _loop(application: QApplication, session: Coroutine[Any, Any, int]) -> int:
    """Run the session on Qt's own loop, made asyncio's."""
    import asyncio

    from qasync import QEventLoop as AsyncLoop

    loop: asyncio.AbstractEventLoop = AsyncLoop(application)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(session)
    finally:
        loop.close()
        asyncio.set_event_loop(None)


def create_application(settings: Settings) -> QApplication:
    """Return the one QApplication, in the owner's language and with the program's name."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        application = existing
    else:  # the style is named here, as `setStyle` brings the class of all styles
        application = SystemApplication([*sys.argv[:1], "-style", "Fusion"])
    # X11 knows windows by this name (StartupWMClass of the desktop file). Qt also tells the taskbar
    # by it how many are unread, in a path of the session bus, where no hyphen may stand.
    application.setApplicationName("desktop_inbox")
    application.setApplicationDisplayName("Desktop Inbox")
    application.setDesktopFileName("desktop-inbox")
    application.setQuitOnLastWindowClosed(False)  # `run` ends first, then the loop
    language = i18n.set_language(settings.language)
    # Whoever reads the language of their system keeps its clock and calendar: 17:27, not 5:27 PM.
    chosen, system = QLocale(language), QLocale.system()
    own = not settings.language or chosen.language() == system.language()
    QLocale.setDefault(system if own else chosen)
    return application


def dress(application: QApplication) -> None:
    """Give the application what no first frame shows: its mark, and Qt's own words translated."""
    from PySide6.QtCore import QLibraryInfo

    application.setWindowIcon(_window_icon())
    for effect in _EFFECTS:  # nothing moves by itself, whatever the desktop likes
        application.setEffectEnabled(effect, False)
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{i18n.language()}", folder):
        application.installTranslator(translator)


def _window_icon() -> QIcon:
    """Draw the program's mark in the sizes that desktops ask for."""
    source = QSvgRenderer(str(resources() / "icons" / "app.svg"))
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        source.render(painter)
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def _theme(settings: Settings) -> Theme:
    theme = Theme()

    def follow(name: str) -> None:
        if name in ("theme", "text_size_percent"):
            theme.choose(Choice(settings.theme), scale=settings.text_size_percent / 100)

    settings.subscribe(follow)
    theme.choice = Choice(settings.theme)
    theme.choose(Choice(settings.theme), scale=settings.text_size_percent / 100)
    return theme


async def _session(
    window: MainWindow,
    instance: SingleInstance,
    context: AppContext,
    open_workspace: OpenWorkspace,
    on_ready: Callable[[MainWindow, EngineThread | None], None] | None,
    on_sample: Callable[[], None] | None,
) -> int:
    import asyncio

    hooks = Hooks(context)
    hooks.install(asyncio.get_running_loop())
    hooks.window = window
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    if on_sample is not None:
        window.sample_requested.connect(on_sample)
    instance.asked.connect(lambda request: _come(window, context, request))
    application = QApplication.instance()
    if isinstance(application, SystemApplication):
        application.follow(
            lambda link: _asked_by_system(window, context, link),
            leave=lambda: _leave(window, ending=application.isSavingSession()),
        )
    again = asyncio.Event()
    context.restart_requested.connect(again.set)
    context.restart_requested.connect(window.close)
    watchdog = StallWatchdog(window)
    try:
        if not context.is_open:
            context.open(*await asyncio.to_thread(_open_and_import, open_workspace))
        if not closed.is_set() and window.isVisible():
            _follow(context)
            await window.complete()
            context.tasks.go()
            if on_ready is not None:
                on_ready(window, context.engine)
            await closed.wait()
    finally:
        watchdog.stop()
        await window.leave()
        context.bridge.close()
        await context.tasks.stop()
        window.let_go()
        hooks.remove()
        if isinstance(application, SystemApplication):
            application.let_go()
        window.hide()
        window.deleteLater()
    return AGAIN if again.is_set() else 0


def _open_and_import(
    open_workspace: OpenWorkspace,
) -> tuple[Workspace, EngineThread | None]:
    opened = open_workspace()
    for module in _REST:
        import_module(module)
    return opened


def _follow(context: AppContext) -> None:
    """Have the bridge hear of every commit and of every account's state."""
    context.bridge.listen(context.workspace.db.subscribe(context.bridge.publish))
    if context.engine is not None:
        context.bridge.listen(context.engine.subscribe(context.bridge.publish_status))


def _come(window: MainWindow, context: AppContext, request: Request) -> None:
    """Do what a second start was started for."""
    if request.leave:
        window.close()
        return
    come_forward(window, token=request.token)
    if request.mailto:
        _write_to(context, request.mailto)


def _asked_by_system(window: MainWindow, context: AppContext, link: str) -> None:
    """Come forward, and write to a link that the system handed over."""
    come_forward(window)
    if link:
        _write_to(context, link)


def _leave(window: MainWindow, *, ending: bool) -> None:
    """End as the owner asks; the end of a session waits for no answer."""
    if ending:
        window.close()
    else:
        window.quit()


def _write_to(context: AppContext, link: str) -> None:
    """Open the composer on a mailto: link, as soon as there is one."""
    context.start(_write(context, link), name="mailto")


async def _write(context: AppContext, link: str) -> None:
    from desktop_inbox.ui import letters  # not before the first frame

    await letters.write(context, link)


class StallWatchdog(QObject):
    """Notes in the log when the window's loop was held up."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.worst_ms = 0.0
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.monotonic()
        late_ms = (now - self._last) * 1000 - _TICK_MS
        self._last = now
        self.worst_ms = max(self.worst_ms, late_ms)
        if late_ms > STALL_MS:
            logger.info("the window stood still for %d ms", late_ms)


class Hooks(QObject):
    """Where every fault of ours ends: the log, and one crash dialog at a time."""

    crashed = Signal(object)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.window: MainWindow | None = None
        self._showing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.crashed.connect(self._show)
        context.bug.connect(self._report)

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        loop.set_exception_handler(self._loop_failed)
        sys.excepthook = self._uncaught
        threading.excepthook = self._thread_failed
        qInstallMessageHandler(_qt_said)

    def remove(self) -> None:
        if self._loop is not None:
            self._loop.set_exception_handler(None)
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self._report(error)

    def _thread_failed(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self._report(args.exc_value)

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self._report(error)
        else:
            logger.error("event loop: %s", context.get("message"))

    def _report(self, error: BaseException) -> None:
        """Any thread: log it here, show it on the window's."""
        logger.error("a fault of the program", exc_info=error)
        self.crashed.emit(error)

    def _show(self, error: BaseException) -> None:
        if self._showing or self.window is None:
            return
        self._showing = True
        from desktop_inbox.ui.dialogs.crash import CrashDialog

        dialog = CrashDialog(error, self.window)
        dialog.finished.connect(self._shown)
        dialog.open()

    def _shown(self) -> None:
        self._showing = False


_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def _qt_said(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s", message)
