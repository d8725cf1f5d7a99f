"""A shop's week with Messenger and Instagram, through the whole engine and Meta's stand-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors.contract import AccountConfig, Connector
from desktop_inbox.connectors.meta.connector import MetaConnector
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.services.channels import WINDOW_CLOSED, ways_of_conversation
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.engine import Engine
from tests.connectors.meta_suite import is_list, is_send
from tests.support.engine_room import eventually, running
from tests.support.http_service import Asked, serving
from tests.support.live_desk import LiveDesk
from tests.support.meta_service import ELIF, TOKEN, MetaService

both = pytest.mark.parametrize("service", ["messenger", "instagram"], indirect=True)


@dataclass
class Shop(LiveDesk):
    """A workspace with one account at Meta, whose stand-in may be asked without a pause."""

    def engine(self) -> Engine:
        return Engine(self.workspace, self.secrets, connectors=_hurried)

    def texts(self) -> Counter[str]:
        """How often each message stands here."""
        return Counter(self.text(one.id) for one in self.all_messages())

    def text(self, message_id: int) -> str:
        return self.message(message_id).snippet


def _hurried(kind: str, config: AccountConfig) -> Connector:
    connector = connectors.create(kind, config)
    assert isinstance(connector, MetaConnector)
    connector.pace.seconds = 0.0
    connector.look_seconds = 0.02
    return connector


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(workspace=Workspace.open(tmp_path / "shop"))
    yield shop
    shop.workspace.close()


@pytest.fixture
async def service(request: pytest.FixtureRequest, shop: Shop) -> AsyncIterator[MetaService]:
    kind = getattr(request, "param", "messenger")
    async with serving(MetaService(kind=kind)) as service:
        service.now -= timedelta(minutes=1)
        shop.add(service.kind, "Elif's Mugs", {"token": TOKEN}, api_url=service.url)
        yield service


async def until_idle(shop: Shop) -> None:
    await shop.engine().run(until_idle=True)


@both
async def test_a_question_is_answered_and_the_answer_known_again(
    shop: Shop, service: MetaService
) -> None:
    service.says("Is the blue mug still there?")
    async with running(shop.engine()):
        await eventually(lambda: bool(shop.conversations()))
        (conversation,) = shop.conversations()
        queued = shop.answer(conversation.id, "Yes, two are left.")
        await eventually(lambda: shop.message(queued).delivery is Delivery.SENT)
        service.now += timedelta(minutes=2)
        service.says("Great!")
        await eventually(lambda: len(shop.all_messages()) == 3)

    assert [one.direction for one in shop.messages(conversation.id)] == [
        Direction.IN, Direction.OUT, Direction.IN,
    ]  # fmt: skip


@pytest.mark.parametrize(("approved", "offered"), [("no", False), ("yes", True)])
async def test_a_late_answer_is_offered_where_meta_approved_it(
    shop: Shop, approved: str, offered: bool
) -> None:
    async with serving(MetaService()) as service:
        settings = {"api_url": service.url, "human_agent": approved}
        shop.add("messenger", "Elif's Mugs", {"token": TOKEN}, **settings)
        service.now -= timedelta(days=3)
        service.says("Is the blue mug still there?")
        await until_idle(shop)

    (conversation,) = shop.conversations()
    now = datetime.now(UTC)
    (way,) = shop.read(lambda conn: ways_of_conversation(conn, conversation.id, now=now))
    assert (way.why_not(now), way.lets_human_agent(now)) == (WINDOW_CLOSED, offered)


async def test_what_the_owner_wrote_on_the_phone_stands_as_ours(
    shop: Shop, service: MetaService
) -> None:
    service.says("Is the blue mug still there?")
    service.sent_elsewhere("Yes!")

    await until_idle(shop)

    (conversation,) = shop.conversations()
    assert [one.direction for one in shop.messages(conversation.id)] == [
        Direction.IN, Direction.OUT,
    ]  # fmt: skip


async def test_an_answer_that_lost_its_receipt_is_not_sent_twice(
    shop: Shop, service: MetaService
) -> None:
    service.says("Is the blue mug still there?")
    await until_idle(shop)
    (conversation,) = shop.conversations()
    service.fail(is_send, after=True)
    queued = shop.answer(conversation.id, "Yes, two are left.")

    async with running(shop.engine()):
        await eventually(lambda: shop.message(queued).delivery is Delivery.SENT)

    assert len(service.taken) == 1
    assert len(shop.messages(conversation.id)) == 2
    assert shop.message(queued).external_id == service.talks[ELIF].messages[-1]["id"]


@both
async def test_a_week_away_loses_and_doubles_nothing_that_meta_still_tells(
    shop: Shop, service: MetaService
) -> None:
    service.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=8)
    for number in range(14):
        service.says(f"before {number}", person=f"p{number}")
    await until_idle(shop)
    for day in range(7):
        service.now += timedelta(days=1)
        for number in range(14):
            service.says(f"day {day} from {number}", person=f"p{number}")
        service.sent_elsewhere(f"phone on day {day}", person="p3")

    # It breaks after the first page was stored, and starts anew.
    service.fail(_is_second_page)
    before = service.count(_is_second_page)
    async with running(shop.engine()):
        await eventually(lambda: service.count(_is_second_page) > before)
    kept = len(shop.all_messages())
    await until_idle(shop)
    gaps = [one.gap for one in (await shop.engine().run(until_idle=True)).values()]

    expected = {f"before {number}" for number in range(14)}
    expected |= {f"day {day} from {number}" for day in range(7) for number in range(14)}
    expected |= {f"phone on day {day}" for day in range(7)}
    assert 14 < kept < len(expected)
    assert shop.texts() == Counter(expected)
    assert gaps == [False]


async def test_more_than_meta_tells_is_owned_up_to(shop: Shop, service: MetaService) -> None:
    service.says("before")
    await until_idle(shop)
    for number in range(25):
        service.says(f"m{number}")

    statuses = await shop.engine().run(until_idle=True)

    assert [one.gap for one in statuses.values()] == [True]
    assert shop.texts() == Counter({"before", *(f"m{number}" for number in range(5, 25))})


def _is_second_page(asked: Asked) -> bool:
    return is_list(asked) and "after" in asked.query
