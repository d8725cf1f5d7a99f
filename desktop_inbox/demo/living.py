"""The sample shop as a going concern: servers, workspace, engine and customers, until it closes."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desktop_inbox.demo import seed
from desktop_inbox.demo.channels import Channels, Service
from desktop_inbox.demo.chats import Chats
from desktop_inbox.demo.chats import load as load_chats
from desktop_inbox.demo.chatters import Chatters
from desktop_inbox.demo.customers import Customers
from desktop_inbox.demo.server import HOST, Delivery, MailServer
from desktop_inbox.demo.shop import Shop, load
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import accounts
from desktop_inbox.store import service_levels
from desktop_inbox.store.database import Tx
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.engine import Engine
from desktop_inbox.sync.engine_thread import EngineThread
from desktop_inbox.sync.status import AccountStatus, State

logger = logging.getLogger(__name__)

_PASSWORD = "the sample shop's"  # noqa: S105 - opens a mailbox in this process only

_AT_WORK = timedelta(days=2)  # the shop promises answers to what came since


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShop:
    """The shop while it is open."""

    workspace: Workspace
    engine: EngineThread  # not started yet
    secrets: MemorySecrets
    server: MailServer
    settled: threading.Event  # set once all that was said before is here, on every channel


@contextmanager
def open_shop(
    *, answer_seconds: tuple[float, float] = (6.0, 14.0), with_new_mail: bool = True
) -> Iterator[OpenShop]:
    """Open the sample shop in a folder that is gone afterwards."""
    with ExitStack() as parts:
        now = datetime.now(UTC)
        shop, chats = load(now), load_chats(now)
        server = MailServer(address=shop.seed.address, password=_PASSWORD)
        parts.callback(server.stop)
        Customers(shop, server, answer_seconds=answer_seconds).move_in(with_new_mail=with_new_mail)
        server.start(
            Delivery(raw=letter.raw, folder=letter.folder, seen=letter.seen, at=letter.at)
            for letter in shop.letters()
        )
        folder = parts.enter_context(
            tempfile.TemporaryDirectory(prefix="desktop-inbox-demo-", ignore_cleanup_errors=True)
        )
        workspace = Workspace.open(Path(folder))
        parts.callback(workspace.close)
        secrets = MemorySecrets()
        workspace.db.write(lambda tx: seed.furnish(tx, shop, chats)).result()
        account_id = _open_account(workspace, secrets, shop, server)
        channels, services = _open_channels(workspace, shop, chats)
        chatters = Chatters(
            chats,
            services,
            general=shop.answers,
            later=server.later,
            answer_seconds=answer_seconds,
        )
        engine = EngineThread(Engine(workspace, secrets, connectors=channels.connect))
        parts.callback(engine.stop)
        _settle_when_synced(
            workspace,
            engine,
            shop,
            account_id,
            then=lambda: chatters.move_in(with_new_messages=with_new_mail),
        )
        yield OpenShop(
            workspace=workspace,
            engine=engine,
            secrets=secrets,
            server=server,
            settled=channels.taken,
        )


def _open_account(
    workspace: Workspace, secrets: MemorySecrets, shop: Shop, server: MailServer
) -> int:
    added = asyncio.run(
        accounts.add(
            workspace,
            secrets,
            kind="email",
            settings={
                "address": shop.seed.address,
                "name": shop.seed.name,
                "imap_host": HOST,
                "imap_port": str(server.imap_port),
                "imap_security": "none",
                "smtp_host": HOST,
                "smtp_port": str(server.smtp_port),
                "smtp_security": "none",
            },
            secret_values={"password": _PASSWORD},
            really_check=False,  # we have just opened both ports ourselves
        )
    )
    workspace.db.write(lambda tx: _start_clocks(tx, added.id)).result()
    return added.id


def _open_channels(
    workspace: Workspace, shop: Shop, chats: Chats
) -> tuple[Channels, dict[str, Service]]:
    def set_up(tx: Tx) -> dict[str, int]:
        accounts_by_kind = seed.open_accounts(tx, shop, chats)
        for account_id in accounts_by_kind.values():
            _start_clocks(tx, account_id)
        return accounts_by_kind

    accounts_by_kind = workspace.db.write(set_up).result()
    channels = Channels()
    return channels, {kind: channels.add(key) for kind, key in accounts_by_kind.items()}


def _start_clocks(tx: Tx, account_id: int) -> None:
    """Promise answers as if the account had been here for a while."""
    service_levels.start_clocks(tx, account_id, since=datetime.now(UTC) - _AT_WORK)


def _settle_when_synced(
    workspace: Workspace,
    engine: EngineThread,
    shop: Shop,
    account_id: int,
    *,
    then: Callable[[], None],
) -> None:
    """Once all mail is here, do to it what the shop's people did; what is said next comes `then`.

    In this order, so that who wrote by mail first goes on in the same conversation.
    """
    once = threading.Lock()

    def go_on(settled: Future[None]) -> None:
        settled.result()  # what went wrong is told in the log
        then()

    def follow(status: AccountStatus) -> None:
        mail_is_here = status.account_id == account_id and status.state is State.ONLINE
        if mail_is_here and once.acquire(blocking=False):
            unsubscribe()
            settled = workspace.db.write(lambda tx: seed.settle(tx, shop, account_id=account_id))
            settled.add_done_callback(go_on)

    unsubscribe = engine.subscribe(follow)
