"""Our store and the server, while others change the mailbox too: in the end both say the same.

The server is a real Dovecot, what it holds is asked with the standard library's client. Larger
runs: DESKTOP_INBOX_MONTH=5000 for the month away, DESKTOP_INBOX_TWINS=200 for random deeds,
DESKTOP_INBOX_SOAK=1800 (seconds) for faults.
"""

from __future__ import annotations

import asyncio
import imaplib
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desktop_inbox.domain.conversations import Status
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import accounts, places, schema, server_actions
from desktop_inbox.sync import backoff
from tests.support.desk import Desk
from tests.support.dovecot import Dovecot, Mailbox, dovecot, mailbox  # noqa: F401
from tests.support.proxy import FaultyProxy
from tests.support.smtp_server import SmtpServer, _smtp_process, smtp_server  # noqa: F401
from tests.support.tls_authority import authority  # noqa: F401

MONTH = int(os.environ.get("DESKTOP_INBOX_MONTH", "300"))
ROUNDS = int(os.environ.get("DESKTOP_INBOX_TWINS", "5"))
SOAK_SECONDS = float(os.environ.get("DESKTOP_INBOX_SOAK", "6"))
SEED = int(os.environ.get("DESKTOP_INBOX_SYNC_SEED", str(time.time_ns())))

FOLDERS = ("INBOX", "Archive", "Kunden")
Twin = tuple[str, bool]  # a message's name, and whether it is read


def letter(name: str) -> bytes:
    return (
        f"From: Customer {name} <{name}@else.example>\r\nTo: desk@desk.example\r\n"
        f"Subject: {name}\r\nMessage-ID: <{name}@else.example>\r\n"
        f"Date: Mon, 21 Sep 2026 11:00:00 +0000\r\n\r\nHello from {name}.\r\n"
    ).encode()


@contextmanager
def other_client(box: Mailbox, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
    client = box.imap()
    client.select(folder)
    try:
        yield client
    finally:
        client.logout()


def on_server(box: Mailbox) -> dict[str, dict[int, Twin]]:
    """Return what an independent client sees in the folders that are read, by UID."""
    found: dict[str, dict[int, Twin]] = {}
    client = box.imap()
    try:
        for folder in FOLDERS:
            status, _ = client.select(folder, readonly=True)
            if status != "OK":
                continue
            found[folder] = {}
            _, lines = client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
            for line in lines:
                if isinstance(line, tuple):
                    uid = int(line[0].split(b"UID ")[1].split()[0].rstrip(b")"))
                    name = line[1].split(b"<")[1].split(b"@")[0].decode()
                    found[folder][uid] = name, b"\\Seen" in line[0]
    finally:
        client.logout()
    return {folder: lying for folder, lying in found.items() if lying}


def in_store(desk: Desk) -> dict[str, dict[int, Twin]]:
    """Return the same as our store knows it."""
    place, message = schema.message_location.c, schema.message.c
    rows = desk.read(
        lambda conn: conn.execute(
            select(place.folder, place.uid, message.external_id, message.seen)
            .join(schema.message, message.id == place.message_id)
            .where(place.folder.in_(FOLDERS))
        ).all()
    )
    found: dict[str, dict[int, Twin]] = {}
    for folder, uid, name, seen in rows:
        found.setdefault(folder, {})[uid] = name.partition("@")[0], seen
    return found


@pytest.fixture
async def desk(
    tmp_path: Path,
    mailbox: Mailbox,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
) -> AsyncIterator[Desk]:
    desk = Desk.open(tmp_path, mailbox, smtp_server)
    await desk.add_account()
    yield desk
    desk.close()


async def test_a_month_away(desk: Desk) -> None:
    """Thousands of new messages, a fifth read elsewhere, some deleted: each arrives once."""
    box = desk.mailbox
    box.append(letter("before"))
    await desk.sync()
    read, deleted = MONTH // 5, max(1, MONTH // 500)
    box.fill(letter(f"m{number}") for number in range(MONTH))
    with other_client(box) as client:
        client.uid("STORE", f"2:{1 + read}", "+FLAGS", "(\\Seen)")
        client.uid("STORE", f"{MONTH - deleted + 2}:{MONTH + 1}", "+FLAGS", "(\\Deleted)")
        client.expunge()
    before = desk.totals()

    await desk.sync()

    after = desk.totals()
    assert after.stored - before.stored == MONTH - deleted
    assert (after.duplicates, after.quarantined) == (before.duplicates, 0)
    assert in_store(desk) == on_server(box)
    assert sum(seen for _, seen in in_store(desk)["INBOX"].values()) == read
    await desk.sync()
    assert desk.totals() == after


async def test_what_is_missing_here_is_found_and_fetched(desk: Desk) -> None:
    """Rule O8: the weekly comparison of all UIDs."""
    box = desk.mailbox
    box.append(*(letter(f"m{number}") for number in range(20)))
    await desk.sync()
    (account,) = desk.read(accounts.list_all)
    desk.write(
        lambda tx: places.forget(  # as if a bug had lost them
            tx, account.id, "INBOX", uidvalidity=_uidvalidity(desk), uids=[3, 4, 17]
        )
    )
    assert in_store(desk) != on_server(box)
    await desk.sync()
    assert in_store(desk) != on_server(box)  # nothing tells an ordinary look

    desk.write(lambda tx: accounts.ask_for_reconciliation(tx, account.id))
    await desk.sync()

    assert in_store(desk) == on_server(box)
    assert desk.totals().stored == 20
    desk.write(lambda tx: accounts.ask_for_reconciliation(tx, account.id))
    await desk.sync()
    found = desk.read(lambda conn: conn.scalar(select(schema.sync_cursor.c.found_missing)))
    assert found == 0


def _uidvalidity(desk: Desk) -> int:
    query = select(schema.message_location.c.uidvalidity).limit(1)
    return desk.read(lambda conn: conn.scalar(query)) or 0


def name_of(client: imaplib.IMAP4, uid: str) -> str:
    """Return what a message of the open folder is called."""
    _, lines = client.uid("FETCH", uid, "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
    line = lines[0]
    return line[1].split(b"<")[1].split(b"@")[0].decode() if isinstance(line, tuple) else ""


class World:
    """Two clients at one mailbox: an independent one, and a person at our desk."""

    def __init__(self, desk: Desk, dice: random.Random) -> None:
        self.desk = desk
        self.dice = dice
        self.count = 0
        self.copied: set[str] = set()  # names of messages

    def elsewhere(self) -> None:
        """Do one thing that another program might do."""
        folder = self.dice.choice(FOLDERS)
        with self._client(folder) as client:
            uid = self._any_uid(client)
            if uid is None or self.dice.random() < 0.3:
                self.count += 1
                client.append(folder, "", "", letter(f"n{self.count}"))
                return
            what = self.dice.randrange(6)
            if what == 0:
                client.uid("STORE", uid, "+FLAGS", "(\\Seen)")
            elif what == 1:
                client.uid("STORE", uid, "-FLAGS", "(\\Seen)")
            elif what == 2:
                client.uid("STORE", uid, "+FLAGS", "(\\Deleted)")
                client.expunge()
            elif what in (3, 4):
                client.uid("MOVE", uid, self.dice.choice(FOLDERS))
            else:
                self.copied.add(name_of(client, uid))
                client.uid("COPY", uid, self.dice.choice(("Archive", "Kunden")))

    def rename(self) -> None:
        """Let a folder go and come again under another UIDVALIDITY, with its messages."""
        with self._client("INBOX") as client:
            client.rename("Kunden", "Elsewhere")
            client.create("Kunden")
            client.select("Elsewhere")
            if self._any_uid(client) is not None:
                client.uid("MOVE", "1:*", "Kunden")
            client.select("INBOX")
            client.delete("Elsewhere")

    def here(self) -> None:
        """Do one thing that a person at our desk might do."""
        rows = self.desk.conversations()
        if not rows:
            return
        key = self.dice.choice(rows).id
        what = self.dice.choice(
            [
                lambda tx: actions.mark_read(tx, key),
                lambda tx: actions.mark_unread(tx, key),
                lambda tx: actions.set_status(tx, key, Status.SPAM),
                lambda tx: actions.throw_away(tx, key),
                lambda tx: actions.reopen(tx, key),
                lambda tx: actions.close(tx, key),
            ]
        )
        self.desk.write(what)

    @contextmanager
    def _client(self, folder: str) -> Iterator[imaplib.IMAP4]:
        client = self.desk.mailbox.imap()
        client.create("Kunden")
        client.select(folder)
        try:
            yield client
        finally:
            client.logout()

    def _any_uid(self, client: imaplib.IMAP4) -> str | None:
        _, data = client.uid("SEARCH", "ALL")
        uids = (data[0] or b"").split()
        return self.dice.choice(uids).decode() if uids else None


def differences(
    here: dict[str, dict[int, Twin]], there: dict[str, dict[int, Twin]], *, copied: set[str]
) -> list[tuple[str, int, Twin | None, Twin | None]]:
    """Return what our store and the server say differently, by folder and UID.

    Of messages that were `copied` we keep one mark; the server keeps one for each copy.
    """
    found = []
    for folder in FOLDERS:
        ours, theirs = here.get(folder, {}), there.get(folder, {})
        for uid in sorted(ours.keys() | theirs.keys()):
            mine, other = ours.get(uid), theirs.get(uid)
            if mine and other and mine[0] == other[0] and mine[0] in copied:
                continue
            if mine != other:
                found.append((folder, uid, mine, other))
    return found


async def settled(desk: Desk, *, copied: set[str]) -> None:
    """Sync until nothing waits and both sides say the same, or fail with the difference."""
    (account,) = desk.read(accounts.list_all)
    for left in reversed(range(4)):
        await desk.sync()
        waiting = desk.read(lambda conn: server_actions.count(conn, account.id))
        there = await asyncio.to_thread(on_server, desk.mailbox)
        found = differences(in_store(desk), there, copied=copied)
        if not waiting and not found:
            return
        assert left, f"{waiting} wait; {found}"


@settings(
    max_examples=ROUNDS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(dice=st.randoms(use_true_random=False))
async def test_random_deeds_of_two_clients_end_alike(
    dovecot: Dovecot,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
    dice: random.Random,
) -> None:
    """Behaviour 10. A failure shrinks to the fewest deeds that bring it about."""
    with TemporaryDirectory() as folder:
        desk = Desk.open(Path(folder), dovecot.mailbox("twin"), smtp_server)
        try:
            await desk.add_account()
            await _live_together(World(desk, dice))
            names = [one.external_id for one in desk.messages()]
            assert len(names) == len(set(names))
        finally:
            desk.close()


async def _live_together(world: World) -> None:
    dice = world.dice
    for _ in range(dice.randrange(1, 7)):
        for _ in range(dice.randrange(1, 8)):
            await asyncio.to_thread(world.elsewhere)
        for _ in range(dice.randrange(4)):
            world.here()
        if dice.random() < 0.2:
            await asyncio.to_thread(world.rename)
        await settled(world.desk, copied=world.copied)


@asynccontextmanager
async def engine_running(desk: Desk) -> AsyncIterator[None]:
    engine = desk.engine()
    started = asyncio.Event()
    task = asyncio.create_task(engine.run(on_started=started.set))
    await started.wait()
    try:
        yield
    finally:
        engine.stop()
        await task


@pytest.mark.expects_log("in the middle of sending")
async def test_under_random_network_faults_both_sides_end_alike(
    tmp_path: Path,
    mailbox: Mailbox,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Issue 3: a soak; connections are cut, delayed and swallowed at random moments."""
    print("seed", SEED)
    dice = random.Random(SEED)
    monkeypatch.setattr(backoff, "FIRST", timedelta(seconds=0.05))
    monkeypatch.setattr(backoff, "LONGEST", timedelta(seconds=0.5))
    async with FaultyProxy(mailbox.server.imaps_port, dice) as proxy:
        desk = Desk.open(tmp_path, mailbox, smtp_server)
        try:
            (key,) = [await desk.add_account()]
            settings = {**desk.settings, "imap_port": proxy.port}
            desk.write(lambda tx: accounts.change(tx, key, settings=settings))
            world = World(desk, dice)
            deadline = time.monotonic() + SOAK_SECONDS
            proxy.faulty = True
            async with engine_running(desk):
                while time.monotonic() < deadline:
                    await asyncio.to_thread(world.elsewhere)
                    await asyncio.to_thread(world.here)
                    await asyncio.sleep(dice.random() * 0.1)
            proxy.faulty = False
            print(proxy.faults, "faults", proxy.connections, "connections")
            assert proxy.faults > 0
            # No storm: every connection follows a fault or a wait.
            assert proxy.connections < 12 * SOAK_SECONDS + 4 * proxy.faults
            await settled(desk, copied=world.copied)
            names = [one.external_id for one in desk.messages()]
            assert len(names) == len(set(names))
        finally:
            desk.close()
