"""What one thread pane does about its channels: templates, and what a way is closed for.

Lives on the UI thread; the store and the services are asked on their own threads.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from shiboken6 import isValid

from desktop_inbox.connectors.errors import ConnectorError, TransientError
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.services import accounts, customers, drafts
from desktop_inbox.services.channels import Way
from desktop_inbox.store import chat_ways
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import utc_now
from desktop_inbox.sync import chat_templates
from desktop_inbox.ui.views import channel_words, composer_content

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class ChannelDesk(QObject):
    """Serves the composer of one thread view."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context

    def listen(self) -> None:
        """Listen to the composer."""
        composer, start = self._view.composer, self._context.start
        composer.deed_wanted.connect(self._do)
        composer.templates_wanted.connect(lambda key: start(self._templates(key), name="templates"))
        composer.passing_on_wanted.connect(lambda way: start(self._pass_on(way), name="pass on"))
        composer.ways_wanted.connect(lambda *who: start(self._look(*who), name="ways"))

    async def _look(self, kind: str, scope: str, address: str) -> None:
        """Tell the composer how somebody it names can be reached."""
        from desktop_inbox.services import writing_first  # with the first new message

        found = await self._context.read(
            lambda conn: writing_first.ways_to(conn, address, kind=kind, scope=scope, now=utc_now())
        )
        if isValid(self):
            self._view.composer.addressing.show_ways(address, found)

    async def _pass_on(self, way: Way) -> None:
        """Go on with a forward as a new message on another channel than mail."""
        view = self._view
        await view.flush()
        content = composer_content.passed_on(view.composer, way)
        forwarded = view.keeper.draft_id

        def turn(tx: Tx) -> int:
            if forwarded is not None:
                drafts.discard(tx, forwarded)
            return drafts.save(tx, content)

        with view.keeper.held():
            draft_id = await self._context.write(turn)
            view.keeper.forget()
            view.composer.reset()
        self._context.draft_requested.emit(draft_id)

    # --- what a way is closed for ---

    def _do(self, deed: str, way: Way | None) -> None:
        match deed:
            case channel_words.ADD:
                self._context.actions["account.add"].trigger()
            case channel_words.SIGN_IN:
                self._context.settings_requested.emit("channels")
            case channel_words.RESUME if way is not None and way.account_id is not None:
                account_id = way.account_id
                self._context.start(self._resume(account_id), name="resume")
            case channel_words.UNBLOCK if way is not None and way.identity_id is not None:
                self._context.start(self._unblock(way.identity_id), name="unblock")

    async def _resume(self, account_id: int) -> None:
        await self._context.write(lambda tx: accounts.resume(tx, account_id))
        self._view.composer.addressing.look_again()

    async def _unblock(self, identity_id: int) -> None:
        def unblock(tx: Tx) -> None:
            customer_id = chat_ways.customer_of(tx.conn, identity_id)
            if customer_id is not None:
                customers.edit(tx, customer_id, blocked=False)

        await self._context.write(unblock)
        self._view.composer.addressing.look_again()
        self._view.reload()

    # --- templates ---

    async def _templates(self, account_id: int) -> None:
        """Offer what is known at once, then what the service says now."""
        await self._offer(account_id, said=_("The templates are being looked up…"))
        await self._offer(account_id, said=await self._look_up(account_id))

    async def _offer(self, account_id: int, *, said: str) -> None:
        found = await self._context.read(lambda conn: chat_templates.kept(conn, account_id))
        composer = self._view.composer
        if isValid(self) and composer.sent_as.account_id == account_id:
            none = _("There are none yet: have one approved at the service first.")
            composer.guide.show_templates(found, said=said or ("" if found else none))

    async def _look_up(self, account_id: int) -> str:
        """Have the engine ask the service; return what is to be said about that."""
        engine = self._context.engine
        known = _("These are the templates as they were known last.")
        if engine is None or not engine.running:
            return known
        try:
            work = engine.engine.look_up_templates(account_id)
            await asyncio.wrap_future(engine.submit(work))
        except TransientError:
            return _("{title} cannot be reached now.").format(title=self._title(account_id)) + (
                f" {known}"
            )
        except ConnectorError as error:
            return _("The templates could not be looked up: {why}").format(
                why=visible(error.detail)
            )
        return ""

    def _title(self, account_id: int) -> str:
        account = self._view.composer.sent_as.account
        return account.title if account is not None and account.id == account_id else ""
