"""Instagram: what sets it apart from Messenger, from tokens that run out to names apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import Incoming, Profile
from desktop_inbox.connectors.errors import PermanentError, PermanentReason
from desktop_inbox.connectors.instagram.connector import InstagramConnector
from desktop_inbox.connectors.instagram.info import INFO
from desktop_inbox.connectors.meta import checking
from desktop_inbox.connectors.meta.pace import Pace
from desktop_inbox.services.chat_queueing import parts_of
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.meta_suite import config, outgoing
from tests.support.http_service import Asked, Said, serving
from tests.support.meta_service import ELIF, TOKEN, MetaService, refused


@pytest.fixture
async def service() -> AsyncIterator[MetaService]:
    async with serving(MetaService(kind="instagram")) as service:
        yield service


@pytest.fixture
async def connector(service: MetaService) -> AsyncIterator[InstagramConnector]:
    connector = made(service)
    await connector.open()
    yield connector
    await connector.close()


def made(service: MetaService, kept: list[Mapping[str, str]] | None = None) -> InstagramConnector:
    async def keep(news: Mapping[str, str]) -> None:
        assert kept is not None
        kept.append(news)

    account = replace(config(service.url), keep_secrets=None if kept is None else keep)
    connector = InstagramConnector(account, now=lambda: service.now)
    connector.look_seconds = 0.01
    connector.pace.seconds = 0.0
    return connector


def is_exchange(asked: Asked) -> bool:
    return asked.path == "/refresh_access_token"


# --- the token ---


async def test_a_token_is_exchanged_and_kept_before_it_runs_out(service: MetaService) -> None:
    kept: list[Mapping[str, str]] = []
    connector = made(service, kept)
    await connector.open()
    _, cursor = await drain(connector, None)
    service.says("Hello")

    items, cursor = await drain(connector, cursor)  # by the new one: the old one is worth nothing
    service.now += timedelta(days=10)
    await drain(connector, cursor)
    service.now += timedelta(days=30)
    await drain(connector, cursor)
    await connector.close()

    assert len([item for item in items if isinstance(item, Incoming)]) == 1
    assert [news["token"] for news in kept] == service.reissued
    assert len(kept) == 2


async def test_a_token_too_young_to_be_exchanged_is_used_as_it_is(service: MetaService) -> None:
    kept: list[Mapping[str, str]] = []
    connector = made(service, kept)
    service.fail(is_exchange, refused(452, "Token is not yet 24 hours old"))
    await connector.open()
    service.says("Hello")
    items, cursor = await drain(connector, None)
    await drain(connector, cursor)  # not asked again at once
    asked_at_once = service.count(is_exchange)
    service.now += timedelta(days=2)
    await drain(connector, cursor)
    await connector.close()

    assert len(items) == 1
    assert asked_at_once == 1
    assert [news["token"] for news in kept] == service.reissued != []


async def test_a_token_is_not_exchanged_under_what_is_leaving(service: MetaService) -> None:
    kept: list[Mapping[str, str]] = []
    connector = made(service, kept)
    await connector.open()
    service.says("Hello")

    async def meanwhile() -> None:
        await connector.pull(None)

    await connector.send(outgoing(service, "Yes"), meanwhile)
    exchanged_meanwhile = list(kept)
    await connector.pull(None)
    await connector.close()

    assert exchanged_meanwhile == []
    assert len(service.taken) == len(kept) == 1


async def test_where_a_new_token_cannot_be_kept_the_old_one_goes_on(service: MetaService) -> None:
    connector = made(service)
    await connector.open()
    await drain(connector, None)
    await connector.close()

    assert service.reissued == []
    assert service.token == TOKEN


# --- people ---


def profiles(items: Sequence[object]) -> list[tuple[str, str]]:
    return [(item.person.address, item.person.name) for item in items if isinstance(item, Profile)]


async def test_people_are_named_once_from_their_profiles(
    service: MetaService, connector: InstagramConnector
) -> None:
    service.profiles[ELIF] = {"name": "Elif Kaya", "username": "elif_kaya"}
    service.says("Hello")
    service.sent_elsewhere("Hello Elif")

    items, cursor = await drain(connector, None)
    service.says("Is it there?")
    later, _ = await drain(connector, cursor)

    assert profiles(items) == [(ELIF, "Elif Kaya")]
    assert profiles(later) == []
    assert [one.author.label for one in items if isinstance(one, Incoming)] == ["@elif_kaya"] * 2
    assert [one.from_me for one in items if isinstance(one, Incoming)] == [False, True]


async def test_who_does_not_agree_stays_a_user_name(
    service: MetaService, connector: InstagramConnector
) -> None:
    service.says("Hello")

    items, _ = await drain(connector, None)

    assert profiles(items) == []
    assert len(items) == 1


# --- sending ---


async def test_text_is_counted_in_bytes(
    service: MetaService, connector: InstagramConnector
) -> None:
    service.says("Merhaba")

    await connector.send(outgoing(service, "ü" * 500), nothing)
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, "ü" * 501), nothing)

    assert caught.value.reason is PermanentReason.TOO_LARGE
    assert len(service.taken) == 1


def test_long_text_leaves_in_messages_that_fit() -> None:
    said = "Mavi kupamız ne yazık ki kalmadı, üzgünüz. " * 60

    parts = parts_of(said, INFO)

    assert all(len(part.encode()) <= 1000 for part in parts)
    assert " ".join(parts).split() == said.split()
    assert parts_of("", INFO) == [""]


async def test_the_heart_has_a_name_of_its_own(
    service: MetaService, connector: InstagramConnector
) -> None:
    service.says("Hello")
    await connector.react(ELIF, "m_1", ["❤️"])
    await connector.react(ELIF, "m_1", ["🎉"])

    reactions = [act["payload"] for act in service.acts]
    assert reactions == [
        {"message_id": "m_1", "reaction": "love"},
        {"message_id": "m_1", "reaction": "🎉"},
    ]


async def test_the_window_is_told_by_a_number_of_its_own(
    service: MetaService, connector: InstagramConnector
) -> None:
    service.says("Hello")
    service.now += timedelta(days=2)

    with pytest.raises(PermanentError, match="10/2534022") as caught:
        await connector.send(outgoing(service, "Yes"), nothing)

    assert caught.value.reason is PermanentReason.WINDOW_CLOSED


# --- setting up ---


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a check ask as fast as it can."""
    monkeypatch.setattr(checking, "Pace", partial(Pace, 0.0))


@pytest.mark.parametrize("address", ["@elifs_mugs", "Elifs_Mugs", "1001"])
async def test_a_good_token_passes_every_step(service: MetaService, address: str) -> None:
    found = [
        one async for one in connectors.check("instagram", config(service.url, address=address))
    ]

    assert [(one.step, one.ok) for one in found] == [
        ("receive:sign-in", True),
        ("receive:address", True),
        ("receive:conversations", True),
        ("send:sign-in", True),
    ]


async def test_a_busy_service_is_no_wrong_token(service: MetaService) -> None:
    service.fail(lambda asked: asked.path.endswith("/me"), Said(status=503))

    (only,) = [one async for one in connectors.check("instagram", config(service.url))]

    assert (only.step, only.ok, only.cause) == ("receive:sign-in", False, "server")
