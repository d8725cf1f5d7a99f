"""A person who is faster than the disk: text stays where it was written, whatever is on its way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import canned as responses
from desktop_inbox.services import drafts, replies
from desktop_inbox.services.canned import Content
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import canned
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.views import composer_file_desk, composer_files
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import LENA, Desk
from tests.ui.views.mail_desk import desk as desk

_TURNS = 60  # of the loop, in which whatever does not wait for the disk is done


@pytest.fixture
def slow_disk(desk: Desk) -> Iterator[threading.Event]:
    """Nothing is written until this is set."""
    written = threading.Event()
    desk.context.workspace.db.write(lambda _tx: written.wait(20))
    yield written
    written.set()


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0.001)


async def _shown(desk: Desk, conversation_id: int) -> None:
    await until(lambda: desk.view.row is not None and desk.view.row.id == conversation_id)


async def _body(desk: Desk, conversation_id: int) -> str:
    draft = await desk.draft(conversation_id)
    return draft.body if draft is not None else ""


async def test_what_is_being_saved_never_comes_into_another_conversation(
    desk: Desk, slow_disk: threading.Event
) -> None:
    await desk.open(desk.first)
    desk.type("mine")
    desk.view.keeper._save_now()
    await asyncio.sleep(0)  # it is on its way
    desk.view.show_conversation(desk.second)
    await _turns()
    slow_disk.set()
    await _shown(desk, desk.second)
    await desk.view.keeper.flush()
    desk.type("other")
    await desk.view.flush()
    assert (await _body(desk, desk.first), await _body(desk, desk.second)) == ("mine", "other")
    assert not desk.view.composer.strip.text


async def test_what_is_typed_while_another_is_opened_is_kept_where_it_was_typed(
    desk: Desk,
) -> None:
    await desk.open(desk.first)
    desk.type("one")
    desk.view.show_conversation(desk.second)
    desk.type(" two")
    await _shown(desk, desk.second)
    assert desk.text == ""
    await desk.open(desk.first)
    assert desk.text == "one two"
    desk.view.show_conversation(desk.second)
    desk.type(" three")
    desk.view.show_conversation(desk.first)
    desk.type(" four")
    await _shown(desk, desk.first)
    await desk.view.flush()
    assert desk.text == "one two three four"
    assert await desk.bodies() == {"one two three four"}


async def test_what_was_left_behind_never_replaces_what_was_typed_later(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.keeper._save_now()
    desk.type("one")
    desk.view.show_conversation(desk.second)
    desk.type(" two")
    await _shown(desk, desk.second)
    assert await _body(desk, desk.first) == "one two"


async def test_what_is_typed_while_a_new_message_is_opened_stays_too(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.new_message()
    desk.type("one")
    await until(lambda: desk.view.composer.mode == "new")
    assert desk.text == ""
    await desk.view.flush()
    assert await _body(desk, desk.first) == "one"


async def test_going_on_at_once_after_sending_leaves_no_draft_and_takes_none(
    desk: Desk, slow_disk: threading.Event
) -> None:
    slow_disk.set()
    content = DraftContent(conversation_id=desk.second, body="theirs", to=(LENA,), caret=6)
    await desk.context.write(lambda tx: drafts.save(tx, content))
    await desk.open(desk.first)
    desk.type("only once")
    slow_disk.clear()
    desk.context.workspace.db.write(lambda _tx: slow_disk.wait(20))
    desk.send()
    desk.view.show_conversation(desk.second)
    await _turns()
    slow_disk.set()
    await until(lambda: desk.text == "theirs")
    desk.type("!")
    await desk.view.flush()
    assert await desk.bodies() == {"theirs!"}
    assert len(await desk.messages(desk.first)) == 2, "the customer's and one answer"
    assert not desk.view.composer.strip.text


async def test_two_presses_in_one_breath_send_once(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("only once")
    desk.send()
    desk.type(" more")  # of which nobody would know to where it belongs
    desk.send()
    await until(lambda: desk.text == "")
    await desk.view.flush()
    assert len(await desk.messages(desk.first)) == 2, "the customer's and one answer"
    assert await desk.bodies() == set()


async def test_what_is_refused_after_going_on_is_kept_and_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_tx: Tx, *_given: object, **_named: object) -> None:
        raise UserError("message-missing")

    said: list[object] = []
    desk.context.banner.connect(said.append)
    await desk.open(desk.first)
    desk.type("never lost")
    monkeypatch.setattr(replies, "queue_reply", refuse)
    desk.send()
    desk.view.show_conversation(desk.second)
    await _shown(desk, desk.second)
    assert await _body(desk, desk.first) == "never lost"
    assert said


async def test_a_new_message_that_is_sent_empties_no_other_editor(
    desk: Desk, slow_disk: threading.Event
) -> None:
    slow_disk.set()
    content = DraftContent(conversation_id=desk.second, body="theirs", to=(LENA,))
    await desk.context.write(lambda tx: drafts.save(tx, content))
    desk.view.new_message()
    composer = desk.view.composer
    await until(lambda: composer.mode == "new" and composer.isVisible())
    composer.to.set_addresses((MINA,))
    composer.subject.setText("News")
    desk.type("Hello")
    desk.send()
    desk.view.show_conversation(desk.second)
    await until(lambda: desk.text == "theirs")
    await desk.view.flush()
    assert await desk.bodies() == {"theirs"}
    assert desk.view.conversation_id == desk.second


async def test_a_note_leaves_no_draft_behind_however_slowly_it_was_typed(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.keys.note()
    desk.type("ask the kiln")
    await desk.view.flush()
    desk.send()
    await until(lambda: desk.text == "")
    await desk.view.flush()
    assert await desk.bodies() == set()


async def test_a_draft_thrown_away_is_the_one_that_was_seen(
    desk: Desk, slow_disk: threading.Event
) -> None:
    slow_disk.set()
    content = DraftContent(conversation_id=desk.second, body="theirs", to=(LENA,))
    await desk.context.write(lambda tx: drafts.save(tx, content))
    await desk.open(desk.first)
    desk.type("away")
    slow_disk.clear()
    desk.context.workspace.db.write(lambda _tx: slow_disk.wait(20))
    desk.view.acts.sending.discard()
    await asyncio.sleep(0)
    desk.view.show_conversation(desk.second)
    await _turns()
    slow_disk.set()
    await until(lambda: desk.text == "theirs")
    await until(lambda: desk.view.keeper.draft_id is not None)
    await desk.view.flush()
    assert "theirs" in await desk.bodies()


async def test_where_a_conversation_is_gone_nothing_can_be_written(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.show_conversation(99_999)
    await until(lambda: "gone" in desk.view.empty.title)
    assert not desk.view.composer.isVisible()
    assert not desk.view.head.isVisible()


async def test_a_change_of_this_conversation_is_read_though_another_was_being_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.open(desk.first)
    view, read = desk.view, desk.context.read
    go_on = asyncio.Event()

    async def slowly(function: Callable[[Any], object]) -> object:
        found = await read(function)
        await go_on.wait()
        return found

    monkeypatch.setattr(desk.context, "read", slowly)
    view.reload()
    await asyncio.sleep(0)
    monkeypatch.setattr(desk.context, "read", read)
    await desk.open(desk.second)
    await until(lambda: view.updatesEnabled())
    await desk.context.write(
        lambda tx: builders.message(
            tx, desk.second, Mail(text="And?", at=utc_now()), account_id=desk.account
        )
    )
    await until(lambda: view._stale)
    go_on.set()
    await until(lambda: len(view.timeline.message_ids()) == 2)


async def test_an_account_that_comes_while_a_conversation_is_read_can_be_written_from(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = asyncio.Event()

    async def slowly(_messages: object) -> None:
        """The conversation was read, and then there is one more account."""
        desk.context.bridge.changed.connect(lambda _changes: told.set())
        await desk.context.write(lambda tx: builders.account(tx, address="second@shop.example"))
        await told.wait()

    monkeypatch.setattr(desk.view.readings, "warm", slowly)
    await desk.open(desk.first)
    await until(lambda: len(desk.view.data.accounts) == 2)  # type: ignore[union-attr]


async def test_a_file_that_is_still_being_taken_in_comes_where_it_was_dropped(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, take_in = asyncio.Event(), composer_files.take_in

    async def slowly(*given: Any, **named: Any) -> Any:
        await go_on.wait()
        return await take_in(*given, **named)

    monkeypatch.setattr(composer_file_desk, "take_in", slowly)
    offer = tmp_path / "offer.pdf"
    offer.write_bytes(b"%PDF-1.7 for Mina only")
    await desk.open(desk.first)
    desk.view.composer.files_wanted.emit([offer])
    desk.view.show_conversation(desk.second)
    await _turns()
    go_on.set()
    await _shown(desk, desk.second)
    await desk.view.flush()
    assert not desk.view.composer.files.files()
    draft = await desk.draft(desk.first)
    assert draft is not None
    assert [file["name"] for file in draft.attachments] == ["offer.pdf"]
    assert await desk.draft(desk.second) is None


async def test_a_response_chosen_before_going_on_comes_into_no_other_conversation(
    desk: Desk,
) -> None:
    thanks = Content(title="Thanks", shortcut="thanks", body="Thank you!")
    await desk.context.write(lambda tx: responses.create(tx, thanks))
    [row] = await desk.context.read(canned.list_all)
    await desk.open(desk.first)
    desk.view.acts.canned.choose(row)
    await asyncio.sleep(0)
    desk.view.show_conversation(desk.second)
    await _shown(desk, desk.second)
    await _turns()
    assert desk.text == ""
    await desk.view.flush()
    assert await desk.bodies() <= {"Thank you!"}
    assert await _body(desk, desk.second) == ""
