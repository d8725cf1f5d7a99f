"""A feed is read like any channel, and only what is new comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors import check, create
from desktop_inbox.connectors.chat import Edited, Incoming
from desktop_inbox.connectors.contract import AccountConfig, Connector, Item
from desktop_inbox.connectors.errors import PermanentError, RateLimited, TransientError
from desktop_inbox.connectors.feed.connector import FeedConnector
from desktop_inbox.connectors.feed.reading import read_feed
from desktop_inbox.domain.pieces import Shared
from tests.connectors.contract_suite import ReceivingSuite, Source, drain
from tests.support.feed_service import PASSWORD, START, FeedService
from tests.support.http_service import Said, serving


def config(service: FeedService, *, path: str = "/feed", **settings: object) -> AccountConfig:
    return AccountConfig(
        id=1, address=f"{service.url}{path}", settings=settings, secrets={"password": PASSWORD}
    )


class Feed(Source):
    def __init__(self, service: FeedService) -> None:
        self.service = service

    def connector(self) -> Connector:
        connector = create("feed", config(self.service, user="reader"))
        assert isinstance(connector, FeedConnector)
        connector.look_seconds = 0.05
        return connector

    def refused(self) -> Connector:
        return create("feed", config(self.service, user="somebody"))

    async def arrive(self, *names: str) -> None:
        for name in names:
            self.service.post(name)

    def name_of(self, item: Item) -> str | None:
        return item.subject if isinstance(item, Incoming) else None

    async def drop_link(self) -> None:
        self.service.fail(lambda asked: "If-None-Match" in asked.headers)


class TestRss(ReceivingSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[Feed]:
        async with serving(FeedService(private=True)) as service:
            yield Feed(service)


class TestAtom(ReceivingSuite):
    @pytest.fixture
    async def service(self) -> AsyncIterator[Feed]:
        async with serving(FeedService(atom=True, private=True)) as service:
            yield Feed(service)


@pytest.fixture
async def site() -> AsyncIterator[FeedService]:
    async with serving(FeedService(atom=True)) as service:
        yield service


@pytest.fixture
async def connector(site: FeedService) -> AsyncIterator[Connector]:
    connector = create("feed", config(site))
    await connector.open()
    yield connector
    await connector.close()


async def test_an_entry_is_a_message_with_its_author_its_time_and_its_page(
    site: FeedService, connector: Connector
) -> None:
    site.post("Broken plate", text="<p>It came <b>broken</b>.</p><p>What now?</p>")

    [item], _ = await drain(connector, None)

    assert isinstance(item, Incoming)
    assert (item.subject, item.author.name, item.at) == ("Broken plate", "Elif", START)
    assert item.text == "It came broken.\n\nWhat now?"
    assert item.pieces == (
        Shared(title="Broken plate", url="https://forum.example/Broken plate", kind="post"),
    )
    assert item.chat.external_id == item.external_id == "tag:forum.example,2026:Broken plate"


async def test_what_was_changed_comes_as_an_edit_and_only_once(
    site: FeedService, connector: Connector
) -> None:
    site.post("one", text="first words")
    site.post("two")
    _, cursor = await drain(connector, None)
    site.change("one", text="other words")

    [item], cursor = await drain(connector, cursor)
    assert isinstance(item, Edited)
    assert (item.external_id, item.text) == ("tag:forum.example,2026:one", "other words")
    assert (await drain(connector, cursor))[0] == []


async def test_an_entry_that_left_the_feed_and_came_back_is_no_news(
    site: FeedService, connector: Connector
) -> None:
    site.post("old")
    _, cursor = await drain(connector, None)
    everything = list(site.posts)
    site.posts.clear()
    _, cursor = await drain(connector, cursor)
    site.posts = everything

    assert (await drain(connector, cursor))[0] == []


async def test_a_feed_that_did_not_change_is_not_sent_again(
    site: FeedService, connector: Connector
) -> None:
    assert isinstance(connector, FeedConnector)
    connector.look_seconds = 0.01
    site.post("one")
    await connector.pull(None)
    site.post("two")
    asked = len(site.asked)

    await connector.wait()

    assert len(site.asked) > asked
    assert all(one.headers.get("If-None-Match") for one in site.asked[asked:])


async def test_a_feed_that_moved_is_followed_without_its_password(site: FeedService) -> None:
    async with serving(FeedService()) as other:
        other.post("over there")
        site.elsewhere["/old"] = other.address
        connector = create("feed", config(site, path="/old", user="reader"))
        await connector.open()

        [item], _ = await drain(connector, None)

        assert isinstance(item, Incoming)
        assert item.subject == "over there"
        assert all("Authorization" in one.headers for one in site.asked)
        assert not any("Authorization" in one.headers for one in other.asked)


async def test_a_feed_that_moves_in_a_circle_is_given_up(site: FeedService) -> None:
    site.elsewhere["/a"] = "/a"
    with pytest.raises(TransientError, match="redirects"):
        await create("feed", config(site, path="/a")).open()


async def test_a_site_that_asks_for_patience_is_left_alone(
    site: FeedService, connector: Connector
) -> None:
    site.fail(lambda asked: True, Said(status=429, headers={"Retry-After": "90"}))
    with pytest.raises(RateLimited) as caught:
        await connector.pull(None)
    assert caught.value.retry_after_seconds == 90


@pytest.mark.parametrize("address", ["ftp://forum.example/x", "not an address", "http://[", ""])
async def test_an_address_that_is_none_is_refused(address: str) -> None:
    connector = create("feed", AccountConfig(id=1, address=address, settings={}, secrets={}))
    with pytest.raises(PermanentError):
        await connector.open()


async def test_the_check_tells_a_feed_from_another_page(site: FeedService) -> None:
    good = [step async for step in check("feed", config(site))]
    assert [(one.step, one.ok) for one in good] == [
        ("receive:connect", True),
        ("receive:feed", True),
    ]
    assert good[1].detail == "Pots forum"

    site.fail(lambda asked: True, Said(body=b"<html><p>Welcome</p></html>"))
    page = [step async for step in check("feed", config(site))]
    assert (page[-1].step, page[-1].ok) == ("receive:feed", False)

    lost = [step async for step in check("feed", config(site, path="/nowhere"))]
    assert [one.ok for one in lost] == [False]


_ODD: Mapping[str, bytes] = {
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<rss><channel><item><title>&b;</title></item></channel></rss>",
    "file": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    b"<rss><channel><item><title>&f;</title></item></channel></rss>",
    "cut": b"<rss><channel><item><title>half",
    "script": b"<rss><channel><item><title>x</title><description>&lt;script&gt;alert(1)"
    b"&lt;/script&gt;kept</description><link>javascript:alert(1)</link></item></channel></rss>",
    "dates": b"<rss><channel><item><guid>d</guid><pubDate>32 Foo 99999</pubDate></item>"
    b"</channel></rss>",
    "address": b"https://forum.example/feed",
}


@pytest.mark.parametrize("raw", _ODD.values(), ids=_ODD)
def test_odd_documents_are_read_without_harm(raw: bytes) -> None:
    feed = read_feed(raw, url="https://forum.example/feed", now=START)
    for entry in feed.entries:
        assert "alert" not in entry.message.text
        for piece in entry.message.pieces:
            assert isinstance(piece, Shared)
            assert piece.url.startswith("https://forum.example/")
        assert entry.message.at <= START


def test_an_entry_of_the_future_is_of_now() -> None:
    raw = (
        b"<rss><channel><item><guid>d</guid><title>t</title>"
        b"<pubDate>Mon, 01 Jan 2190 00:00:00 GMT</pubDate></item></channel></rss>"
    )
    [entry] = read_feed(raw, url="https://f.example/", now=START + timedelta(days=1)).entries
    assert entry.message.at == START + timedelta(days=1)


@given(st.binary(max_size=300))
def test_whatever_bytes_come_are_read(raw: bytes) -> None:
    for entry in read_feed(raw, url="https://forum.example/feed", now=START).entries:
        assert entry.message.external_id
