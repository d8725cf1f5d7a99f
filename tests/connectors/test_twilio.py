"""Twilio: how lists are swept, what becomes of messages and calls, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import Edited, Incoming, Receipt
from desktop_inbox.connectors.contract import AccountConfig, Cursor, Item
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientError,
    Unsupported,
)
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.twilio.connector import TwilioConnector
from desktop_inbox.connectors.twilio.cursor import OVERLAP, Open, State, Sweep, read_state, written
from desktop_inbox.connectors.twilio.reading import (
    person,
    read_call,
    read_line,
    read_message,
    read_template,
)
from desktop_inbox.connectors.twilio.senders import senders_of
from desktop_inbox.domain.messages import Address, Delivery, FilledTemplate, Outgoing, OutgoingFile
from desktop_inbox.domain.pieces import Call, CallOutcome, Spot, Unknown
from tests.connectors.contract_suite import drain, nothing
from tests.support.http_service import Said, serving
from tests.support.outgoing import a_reply
from tests.support.twilio_service import (
    ACCOUNT,
    CUSTOMER,
    KEY,
    NUMBER,
    SECRET,
    WHATSAPP,
    Content,
    TwilioService,
    refused,
)

SMS_CHAT = f"{NUMBER}|{CUSTOMER}"
WHATSAPP_CHAT = f"{WHATSAPP}|whatsapp:{CUSTOMER}"


@pytest.fixture
async def service() -> AsyncIterator[TwilioService]:
    async with serving(TwilioService()) as service:
        yield service


@pytest.fixture
async def connector(service: TwilioService) -> AsyncIterator[TwilioConnector]:
    connector = TwilioConnector(config(service), now=lambda: service.now)
    connector.look_seconds = 0.01
    await connector.open()
    yield connector
    await connector.close()


def config(
    service: TwilioService, *, key_sid: str = KEY, secret: str = SECRET, **settings: object
) -> AccountConfig:
    return AccountConfig(
        id=1,
        address=NUMBER,
        settings={
            "api_url": service.url,
            "account_sid": ACCOUNT,
            "key_sid": key_sid,
            "senders": WHATSAPP,
            **settings,
        },
        secrets={"secret": secret},
    )


def outgoing(service: TwilioService, text: str = "Hello", **more: object) -> Outgoing:
    fixed: dict[str, object] = {
        "at": service.now,
        "from_": Address(address=NUMBER),
        "to": (Address(address=CUSTOMER),),
        "text": text,
        "chat": SMS_CHAT,
    }
    return a_reply(**{**fixed, **more})


def texts(items: Sequence[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Incoming)]


def receipts(items: Sequence[Item]) -> list[tuple[Delivery, str]]:
    return [(item.state, item.code) for item in items if isinstance(item, Receipt)]


# --- receiving ---


async def test_sms_and_whatsapp_of_one_customer_are_two_talks_with_one_person(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("by SMS")
    service.says("by WhatsApp", sender=f"whatsapp:{CUSTOMER}", to=WHATSAPP)

    items, _ = await drain(connector, None)

    sms, whatsapp = [item for item in items if isinstance(item, Incoming)]
    assert (sms.author.kind, sms.author.address) == ("phone", CUSTOMER)
    assert whatsapp.author == sms.author
    assert (sms.chat.external_id, whatsapp.chat.external_id) == (SMS_CHAT, WHATSAPP_CHAT)
    assert sms.reply_until is None
    assert whatsapp.reply_until == service.now + timedelta(hours=24)


async def test_a_long_absence_is_paged_back_to_its_beginning(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.largest_page = 7
    for number in range(60):
        service.says(str(number), at=service.now - timedelta(days=60 - number))
    pulls, cursor, seen = 0, None, []
    while True:
        batch = await connector.pull(cursor)
        cursor = json.loads(json.dumps(batch.cursor))
        seen += texts(batch.items)
        pulls += 1
        if not batch.more:
            break

    assert sorted(seen, key=int) == [str(number) for number in range(60)]
    assert pulls == 9
    again, _ = await drain(connector, cursor)
    assert again == []


async def test_a_message_that_is_listed_late_is_not_lost(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("first")
    _, cursor = await drain(connector, None)
    service.says("listed late", at=service.now - OVERLAP + timedelta(seconds=30))

    items, cursor = await drain(connector, cursor)
    again, _ = await drain(connector, cursor)

    assert texts(items) == ["listed late"]
    assert again == []


async def test_a_date_from_the_future_does_not_blind_us(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("from the future", at=service.now + timedelta(days=4000))
    _, cursor = await drain(connector, None)
    service.says("from today")

    items, _ = await drain(connector, cursor)

    assert "from today" in texts(items)


async def test_a_page_that_is_not_known_any_more_is_begun_anew(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.largest_page = 2
    for number in range(5):
        service.says(str(number))
    first = await connector.pull(None)
    service.fail(lambda asked: "PageToken" in asked.query, refused(400, 20001, "Unknown page"))

    seen, cursor = texts(first.items), first.cursor
    for _ in range(2):
        items, cursor = await drain(connector, cursor)
        seen += texts(items)

    assert set(seen) == {"0", "1", "2", "3", "4"}


async def test_nobody_but_the_account_is_asked_for_pages(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.says("one")
    _, cursor = await drain(connector, None)
    kept = json.loads(json.dumps(cursor))
    kept["sweeps"][f"in {NUMBER}"]["page"] = "https://evil.example/2010-04-01/Accounts/"

    with pytest.raises(TransientError):
        await connector.pull(kept)


async def test_files_come_with_their_kind(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    service.says("Look", media={"image/jpeg": b"picture", "application/pdf": b"paper"})

    items, _ = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    picture, paper = message.files
    await connector.fetch_file(paper.reference, tmp_path / "paper")

    assert (picture.media_type, picture.inline) == ("image/jpeg", True)
    assert (paper.media_type, paper.inline) == ("application/pdf", False)
    assert (tmp_path / "paper").read_bytes() == b"paper"


async def test_files_that_could_not_be_listed_are_found_when_they_are_wanted(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    service.says("Look", media={"image/jpeg": b"picture"})
    service.fail(lambda asked: asked.path.endswith("/Media.json"), Said(status=500))

    items, _ = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    (file,) = message.files
    await connector.fetch_file(file.reference, tmp_path / "file")

    assert file.media_type == "application/octet-stream"
    assert (tmp_path / "file").read_bytes() == b"picture"


# --- sending ---


async def test_an_sms_leaves_from_the_number_that_was_written_to(
    service: TwilioService, connector: TwilioConnector
) -> None:
    result = await connector.send(outgoing(service, "Merhaba ü"), nothing)

    (asked,) = service.taken
    assert dict(asked.form) == {"To": CUSTOMER, "From": NUMBER, "Body": "Merhaba ü"}
    assert result.external_id == service.lists.messages[0]["sid"]
    assert result.detail == "queued"


async def test_we_may_write_first(service: TwilioService, connector: TwilioConnector) -> None:
    await connector.send(outgoing(service, chat=""), nothing)
    await connector.send(outgoing(service, chat="", from_=Address(address=WHATSAPP)), nothing)

    assert [(asked.form["From"], asked.form["To"]) for asked in service.taken] == [
        (NUMBER, CUSTOMER),
        (WHATSAPP, f"whatsapp:{CUSTOMER}"),
    ]


async def test_a_template_goes_by_its_name_with_what_fills_it(
    service: TwilioService, connector: TwilioConnector
) -> None:
    name = "HX" + "c" * 32
    service.contents = [
        Content(sid=name, text="Your order {{1}} is ready, {{2}}."),
        Content(sid="HX" + "d" * 32, text="Waiting", status="pending"),
    ]

    (template,) = await connector.templates()
    filled = FilledTemplate(name=template.name, language="en", values=("17", "Elif"))
    await connector.send(
        outgoing(service, "Your order 17…", chat=WHATSAPP_CHAT, template=filled), nothing
    )

    assert (template.text, template.title) == ("Your order {{1}} is ready, {{2}}.", "order_ready")
    (asked,) = service.taken
    assert asked.form["ContentSid"] == name
    assert json.loads(str(asked.form["ContentVariables"])) == {"1": "17", "2": "Elif"}
    assert "Body" not in asked.form


async def test_a_place_goes_by_whatsapp(service: TwilioService, connector: TwilioConnector) -> None:
    pieces = (Spot(latitude=41.0, longitude=29.0, title="Shop"),)

    await connector.send(outgoing(service, chat=WHATSAPP_CHAT, pieces=pieces), nothing)

    assert service.taken[0].form["PersistentAction"] == "geo:41.0,29.0|Shop"


async def test_files_are_refused_before_anything_leaves(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"paper")
    file = OutgoingFile(name="a.pdf", media_type="application/pdf", path=path, size=5)
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, attachments=(file,)), nothing)

    assert caught.value.reason == "media"
    assert service.taken == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (21610, PermanentReason.RECIPIENT),
        (21211, PermanentReason.RECIPIENT),
        (63016, PermanentReason.WINDOW_CLOSED),
        (21617, PermanentReason.TOO_LARGE),
        (12300, PermanentReason.MEDIA),
        (99999, PermanentReason.INVALID),
    ],
)
async def test_a_refusal_is_known_by_its_number(
    service: TwilioService, connector: TwilioConnector, code: int, reason: PermanentReason
) -> None:
    service.fail(lambda asked: asked.method == "POST", refused(400, code, "No, because"))

    with pytest.raises(PermanentError, match=f"{code} No, because") as caught:
        await connector.send(outgoing(service), nothing)

    assert caught.value.reason is reason


async def test_a_suspended_account_and_a_hasty_one(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.fail(lambda asked: asked.method == "POST", refused(403, 20005, "Suspended"))
    with pytest.raises(AuthError) as suspended:
        await connector.send(outgoing(service), nothing)
    service.fail(lambda asked: asked.method == "POST", refused(400, 63018, "Too fast"))
    with pytest.raises(RateLimited):
        await connector.send(outgoing(service), nothing)

    assert suspended.value.reason == "billing"


async def test_a_customer_who_opted_out_is_not_written_to(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.opted_out.add(CUSTOMER)

    with pytest.raises(PermanentError, match="21610") as caught:
        await connector.send(outgoing(service), nothing)

    assert caught.value.reason == "recipient"


# --- what becomes of what was sent ---


async def test_a_message_is_followed_until_it_is_read(
    service: TwilioService, connector: TwilioConnector
) -> None:
    _, cursor = await drain(connector, None)
    result = await connector.send(outgoing(service, chat=WHATSAPP_CHAT), nothing)
    told: list[tuple[Delivery, str]] = []
    for status in ("sending", "sent", "delivered", "read", "read"):
        service.becomes(result.external_id, status)
        service.now += timedelta(hours=7)
        items, cursor = await drain(connector, cursor)
        assert texts(items) == []
        told += receipts(items)

    assert told == [(Delivery.SENT, ""), (Delivery.DELIVERED, ""), (Delivery.READ, "")]
    assert json.loads(json.dumps(cursor))["open"] == []


async def test_a_message_outside_the_window_fails_afterwards_and_says_why(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.window_closed.add(f"whatsapp:{CUSTOMER}")
    _, cursor = await drain(connector, None)
    await connector.send(outgoing(service, chat=WHATSAPP_CHAT), nothing)

    items, _ = await drain(connector, cursor)

    assert receipts(items) == [(Delivery.FAILED, "window_closed")]


async def test_what_never_arrives_is_given_up_after_days(
    service: TwilioService, connector: TwilioConnector
) -> None:
    _, cursor = await drain(connector, None)
    await connector.send(outgoing(service), nothing)
    _, cursor = await drain(connector, cursor)
    assert len(json.loads(json.dumps(cursor))["open"]) == 1
    service.now += timedelta(days=5)

    _, cursor = await drain(connector, cursor)

    assert json.loads(json.dumps(cursor))["open"] == []


async def test_an_uncertain_message_is_found_by_its_words(
    service: TwilioService, connector: TwilioConnector
) -> None:
    first = await connector.send(outgoing(service, "OK"), nothing)
    message = outgoing(service, "OK")
    assert await connector.find_sent(message) is None

    service.fail(lambda asked: asked.method == "POST", after=True)
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        await connector.send(message, nothing)
    found = await connector.find_sent(message)

    assert found is not None
    assert found.external_id != first.external_id
    with pytest.raises(Unsupported):
        await connector.find_sent(replace(message, text=""))


async def test_an_older_message_alike_is_not_taken_for_it(
    service: TwilioService, connector: TwilioConnector
) -> None:
    service.sent_elsewhere("OK")
    service.now += timedelta(hours=1)

    assert await connector.find_sent(outgoing(service, "OK")) is None


# --- calls ---


async def test_calls_are_told_when_they_are_over(
    service: TwilioService, connector: TwilioConnector
) -> None:
    answered = service.called(seconds=75)
    service.called(status="no-answer", seconds=0)
    ours = service.called(sender=NUMBER, to=CUSTOMER, direction="outbound-api", seconds=30)
    going_on = service.called(status="in-progress", seconds=0)

    items, cursor = await drain(connector, None)
    told = {item.external_id: item for item in items if isinstance(item, Incoming)}
    assert len(told) == 3
    assert told[str(answered["sid"])].pieces == (Call(outcome=CallOutcome.ANSWERED, seconds=75),)
    assert told[str(answered["sid"])].chat.external_id == SMS_CHAT
    assert told[str(ours["sid"])].from_me
    assert Call(outcome=CallOutcome.MISSED, seconds=0) in [one.pieces[0] for one in told.values()]

    going_on["status"], going_on["duration"] = "completed", "90"
    service.now += timedelta(hours=1)
    items, cursor = await drain(connector, cursor)
    assert [item.external_id for item in items if isinstance(item, Incoming)] == [going_on["sid"]]
    assert (await drain(connector, cursor))[0] == []


async def test_voicemail_is_played_first_and_read_later(
    service: TwilioService, connector: TwilioConnector, tmp_path: Path
) -> None:
    call = service.called(seconds=40)
    recording = service.recorded(call, b"sound", seconds=12)

    items, cursor = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    await connector.fetch_file(message.files[0].reference, tmp_path / "sound.mp3")
    assert message.pieces == (Call(outcome=CallOutcome.VOICEMAIL, seconds=12),)
    assert message.text == ""
    assert (tmp_path / "sound.mp3").read_bytes() == b"sound"

    service.written_down(recording, "Please call me back.")
    service.now += timedelta(minutes=2)
    (edit,) = (await drain(connector, cursor))[0]
    assert isinstance(edit, Edited)
    assert (edit.external_id, edit.text) == (call["sid"], "Please call me back.")
    assert edit.pieces == message.pieces


async def test_a_recording_that_is_still_made_is_waited_for(
    service: TwilioService, connector: TwilioConnector
) -> None:
    call = service.called()
    recording = service.recorded(call, b"sound", status="processing")
    items, cursor = await drain(connector, None)
    assert items == []

    recording["status"] = "completed"
    service.written_down(recording, "Hello")
    service.now += timedelta(minutes=1)
    (message,) = (await drain(connector, cursor))[0]

    assert isinstance(message, Incoming)
    assert message.text == "Hello"


async def test_a_recorded_talk_is_no_voicemail(
    service: TwilioService, connector: TwilioConnector
) -> None:
    call = service.called(seconds=300)
    service.recorded(call, b"talk", source="DialVerb")

    (message,) = (await drain(connector, None))[0]

    assert isinstance(message, Incoming)
    assert message.pieces == (Call(outcome=CallOutcome.ANSWERED, seconds=300),)
    assert len(message.files) == 1


async def test_calls_are_left_alone_where_nobody_wants_them(service: TwilioService) -> None:
    connector = TwilioConnector(config(service, calls="no"), now=lambda: service.now)
    await connector.open()
    service.called()

    items, _ = await drain(connector, None)
    await connector.close()

    assert items == []
    assert not service.count(lambda asked: "Calls" in asked.path)


# --- setting up ---


async def steps(config: AccountConfig) -> list[Check]:
    return [step async for step in connectors.check("twilio", config)]


@pytest.mark.parametrize("key", [KEY, ""])
async def test_a_check_signs_in_with_a_key_or_with_the_account(
    service: TwilioService, key: str
) -> None:
    found = await steps(config(service, key_sid=key))

    assert [(step.step, step.ok) for step in found] == [
        ("receive:sign-in", True), ("receive:address", True), ("send:sign-in", True),
    ]  # fmt: skip


async def test_a_check_names_the_numbers_that_are_there(service: TwilioService) -> None:
    service.numbers = ["+15559999999", "+15558888888"]

    found = await steps(config(service))

    assert [(step.step, step.ok, step.detail) for step in found][1] == (
        "receive:address", False, "+15559999999, +15558888888",
    )  # fmt: skip


async def test_a_check_tells_of_a_wrong_secret_and_of_a_suspended_account(
    service: TwilioService,
) -> None:
    (wrong,) = await steps(config(service, secret="wrong"))
    (lacking,) = await steps(config(service, account_sid=""))
    service.status = "suspended"
    (suspended,) = await steps(config(service, key_sid=""))

    assert (wrong.step, wrong.cause) == ("receive:sign-in", "sign_in")
    assert (lacking.step, lacking.ok) == ("receive:sign-in", False)
    assert (suspended.cause, suspended.detail) == ("billing", "suspended")


def test_numbers_are_written_as_twilio_writes_them() -> None:
    entered = AccountConfig(
        id=1,
        address="+1 (555) 000-1111",
        settings={"senders": "WhatsApp:+1 555 000 2222; 34567, rcs:our_agent, +15550001111"},
        secrets={},
    )

    assert senders_of(entered.address, entered.settings) == [
        NUMBER,
        "whatsapp:+15550002222",
        "34567",
        "rcs:our_agent",
    ]


# --- reading ---


@pytest.mark.parametrize(
    ("address", "kind", "known"),
    [
        (CUSTOMER, "phone", CUSTOMER),
        (f"whatsapp:{CUSTOMER}", "phone", CUSTOMER),
        (f"rcs:{CUSTOMER}", "phone", CUSTOMER),
        ("whatsapp:US.13491208655302741918", "whatsapp", "US.13491208655302741918"),
        ("34567", "sender", "34567"),
        ("MYBANK", "sender", "MYBANK"),
        ("messenger:1234", "messenger", "1234"),
    ],
)
def test_not_everybody_who_writes_has_a_number(address: str, kind: str, known: str) -> None:
    found = person(address)

    assert (found.kind, found.address) == (kind, known)
    assert found.scoped is (kind != "phone")


def test_a_message_that_tells_nothing_is_named_as_such(service: TwilioService) -> None:
    (item,) = read_message(service.says(""))

    assert isinstance(item, Incoming)
    assert item.pieces == (Unknown(kind="message"),)


def test_a_chat_is_read_as_it_was_written() -> None:
    talk = read_line(WHATSAPP_CHAT)

    assert talk is not None
    assert (talk.ours, talk.theirs, talk.channel) == (WHATSAPP, f"whatsapp:{CUSTOMER}", "whatsapp")
    assert read_line("nonsense") is None


_MOMENTS = st.integers(1_600_000_000, 1_900_000_000).map(
    lambda second: datetime.fromtimestamp(second, UTC)
)
_SWEEPS = st.builds(
    Sweep,
    since=_MOMENTS,
    top=_MOMENTS,
    page=st.text(),
    seen=st.dictionaries(st.text(min_size=1), _MOMENTS, max_size=3),
)
_WAITING = st.builds(
    Open, sid=st.text("SMCA0123", min_size=1), since=_MOMENTS, due=_MOMENTS, told=st.text("abc")
)


@given(
    sweeps=st.dictionaries(st.sampled_from(["in +1", "out +1", "calls-in +1"]), _SWEEPS),
    waiting=st.lists(_WAITING, max_size=3),
)
def test_a_state_is_read_as_it_was_written(sweeps: dict[str, Sweep], waiting: list[Open]) -> None:
    clean = {
        name: replace(sweep, page="/next" if sweep.page else "") for name, sweep in sweeps.items()
    }
    state = State(sweeps=clean, open={one.sid: one for one in waiting})

    assert read_state(json.loads(json.dumps(written(state)))) == state


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [
                "sid", "from", "to", "body", "direction", "status", "num_media", "date_sent",
                "error_code", "duration", "sweeps", "open", "seen", "since", "top", "types",
                "approval_requests", "source",
            ]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=15,
)  # fmt: skip


@given(_JSON)
def test_nonsense_is_read_without_an_exception(value: object) -> None:
    read_state(value)
    read_state({"sweeps": {"in": value}, "open": [value]})
    if isinstance(value, dict):
        usual = {"sid": "SM" + "0" * 32, "from": "+15550001111", "to": "x", **value}
        for one in (value, usual):
            assert read_message(one)
            assert read_call(one, [one])
            read_template(one)


def test_a_sweep_forgets_what_it_needs_no_more() -> None:
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    sweep = Sweep(since=now, top=now)
    for page in range(20):
        found = [(f"SM{page}-{n}", now + timedelta(hours=20 - page)) for n in range(50)]
        sweep = sweep.after(found, page="more" if page < 19 else "", now=now)

    assert sweep.since == now + timedelta(hours=20)
    assert len(sweep.seen) == 50


def test_a_cursor_of_nonsense_begins_anew() -> None:
    nonsense: list[Cursor] = [{}, {"sweeps": 7}, {"sweeps": {"in +1": {"since": "x"}}}]

    assert [read_state(one) for one in nonsense] == [State(), State(), State()]
