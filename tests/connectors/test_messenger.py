"""Messenger: how talks are read back to the last look, how answers leave, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import Incoming, Reacted, RemoteFile
from desktop_inbox.connectors.contract import Batch, Cursor, Item
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientError,
    UncertainDelivery,
    Unsupported,
)
from desktop_inbox.connectors.http_api import Answer
from desktop_inbox.connectors.messenger.connector import MessengerConnector
from desktop_inbox.connectors.meta import checking
from desktop_inbox.connectors.meta.api import Unclear, refusal
from desktop_inbox.connectors.meta.cursor import Brought, State, read_state, written
from desktop_inbox.connectors.meta.messaging import read_reference, written_reference
from desktop_inbox.connectors.meta.pace import Pace
from desktop_inbox.connectors.setup import Check
from desktop_inbox.domain.messages import OutgoingFile
from desktop_inbox.domain.pieces import Spot
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.meta_suite import config, is_file, is_list, is_send, outgoing
from tests.support.http_service import Asked, Said, serving
from tests.support.meta_service import ELIF, PAGE, TOKEN, MetaService, refused


@pytest.fixture
async def service() -> AsyncIterator[MetaService]:
    async with serving(MetaService()) as service:
        yield service


@pytest.fixture
async def connector(service: MetaService) -> AsyncIterator[MessengerConnector]:
    connector = MessengerConnector(config(service.url), now=lambda: service.now)
    connector.look_seconds = 0.01
    connector.pace.seconds = 0.0
    await connector.open()
    yield connector
    await connector.close()


def texts(items: Sequence[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Incoming)]


async def batches(connector: MessengerConnector, cursor: Cursor | None) -> list[Batch]:
    found = []
    while True:
        batch = await connector.pull(cursor)
        found.append(batch)
        cursor = json.loads(json.dumps(batch.cursor))
        if not batch.more:
            return found


def a_file(folder: Path, name: str, kind: str, *, size: int = 4) -> OutgoingFile:
    path = folder / name
    path.write_bytes(b"data")
    return OutgoingFile(name=name, media_type=kind, path=path, size=size)


# --- receiving ---


async def test_talks_are_read_page_by_page_back_to_the_last_look(
    service: MetaService, connector: MessengerConnector
) -> None:
    for number in range(25):
        service.now += timedelta(minutes=5)
        service.says(f"m{number}", person=f"p{number}")
    first = await batches(connector, None)
    service.says("news", person="p3")

    (later,) = await batches(connector, first[-1].cursor)

    assert sorted(texts([one for batch in first for one in batch.items])) == sorted(
        f"m{number}" for number in range(25)
    )
    assert [batch.more for batch in first] == [True, True, False]
    assert texts(later.items) == ["news"]


async def test_a_talk_that_did_not_change_is_not_asked_for_again(
    service: MetaService, connector: MessengerConnector
) -> None:
    def looks() -> int:
        return service.count(lambda asked: "/t_" in asked.path)

    for number in range(5):
        service.says(f"m{number}", person=f"p{number}")
    _, cursor = await drain(connector, None)
    service.now += timedelta(seconds=30)
    _, cursor = await drain(connector, cursor)  # now nothing more can bear the same second
    before = looks()
    service.says("news", person="p9")

    items, _ = await drain(connector, cursor)

    assert texts(items) == ["news"]
    assert looks() == before + 1


async def test_what_comes_within_the_second_of_a_look_is_found(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("one")
    _, cursor = await drain(connector, None)
    service.now -= timedelta(seconds=1)
    service.says("two")

    items, _ = await drain(connector, cursor)

    assert texts(items) == ["two"]


async def test_what_moves_to_the_top_while_pages_are_read_is_found_the_next_time(
    service: MetaService, connector: MessengerConnector
) -> None:
    for number in range(15):
        service.says(f"m{number}", person=f"p{number}")
    _, cursor = await drain(connector, None)
    for number in range(15):
        service.says(f"n{number}", person=f"p{number}")
    first = await connector.pull(cursor)
    service.says("late", person="p0")
    service.says("later", person="p14")

    rest, cursor = await drain(connector, first.cursor)
    last, _ = await drain(connector, cursor)

    told = texts([*first.items, *rest, *last])
    expected = {*(f"n{number}" for number in range(15)), "late", "later"}
    assert set(told) == expected
    assert len(told) == len(expected)


@pytest.mark.parametrize(("count", "lost"), [(20, False), (21, True), (40, True)])
async def test_more_than_meta_tells_of_one_talk_is_owned_up_to(
    service: MetaService, connector: MessengerConnector, count: int, lost: bool
) -> None:
    service.says("before")
    _, cursor = await drain(connector, None)
    service.now += timedelta(days=7)
    for number in range(count):
        service.says(f"m{number}")

    batch = await connector.pull(cursor)

    assert texts(batch.items) == [f"m{number}" for number in range(max(count - 20, 0), count)]
    assert batch.gap is lost


async def test_the_first_look_owns_up_to_nothing(
    service: MetaService, connector: MessengerConnector
) -> None:
    for number in range(30):
        service.says(f"m{number}")

    batch = await connector.pull(None)

    assert len(texts(batch.items)) == 20
    assert not batch.gap


async def test_a_talk_that_begins_with_much_is_a_gap_too(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("before")
    _, cursor = await drain(connector, None)
    for number in range(22):
        service.says(f"m{number}", person="p2")

    assert (await connector.pull(cursor)).gap


async def test_one_talk_that_cannot_be_read_holds_no_other_up(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("one", person="p1")
    service.says("two", person="p2")
    service.unreadable.add(service.talks["p2"].id)

    items, _ = await drain(connector, None)

    assert texts(items) == ["one"]


async def test_a_field_that_meta_knows_no_more_is_done_without(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.unknown_fields = {"reactions"}
    service.says("one")

    items, _ = await drain(connector, None)

    assert texts(items) == ["one"]


async def test_a_page_that_is_not_known_any_more_is_begun_anew(
    service: MetaService, connector: MessengerConnector
) -> None:
    for number in range(12):
        service.says(f"m{number}", person=f"p{number}")
    first = await connector.pull(None)
    service.fail(is_list, refused(100, "Invalid cursors values"))

    rest, _ = await drain(connector, first.cursor)

    assert set(texts([*first.items, *rest])) == {f"m{number}" for number in range(12)}


async def test_a_talk_dated_in_the_future_hides_nothing(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("from tomorrow", person="p1")
    service.talks["p1"].updated += timedelta(days=400)
    _, cursor = await drain(connector, None)
    service.says("today", person="p2")

    items, _ = await drain(connector, cursor)

    assert texts(items) == ["today"]


async def test_whoever_writes_is_known_by_name(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    service.sent_elsewhere("Hello Elif")

    (theirs, ours), _ = await drain(connector, None)

    assert isinstance(theirs, Incoming)
    assert (theirs.author.kind, theirs.author.address) == ("messenger", ELIF)
    assert (theirs.author.name, theirs.author.scoped) == ("Elif Kaya", True)
    assert isinstance(ours, Incoming)
    assert (ours.from_me, ours.author.address, ours.chat) == (True, ELIF, theirs.chat)


async def test_an_answer_and_a_reaction_point_at_their_message(
    service: MetaService, connector: MessengerConnector
) -> None:
    first = service.says("Is it there?")
    liked = {"data": [{"reaction": "❤", "users": [{"id": PAGE}]}]}
    service.says("The blue one", reply_to={"mid": first["id"]}, reactions=liked)

    items, _ = await drain(connector, None)

    assert [item.answers for item in items if isinstance(item, Incoming)] == ["", first["id"]]
    (reacted,) = [item for item in items if isinstance(item, Reacted)]
    assert (reacted.author, reacted.emojis) == (None, ("❤",))


async def test_what_is_just_leaving_is_nobody_elses(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    _, cursor = await drain(connector, None)
    meanwhile: list[Batch] = []
    answered = service.answer

    async def slowly(asked: Asked) -> Said:
        said = await answered(asked)
        if is_send(asked):  # taken, and not yet told
            meanwhile.append(await connector.pull(cursor))
        return said

    service.answer = slowly  # type: ignore[method-assign]
    await connector.send(outgoing(service, "Yes"), nothing)
    after, cursor = await drain(connector, meanwhile[0].cursor)
    service.sent_elsewhere("And from the phone")
    last, _ = await drain(connector, cursor)

    assert texts(meanwhile[0].items) == texts(after) == []
    assert texts(last) == ["And from the phone"]


async def test_all_parts_of_an_answer_are_known_as_ours(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Hello")
    _, cursor = await drain(connector, None)
    picture = a_file(tmp_path, "mug.png", "image/png")

    result = await connector.send(outgoing(service, "Here", attachments=(picture,)), nothing)
    items, _ = await drain(connector, cursor)

    assert texts(items) == []
    assert result.external_id == service.talks[ELIF].messages[-1]["id"]


async def test_calls_are_kept_apart() -> None:
    pace = Pace(0.02)
    loop = asyncio.get_running_loop()
    started = loop.time()

    await asyncio.gather(*(pace.turn() for _ in range(6)))

    assert loop.time() - started >= 0.1


async def test_meta_is_asked_twice_a_second_at_most_also_after_a_new_start(
    service: MetaService,
) -> None:
    connector = MessengerConnector(config(service.url))
    connector.pace.seconds *= 0.1
    turns: list[float] = []
    loop = asyncio.get_running_loop()
    for _ in range(2):
        started = loop.time()
        await connector.open()
        await connector.pull(None)
        await connector.close()
        turns.append(loop.time() - started)

    # Signing in and looking: four calls, and the first waits for nobody.
    assert sum(turns) >= 0.1 * 0.5 * 3


# --- files ---


async def test_a_file_is_fetched_also_when_its_address_ran_out(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Look", files={"image/png": b"mug", "application/pdf": b"bill"})
    items, _ = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    service.runs_out = True

    for number, file in enumerate(message.files):
        await connector.fetch_file(file.reference, tmp_path / str(number))

    assert [file.media_type for file in message.files] == ["image/png", "application/pdf"]
    assert [file.inline for file in message.files] == [True, False]
    assert (tmp_path / "0").read_bytes() == b"mug"
    assert (tmp_path / "1").read_bytes() == b"bill"


async def test_a_file_of_an_old_message_is_gone_with_its_address(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Look", files={"image/png": b"mug"})
    items, _ = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    for number in range(20):
        service.says(f"m{number}")
    service.runs_out = True

    with pytest.raises(PermanentError) as caught:
        await connector.fetch_file(message.files[0].reference, tmp_path / "file")

    assert caught.value.reason is PermanentReason.MEDIA
    assert not (tmp_path / "file").exists()


async def test_a_busy_file_server_is_asked_again_later(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Look", files={"image/png": b"mug"})
    items, _ = await drain(connector, None)
    (message,) = [item for item in items if isinstance(item, Incoming)]
    service.fail(is_file, Said(status=503))

    with pytest.raises(TransientError):
        await connector.fetch_file(message.files[0].reference, tmp_path / "file")


@given(message=st.text(), number=st.integers(0, 999), url=st.text(min_size=1))
def test_where_a_file_lies_is_read_as_it_was_written(message: str, number: int, url: str) -> None:
    written_down = written_reference(message, number, url)
    if message and " " not in message:
        assert read_reference(written_down) == (message, number, url)
    assert read_reference(url)  # as it comes with a webhook


# --- sending ---


async def test_an_answer_says_what_it_is(
    service: MetaService, connector: MessengerConnector
) -> None:
    question = str(service.says("Is it there?")["id"])

    await connector.send(outgoing(service, "Yes", in_reply_to=question), nothing)

    assert service.taken == [
        {
            "recipient": {"id": ELIF},
            "messaging_type": "RESPONSE",
            "reply_to": {"mid": question},
            "message": {"text": "Yes", "metadata": "ref-1@desk.example"},
        }
    ]


async def test_a_person_may_answer_for_a_week(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Is it there?")
    service.now += timedelta(days=3)

    with pytest.raises(PermanentError) as closed:
        await connector.send(outgoing(service, "Yes"), nothing)
    await connector.send(outgoing(service, "Yes", human_agent=True), nothing)
    service.now += timedelta(days=5)
    with pytest.raises(PermanentError) as over:
        await connector.send(outgoing(service, "Yes", human_agent=True), nothing)

    assert closed.value.reason is over.value.reason is PermanentReason.WINDOW_CLOSED
    (taken,) = service.taken
    assert (taken["messaging_type"], taken["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


@pytest.mark.parametrize(("approved", "hours"), [("no", 0), ("yes", None)])
def test_a_longer_window_is_offered_only_where_meta_approved_it(
    approved: str, hours: int | None
) -> None:
    connector = MessengerConnector(config("http://127.0.0.1:1", human_agent=approved))

    assert connector.limits.get("human_agent_hours") == hours


async def test_files_leave_before_the_words(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    question = str(service.says("Is it there?")["id"])
    files = (a_file(tmp_path, "mug.png", "image/png"), a_file(tmp_path, "b.pdf", "application/pdf"))

    await connector.send(
        outgoing(service, "Here", attachments=files, in_reply_to=question), nothing
    )

    kinds = [(kind, name, data) for kind, name, data in service.uploads.values()]
    assert kinds == [("image", "mug.png", b"data"), ("file", "b.pdf", b"data")]
    messages: list[Any] = [body["message"] for body in service.taken]
    assert [one["attachment"]["type"] for one in messages[:2]] == ["image", "file"]
    assert messages[2]["text"] == "Here"
    assert [body.get("reply_to") for body in service.taken] == [None, None, {"mid": question}]


async def test_nothing_leaves_where_a_file_is_not_taken(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Hello")
    service.fail(
        lambda asked: asked.path.endswith("message_attachments"),
        refused(100, "Upload attachment failure.", subcode=2018047),
    )
    before: list[None] = []

    async def before_body() -> None:
        before.append(None)

    picture = a_file(tmp_path, "mug.png", "image/png")
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, "Here", attachments=(picture,)), before_body)

    assert caught.value.reason is PermanentReason.MEDIA
    assert service.taken == before == []


async def test_half_an_answer_is_uncertain(
    service: MetaService, connector: MessengerConnector, tmp_path: Path
) -> None:
    service.says("Hello")
    service.fail(
        lambda asked: is_send(asked) and b'"text"' in asked.body, refused(100, "Invalid parameter")
    )

    picture = a_file(tmp_path, "mug.png", "image/png")
    with pytest.raises(UncertainDelivery, match="1 of 2 parts"):
        await connector.send(outgoing(service, "Here", attachments=(picture,)), nothing)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("code", [1, 2])
async def test_where_meta_does_not_know_itself_it_is_uncertain(
    service: MetaService, connector: MessengerConnector, code: int, status: int
) -> None:
    service.says("Hello")
    service.fail(is_send, refused(code, "Please retry", status=status), after=True)

    with pytest.raises(UncertainDelivery):
        await connector.send(outgoing(service, "Yes"), nothing)

    assert len(service.taken) == 1


async def test_an_answer_that_makes_no_sense_is_uncertain(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    service.fail(is_send, Said(body=b"<html>"), after=True)

    with pytest.raises(UncertainDelivery):
        await connector.send(outgoing(service, "Yes"), nothing)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "x" * 2001}, PermanentReason.TOO_LARGE),
        ({"chat": "", "to": ()}, PermanentReason.RECIPIENT),
        ({"text": " "}, PermanentReason.INVALID),
        ({"chat": "nobody"}, PermanentReason.RECIPIENT),
    ],
)
async def test_what_messenger_does_not_take_does_not_leave(
    service: MetaService,
    connector: MessengerConnector,
    change: dict[str, object],
    reason: PermanentReason,
) -> None:
    service.says("Hello")

    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, **{"text": "Yes", **change}), nothing)  # type: ignore[arg-type]

    assert caught.value.reason is reason
    assert service.taken == []


@pytest.mark.parametrize(("kind", "mebibytes"), [("image/png", 9), ("application/pdf", 26)])
async def test_a_file_that_is_too_large_is_not_even_left_with_meta(
    service: MetaService, connector: MessengerConnector, tmp_path: Path, kind: str, mebibytes: int
) -> None:
    service.says("Hello")
    file = a_file(tmp_path, "large", kind, size=mebibytes * 2**20)

    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(service, attachments=(file,)), nothing)

    assert caught.value.reason is PermanentReason.TOO_LARGE
    assert service.uploads == {}


async def test_what_messenger_cannot_draw_is_told_in_words(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Where are you?")
    place = Spot(latitude=41.0, longitude=29.0, title="Shop")

    await connector.send(outgoing(service, "Here", pieces=(place,)), nothing)

    assert service.talks[ELIF].messages[-1]["message"] == "Here\n📍 Shop"


async def test_a_customer_who_blocked_the_page_is_said_to_be_out_of_reach(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    service.blocked.add(ELIF)

    with pytest.raises(PermanentError, match="551/1545041") as caught:
        await connector.send(outgoing(service), nothing)

    assert caught.value.reason is PermanentReason.RECIPIENT


async def test_reactions_and_reading_are_told(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    await connector.react(ELIF, "m_1", ["❤", "👍"])
    await connector.react(ELIF, "m_1", [])
    await connector.read(ELIF, "m_1")

    who = {"recipient": {"id": ELIF}}
    payload = {"message_id": "m_1"}
    assert service.acts == [
        {**who, "sender_action": "react", "payload": {**payload, "reaction": "❤"}},
        {**who, "sender_action": "unreact", "payload": payload},
        {**who, "sender_action": "mark_seen"},
    ]


# --- what may have been delivered ---


async def test_what_was_delivered_all_the_same_is_found_again(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    message = outgoing(service, "Yes,  two are left")
    service.fail(is_send, after=True)
    with pytest.raises(UncertainDelivery):
        await connector.send(message, nothing)

    found = await connector.find_sent(message)
    again = await connector.find_sent(message)

    assert found is not None
    assert found.external_id == service.talks[ELIF].messages[-1]["id"]
    assert again is None  # it stands for one message, not for two


async def test_what_never_left_is_not_found(
    service: MetaService, connector: MessengerConnector
) -> None:
    assert await connector.find_sent(outgoing(service, "Yes")) is None
    service.says("Yes")  # they say so as well
    service.sent_elsewhere("Yes")
    service.now += timedelta(hours=1)

    assert await connector.find_sent(outgoing(service, "Yes")) is None


async def test_the_same_words_sent_twice_are_two_messages(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    await connector.send(outgoing(service, "Yes"), nothing)

    assert await connector.find_sent(outgoing(service, "Yes", client_ref="other")) is None


async def test_a_file_without_words_cannot_be_found_again(connector: MessengerConnector) -> None:
    with pytest.raises(Unsupported):
        await connector.find_sent(outgoing(MetaService(), ""))


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_clock_that_is_wrong_finds_it_too(service: MetaService, hours: int) -> None:
    skew = timedelta(hours=hours)
    connector = MessengerConnector(config(service.url), now=lambda: service.now + skew)
    connector.pace.seconds = 0.0
    service.says("Hello")
    service.sent_elsewhere("Yes")  # long before
    service.now += timedelta(hours=1)
    await connector.open()
    message = outgoing(service, "Yes", at=service.now + skew)
    missing = await connector.find_sent(message)
    service.fail(is_send, after=True)
    with pytest.raises(UncertainDelivery):
        await connector.send(message, nothing)
    found = await connector.find_sent(message)
    await connector.close()

    assert missing is None
    assert found is not None


# --- what goes wrong ---


def said_of(code: int, subcode: int | None = None, *, status: int = 400) -> ConnectorError:
    said = refused(code, "words", status=status, subcode=subcode)
    return refusal(Answer(status=status, body=json.dumps(said.value).encode()))


@pytest.mark.parametrize(
    ("code", "subcode", "reason"),
    [
        (190, None, AuthReason.SIGN_IN),
        (190, 460, AuthReason.REVOKED),
        (190, 463, AuthReason.REVOKED),
        (10, None, AuthReason.PERMISSION),
        (200, None, AuthReason.PERMISSION),
        (230, None, AuthReason.PERMISSION),
        (10, 1893063, AuthReason.RESTRICTED),
        (368, None, AuthReason.RESTRICTED),
    ],
)
def test_what_a_person_must_see_to_is_told_apart_by_code(
    code: int, subcode: int | None, reason: AuthReason
) -> None:
    error = said_of(code, subcode)

    assert isinstance(error, AuthError)
    assert error.reason is reason
    assert error.detail.startswith(f"{code}/{subcode}" if subcode else str(code))


@pytest.mark.parametrize(
    ("code", "subcode", "reason"),
    [
        (10, 2018278, PermanentReason.WINDOW_CLOSED),
        (10, 2534022, PermanentReason.WINDOW_CLOSED),
        (551, None, PermanentReason.RECIPIENT),
        (551, 1545041, PermanentReason.RECIPIENT),
        (100, 2018001, PermanentReason.RECIPIENT),
        (100, 2018047, PermanentReason.MEDIA),
        (100, None, PermanentReason.INVALID),
        (100, 33, PermanentReason.INVALID),
    ],
)
def test_what_can_never_succeed_is_told_apart_by_code(
    code: int, subcode: int | None, reason: PermanentReason
) -> None:
    error = said_of(code, subcode)

    assert isinstance(error, PermanentError)
    assert error.reason is reason


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80006])
def test_a_limit_is_told_by_code(code: int) -> None:
    assert isinstance(said_of(code, status=400), RateLimited)


@pytest.mark.parametrize("code", [1, 2])
def test_what_passes_is_told_by_code(code: int) -> None:
    assert isinstance(said_of(code, status=400), Unclear)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({}, 30),
        ({"x-business-use-case-usage": '{"1001": [{"estimated_time_to_regain_access": 5}]}'}, 300),
        ({"x-business-use-case-usage": '{"1001": [{"call_count": 100}]}'}, 30),
        ({"x-business-use-case-usage": "[nonsense"}, 30),
        ({"x-business-use-case-usage": '{"1001": [7, {"estimated_time_to_regain_access": "x"}]}'},
         30),
    ],
)  # fmt: skip
def test_the_pause_that_meta_asks_for_is_kept(headers: dict[str, str], seconds: float) -> None:
    body = json.dumps(refused(613, "words").value).encode()
    error = refusal(Answer(status=400, headers=headers, body=body))

    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == seconds


@pytest.mark.parametrize(
    "body", [b"", b"null", b'{"error": 7}', b'{"error": {"code": "x", "message": []}}', b"\xff"]
)
def test_a_refusal_without_sense_is_one_all_the_same(body: bytes) -> None:
    assert isinstance(refusal(Answer(status=400, body=body)), PermanentError)
    assert isinstance(refusal(Answer(status=502, body=body)), TransientError)


async def test_names_that_meta_gives_lead_nowhere_else(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    service.talks[ELIF].id = "../../debug_token?x=1#"

    items, _ = await drain(connector, None)

    assert items == []
    assert service.count(lambda asked: asked.path == "/debug_token") == 0


# --- the cursor ---

_MOMENTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_BROUGHT = st.builds(
    Brought, names=st.frozensets(st.text("0af", min_size=1)), changed=st.text("-:0T", max_size=9)
)
_STATES = st.builds(
    State,
    since=st.none() | _MOMENTS,
    top=st.none() | _MOMENTS,
    page=st.text("abc=", max_size=5),
    brought=st.dictionaries(st.text("t_19", min_size=1), _BROUGHT, max_size=3),
)


@given(_STATES)
def test_a_cursor_is_read_as_it_was_written(state: State) -> None:
    assert read_state(json.loads(json.dumps(written(state)))) == state


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["since", "top", "page", "brought", "t_1", "names"]), inner
            )
        ),
        max_leaves=6,
    )
)
def test_a_cursor_without_sense_begins_anew(cursor: object) -> None:
    assert isinstance(read_state(cursor), State)


def test_a_cursor_does_not_grow_for_ever() -> None:
    state = State()
    for number in range(500):
        state = state.looked(f"t_{number}", Brought(names=frozenset({"a"})))

    assert len(state.brought) == 200
    assert "t_499" in state.brought


# --- setting up ---


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a check ask as fast as it can."""
    monkeypatch.setattr(checking, "Pace", partial(Pace, 0.0))


async def steps(service: MetaService, **changes: Any) -> list[Check]:
    return [one async for one in connectors.check("messenger", config(service.url, **changes))]


@pytest.mark.parametrize("address", ["Elif's Mugs", "elif's mugs", PAGE])
@pytest.mark.usefixtures("_at_once")
async def test_a_good_token_passes_every_step(service: MetaService, address: str) -> None:
    found = await steps(service, address=address)

    assert [(one.step, one.ok) for one in found] == [
        ("receive:sign-in", True),
        ("receive:address", True),
        ("receive:permissions", True),
        ("receive:conversations", True),
        ("send:sign-in", True),
    ]


@pytest.mark.usefixtures("_at_once")
async def test_the_token_of_another_page_is_told_by_its_name(service: MetaService) -> None:
    last = (await steps(service, address="Somebody's Mugs"))[-1]

    assert (last.step, last.ok, last.cause) == ("receive:address", False, "other-address")
    assert last.detail == "Elif's Mugs"


@pytest.mark.usefixtures("_at_once")
async def test_a_permission_that_lacks_is_named(service: MetaService) -> None:
    service.scopes = ("pages_manage_metadata", "pages_read_engagement")

    (lacking,) = [one for one in await steps(service) if not one.ok]

    assert (lacking.step, lacking.cause) == ("receive:permissions", "permission")
    assert lacking.detail == "pages_messaging"


@pytest.mark.usefixtures("_at_once")
async def test_where_meta_does_not_tell_permissions_talks_do(service: MetaService) -> None:
    service.scopes = None
    service.fail(
        lambda asked: asked.path.endswith("conversations"), refused(200, "Requires pages_messaging")
    )

    found = await steps(service)

    assert [one.step for one in found] == [
        "receive:sign-in", "receive:address", "receive:conversations",
    ]  # fmt: skip
    assert (found[-1].ok, found[-1].cause) == (False, "permission")


@pytest.mark.parametrize(("token", "cause"), [("EAA-wrong-token", "revoked"), ("", "sign_in")])
@pytest.mark.usefixtures("_at_once")
async def test_a_token_that_is_none_is_told(service: MetaService, token: str, cause: str) -> None:
    (only,) = await steps(service, token=token)

    assert (only.step, only.ok, only.cause) == ("receive:sign-in", False, cause)
    assert TOKEN not in only.detail


async def test_only_this_machine_stands_in_for_meta() -> None:
    (only,) = await steps_elsewhere()

    assert not only.ok


async def steps_elsewhere() -> list[Check]:
    elsewhere = config("https://elsewhere.example")
    return [one async for one in connectors.check("messenger", elsewhere)]


def test_a_file_is_told_with_what_finds_it_again() -> None:
    file = RemoteFile(reference=written_reference("m_1", 2, "https://cdn.example/a b"))

    assert read_reference(file.reference) == ("m_1", 2, "https://cdn.example/a b")
