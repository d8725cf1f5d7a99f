"""A question in, an answer out, through the whole engine and each vendor's stand-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from tests.support.engine_room import eventually, running
from tests.support.http_service import serving
from tests.support.live_desk import LiveDesk
from tests.support.live_desk import desk as desk
from tests.support.telegram_service import TOKEN, TelegramService
from tests.support.twilio_service import (
    ACCOUNT,
    CUSTOMER,
    KEY,
    NUMBER,
    SECRET,
    WHATSAPP,
    TwilioService,
)


async def test_telegram_in_and_out(desk: LiveDesk) -> None:
    async with serving(TelegramService()) as service:
        service.now = datetime.now(UTC)
        desk.add("telegram", "@our_shop_bot", {"token": TOKEN}, api_url=service.url)
        await service.says("Is the blue mug still there?")
        async with running(desk.engine()):
            await eventually(lambda: bool(desk.conversations()))
            (conversation,) = desk.conversations()
            await service.again()
            queued = desk.answer(conversation.id, "Yes, two are left.")
            await eventually(lambda: bool(service.sent))
            await eventually(lambda: desk.message(queued).delivery is Delivery.SENT)
            service.now += timedelta(seconds=5)  # Telegram tells whole seconds
            await service.says("Great!")
            await eventually(lambda: len(desk.messages(conversation.id)) == 3)

    assert conversation.customer_name == "Elif Kaya"
    assert [sent.params["text"] for sent in service.sent] == ["Yes, two are left."]
    assert [one.direction for one in desk.messages(conversation.id)] == [
        Direction.IN, Direction.OUT, Direction.IN,
    ]  # fmt: skip


async def test_twilio_in_and_out(desk: LiveDesk) -> None:
    async with serving(TwilioService()) as service:
        desk.add(
            "twilio", NUMBER, {"secret": SECRET},
            api_url=service.url, account_sid=ACCOUNT, key_sid=KEY,
        )  # fmt: skip
        service.says("Is the blue mug still there?", media={"image/png": b"\x89PNG"})
        service.recorded(service.called(), b"sound")
        async with running(desk.engine()):
            await eventually(lambda: len(desk.all_messages()) == 2)
            (conversation,) = desk.conversations()
            queued = desk.answer(conversation.id, "Yes, two are left.")
            await eventually(lambda: bool(service.taken))
            await eventually(lambda: desk.message(queued).delivery is Delivery.SENT)
        service.becomes(desk.message(queued).external_id, "delivered")
        async with running(desk.engine()):
            await eventually(lambda: desk.message(queued).delivery is Delivery.DELIVERED)

    assert dict(service.taken[0].form) == {
        "To": CUSTOMER, "From": NUMBER, "Body": "Yes, two are left.",
    }  # fmt: skip
    assert len(desk.messages(conversation.id)) == 3


async def test_the_shop_writes_first_by_sms_and_with_a_template_on_whatsapp(
    desk: LiveDesk,
) -> None:
    async with serving(TwilioService()) as service:
        account = desk.add(
            "twilio", NUMBER, {"secret": SECRET},
            api_url=service.url, account_sid=ACCOUNT, key_sid=KEY, senders=WHATSAPP,
        )  # fmt: skip
        # Queued while nobody is connected.
        sms = desk.begin(account, CUSTOMER, "Your mug is here")
        form = {
            "template": {"name": "HX1", "language": "en", "values": ["Elif"]},
            "opens": f"{WHATSAPP}|whatsapp:{CUSTOMER}",
        }
        template = desk.begin(account, CUSTOMER, "Hello Elif", form=form)
        engine = desk.engine()
        async with running(engine):
            await eventually(
                lambda: {desk.message(one).delivery for one in (sms, template)} == {Delivery.SENT}
            )
            service.says("Who is this?", sender=f"whatsapp:{CUSTOMER}", to=WHATSAPP)
            engine.kick()
            await eventually(lambda: desk.heard() == ["Who is this?"])
            conversation = desk.message(template).conversation_id
            answer = desk.answer(conversation, "The shop")  # they have written: the window is open
            await eventually(lambda: desk.message(answer).delivery is Delivery.SENT)

    assert [dict(one.form) for one in service.taken] == [
        {"To": CUSTOMER, "From": NUMBER, "Body": "Your mug is here"},
        {
            "To": f"whatsapp:{CUSTOMER}", "From": WHATSAPP,
            "ContentSid": "HX1", "ContentVariables": '{"1": "Elif"}',
        },
        {"To": f"whatsapp:{CUSTOMER}", "From": WHATSAPP, "Body": "The shop"},
    ]  # fmt: skip
    said = {one.text for one in desk.messages(conversation)}
    assert said == {"Hello Elif", "Who is this?", "The shop"}
    assert desk.message(sms).conversation_id != conversation


async def test_a_week_away_loses_and_doubles_nothing(desk: LiveDesk) -> None:
    async with serving(TwilioService()) as service:
        desk.add(
            "twilio", NUMBER, {"secret": SECRET},
            api_url=service.url, account_sid=ACCOUNT, key_sid=KEY,
        )  # fmt: skip
        service.largest_page = 10
        today, service.now = service.now, service.now - timedelta(days=7)
        expected = [f"m{number:03}" for number in range(75)]
        for name in expected[:30]:
            service.says(name)
        async with running(desk.engine()):
            await eventually(lambda: len(desk.all_messages()) == 30, seconds=30)
        for name in expected[30:]:  # while nobody is there
            service.now += (today - service.now) / 10
            service.says(name)
        async with running(desk.engine()):
            await eventually(lambda: len(desk.all_messages()) == 75, seconds=30)

    assert sorted(one.text for one in desk.all_messages()) == expected
