"""Talks over XMPP through a real server: the archive loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import trustme

from desktop_inbox.connectors import check, create
from desktop_inbox.connectors.chat import ChatItem, Edited, Incoming, Reacted, Receipt, Withdrawn
from desktop_inbox.connectors.contract import AccountConfig, Connector, Cursor, Item
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    PermanentError,
    PermanentReason,
    TransientCause,
    TransientError,
    UncertainDelivery,
)
from desktop_inbox.connectors.xmpp.connector import XmppConnector
from desktop_inbox.domain.messages import Address, Delivery, Outgoing, OutgoingFile
from tests.connectors.contract_suite import drain, nothing
from tests.support.prosody import HOST, PASSWORD, Customer, Front, Prosody, program

pytestmark = pytest.mark.skipif(program() is None, reason="Prosody is not installed")

_numbers = itertools.count(1)
SAID = '<message to="{to}" type="chat" id="{id}"><body>{text}</body>{more}</message>'


def config(port: int, address: str, *, password: str = PASSWORD, **settings: str) -> AccountConfig:
    told = {"host": "127.0.0.1", "port": str(port), "security": "none", **settings}
    return AccountConfig(id=1, address=address, settings=told, secrets={"password": password})


def outgoing(client_ref: str, *, shop: str, to: str, text: str = "") -> Outgoing:
    return Outgoing(
        client_ref=client_ref,
        at=datetime.now(UTC),
        from_=Address(name="", address=shop),
        to=(Address(name="", address=to),),
        text=text or f"words of {client_ref}",
        chat=to,
    )


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def made(folder: Path, authority: trustme.CA) -> Prosody:
    issued = authority.issue_cert(HOST)
    chain = b"".join(one.bytes() for one in issued.cert_chain_pems)
    return Prosody(folder, key=issued.private_key_pem.bytes(), certificate=chain)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[Prosody]:
    server = made(tmp_path_factory.mktemp("prosody"), authority)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def shop(server: Prosody) -> str:
    return server.register(f"shop{next(_numbers)}")


@pytest.fixture
async def elif_(server: Prosody) -> AsyncIterator[Customer]:
    async with Customer(server, server.register(f"elif{next(_numbers)}")) as customer:
        yield customer


@pytest.fixture
async def connector(server: Prosody, shop: str) -> AsyncIterator[Connector]:
    connector = create("xmpp", config(server.port, shop))
    await connector.open()
    yield connector
    await connector.close()


async def pulled(
    connector: Connector, cursor: Cursor | None, kind: type[ChatItem]
) -> tuple[list[Item], Cursor]:
    """Pull until something of a kind has come."""
    async with asyncio.timeout(10):
        while True:
            items, cursor = await drain(connector, cursor)
            if any(isinstance(one, kind) for one in items):
                return [one for one in items if isinstance(one, kind)], cursor
            await connector.wait()


async def test_how_far_it_has_come_is_told(
    connector: Connector, shop: str, elif_: Customer
) -> None:
    sent = await connector.send(outgoing("ref-1", shop=shop, to=elif_.address), nothing)
    assert (await elif_.hears("words of ref-1")).get("id") == "ref-1"
    _, cursor = await drain(connector, None)
    for name, space, state in (
        ("received", "urn:xmpp:receipts", Delivery.DELIVERED),
        ("displayed", "urn:xmpp:chat-markers:0", Delivery.READ),
    ):
        note = f'<{name} xmlns="{space}" id="ref-1"/><store xmlns="urn:xmpp:hints"/>'
        await elif_.say(f'<message to="{shop}" type="chat" id="n-{name}">{note}</message>')
        [receipt], cursor = await pulled(connector, cursor, Receipt)
        assert isinstance(receipt, Receipt)
        assert (receipt.external_id, receipt.state) == (sent.external_id, state)


async def test_a_customer_who_asks_is_told_once_it_is_stored(
    connector: Connector, shop: str, elif_: Customer
) -> None:
    _, cursor = await drain(connector, None)
    asked = '<request xmlns="urn:xmpp:receipts"/>'
    await elif_.say(SAID.format(to=shop, id="m1", text="Hi", more=asked))
    batch = await connector.pull(cursor)
    await elif_.say()
    assert not any("receipts" in text_of(one) for one in elif_.heard)

    await connector.pull(batch.cursor)
    assert 'id="m1"' in text_of(await elif_.hears("urn:xmpp:receipts"))


async def test_what_is_changed_taken_back_or_felt_is_told(
    connector: Connector, shop: str, elif_: Customer
) -> None:
    await elif_.say(SAID.format(to=shop, id="m1", text="Helo", more=""))
    replaced = '<replace xmlns="urn:xmpp:message-correct:0" id="m1"/>'
    await elif_.say(SAID.format(to=shop, id="m2", text="Hello", more=replaced))
    await elif_.say(
        f'<message to="{shop}" type="chat" id="m3"><reactions xmlns="urn:xmpp:reactions:0" id="m1">'
        '<reaction>👍</reaction></reactions><store xmlns="urn:xmpp:hints"/></message>'
    )
    await elif_.say(
        f'<message to="{shop}" type="chat" id="m4"><retract xmlns="urn:xmpp:message-retract:1"'
        ' id="m1"/><body>taken back</body></message>'
    )
    items, _ = await drain(connector, None)
    said, edited, *reacted, withdrawn = items
    assert isinstance(said, Incoming)
    assert isinstance(edited, Edited)
    assert isinstance(withdrawn, Withdrawn)
    assert (said.text, edited.text) == ("Helo", "Hello")
    assert edited.external_id == withdrawn.external_id == said.external_id
    assert all(isinstance(one, Reacted) and one.emojis == ("👍",) for one in reacted)
    assert said.external_id in {getattr(one, "external_id", "") for one in reacted}


async def test_we_change_take_back_feel_and_read(
    connector: Connector, shop: str, elif_: Customer
) -> None:
    await elif_.say(SAID.format(to=shop, id="m1", text="Hi", more=""))
    [theirs], cursor = await pulled(connector, None, Incoming)
    assert isinstance(theirs, Incoming)
    chat = theirs.chat.external_id
    answer = replace(outgoing("ref-1", shop=shop, to=chat), in_reply_to=theirs.external_id)
    ours = (await connector.send(answer, nothing)).external_id
    await connector.edit(chat, ours, "better words")
    await connector.react(chat, theirs.external_id, ["❤️"])
    await connector.read(chat, theirs.external_id)
    await connector.withdraw(chat, ours)

    assert 'id="m1"' in text_of(await elif_.hears("urn:xmpp:reply:0"))
    assert 'id="ref-1"' in text_of(await elif_.hears("better words"))
    assert "❤️" in text_of(await elif_.hears("urn:xmpp:reactions:0"))
    assert 'id="m1"' in text_of(await elif_.hears(":displayed"))
    assert 'id="ref-1"' in text_of(await elif_.hears("urn:xmpp:message-retract:1"))
    items, _ = await drain(connector, cursor)
    [echo] = items  # what we did ourselves is known already
    assert isinstance(echo, Incoming)
    assert (echo.client_ref, echo.from_me, echo.external_id) == ("ref-1", True, ours)
    assert echo.answers == theirs.external_id
    with pytest.raises(PermanentError):
        await connector.withdraw(chat, theirs.external_id)


def text_of(stanza: ET.Element) -> str:
    return ET.tostring(stanza, encoding="unicode")


async def test_what_the_owner_writes_with_another_program_is_theirs(
    server: Prosody, connector: Connector, shop: str, elif_: Customer
) -> None:
    _, cursor = await drain(connector, None)
    waiting = asyncio.create_task(connector.wait())
    async with Customer(server, shop) as phone:
        await phone.say(SAID.format(to=elif_.address, id="p1", text="From the phone", more=""))
        await asyncio.wait_for(waiting, 10)
    [said], _ = await drain(connector, cursor)
    assert isinstance(said, Incoming)
    assert (said.text, said.from_me, said.chat.external_id) == (
        "From the phone", True, elif_.address,
    )  # fmt: skip


async def test_a_file_goes_there_and_comes_back(
    connector: Connector, shop: str, elif_: Customer, tmp_path: Path
) -> None:
    picture = tmp_path / "mug.png"
    picture.write_bytes(b"\x89PNG" + bytes(200_000))
    file = OutgoingFile(
        name="mug.png", media_type="image/png", path=picture, size=picture.stat().st_size
    )
    message = replace(outgoing("ref-1", shop=shop, to=elif_.address), attachments=(file,))
    await connector.send(message, nothing)
    heard = await elif_.hears("jabber:x:oob")
    url = heard.findtext("{jabber:x:oob}x/{jabber:x:oob}url") or ""
    assert heard.findtext("{jabber:client}body") == url
    items, cursor = await drain(connector, None)
    assert [one.client_ref for one in items if isinstance(one, Incoming)] == ["ref-1"]

    shared = f'<x xmlns="jabber:x:oob"><url>{url}</url></x>'
    await elif_.say(SAID.format(to=shop, id="f1", text=url, more=shared))
    [came], _ = await pulled(connector, cursor, Incoming)
    assert isinstance(came, Incoming)
    [remote] = came.files
    assert (came.text, remote.name, remote.media_type) == ("", "mug.png", "image/png")
    await connector.fetch_file(remote.reference, tmp_path / "back.png")
    assert (tmp_path / "back.png").read_bytes() == picture.read_bytes()
    with pytest.raises(PermanentError) as caught:
        await connector.fetch_file(url.replace("/mug", "x/mug"), tmp_path / "none.png")
    assert caught.value.reason is PermanentReason.MEDIA


async def test_a_file_that_is_too_large_is_refused_before_anything_leaves(
    connector: Connector, shop: str, elif_: Customer, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(2**20 + 1))
    file = OutgoingFile(name="film.mp4", media_type="video/mp4", path=film, size=2**20 + 1)
    message = replace(outgoing("ref-1", shop=shop, to=elif_.address), attachments=(file,))
    with pytest.raises(PermanentError) as caught:
        await connector.send(message, nothing)
    assert caught.value.reason is PermanentReason.TOO_LARGE
    assert connector.limits == {"max_file_bytes": 2**20}


async def test_files_are_fetched_from_the_public_internet_only(
    connector: Connector, tmp_path: Path
) -> None:
    for url in (
        "http://shop.example.com/a.png", "https://192.168.1.1/a.png", "https://router/a.png",
        "https://user@shop.example.com/a.png", "https://[::1/a.png",
    ):  # fmt: skip
        with pytest.raises(PermanentError) as caught:
            await connector.fetch_file(url, tmp_path / "a.png")
        assert caught.value.reason is PermanentReason.MEDIA


async def test_nobody_of_that_name_is_told_in_the_servers_words(
    connector: Connector, shop: str
) -> None:
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing("ref-1", shop=shop, to=f"nobody@{HOST}"), nothing)
    assert caught.value.reason is PermanentReason.RECIPIENT
    items, cursor = await drain(connector, None)
    failed = [one for one in items if isinstance(one, Receipt)]
    assert {(one.external_id, one.state, one.code) for one in failed} == {
        (f"nobody@{HOST}>ref-1", Delivery.FAILED, PermanentReason.RECIPIENT)
    }
    assert (await drain(connector, cursor))[0] == []
    with pytest.raises(PermanentError):
        await connector.send(outgoing("ref-2", shop=shop, to="no address"), nothing)


async def test_what_was_uncertain_is_found_in_the_archive(
    server: Prosody, shop: str, elif_: Customer
) -> None:
    async with Front(server.port) as proxy:
        connector = create("xmpp", config(proxy.port, shop))
        await connector.open()
        message = outgoing("ref-1", shop=shop, to=elif_.address)
        proxy.cut_at("answer")
        with pytest.raises(UncertainDelivery):
            await connector.send(message, nothing)
        await connector.open()
        found = await connector.find_sent(message)
        assert found is not None
        assert found.external_id == f"{elif_.address}>ref-1"
        never = outgoing("ref-2", shop=shop, to=elif_.address)
        assert await connector.find_sent(never) is None
        await connector.close()


async def test_a_week_away_and_a_killed_server_lose_and_double_nothing(
    tmp_path: Path, authority: trustme.CA
) -> None:
    server = made(tmp_path / "prosody", authority)
    server.start()
    shop, elif_ = server.register("shop"), server.register("elif")
    connector = create("xmpp", config(server.port, shop))
    await connector.open()
    async with Customer(server, elif_) as customer:
        await customer.say(SAID.format(to=shop, id="before", text="before", more=""))
        seen, cursor = await drain(connector, None)
        waiting = asyncio.create_task(connector.wait())
        await asyncio.sleep(0)
        await connector.close()
        with pytest.raises(TransientError):
            await waiting
        away = [SAID.format(to=shop, id=f"m{n}", text=f"{n}", more="") for n in range(300)]
        await customer.say(*away)
    server.kill()
    with pytest.raises(TransientError) as caught:
        await connector.open()
    assert (caught.value.cause, caught.value.step) == (TransientCause.NETWORK, "connect")
    server.start()
    await connector.open()

    batch = await connector.pull(cursor)
    assert not batch.gap
    await connector.open()  # the line was lost in the middle of it
    rest, cursor = await drain(connector, batch.cursor)
    again, _ = await drain(connector, cursor)
    await connector.close()
    server.kill()

    assert again == []
    texts = [one.text for one in (*seen, *batch.items, *rest) if isinstance(one, Incoming)]
    assert texts == ["before", *(f"{n}" for n in range(300))]


async def test_an_archive_that_was_lost_is_told_as_a_gap(
    server: Prosody, connector: Connector, shop: str, elif_: Customer
) -> None:
    await elif_.say(SAID.format(to=shop, id="m1", text="one", more=""))
    _, cursor = await drain(connector, None)
    server.forget(shop.partition("@")[0])
    await elif_.say(SAID.format(to=shop, id="m2", text="two", more=""))
    batch = await connector.pull(cursor)
    assert batch.gap
    assert [one.text for one in batch.items if isinstance(one, Incoming)] == ["two"]
    assert not (await connector.pull(batch.cursor)).gap


async def test_an_archive_that_was_switched_off_is_switched_on(
    tmp_path: Path, authority: trustme.CA
) -> None:
    server = made(tmp_path / "prosody", authority)
    server.configure(policy="false")
    server.start()
    connector = create("xmpp", config(server.port, server.register("shop")))
    await connector.open()
    async with Customer(server, server.register("elif")) as customer:
        await customer.say(SAID.format(to=f"shop@{HOST}", id="m1", text="one", more=""))
    [said], _ = await drain(connector, None)
    await connector.close()
    server.kill()
    assert isinstance(said, Incoming)


async def test_the_line_is_encrypted_and_the_certificate_looked_at(
    server: Prosody, shop: str, authority: trustme.CA, tmp_path: Path
) -> None:
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    good = config(server.port, shop, security="tls", ca_file=str(trusted))
    steps = [step async for step in check("xmpp", good)]
    assert [(one.step, one.ok) for one in steps] == [
        ("receive:sign-in", True),
        ("receive:archive", True),
        ("send:sign-in", True),
    ]
    [unknown] = [one async for one in check("xmpp", config(server.port, shop, security="tls"))]
    assert (unknown.step, unknown.ok, unknown.cause) == ("receive:tls", False, "tls")


async def test_two_that_sign_in_under_one_name_need_a_person(
    server: Prosody, connector: Connector, shop: str
) -> None:
    waiting = asyncio.create_task(connector.wait())
    another = create("xmpp", config(server.port, shop))
    await another.open()
    with pytest.raises(AuthError) as caught:
        await asyncio.wait_for(waiting, 10)
    assert caught.value.reason is AuthReason.CONFLICT
    await drain(another, None)
    await another.close()


async def test_a_check_leaves_the_account_that_is_at_work_alone(
    server: Prosody, connector: Connector, shop: str
) -> None:
    assert all([step.ok async for step in check("xmpp", config(server.port, shop))])
    await drain(connector, None)


async def test_the_check_says_what_is_wrong(server: Prosody, shop: str) -> None:
    [wrong] = [one async for one in check("xmpp", config(server.port, shop, password="no"))]
    assert (wrong.step, wrong.ok, wrong.cause) == ("receive:sign-in", False, "sign_in")
    [nobody] = [one async for one in check("xmpp", config(1, shop))]
    assert (nobody.step, nobody.ok, nobody.cause) == ("receive:connect", False, "network")
    nowhere = config(5222, shop, host="xmpp.nowhere.invalid", security="tls")
    [lost] = [one async for one in check("xmpp", nowhere)]
    assert (lost.step, lost.ok, lost.cause) == ("receive:connect", False, "dns")
    [plain] = [one async for one in check("xmpp", config(1, shop, host="example.com"))]
    assert (plain.step, plain.ok) == ("receive:settings", False)
    [no_one] = [one async for one in check("xmpp", config(server.port, "shop"))]
    assert (no_one.step, no_one.ok) == ("receive:address", False)


@pytest.mark.parametrize("days", [-400, 400])
async def test_a_clock_that_jumps_loses_and_doubles_nothing(
    server: Prosody, shop: str, elif_: Customer, days: int
) -> None:
    skew = timedelta(0)
    connector = XmppConnector(config(server.port, shop), now=lambda: datetime.now(UTC) + skew)
    await connector.open()
    cursor: Cursor | None = None
    seen: list[Item] = []
    for text, wrong in (("one", True), ("two", False), ("three", True), ("four", False)):
        skew = timedelta(days=days) if wrong else timedelta(0)
        await elif_.say(SAID.format(to=shop, id=text, text=text, more=""))
        items, cursor = await drain(connector, cursor)
        seen += items
    await connector.close()
    told = [one for one in seen if isinstance(one, Incoming)]
    assert [one.text for one in told] == ["one", "two", "three", "four"]
    assert all(abs(one.at - datetime.now(UTC)) < timedelta(minutes=5) for one in told)


async def test_no_error_and_no_log_has_a_secret(
    server: Prosody, shop: str, elif_: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = create("xmpp", config(server.port, shop, password="not-this-one"))
    with pytest.raises(AuthError) as caught:
        await wrong.open()
    await wrong.close()
    connector = create("xmpp", config(server.port, shop))
    await connector.open()
    await elif_.say(SAID.format(to=shop, id="m1", text="very private words", more=""))
    await pulled(connector, None, Incoming)
    await connector.close()
    said = " ".join((str(caught.value), repr(connector), repr(connector.config), caplog.text))
    for secret in ("not-this-one", PASSWORD, "very private words"):
        assert secret not in said
