"""Messenger: how talks are read back to the last look, and their files fetched."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.chat import Incoming, Reacted
from desktop_inbox.connectors.contract import Batch, Cursor
from desktop_inbox.connectors.errors import (
    PermanentError,
    PermanentReason,
    TransientError,
)
from desktop_inbox.connectors.messenger.connector import MessengerConnector
from desktop_inbox.connectors.meta.pace import Pace
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.meta_suite import a_file, config, is_file, is_list, is_send, outgoing, texts
from tests.connectors.meta_suite import connector as connector
from tests.connectors.meta_suite import service as service
from tests.support.http_service import Asked, Said
from tests.support.meta_service import ELIF, PAGE, MetaService, refused


async def batches(connector: MessengerConnector, cursor: Cursor | None) -> list[Batch]:
    found = []
    while True:
        batch = await connector.pull(cursor)
        found.append(batch)
        cursor = json.loads(json.dumps(batch.cursor))
        if not batch.more:
            return found


# --- talks ---


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


async def test_a_talk_that_the_list_shows_late_is_found(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("one", person="p1")
    _, cursor = await drain(connector, None)
    service.now -= timedelta(seconds=60)
    service.says("two", person="p2")

    items, _ = await drain(connector, cursor)

    assert texts(items) == ["two"]


async def test_what_meta_tells_late_and_out_of_order_is_brought(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("one")
    service.now += timedelta(hours=1)
    service.says("three")
    _, cursor = await drain(connector, None)
    messages = service.talks[ELIF].messages
    messages.insert(1, {**messages[0], "id": "m_late", "message": "two"})

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
    assert theirs.author.label == "Elif Kaya"
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


async def test_what_the_owner_writes_while_an_answer_fails_is_not_lost(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    _, cursor = await drain(connector, None)
    meanwhile: list[Batch] = []

    async def disk_full() -> None:
        service.sent_elsewhere("from the phone")
        service.now += timedelta(minutes=10)
        service.says("somebody else", person="p2")
        service.now += timedelta(minutes=10)
        meanwhile.append(await connector.pull(cursor))
        raise OSError("no space left")

    with pytest.raises(OSError, match="space"):
        await connector.send(outgoing(service, "Yes"), disk_full)
    items, _ = await drain(connector, meanwhile[0].cursor)

    assert texts(meanwhile[0].items) == ["somebody else"]
    assert texts(items) == ["from the phone"]


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

    assert loop.time() - started >= 0.099


async def test_who_has_nearly_used_an_allowance_up_goes_easy(
    service: MetaService, connector: MessengerConnector
) -> None:
    headers = {"X-App-Usage": '{"call_count": 97, "total_time": 3, "total_cputime": 1}'}
    service.fail(is_list, Said({"data": []}, headers=headers))

    await connector.pull(None)
    busy = connector.pace.goes_easy
    await connector.pull(None)

    assert (busy, connector.pace.goes_easy) == (True, False)


async def test_going_easy_takes_its_time() -> None:
    pace = Pace(0.005)
    pace.goes_easy = True
    loop = asyncio.get_running_loop()
    started = loop.time()

    await pace.turn()
    await pace.turn()

    assert loop.time() - started >= 0.099


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


async def test_names_that_meta_gives_lead_nowhere_else(
    service: MetaService, connector: MessengerConnector
) -> None:
    service.says("Hello")
    service.talks[ELIF].id = "../../debug_token?x=1#"

    items, _ = await drain(connector, None)

    assert items == []
    assert service.count(lambda asked: asked.path == "/debug_token") == 0


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
