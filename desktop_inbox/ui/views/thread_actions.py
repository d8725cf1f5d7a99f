"""What a person does in the thread pane: sending, taking back, files, messages, the head's buttons.

Lives on the UI thread; every change is one call of a service in one transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Direction
from desktop_inbox.i18n import _
from desktop_inbox.services import canned as canned_service
from desktop_inbox.services import conversations as conversation_service
from desktop_inbox.services import drafts as draft_service
from desktop_inbox.services import replies
from desktop_inbox.services.bodies import has_html
from desktop_inbox.services.replies import QueuedReply
from desktop_inbox.store import canned
from desktop_inbox.store.database import Tx
from desktop_inbox.store.errors import StoreError
from desktop_inbox.store.rows import AttachmentRow, CannedRow, MessageRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import Banner, Notice
from desktop_inbox.ui.views.attachments import Wish
from desktop_inbox.ui.views.composer import After, Composer, SendRequest
from desktop_inbox.ui.views.composer_files import take_in, take_in_image
from desktop_inbox.ui.views.file_desk import is_dangerous
from desktop_inbox.ui.views.message_body import copy_text
from desktop_inbox.ui.views.message_original import open_page, original_page
from desktop_inbox.ui.views.message_source import SourceDialog
from desktop_inbox.ui.views.recipient_offers import complete
from desktop_inbox.ui.views.recipients import RecipientField
from desktop_inbox.ui.views.thread_head import ThreadHead

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_TRAVELLED = (Direction.IN, Direction.OUT)


class ThreadActions(QObject):
    """Carries out what one thread view is asked for."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._held: list[int] = []  # messages sent here that may still be taken back
        self._quotes: dict[int, bool] = {}  # whether each took the quoted message along

    def connect_head(self, head: ThreadHead) -> None:
        """Listen to the head's buttons."""
        head.assign_wanted.connect(self.assign)
        head.status_wanted.connect(self.set_status)
        head.priority_wanted.connect(self.set_priority)
        head.snooze_wanted.connect(self.open_snooze)
        head.tag_wanted.connect(self.open_tags)
        head.unread_wanted.connect(self.mark_unread)

    def connect_composer(self, composer: Composer) -> None:
        """Listen to what the composer asks for."""
        composer.send_wanted.connect(lambda request: self._start(self._send(request)))
        composer.undo_wanted.connect(self.undo_send)
        composer.discard_wanted.connect(lambda: self._start(self._discard()))
        composer.files_wanted.connect(lambda paths: self._start(self._attach(paths)))
        composer.image_wanted.connect(lambda image: self._start(self._attach_image(image)))
        composer.forward_files_wanted.connect(lambda row: self._start(self._forward_files(row)))
        composer.completion_wanted.connect(
            lambda typed, field: self._start(self._complete(typed, field))
        )
        composer.canned_wanted.connect(lambda: self._start(self._load_canned()))
        composer.preview_wanted.connect(lambda row: self._start(self._preview(row)))
        composer.canned_chosen.connect(lambda row: self._start(self._insert(row)))

    # --- the conversation ---

    def set_status(self, status: str) -> None:
        """Open, close or mark as spam."""
        ids = self._ids()
        if ids:
            commands = self._view.commands
            {
                Status.OPEN: commands.reopen,
                Status.CLOSED: commands.close,
                Status.SPAM: commands.spam,
            }[Status(status)](ids)

    def assign(self, agent_id: int | None) -> None:
        ids = self._ids()
        data = self._view.data
        if not ids or data is None:
            return
        if agent_id is None:
            self._view.commands.unassign(ids)
        elif agent_id == data.me.id:
            self._view.commands.assign_to_me(ids)
        else:
            self._start(
                self._context.write(lambda tx: conversation_service.assign(tx, ids, agent_id))
            )

    def set_priority(self, priority: str) -> None:
        ids = self._ids()
        if ids:
            wanted = Priority(priority)
            self._start(
                self._context.write(lambda tx: conversation_service.set_priority(tx, ids, wanted))
            )

    def mark_unread(self) -> None:
        ids = self._ids()
        if ids:
            self._view.commands.mark_unread(ids)

    def open_snooze(self, anchor: QWidget) -> None:
        """Offer times below the button that was pressed."""
        ids = self._ids()
        if ids:
            self._view.commands.offer_snooze(ids, _below(anchor))

    def open_tags(self, anchor: QWidget) -> None:
        ids = self._ids()
        if ids:
            self._view.commands.offer_tags(ids, _below(anchor))

    def _ids(self) -> list[int]:
        row = self._view.row
        return [row.id] if row is not None else []

    # --- sending ---

    async def _send(self, request: SendRequest) -> None:
        composer, keeper = self._view.composer, self._view.keeper
        composer.set_sending(sending=True)
        try:
            if request.content.mode == "note":
                await self._add_note(request)
            else:
                await self._queue(request)
        except (UserError, StoreError) as error:
            banner = errors.banner_for(error)
            composer.refuse(banner.text if banner is not None else str(error))
            return
        finally:
            composer.set_sending(sending=False)
        keeper.forget()

    async def _add_note(self, request: SendRequest) -> None:
        conversation_id = request.content.conversation_id
        if conversation_id is None:
            return
        text = request.content.body
        await self._context.write(lambda tx: replies.add_note(tx, conversation_id, text))
        if self._view.conversation_id == conversation_id:
            self._view.composer.reset()

    async def _queue(self, request: SendRequest) -> None:
        seconds = self._context.settings.undo_send_seconds
        draft_id = self._view.keeper.draft_id
        files = self._context.workspace.files
        queued: QueuedReply = await self._context.write(
            lambda tx: replies.queue_reply(
                tx,
                files,
                draft=request.content,
                text=request.text,
                hold=timedelta(seconds=seconds),
                at=request.at,
                then=_then(request),
                draft_id=draft_id,
            )
        )
        self._held.append(queued.message_id)
        self._quotes[queued.message_id] = request.quote
        self._announce(queued, request, seconds)
        if request.content.conversation_id is None:
            self._view.composer.reset()
            self._context.conversation_requested.emit(queued.conversation_id)
        elif self._view.conversation_id == request.content.conversation_id:
            self._view.composer.reset()
            self._view.stay_at_end()

    def _announce(self, queued: QueuedReply, request: SendRequest, seconds: int) -> None:
        if request.at is not None:
            self._context.notice.emit(Notice(text=_("Will be sent later"), key="sent-later"))
            return
        if seconds:
            self._context.notice.emit(
                Notice(
                    text=_("Sending…"),
                    action_text=_("Undo"),
                    action=lambda: self._take_back(queued.message_id),
                    seconds=float(seconds),
                    countdown=True,
                    key=f"send:{queued.message_id}",
                )
            )
        if request.after is not After.NOTHING:
            self._view.commands.leaving.emit([queued.conversation_id])

    def undo_send(self) -> None:
        """Take the last message back that was sent here and is still held."""
        if self._held:
            self._take_back(self._held[-1])

    def _take_back(self, message_id: int) -> None:
        self._start(self._cancel(message_id))

    async def _cancel(self, message_id: int) -> None:
        if message_id in self._held:
            self._held.remove(message_id)
        await self._view.flush()
        draft_id = await self._context.write(lambda tx: replies.cancel(tx, message_id))
        self._context.notice_cleared.emit(f"send:{message_id}")
        self._view.restore_draft(draft_id, quote=self._quotes.pop(message_id, True))

    async def _discard(self) -> None:
        """Throw the draft away; it can be had back for a few seconds."""
        view = self._view
        await view.flush()
        draft_id, content = view.keeper.draft_id, view.composer.content()
        view.keeper.forget()
        view.composer.reset()
        if draft_id is None:
            return
        await self._context.write(lambda tx: draft_service.discard(tx, draft_id))

        async def bring_back() -> None:
            kept = await self._context.write(lambda tx: draft_service.save(tx, content))
            view.restore_draft(kept)

        self._context.notice.emit(
            Notice(
                text=_("Draft discarded"),
                action_text=_("Undo"),
                action=lambda: self._start(bring_back()),
                key="draft-discarded",
            )
        )

    # --- messages ---

    def on_message_action(self, message_id: int, what: str) -> None:
        """A button of a bubble was pressed."""
        if what == "check":
            self._check(message_id)
            return
        act: Callable[[], object] = {
            "undo": lambda: self._take_back(message_id),
            "edit": lambda: self._take_back(message_id),
            "retry": lambda: self._write(lambda tx: replies.retry(tx, message_id)),
            "again": lambda: self._ask_to_send_again(message_id),
        }[what]
        act()

    def _check(self, message_id: int) -> None:
        """Have the engine look on the server for a message that may have been delivered."""
        message, engine = self._view.message(message_id), self._context.engine
        if message is None or engine is None:
            return
        engine.kick(message.account_id)
        self._context.notice.emit(
            Notice(text=_("Looking for the message on the server…"), key=f"check:{message_id}")
        )

    def _ask_to_send_again(self, message_id: int) -> None:
        box = _question(
            self._view,
            _("Send the message again?"),
            _("If it was delivered after all, the customer gets it twice."),
            _("Send again"),
        )
        box.accepted.connect(
            lambda: self._write(lambda tx: replies.resolve(tx, message_id, "again"))
        )
        box.open()

    def fill_message_menu(self, message_id: int, menu: QMenu) -> None:
        """What can be done with one message."""
        message = self._view.message(message_id)
        if message is None:
            return
        composer, context = self._view.composer, self._context
        if message.direction in _TRAVELLED:
            for mode, words, icon in (
                ("reply", _("Reply"), "reply"),
                ("reply_all", _("Reply to all"), "reply-all"),
                ("forward", _("Forward"), "forward"),
            ):
                action = menu.addAction(context.icon(icon), words)
                action.triggered.connect(_begin(composer, mode, message_id))
            menu.addSeparator()
        menu.addAction(context.icon("copy"), _("Copy text"), lambda: copy_text(message.text))
        if has_html(message) or message.raw_sha256:
            menu.addSeparator()
        if has_html(message):
            menu.addAction(
                context.icon("external-link"),
                _("Show original"),
                lambda: self._start(self._show_original(message)),
            )
        if message.raw_sha256:
            menu.addAction(
                context.icon("file-text"),
                _("View source"),
                lambda: self._start(self._show_source(message)),
            )
            menu.addAction(
                context.icon("save"), _("Save as .eml…"), lambda: self._ask_where_to_save(message)
            )

    async def _show_original(self, message: MessageRow) -> None:
        html = await original_page(self._view.desk, message)
        await open_page(self._view.desk, message, html)

    async def _show_source(self, message: MessageRow) -> None:
        raw = await self._view.desk.raw(message)
        SourceDialog(raw, title=message.subject, parent=self._view).open()

    def _ask_where_to_save(self, message: MessageRow) -> None:
        name = visible(message.subject).replace("/", "-").replace("\\", "-")[:80] or "message"
        dialog = _save_dialog(self._view, _("Save message"), f"{name}.eml")
        dialog.fileSelected.connect(
            lambda chosen: self._start(self._save_message(message, Path(chosen)))
        )
        dialog.open()

    async def _save_message(self, message: MessageRow, target: Path) -> None:
        raw = await self._view.desk.raw(message)
        await self._writing(target, asyncio.to_thread(target.write_bytes, raw))

    # --- files of messages ---

    def on_file_wish(self, row: AttachmentRow, wish: str) -> None:
        """A file chip was pressed, or its menu used."""
        match Wish(wish):
            case Wish.OPEN:
                self._open_file(row)
            case Wish.SAVE:
                dialog = _save_dialog(self._view, _("Save file"), row.safe_name)
                dialog.fileSelected.connect(
                    lambda chosen: self._start(self._save_file(row, Path(chosen)))
                )
                dialog.open()
            case Wish.SAVE_ALL:
                self._ask_for_folder(row)
            case Wish.PREPARE:
                self._start(self._prepare(row))

    def _open_file(self, row: AttachmentRow) -> None:
        if not is_dangerous(row.safe_name):
            self._start(self._open_now(row))
            return
        box = _question(
            self._view,
            _("Open {name}?").format(name=visible(row.name)),
            _("Files of this kind can run programs. Open it only if you expected it."),
            _("Open file"),
        )
        box.accepted.connect(lambda: self._start(self._open_now(row)))
        box.open()

    async def _open_now(self, row: AttachmentRow) -> None:
        async def work() -> None:
            if not await self._view.desk.open(row):
                text = _("No program is set up for {name}.").format(name=visible(row.name))
                self._context.banner.emit(Banner(text=text, tone="warn", key="open-file"))

        await self._with_progress(row, work())

    async def _save_file(self, row: AttachmentRow, target: Path) -> None:
        await self._with_progress(row, self._writing(target, self._view.desk.save(row, target)))

    def _ask_for_folder(self, row: AttachmentRow) -> None:
        message = self._view.message(row.message_id)
        if message is None:
            return
        dialog = QFileDialog(self._view, _("Save all files into"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        rows = tuple(r for r in message.attachments if not (r.inline and r.content_id))
        dialog.fileSelected.connect(lambda chosen: self._start(self._save_all(rows, Path(chosen))))
        dialog.open()

    async def _save_all(self, rows: tuple[AttachmentRow, ...], folder: Path) -> None:
        await self._writing(folder, self._view.desk.save_into(rows, folder))

    async def _prepare(self, row: AttachmentRow) -> None:
        path = await self._view.desk.place(row)
        chip = self._view.chip(row)
        if chip is not None:
            chip.set_local(path)

    async def _with_progress(self, row: AttachmentRow, work: object) -> None:
        """Show on the chip that a file is being fetched, and why it could not be had."""
        chip = self._view.chip(row)
        if chip is not None and row.state == "server":
            chip.set_progress(0)
        try:
            await work  # type: ignore[misc]
        except (ConnectorError, FileNotFoundError) as error:
            words = _("The file could not be fetched: {why}").format(why=visible(str(error)))
            if chip is not None:
                chip.set_fault(words)
            self._context.banner.emit(Banner(text=words, tone="warn", key="fetch-file"))
        else:
            if chip is not None:
                chip.set_progress(None)

    async def _writing(self, target: Path, work: object) -> None:
        """Word what the disk says."""
        try:
            await work  # type: ignore[misc]
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not target.parent.exists():
                raise
            text = _("{path} could not be written: {why}").format(
                path=target, why=error.strerror or str(error)
            )
            self._context.banner.emit(Banner(text=text, tone="bad", key="save-file"))

    # --- files of the draft ---

    async def _attach(self, paths: Sequence[Path]) -> None:
        taken, refused = await take_in(self._context.workspace.files, paths)
        self._view.composer.add_files(taken)
        if refused:
            self._view.composer.refuse("\n".join(refused))

    async def _attach_image(self, image: QImage) -> None:
        taken = await take_in_image(self._context.workspace.files, image)
        self._view.composer.add_files([taken])

    async def _forward_files(self, message: MessageRow) -> None:
        """Take the files of a forwarded message along."""
        files = self._context.workspace.files
        taken: list[dict[str, object]] = []
        for row in message.attachments:
            if row.inline and row.content_id:
                continue
            data = await self._view.desk.data(row)
            sha256 = await asyncio.to_thread(files.put, data, durable=True)
            taken.append(
                {
                    "name": row.name,
                    "safe_name": row.safe_name,
                    "media_type": row.media_type,
                    "size": len(data),
                    "sha256": sha256,
                }
            )
        composer = self._view.composer
        if composer.mode == "forward" and composer.answers == message:
            have = {file.get("sha256") for file in composer.files.files()}
            composer.add_files([file for file in taken if file["sha256"] not in have])

    # --- recipients and canned responses ---

    async def _complete(self, typed: str, field: RecipientField) -> None:
        if len(typed) < 2:
            field.offer(())
            return
        found = await self._context.read(lambda conn: complete(conn, typed))
        if field.field.text().strip() == typed:
            field.offer(found)

    async def _load_canned(self) -> None:
        self._view.composer.set_canned(await self._context.read(canned.list_all))

    async def _preview(self, row: CannedRow) -> None:
        rendered = await self._context.read(
            lambda conn: canned_service.preview(
                conn, row.id, self._view.conversation_id, now=datetime.now(UTC)
            )
        )
        self._view.composer.show_preview(row, rendered)

    async def _insert(self, row: CannedRow) -> None:
        rendered = await self._context.write(
            lambda tx: canned_service.render_for(tx, row.id, self._view.conversation_id)
        )
        self._view.composer.insert(rendered.text)

    # --- helpers ---

    def _start(self, work: object) -> None:
        self._context.start(work)  # type: ignore[arg-type]

    def _write(self, change: Callable[[Tx], object]) -> None:
        self._start(self._context.write(change))


def _then(request: SendRequest) -> replies.After | None:
    match request.after:
        case After.CLOSE:
            return replies.CLOSE
        case After.SNOOZE:
            return replies.After(snooze_until=request.snooze_until)
        case After.NOTHING:
            return None


def _begin(composer: Composer, mode: str, message_id: int) -> Callable[[], None]:
    return lambda: composer.begin(mode, message_id=message_id)


def _below(anchor: QWidget) -> QPoint:
    return anchor.mapToGlobal(QPoint(0, anchor.height() + 2))


def _question(parent: QWidget, title: str, text: str, yes: str) -> QMessageBox:
    """A question that does not stop the program; `accepted` when it is answered with yes."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)  # the title may hold a file name from outside
    box.setText(title)
    box.setInformativeText(text)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    accept.setAccessibleName(yes)
    return box


def _save_dialog(parent: QWidget, title: str, name: str) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    return dialog
