"""The sample shop as a going concern: server, workspace, engine and customers, until it closes."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desktop_inbox.demo import seed
from desktop_inbox.demo.customers import Customers
from desktop_inbox.demo.server import HOST, Delivery, MailServer
from desktop_inbox.demo.shop import Shop, load
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import accounts
from desktop_inbox.store import service_levels
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.engine import Engine, EngineThread
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


@contextmanager
def open_shop(
    *, answer_seconds: tuple[float, float] = (6.0, 14.0), with_new_mail: bool = True
) -> Iterator[OpenShop]:
    """Open the sample shop in a folder that is gone afterwards."""
    with ExitStack() as parts:
        shop = load(datetime.now(UTC))
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
        account_id = _open_account(workspace, secrets, shop, server)
        engine = EngineThread(Engine(workspace, secrets))
        parts.callback(engine.stop)
        _settle_when_synced(workspace, engine, shop, account_id)
        yield OpenShop(workspace=workspace, engine=engine, secrets=secrets, server=server)


def _open_account(
    workspace: Workspace, secrets: MemorySecrets, shop: Shop, server: MailServer
) -> int:
    workspace.db.write(lambda tx: seed.furnish(tx, shop)).result()
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
    since = datetime.now(UTC) - _AT_WORK  # as if the account had been here for a while
    workspace.db.write(lambda tx: service_levels.start_clocks(tx, added.id, since=since)).result()
    return added.id


def _settle_when_synced(
    workspace: Workspace, engine: EngineThread, shop: Shop, account_id: int
) -> None:
    """Once all mail is here, do to it what the shop's people did."""
    once = threading.Lock()

    def follow(status: AccountStatus) -> None:
        if status.state is State.ONLINE and once.acquire(blocking=False):
            unsubscribe()
            workspace.db.write(lambda tx: seed.settle(tx, shop, account_id=account_id))

    unsubscribe = engine.subscribe(follow)
