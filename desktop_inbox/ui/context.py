"""What every part of the window is given: the workspace, the engine, the theme and the actions.

One instance, built by application.py and handed on through constructors. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon

from desktop_inbox.secrets import Secrets
from desktop_inbox.settings import Settings
from desktop_inbox.ui import icons
from desktop_inbox.ui.actions import Actions
from desktop_inbox.ui.bridge import Bridge
from desktop_inbox.ui.tasks import Tasks
from desktop_inbox.ui.theme import Theme

if TYPE_CHECKING:
    from concurrent.futures import Future

    from desktop_inbox.store.workspace import Workspace
    from desktop_inbox.sync.engine_thread import EngineThread
    from desktop_inbox.ui.commands import Commands
    from desktop_inbox.ui.key_file import KeyFile
    from desktop_inbox.ui.notifications.notifier import Notifier

T = TypeVar("T")


class Banner(NamedTuple):
    """One message of the message bar: what happened, in words, and the one next step."""

    text: str
    tone: str = "bad"  # bad, warn or accent
    detail: str = ""  # for copying, such as the server's own words
    action_text: str = ""
    action: Callable[[], object] | None = None
    other_text: str = ""  # what else can be done
    other: Callable[[], object] | None = None
    key: str = ""  # a later banner with the same key replaces this one


class Notice(NamedTuple):
    """A short-lived line at the foot of the window, such as "Closed" with Undo."""

    text: str
    action_text: str = ""
    action: Callable[[], object] | None = None
    seconds: float = 6.0
    countdown: bool = False  # show the remaining seconds
    key: str = ""


class AppContext(QObject):
    """Everything a view may use, and the requests it may make of the window around it."""

    banner = Signal(object)  # Banner to show
    banner_cleared = Signal(str)  # key
    notice = Signal(object)  # Notice to show
    notice_cleared = Signal(str)  # key
    conversation_requested = Signal(int)  # show this conversation in the thread pane
    message_requested = Signal(int, object)  # conversation, message (a 64-bit key): scroll to a hit
    conversation_selected = Signal(object)  # int or None: what the thread pane shows
    draft_requested = Signal(int)  # open this draft, which belongs to no conversation
    message_wanted = Signal(object)  # recipient_kinds.Offered: begin a message to them
    draft_restored = Signal(int)  # sending was undone: the draft is back
    focus_list_requested = Signal()
    search_changed = Signal(str)  # what the list is searched for, '' for nothing
    settings_requested = Signal(str)  # the id of a page of the settings, "" for the first
    restart_requested = Signal()  # the program is to end and begin again
    bug = Signal(object)  # BaseException that is a fault of ours

    def __init__(
        self,
        *,
        workspace: Workspace | None,
        engine: EngineThread | None,
        settings: Settings,
        secrets: Secrets,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        """A window that is shown while its workspace is being opened is given it by `open`."""
        super().__init__(parent)
        self.engine = engine
        self.settings = settings
        self.secrets = secrets
        self.theme = theme
        self.bridge = Bridge(self)
        self.actions = Actions(self)
        self.tasks = Tasks(self.report)
        self.selected_conversation: int | None = None
        self.searched = ""
        self.commands: Commands  # set by the main window before it builds its panes
        self.notifier: Notifier | None = None  # set by the main window once it is complete
        self._keys: KeyFile | None = None
        if workspace is not None:
            self.open(workspace, engine)

    @cached_property
    def _workspace(self) -> Future[Workspace]:
        from concurrent.futures import Future  # not before the first frame

        return Future()

    def open(self, workspace: Workspace, engine: EngineThread | None) -> None:
        """Give every part of the window the workspace; reads and writes that waited go on."""
        self.engine = engine
        self._workspace.set_result(workspace)

    @property
    def is_open(self) -> bool:
        """Whether the workspace is there."""
        return self._workspace.done()

    @property
    def workspace(self) -> Workspace:
        """The open workspace. What is shown before it is open uses `read` and `write` only."""
        return self._workspace.result()

    @property
    def keys(self) -> KeyFile:
        """This person's keys, read when they are first asked for."""
        if self._keys is None:
            from desktop_inbox.ui.key_file import KeyFile

            self._keys = KeyFile(self, self)
        return self._keys

    def icon(self, name: str, *, colour: str = "muted", checked: str = "accent") -> QIcon:
        """Return a Lucide icon in the colour of a theme token."""
        return icons.icon(self.theme, name, colour=colour, checked=checked)

    async def read(self, function: Callable[[Any], T]) -> T:
        """Run `function(connection)` on a reader thread and return what it returns."""
        workspace = await self._opened()
        return await self.tasks.result(workspace.db.read(function))

    async def write(self, function: Callable[[Any], T], *, durable: bool = True) -> T:
        """Run `function(tx)` on the writer thread and return after the commit.

        What a person did is written even where nobody waits for it any more, as when the window
        closes in that moment.
        """
        workspace = await self._opened()
        return await self.tasks.result(
            workspace.db.write(function, durable=durable), to_the_end=True
        )

    async def _opened(self) -> Workspace:
        return await self.tasks.result(self._workspace, to_the_end=True)

    def start(self, coroutine: Coroutine[Any, Any, Any], *, name: str = "") -> None:
        """Run a coroutine from a slot; what it raises is shown in the message bar."""
        self.tasks.start(coroutine, name=name)

    def report(self, error: BaseException) -> None:
        """Show a failure: words for what the world or the user did, the crash dialog for bugs."""
        from desktop_inbox.ui import errors

        banner = errors.banner_for(error)
        if banner is None:
            self.bug.emit(error)
        else:
            self.banner.emit(banner)

    def note_search(self, text: str) -> None:
        """Tell every pane what the list is searched for: its words are marked where they stand."""
        if text != self.searched:
            self.searched = text
            self.search_changed.emit(text)

    def select(self, conversation_id: int | None) -> None:
        """Tell every pane which conversation is shown."""
        if conversation_id != self.selected_conversation:
            self.selected_conversation = conversation_id
            self.conversation_selected.emit(conversation_id)
        self.actions.set_state(conversation=conversation_id is not None)
