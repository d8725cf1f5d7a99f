"""Shows the program to somebody who is not there: real key presses, a screenshot of each step.

Runs as a coroutine on the window's loop. It acts through keys only; whether a step succeeded is
read from the store.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit, QTextEdit, QWidget

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.settings import Settings
from desktop_inbox.store import accounts, conversations, messages
from desktop_inbox.store.channels_used import channels_used
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.workspace import Workspace

T = TypeVar("T")

SUBJECT = "1042 numaralı sipariş kırık geldi"
JOURNEY = "Four more plates for Friday?"  # begun by mail, gone on by WhatsApp, now on Telegram
CHATTER = "Defne Ergin"
SHORTCUT = "/kirik"
SIZE, SMALL, LARGE = (1440, 900), (1000, 640), (2560, 1440)
_INBOX = conversations.ListQuery(view="inbox")
_STEP_SECONDS = 40.0
_SETTLE_SECONDS = 0.35  # two looks this far apart show what still fades in
_KEY_SECONDS = 0.02
_CONTROL = Qt.KeyboardModifier.ControlModifier


class TourFailed(Exception):
    """A step did not do what it should."""


class Tour:
    """One visit. `walk` for the whole path, `look` for a picture in each theme, `meet` for chats.

    `settings` are those of the window that is shown; `failure` says which step went wrong.
    """

    def __init__(self, folder: Path, workspace: Workspace) -> None:
        self.settings = Settings()
        self.failure: str | None = None
        self._folder = folder
        self._workspace = workspace
        self._number = 0
        self._latest = QImage()
        self._task: asyncio.Task[None] | None = None

    def walk(self, window: QWidget) -> None:
        """Sync, open, answer with a canned response, hear from the customer; then close."""
        self._start(window, self._walk)

    def look(self, window: QWidget) -> None:
        """Take pictures in each theme and size, of what lies over the window too; then close."""
        self._start(window, self._look)

    def meet(self, window: QWidget) -> None:
        """Take pictures of a customer who came by three channels, and of a chat; then close."""
        self._start(window, self._meet)

    def _start(self, window: QWidget, path: Callable[[QWidget], Awaitable[None]]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        QApplication.setCursorFlashTime(0)  # a caret that blinks would never come to rest
        window.resize(*SIZE)
        window.activateWindow()
        self._task = asyncio.get_running_loop().create_task(self._guarded(window, path))

    async def _guarded(self, window: QWidget, path: Callable[[QWidget], Awaitable[None]]) -> None:
        try:
            await path(window)
        except TourFailed as error:
            self.failure = str(error)
            await self._shoot(window, "failed")
        finally:
            window.close()

    async def _walk(self, window: QWidget) -> None:
        await self._until("every account is caught up", self._caught_up)
        await self._until("the list has rows", lambda: self._row(SUBJECT))
        await self._shoot(window, "inbox")
        row = await self._open(window, SUBJECT)
        await self._shoot(window, "conversation")
        self._press(window, Qt.Key.Key_R)
        editor = await self._until("the composer has the focus", _focused_editor)
        await self._type(editor, SHORTCUT)
        await self._shoot(window, "canned-responses")
        self._press(editor, Qt.Key.Key_Return)
        await self._until(
            "the canned response is in the text", lambda: _async("kuryesi" in _text(editor))
        )
        if "{{" in _text(editor):
            raise TourFailed("the canned response still has something to be filled in")
        await self._shoot(window, "composed")
        self._press(editor, Qt.Key.Key_Return, _CONTROL)
        queued = await self._until("the reply is queued", lambda: self._last_out(row.id))
        await self._shoot(window, "sending")
        await self._until("the reply is sent", lambda: self._sent(queued.id))
        await self._shoot(window, "sent")
        await self._until("the customer answers", lambda: self._answered(row.id, queued))
        await self._shoot(window, "answered")
        self.settings.theme = "dark"
        await self._shoot(window, "dark")

    async def _look(self, window: QWidget) -> None:
        await self._until("the list has rows", lambda: self._row(SUBJECT))
        language = self.settings.language
        await self._open(window, SUBJECT)
        await self._shoot(window, f"{language}-light")
        await self._shoot_over(window, f"{language}-palette", Qt.Key.Key_K, _CONTROL)
        await self._shoot_over(window, f"{language}-keys", Qt.Key.Key_Question)
        self.settings.theme = "dark"
        await self._shoot(window, f"{language}-dark")
        for name, size in (("small", SMALL), ("large", LARGE)):
            window.resize(*size)
            await self._shoot(window, f"{language}-{name}")

    async def _meet(self, window: QWidget) -> None:
        await self._until("a customer came by three channels", self._has_moved_on)
        await self._open(window, JOURNEY)
        await self._shoot(window, "channels")
        window.resize(*LARGE)
        await self._shoot(window, "channels-large")
        window.resize(*SIZE)
        self.settings.theme = "dark"
        await self._shoot(window, "channels-dark")
        self.settings.theme = "light"
        await self._open(window, CHATTER)
        await self._until("a voice note shows its shape", partial(_shows_voice, window))
        await self._shoot(window, "chat")

    async def _shoot_over(
        self,
        window: QWidget,
        name: str,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Take a picture of what a key lays over the window, and put it away again."""
        self._press(window, key, modifier)
        await self._shoot(window, name)
        self._press(window, Qt.Key.Key_Escape)

    # --- what a person does

    async def _open(self, window: QWidget, name: str) -> ConversationRow:
        """Go up or down the list with the keys for it until the wanted conversation is shown."""
        row = await self._until("the conversation is there", lambda: self._row(name))
        shown = await self._until(
            "the list can be walked", lambda: self._step(window, Qt.Key.Key_J)
        )
        for _most in range(200):
            if shown == row.id:
                return row
            order = await self._read(lambda conn: list(conversations.ids(conn, _INBOX)))
            below = shown in order and order.index(shown) < order.index(row.id)
            key = Qt.Key.Key_J if below else Qt.Key.Key_K
            shown = await self._until("another is shown", partial(self._step, window, key))
        raise TourFailed("the conversation cannot be reached with the keys")

    async def _step(self, window: QWidget, key: Qt.Key) -> int | None:
        before = _shown(window)
        self._press(window, key)
        for _wait in range(20):
            await asyncio.sleep(0.05)
            after = _shown(window)
            if after is not None and after != before:
                return after
        return None

    async def _type(self, editor: QWidget, text: str) -> None:
        for letter in text:
            QTest.keyClicks(editor, letter)
            await asyncio.sleep(_KEY_SECONDS)

    def _press(
        self,
        widget: QWidget,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        QTest.keyClick(QApplication.focusWidget() or widget, key, modifier)

    async def _shoot(self, window: QWidget, name: str) -> None:
        picture = await self._settled(window, name)
        self._number += 1
        path = self._folder / f"{self._number:02}-{name}.png"
        if not picture.save(str(path)):
            raise TourFailed(f"the screenshot {path} cannot be written")
        self._latest = picture
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()

    async def _settled(self, window: QWidget, name: str) -> QImage:
        """Return the window as it looks once something changed and nothing moves any more."""
        deadline = time.monotonic() + _STEP_SECONDS
        before = QImage()
        while True:
            await asyncio.sleep(_SETTLE_SECONDS)
            now = window.grab().toImage()
            if now == before and now != self._latest:
                return now
            if time.monotonic() > deadline:
                raise TourFailed(f"the window does not come to rest for the picture “{name}”")
            before = now

    async def _until(self, what: str, ask: Callable[[], Awaitable[T | None]]) -> T:
        """Return the first answer that is something; fail when none comes in time."""
        deadline = time.monotonic() + _STEP_SECONDS
        while True:
            found = await ask()
            if found:
                return found
            if time.monotonic() > deadline:
                raise TourFailed(f"waited {_STEP_SECONDS:.0f} s in vain until {what}")
            await asyncio.sleep(0.05)

    # --- what the store says

    async def _read(self, function: Callable[[Any], T]) -> T:
        return await asyncio.wrap_future(self._workspace.db.read(function))

    async def _caught_up(self) -> bool:
        rows = await self._read(accounts.list_all)
        return bool(rows) and all(row.state == "online" for row in rows)

    async def _row(self, name: str) -> ConversationRow | None:
        """Return the conversation of this subject, or with this customer where it has none."""
        rows, _next = await self._read(lambda conn: conversations.page(conn, _INBOX, limit=100))
        return next((row for row in rows if name == (row.subject or row.customer_name)), None)

    async def _has_moved_on(self) -> bool:
        row = await self._row(JOURNEY)
        if row is None:
            return False
        used = await self._read(lambda conn: channels_used(conn, [row.id]))
        return len(used.get(row.id, ())) == 3

    async def _last_out(self, conversation_id: int) -> MessageRow | None:
        said = await self._read(lambda conn: messages.of_conversation(conn, conversation_id))
        ours = [one for one in said if one.direction is Direction.OUT]
        return ours[-1] if ours and ours[-1].client_ref else None

    async def _sent(self, message_id: int) -> bool:
        row = await self._read(lambda conn: messages.row(conn, message_id))
        if row is None or row.delivery in (Delivery.FAILED, Delivery.UNCERTAIN):
            raise TourFailed("the reply was not sent")
        return row.delivery in (Delivery.SENT, Delivery.DELIVERED, Delivery.READ)

    async def _answered(self, conversation_id: int, reply: MessageRow) -> MessageRow | None:
        said = await self._read(lambda conn: messages.of_conversation(conn, conversation_id))
        later = [one for one in said if one.at >= reply.at and one.direction is Direction.IN]
        return later[-1] if later else None


async def _async(value: T) -> T:
    return value


async def _focused_editor() -> QWidget | None:
    widget = QApplication.focusWidget()
    return widget if isinstance(widget, (QPlainTextEdit, QTextEdit)) else None


async def _shows_voice(window: QWidget) -> bool:
    """Whether each recording on the screen has its waveform."""
    shapes: list[bytes | None] = [
        getattr(button, "bars", None)
        for button in window.findChildren(QAbstractButton)
        if not button.visibleRegion().isEmpty()
    ]
    found = [bars for bars in shapes if bars is not None]
    return bool(found) and all(found)


def _text(editor: QWidget) -> str:
    assert isinstance(editor, (QPlainTextEdit, QTextEdit))
    return editor.toPlainText()


def _shown(window: QWidget) -> int | None:
    """Return which conversation the thread pane shows."""
    pane: Any = getattr(window, "thread_view", None)
    found: int | None = pane.conversation_id if pane is not None else None
    return found
