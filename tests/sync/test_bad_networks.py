"""An account on networks and servers that fail: it recovers by itself and hammers nobody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import Batch, Connector, Cursor, RawMail
from desktop_inbox.connectors.email import connector as email_connector
from desktop_inbox.connectors.email import imap
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.errors import TransientCause
from desktop_inbox.sync.ingest import Ingested
from desktop_inbox.sync.runner import Runner
from desktop_inbox.sync.status import AccountStatus, State
from tests.connectors.mailbox_desk import inbox, message
from tests.support.engine_room import eventually
from tests.support.outgoing import a_reply
from tests.support.scripted_imap import Answer, Cut, Mail, Script, scripted_imap
from tests.support.tls_authority import Authority, authority, make_authority  # noqa: F401

SOON = timedelta(milliseconds=5)


class Watched:
    """An e-mail account's runner on a scripted server, and what came of it."""

    def __init__(self, script: Script, **settings: object) -> None:
        self.statuses: list[AccountStatus] = []
        self.failures: list[int] = []
        self.uids: list[int] = []
        self._cursor: Cursor | None = None
        self._script = script
        self._settings = settings
        self.runner = Runner(
            1,
            make_connector=self._connect,
            load_cursor=self._load_cursor,
            ingest=self._ingest,
            report=self.statuses.append,
            reconnect_delay=self._delay,
        )

    async def _connect(self) -> Connector:
        return EmailConnector(self._script.config(**self._settings))

    async def _load_cursor(self) -> Cursor | None:
        return self._cursor

    async def _ingest(
        self, batch: Batch, _cursor: Cursor | None, after: asyncio.Task[Ingested] | None
    ) -> Ingested:
        if after is not None:
            await asyncio.shield(after)
        mails = [one for one in batch.items if isinstance(one, RawMail) and one.complete]
        self.uids += [mail.location.uid for mail in mails]
        self._cursor = batch.cursor
        return Ingested(stored=len(mails))

    def _delay(self, failures: int) -> timedelta:
        self.failures.append(failures)
        return SOON

    @property
    def states(self) -> set[State]:
        return {status.state for status in self.statuses}

    @property
    def causes(self) -> set[str]:
        return {status.cause for status in self.statuses if status.cause}

    async def online(self, *, again: bool = False) -> None:
        """Return once the account is caught up."""
        if again:
            self.statuses.clear()
        await eventually(lambda: State.ONLINE in self.states)


@asynccontextmanager
async def following(script: Script, **settings: object) -> AsyncIterator[Watched]:
    async with scripted_imap(script):
        watched = Watched(script, **settings)
        task = asyncio.create_task(watched.runner.run())
        try:
            yield watched
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


BAD_ANSWERS: list[Answer] = [
    Cut.HANG_UP,
    Cut.RESET,
    (b"* BYE shutting down for maintenance\r\n", Cut.HANG_UP),
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome to our cafe</html>\r\n",
    b"\x00\xff\xfe garbage \r\n",
    b"* 3 FETCH (UID 3 BODY[] {99999999999}\r\n",
    (b"* 3 FETCH (UID 3 BODY[] {900}\r\nhalf of it", Cut.HANG_UP),
    b"* 1 FETCH " + b"(" * 200_000 + b"\r\n{tag} NO that was all\r\n",
    b"{tag} NO [LIMIT] too many commands\r\n",
    b"{tag} NO [OVERQUOTA] your mailbox is full\r\n",
    b"{tag} NO [UNAVAILABLE] try later\r\n",
    b"{tag} BAD never heard of it\r\n",
    b"A9999 OK whose is this?\r\n",
    b"".join(b"* OK still here %d\r\n" % n for n in range(50_000)) + b"{tag} NO later\r\n",
]
STEPS = ["CAPABILITY", "LOGIN", "LIST", "STATUS", "EXAMINE", "FETCH", "UID SEARCH", "UID FETCH"]


@pytest.mark.parametrize("step", STEPS)
async def test_whatever_a_server_says_once_at_any_step_the_account_recovers(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behaviour 20: never a hang, never a freeze, every message once."""
    monkeypatch.setattr("desktop_inbox.sync.backoff.LONGEST", SOON)
    monkeypatch.setattr("desktop_inbox.connectors.email.failures._LIMIT_RETRY_SECONDS", 0.01)
    for answer in BAD_ANSWERS:
        script = Script(capabilities="IMAP4rev1", mails=inbox(4))
        script.answer_once(step, answer)
        if step == "LOGIN" and re.search(rb"\} NO [^[]", _words(answer)):
            continue  # refused: a person must act
        async with following(script) as watched:
            await watched.online()
        assert sorted(set(watched.uids)) == [1, 2, 3, 4], answer
        assert not watched.states & {State.FAILED, State.NEEDS_SIGN_IN}, answer


def _words(answer: Answer) -> bytes:
    return answer if isinstance(answer, bytes) else b""


async def test_a_server_that_lets_us_in_only_to_hang_up_is_not_hammered() -> None:
    """Behaviour 17: the wait grows, although every sign-in succeeds."""
    script = Script(capabilities="IMAP4rev1", mails=inbox(1))
    script.answer("LIST", Cut.HANG_UP)
    async with following(script) as watched:
        await eventually(lambda: len(watched.failures) >= 5)
    assert watched.failures[:5] == [1, 2, 3, 4, 5]


async def test_a_captive_portal_is_waited_out(
    tmp_path: Path,
    authority: Authority,  # noqa: F811
) -> None:
    """Behaviour 19: a stranger's certificate is the network's fault, not the password's."""
    stranger = make_authority(tmp_path)
    script = Script(mails=inbox(2), tls=authority.server_context())
    settings = {"imap_host": "localhost", "imap_security": "tls"}
    async with scripted_imap(script):
        config = {**settings, "ca_file": str(authority.ca_file)}
        portal = Script(greeting=b"* OK\r\n", tls=stranger.server_context())
        async with scripted_imap(portal):
            watched = Watched(script, **config)
            real, script.port = script.port, portal.port
            task = asyncio.create_task(watched.runner.run())
            try:
                await eventually(lambda: len(watched.failures) >= 3)
                assert watched.causes == {TransientCause.TLS.value}
                assert portal.commands == []  # no password was offered to it
                script.port = real
                watched.runner.connector = None  # made anew with the port of the real server
                await watched.online()
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
    assert sorted(watched.uids) == [1, 2]
    assert State.NEEDS_SIGN_IN not in watched.states


async def test_a_wrong_password_is_tried_once() -> None:
    """Behaviour 18."""
    script = Script(mails=inbox(1))
    script.answer("LOGIN", b"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n")
    async with following(script) as watched:
        await eventually(lambda: State.NEEDS_SIGN_IN in watched.states)
        watched.runner.reconnect()  # neither does waking up try it again
        await asyncio.sleep(0.05)
        assert script.connections == 1
        script.instead.clear()
        watched.runner.kick()
        await watched.online()


async def test_after_sleep_a_dead_link_is_not_waited_for() -> None:
    """Behaviour 16: current again at once, with connections of its own."""
    script = Script(mails=inbox(2))
    async with following(script) as watched:
        await watched.online()
        await script.idling.wait()
        script.answer("(NOOP|LIST|EXAMINE)", Cut.SILENCE)  # a black hole
        watched.runner.kick()
        await eventually(lambda: any(one.startswith("LIST") for one in script.commands[6:]))
        script.instead.clear()
        script.mails[3] = Mail(raw=message(3))
        before = script.connections

        watched.runner.reconnect()

        await watched.online(again=True)
        assert sorted(watched.uids) == [1, 2, 3]
        assert script.connections > before


async def test_a_black_hole_is_noticed_while_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Behaviour 16: within the probe's interval and patience, 50 s together."""
    assert email_connector.PROBE_SECONDS + imap.DONE_SECONDS < 60
    monkeypatch.setattr(email_connector, "PROBE_SECONDS", 0.02)
    monkeypatch.setattr(imap, "DONE_SECONDS", 0.05)
    for capabilities in ("IMAP4rev1 IDLE", "IMAP4rev1"):
        script = Script(capabilities=capabilities, mails=inbox(1))
        script.answer("NOOP", Cut.SILENCE)
        async with following(script) as watched:
            await eventually(lambda: TransientCause.NETWORK.value in watched.causes)


async def test_a_server_that_refuses_to_push_is_asked_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(email_connector, "PROBE_SECONDS", 0.02)
    script = Script(mails=inbox(1))
    script.answer("IDLE", b"{tag} BAD no such thing\r\n")
    async with following(script) as watched:
        await watched.online()
        await eventually(lambda: script.commands.count("NOOP") > 3)
        script.mails[2] = Mail(raw=message(2))
        await eventually(lambda: watched.uids == [1, 2])
        assert script.connections == 2
        assert watched.failures == []


async def test_idling_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule O9."""
    monkeypatch.setattr("desktop_inbox.connectors.email.settings.IDLE_MINUTES_RANGE", (0, 28))
    script = Script(mails=inbox(1))
    async with following(script, idle_minutes="0"):
        await eventually(lambda: script.commands.count("IDLE") > 3)
    assert script.connections == 2


async def test_never_more_than_three_connections_whatever_fails() -> None:
    """Behaviour 21."""
    script = Script(mails=inbox(3))
    cuts = [Cut.HANG_UP, None, Cut.RESET, None, Cut.HANG_UP]
    script.answer("STATUS", lambda text: cuts.pop() if cuts else None)
    async with following(script) as watched:
        await watched.online()
        await script.idling.wait()
        for _ in range(5):
            connector = watched.runner.connector
            assert connector is not None
            await connector.find_sent(a_reply(client_ref="nothing@here"))
            watched.runner.reconnect()
            await watched.online(again=True)
    assert script.most_at_once <= 3
