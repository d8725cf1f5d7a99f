"""Pictures from the web: how many of a message are fetched, and whose are shown unasked."""

from __future__ import annotations

import asyncio

import pytest

from desktop_inbox.connectors.web.pictures import PictureRefused
from desktop_inbox.domain.messages import Address
from desktop_inbox.mime import parse
from desktop_inbox.services import remote_images
from desktop_inbox.settings import Settings
from desktop_inbox.sync import linking, senders
from tests.ui.views.sample import message


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked for; a picture is as many bytes as the number in its address."""
    asked: list[str] = []

    async def fetch(url: str, **_options: object) -> bytes:
        asked.append(url)
        await asyncio.sleep(0)
        if "gone" in url:
            raise PictureRefused("status")
        return b"x" * int(url.rpartition("/")[2])

    monkeypatch.setattr(remote_images, "fetch", fetch)
    return asked


async def test_each_picture_is_fetched_once_and_those_that_cannot_be_had_are_left_out(
    fetched: list[str],
) -> None:
    found = await remote_images.fetch_all(["h/5", "h/5", "h/gone", "h/7"])
    assert found == {"h/5": b"xxxxx", "h/7": b"xxxxxxx"}
    assert sorted(fetched) == ["h/5", "h/7", "h/gone"]


async def test_a_message_cannot_make_us_fetch_without_end(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await remote_images.fetch_all(f"h{number}/1" for number in range(1000))
    assert len(fetched) == remote_images.MOST_PICTURES
    monkeypatch.setattr(remote_images, "MOST_BYTES", 50)
    found = await remote_images.fetch_all(f"h{number}/20" for number in range(30))
    assert sum(map(len, found.values())) <= 50


def test_a_permission_is_for_one_address_however_it_is_written() -> None:
    settings = Settings()
    mina = message(1, from_=(Address(name="Mina", address="Mina@Orders.example"),))
    assert not remote_images.always_shown(settings, mina)
    remote_images.allow_sender(settings, remote_images.sender_of(mina))
    again = message(2, from_=(Address(name="M.", address="mina@orders.example"),))
    other = message(3, from_=(Address(name="Mina", address="mina@orders.example.com"),))
    assert remote_images.always_shown(settings, again)
    assert not remote_images.always_shown(settings, other)
    remote_images.forget_sender(settings, "mina@orders.example")
    assert not remote_images.always_shown(settings, again)


# What says that a message may come from somebody else than it seems to.
OF_THE_SENDER = [
    parse.SEVERAL_FROM, parse.SENDER_UNREADABLE, parse.NAME_LOOKS_LIKE_ADDRESS,
    parse.MIXED_SCRIPTS, senders.OWN_ADDRESS_FORGED, senders.SENDER_NOT_PROVEN,
    senders.NAME_IS_OURS, senders.NAME_OF_CUSTOMER, senders.NAME_MIXES_SCRIPTS,
    linking.LOOKS_LIKE_PARTICIPANT,
]  # fmt: skip


def test_the_doubts_that_end_a_permission_are_exactly_those_that_are_found() -> None:
    assert set(OF_THE_SENDER) == remote_images.DOUBTS


@pytest.mark.parametrize("doubt", OF_THE_SENDER)
def test_a_permission_does_not_count_for_whoever_may_be_somebody_else(doubt: str) -> None:
    settings = Settings()
    remote_images.allow_sender(settings, "mina@orders.example")
    assert remote_images.always_shown(settings, message(1))
    assert not remote_images.always_shown(settings, message(1, warnings=(doubt,)))
    nobody = message(1, from_=(Address(name="Mina"),))
    assert remote_images.sender_of(nobody) == ""
