"""One e-mail account: IMAP for what comes, SMTP for what goes. Engine loop.

At most three IMAP connections: one reads, one idles on the inbox, and one is opened for as long
as something is looked up, filed or downloaded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    BeforeBody,
    Connector,
    ConnectorInfo,
    Cursor,
    Dealt,
    FolderRole,
    Letter,
    Location,
    Mark,
    SendResult,
)
from desktop_inbox.connectors.email import attachments, copies, drafts, writing
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.imap_responses import CommandRefused, Untagged
from desktop_inbox.connectors.email.info import INFO
from desktop_inbox.connectors.email.providers import files_sent_mail
from desktop_inbox.connectors.email.settings import EmailSettings, SentCopy, read_settings
from desktop_inbox.connectors.email.smtp import Envelope, SmtpSender
from desktop_inbox.connectors.email.sync import MailSync
from desktop_inbox.connectors.errors import (
    ConnectorError,
    PermanentError,
    PermanentReason,
    TransientError,
)
from desktop_inbox.domain.messages import Outgoing
from desktop_inbox.mime.compose import compose

PROBE_SECONDS = 30.0  # between two questions whether the server is still there
SIDE_SECONDS = 30.0  # how long the third connection is kept for the next question
CLOSE_SECONDS = 4.0

log = logging.getLogger(__name__)

_NEWS = frozenset({"EXISTS", "EXPUNGE", "VANISHED", "FETCH"})


class EmailConnector(Connector):
    """The connector of kind "email"."""

    info: ClassVar[ConnectorInfo] = INFO

    def __init__(self, config: AccountConfig) -> None:
        super().__init__(config)
        self._settings: EmailSettings | None = None
        self._main: ImapConnection | None = None
        self._sync: MailSync | None = None
        self._suspects: dict[tuple[str, int, int], int] = {}
        self._sender: SmtpSender | None = None
        self._reading = asyncio.Lock()
        self._news = asyncio.Event()
        self._idler: asyncio.Task[None] | None = None
        self._idle_failure: ConnectorError | None = None
        self._side: ImapConnection | None = None
        self._side_lock = asyncio.Lock()
        self._side_timer: asyncio.TimerHandle | None = None
        self._side_closing: asyncio.Task[None] | None = None

    # -- life ------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect and sign in for reading; called again after every failure.

        *Raises:* TransientError, AuthError, PermanentError (settings that cannot work).
        """
        await self._let_go_of_reading()
        if not self._side_lock.locked():
            await self._let_go_of_side()  # whatever ended the one link ended this one, too
        settings = self._known_settings()
        main = ImapConnection(settings.imap, settings.credentials, on_lost=self._news.set)
        await main.open()
        self._main = main
        self._sync = MailSync(main, since=settings.since, suspects=self._suspects)

    async def close(self) -> None:
        """Let go of every connection. Idempotent, returns within 5 s, never raises."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                sender, self._sender = self._sender, None
                await asyncio.gather(
                    self._let_go_of_reading(goodbye=True),
                    self._let_go_of_side(),
                    *([sender.close()] if sender else []),
                )
        except TimeoutError:
            log.info("account %d: a server took too long to say goodbye", self.config.id)

    async def _let_go_of_reading(self, *, goodbye: bool = False) -> None:
        idler, self._idler = self._idler, None
        main, self._main = self._main, None
        sync, self._sync = self._sync, None
        self._idle_failure = None
        self._news.clear()
        if sync is not None:
            sync.drop()
        if idler is not None:
            idler.cancel()
            await asyncio.gather(idler, return_exceptions=True)
        if main is not None:
            if goodbye:
                await main.close()
            else:
                await main.drop()

    def _known_settings(self) -> EmailSettings:
        if self._settings is None:
            self._settings = read_settings(self.config)
        return self._settings

    # -- reading ---------------------------------------------------------------------------

    async def pull(self, cursor: Cursor | None) -> Batch:
        """Return what is new after `cursor`, newest first. *Raises:* TransientError, AuthError."""
        async with self._reading:
            sync = self._open_sync()
            if self._news.is_set():
                self._news.clear()
                sync.look_again(inbox_only=True)
            batch = await sync.pull(cursor)
            self._start_idling()
            return batch

    async def reconcile(
        self, cursor: Cursor, places: Mapping[tuple[str, int], Sequence[int]]
    ) -> Batch:
        """Compare all that lies on the server with what lies here; see the contract."""
        async with self._reading:
            return await self._open_sync().reconcile(cursor, places)

    async def wait(self) -> None:
        """Return when there probably is something new; raise when the link is lost.

        The server pushes through the idling connection. The reading one is asked every half
        minute whether it still lives; where the server cannot push, that brings news as well.
        """
        if self._open_sync().has_work:
            return
        self._start_idling()
        self._open_main().require()
        while not self._news.is_set():
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                await self._probe()
        self._open_main().require()
        if self._idle_failure is not None:
            failure, self._idle_failure = self._idle_failure, None
            raise failure

    async def _probe(self) -> None:
        async with self._reading:
            main, sync = self._open_main(), self._open_sync()
            await main.noop()  # with less patience than other commands: found dead within a minute
            idles = self._idler is not None and not self._idler.done()
            if not idles and sync.inbox is not None:
                selected = await main.examine(sync.inbox.wire_name)
                if not sync.knows(selected):
                    self._news.set()

    def _open_sync(self) -> MailSync:
        if self._sync is None:
            raise TransientError("not connected", step="connect")
        return self._sync

    def _open_main(self) -> ImapConnection:
        if self._main is None:
            raise TransientError("not connected", step="connect")
        return self._main

    def _start_idling(self) -> None:
        if self._idler is None and self._main is not None and self._main.has("IDLE"):
            self._idler = asyncio.create_task(self._idle(), name=f"idle account {self.config.id}")

    async def _idle(self) -> None:
        """Hold the second connection open; whatever it says while idling is news."""
        listening = False

        def hear(response: Untagged) -> None:
            if listening and response.kind in _NEWS:
                self._news.set()

        settings = self._known_settings()
        connection = ImapConnection(settings.imap, settings.credentials, on_untagged=hear)
        try:
            await connection.open()
        except ConnectorError as error:
            # The first connection works, so this one is one too many; asking must do.
            log.info("account %d: no second connection: %s", self.config.id, type(error).__name__)
            return
        try:
            sync = self._open_sync()
            selected = await connection.examine(sync.inbox.wire_name if sync.inbox else b"INBOX")
            if not sync.knows(selected):
                self._news.set()  # it came between the last look and now
            listening = True
            while True:
                await connection.idle(seconds=settings.idle_seconds)
        except ConnectorError as error:
            if isinstance(error.__cause__, CommandRefused):
                log.info("account %d: the server will not push; asking must do", self.config.id)
                return
            self._idle_failure = error
            self._news.set()
        finally:
            await connection.drop()

    # -- sending ---------------------------------------------------------------------------

    @property
    def limits(self) -> Mapping[str, int]:
        """What the sending server last said it takes; empty until it was asked."""
        return self._sender.limits if self._sender is not None else {}

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        """Deliver once; see the contract. *Raises:* as `SmtpSender.send`."""
        settings = self._known_settings()
        if not message.recipients:
            raise PermanentError("no recipient", reason=PermanentReason.RECIPIENT, step="recipient")
        raw = await self._composed(message)
        if self._sender is None:
            self._sender = SmtpSender(settings.smtp, settings.credentials)
        return await self._sender.send(
            Envelope(sender=message.from_.address, recipients=message.recipients),
            raw,
            message_id=message.client_ref,
            before_body=before_body,
        )

    async def _composed(self, message: Outgoing) -> bytes:
        try:
            return await asyncio.to_thread(compose, message)
        except OSError as error:
            raise PermanentError(
                f"{error.filename or ''}: {error.strerror or error}",
                reason=PermanentReason.MEDIA,
                step="compose",
            ) from error
        except ValueError as error:
            raise PermanentError(str(error), step="compose") from error

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Look for our message in Sent, in All Mail, and among what came back to the inbox."""
        async with self._aside() as connection:
            lies = await copies.lies_somewhere(connection, message.client_ref)
        return SendResult(external_id=message.client_ref) if lies else None

    async def store_sent(self, message: Outgoing, *, insist: bool) -> bool:
        """See that a copy lies in Sent, unless nobody shall; see the contract."""
        settings = self._known_settings()
        if settings.sent_copy is SentCopy.NEVER:
            return True
        async with self._aside() as connection:
            theirs = settings.sent_copy is SentCopy.AUTO and (
                files_sent_mail(settings.smtp.host) or connection.is_gmail
            )
            return await copies.see_to_sent(
                connection,
                message.client_ref,
                lambda: self._composed(message),
                at=message.at,
                append=insist or not theirs,
            )

    async def keep_draft(self, client_ref: str, draft: Outgoing | None) -> None:
        """Have just this version of a draft lie in Drafts; see the contract."""
        raw = await self._composed(draft) if draft is not None else None
        async with self._aside() as connection:
            at = draft.at if draft is not None else datetime.now(UTC)
            await drafts.keep_draft(connection, client_ref, raw, at=at)

    # -- changing what lies there ----------------------------------------------------------

    async def mark(self, letters: Sequence[Letter], mark: Mark, *, on: bool) -> Dealt:
        """Mark messages read or unread; see the contract."""
        async with self._aside() as connection:
            return await writing.mark(connection, letters, mark, on=on)

    async def move(
        self, letters: Sequence[Letter], *, role: FolderRole, folder: str = "", again: bool = False
    ) -> Dealt:
        """Move messages into another folder; see the contract."""
        async with self._aside() as connection:
            return await writing.move(connection, letters, role=role, folder=folder, again=again)

    async def fetch_attachment(self, location: Location, section: str, target: Path) -> None:
        """Stream one attachment, decoded, into `target`, which is complete or not there."""
        async with self._aside() as connection:
            await attachments.download(connection, location, section, target)

    # -- the third connection --------------------------------------------------------------

    @asynccontextmanager
    async def _aside(self) -> AsyncIterator[ImapConnection]:
        """Lend a connection that disturbs neither reading nor idling."""
        async with self._side_lock:
            if self._side_timer is not None:
                self._side_timer.cancel()
                self._side_timer = None
            if self._side is None or not self._side.alive:
                settings = self._known_settings()
                side = ImapConnection(settings.imap, settings.credentials)
                await side.open()
                self._side = side
            try:
                yield self._side
            except BaseException:
                side, self._side = self._side, None
                await side.drop()
                raise
            self._side_timer = asyncio.get_running_loop().call_later(
                SIDE_SECONDS, self._side_idle_out
            )

    def _side_idle_out(self) -> None:
        self._side_timer = None
        self._side_closing = asyncio.get_running_loop().create_task(self._let_go_of_side())

    async def _let_go_of_side(self) -> None:
        if self._side_timer is not None:
            self._side_timer.cancel()
            self._side_timer = None
        side, self._side = self._side, None
        if side is not None:
            await side.close()


create = EmailConnector
