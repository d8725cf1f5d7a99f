"""Canned responses and suggestions of one thread pane: loads, previews, asks, inserts.

Lives on the UI thread; the store is read and written on its own threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.macros import Step
from desktop_inbox.domain.templates import Rendered
from desktop_inbox.i18n import _
from desktop_inbox.services import canned as service
from desktop_inbox.services import macros
from desktop_inbox.store import canned, suggestions
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.store.suggestions import Suggestion
from desktop_inbox.ui.context import Notice
from desktop_inbox.ui.views.composer_request import After, SendRequest
from desktop_inbox.ui.views.macro_words import step_words

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_SAID_SECONDS = 12.0  # that sending does more: time enough to say no


class CannedDesk(QObject):
    """Serves the composer of one thread view."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._closes: int | None = None  # the conversation that sending is to close
        self._steps: dict[int, tuple[Step, ...]] = {}  # what else it does, by conversation

    def listen(self) -> None:
        """Listen to the composer, and to what is read."""
        composer = self._view.composer
        composer.canned_wanted.connect(lambda: self._start(self._load()))
        composer.preview_wanted.connect(lambda row: self._start(self._preview(row)))
        composer.canned_chosen.connect(lambda row: self._start(self._ask_and_insert(row)))
        composer.picker.manage_wanted.connect(self._context.actions["canned.manage"].trigger)
        composer.suggestions.chosen.connect(self._on_suggestion)
        composer.changed.connect(self._on_typed)
        self._view.shown.connect(lambda _key: self._suggest())
        self._context.bridge.changed.connect(self._on_changed)

    def with_deeds(self, request: SendRequest) -> SendRequest:
        """Add what inserted responses do; what becomes of it in the end may have been chosen."""
        key = request.content.conversation_id
        if request.content.mode == "note" or key is None:
            return request
        request = replace(request, steps=self._steps.pop(key, ()))
        if self._closes is None:
            return request
        closes, self._closes = self._closes == key, None
        chosen = request.after is not After.NOTHING
        return request if chosen or not closes else replace(request, after=After.CLOSE)

    # --- the picker ---

    async def _load(self) -> None:
        """Hand the composer the responses for the channel it writes on."""
        rows = await self._context.read(canned.list_all)
        if not isValid(self):  # the window was closed meanwhile, here and below
            return
        composer = self._view.composer
        account = composer.sent_as.account
        composer.canned.set_rows(
            [
                row
                for row in rows
                if account is None or not row.channels or account.kind in row.channels
            ]
        )

    async def _preview(self, row: CannedRow) -> None:
        rendered = await self._rendered(row)
        if isValid(self):
            self._view.composer.picker.show_preview(row, rendered)

    async def _rendered(self, row: CannedRow) -> Rendered:
        key = self._view.conversation_id
        return await self._context.read(
            lambda conn: service.preview(conn, row.id, key, now=datetime.now(UTC))
        )

    # --- inserting ---

    def choose(self, row: CannedRow) -> None:
        """Put a response into the text that is being written."""
        self._start(self._ask_and_insert(row))

    async def _ask_and_insert(self, row: CannedRow) -> None:
        still = self._view.still()
        rendered = await self._rendered(row)
        if not still():
            return
        if not row.body.strip():
            self._run(row)
            return
        if not rendered.missing:
            await self._insert(row, {}, still)
            return
        from desktop_inbox.ui.dialogs.canned_fill import CannedFill

        form = CannedFill(row.title, rendered.missing, parent=self._view)
        form.filled.connect(lambda given: self._start(self._insert(row, given, still)))
        form.open()

    async def _insert(
        self, row: CannedRow, given: Mapping[str, str], still: Callable[[], bool]
    ) -> None:
        """Put it into the text, where `still` says that it is the one it was chosen for."""
        if not still():
            return
        key = self._view.conversation_id
        rendered = await self._context.write(
            lambda tx: service.render_for(tx, row.id, key, given=given)
        )
        if not still():
            return
        composer = self._view.composer
        composer.canned.insert(rendered.text, caret=rendered.caret)
        have = {file.get("sha256") for file in composer.files.files()}
        composer.add_files([dict(file) for file in row.files if file.get("sha256") not in have])
        if key is not None:
            self._act(row, key)

    def _run(self, row: CannedRow) -> None:
        """Do at once what a response without words does, as one action."""
        key = self._view.conversation_id
        self._view.composer.canned.insert("")
        if key is None:
            return
        self._view.commands.run(
            lambda tx: macros.carry_out(tx, key, row.steps, tag=row.tag, status=row.status),
            visible(row.title),
        )

    def _act(self, row: CannedRow, conversation_id: int) -> None:
        """Do what a response does besides its words; a tag at once, a status after sending."""
        shown = self._view.row
        if row.tag and shown is not None and row.tag not in {tag.name for tag in shown.tags}:
            self._view.commands.tag([conversation_id], row.tag, on=True)
        announced = [step_words(step) for step in row.steps]
        if row.steps:
            self._steps[conversation_id] = row.steps
        if row.status == Status.CLOSED.value:
            self._closes = conversation_id
            announced.append(_("close the conversation"))
        if announced:
            words = _("Sending will also: {deeds}").format(deeds=", ".join(announced))
            self._context.notice.emit(
                Notice(
                    text=words,
                    action_text=_("Leave it out"),
                    action=partial(self._leave_out, conversation_id),
                    seconds=_SAID_SECONDS,
                    key="canned-status",
                )
            )

    def _leave_out(self, conversation_id: int) -> None:
        """Send the words, and do nothing besides."""
        self._steps.pop(conversation_id, None)
        if self._closes == conversation_id:
            self._closes = None

    # --- suggestions ---

    def _on_suggestion(self, suggestion: Suggestion) -> None:
        if suggestion.canned is not None:
            self._start(self._ask_and_insert(suggestion.canned))
        else:
            self._view.composer.canned.insert(suggestion.text)

    def _on_typed(self) -> None:
        """Who has begun to write needs no suggestions any more; who starts again does."""
        composer = self._view.composer
        if not composer.is_empty:
            composer.suggestions.hide()
        elif composer.suggestions.suggestions():
            composer.suggestions.show()

    def _suggest(self) -> None:
        self._view.composer.suggestions.show_suggestions(())
        self._renew()

    def _renew(self) -> None:
        key = self._view.conversation_id
        if key is not None:
            self._start(self._find(key))

    async def _find(self, conversation_id: int) -> None:
        found = await self._context.read(lambda conn: suggestions.suggest(conn, conversation_id))
        if not isValid(self):
            return
        offered = self._view.composer.suggestions
        if self._view.conversation_id == conversation_id and [*found] != offered.suggestions():
            offered.show_suggestions(found)
            self._on_typed()

    def _on_changed(self, changes: Changes) -> None:
        if changes.canned or self._view.conversation_id in changes.conversations:
            self._renew()

    def _start(self, work: object) -> None:
        self._context.start(work)  # type: ignore[arg-type]
