"""A permission that was taken back: the account stops, mail stays queued, signing in mends it.

The engine is the real one, with a real Dovecot, a sending server and an authorisation server.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from desktop_inbox.connectors import oauth
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import accounts as account_services
from desktop_inbox.store import accounts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.credentials import secrets_name
from desktop_inbox.sync.engine import Engine
from desktop_inbox.sync.status import AccountStatus, State
from tests.support.authorisation import CLIENT, AuthorisationServer
from tests.support.dovecot import Mailbox, dovecot, mailbox  # noqa: F401
from tests.support.engine_room import Room, eventually
from tests.support.mail_accounts import token
from tests.support.smtp_server import SmtpServer, _smtp_process, smtp_server  # noqa: F401
from tests.support.tls_authority import authority  # noqa: F401


@pytest.fixture
def provider(mailbox: Mailbox) -> Iterator[AuthorisationServer]:  # noqa: F811
    """Its access tokens are JWTs, which this Dovecot reads by itself."""
    with AuthorisationServer(who=mailbox.address, mint=lambda: token(mailbox.address)) as server:
        yield server


class Desk:
    """One account that signed in through the browser, and its engine."""

    def __init__(
        self,
        room: Room,
        box: Mailbox,
        smtp: SmtpServer,
        provider: AuthorisationServer,
    ) -> None:
        self.room = room
        self.secrets = MemorySecrets()
        self.provider = provider
        self.statuses: list[AccountStatus] = []
        smtp.token_owner = provider.access.get
        config = box.config(smtp, smtp_port=smtp.tls_port, smtp_security="tls")
        settings = {
            **config.settings,
            "oauth": "local",
            "oauth_token_url": provider.service.token_url,
            "oauth_client_id": CLIENT,
        }
        self.account = room.write(lambda tx: _create(tx, box.address, settings))
        given = provider.grant()
        self.keep(str(given["access_token"]), str(given["refresh_token"]), ends=time.time() + 10)

    def keep(self, access: str, refresh: str, *, ends: float) -> None:
        tokens = oauth.Tokens(access=access, refresh=refresh, expires_at=ends)
        name = secrets_name(self.account.uid)
        self.secrets.set(name, json.dumps(oauth.written_tokens(tokens)))

    @property
    def kept(self) -> dict[str, str]:
        values: dict[str, str] = json.loads(
            self.secrets.get(secrets_name(self.account.uid)) or "{}"
        )
        return values

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Engine]:
        engine = Engine(self.room.workspace, self.secrets)
        unsubscribe = engine.subscribe(self.statuses.append)
        task = asyncio.create_task(engine.run())
        try:
            yield engine
        finally:
            unsubscribe()
            engine.stop()
            with suppress(asyncio.CancelledError):
                await task

    def state(self, engine: Engine) -> State | None:
        status = engine.statuses.get(self.account.id)
        return None if status is None else status.state


def _create(tx: Tx, address: str, settings: dict[str, object]) -> AccountRow:
    key = accounts.create(tx, kind="email", title="Shop", address=address, settings=settings)
    row = accounts.row(tx.conn, key)
    assert row is not None
    return row


async def test_tokens_are_renewed_before_connecting_and_kept(
    room: Room,
    mailbox: Mailbox,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
    provider: AuthorisationServer,
) -> None:
    desk = Desk(room, mailbox, smtp_server, provider)
    async with desk.running() as engine:
        await eventually(lambda: desk.state(engine) is State.ONLINE)
    assert len(provider.forms) == 1
    assert desk.kept["refresh_token"] in provider.refresh
    row = room.read(lambda conn: accounts.row(conn, desk.account.id))
    assert row is not None
    assert desk.kept["access_token"] not in str(row)


async def test_a_permission_taken_back_stops_the_account_once_and_keeps_what_waits(
    room: Room,
    mailbox: Mailbox,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
    provider: AuthorisationServer,
) -> None:
    desk = Desk(room, mailbox, smtp_server, provider)
    provider.revoke()
    room.queue(account_id=desk.account.id)
    async with desk.running() as engine:
        await eventually(lambda: desk.state(engine) is State.NEEDS_SIGN_IN)
        await asyncio.sleep(0.3)  # long enough for another attempt, if there were one
        assert len(provider.forms) == 1
        told = [one for one in desk.statuses if one.state is State.NEEDS_SIGN_IN]
        assert [one.cause for one in told] == ["revoked"]
        assert [row.state for row in room.outbox()] == ["queued"]
        # The person signs in again.
        given = provider.grant()
        tokens = oauth.Tokens(
            access=str(given["access_token"]),
            refresh=str(given["refresh_token"]),
            expires_at=time.time() + 3600,
        )
        await account_services.change(
            room.workspace,
            desk.secrets,
            desk.account.id,
            secret_values=oauth.written_tokens(tokens),
        )
        await eventually(lambda: desk.state(engine) is State.ONLINE)
        await eventually(lambda: len(smtp_server.accepted) == 1)
    assert smtp_server.accepted[0].account == mailbox.address


async def test_a_provider_that_is_down_is_no_reason_to_sign_in_again(
    room: Room,
    mailbox: Mailbox,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
    provider: AuthorisationServer,
) -> None:
    desk = Desk(room, mailbox, smtp_server, provider)
    provider.down = (503, "temporarily_unavailable")
    async with desk.running() as engine:
        await eventually(lambda: desk.state(engine) is State.WAITING)
        provider.down = None
        engine.kick()
        await eventually(lambda: desk.state(engine) is State.ONLINE)
