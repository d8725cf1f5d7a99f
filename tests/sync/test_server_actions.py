"""What is done here is done on the server: in order, once, also after days without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from desktop_inbox.connectors.contract import AccountConfig, Gone, Location, MarkedElsewhere
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    RateLimited,
    TransientCause,
    TransientError,
)
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import accounts, events, known_messages, messages, outbox, server_actions
from desktop_inbox.sync.following import follow
from desktop_inbox.sync.server_actions import REFUSED
from desktop_inbox.sync.server_lane import PATIENT_ATTEMPTS, ServerLane
from tests.support.engine_room import Room, eventually
from tests.support.post import SHOP, Post
from tests.support.scripted_connector import ScriptedConnector, Service

SOON = timedelta(milliseconds=1)


class Line:
    """An account's link as the lane sees it."""

    def __init__(self, room: Room, account_id: int) -> None:
        self.connector = room.connect("email", _config(account_id))
        self.is_connected = True
        self.refused: list[AuthError] = []

    def refuse(self, error: AuthError) -> None:
        self.refused.append(error)
        self.is_connected = False


def _config(account_id: int) -> AccountConfig:
    return AccountConfig(id=account_id, address="shop@example.com", settings={}, secrets={})


@pytest.fixture
def service(post: Post) -> Service:
    return post.room.services[post.mailbox.id]


def options(post: Post, **values: str) -> None:
    post.room.write(lambda tx: accounts.change(tx, post.mailbox.id, settings=values))


def waiting(post: Post) -> list[tuple[str, str]]:
    """Return what waits for the server, as (kind, target)."""
    found = post.room.read(lambda conn: server_actions.waiting(conn, post.mailbox.id))
    return [(one.kind, one.target) for one in found]


async def replay(post: Post, *, line: Line | None = None) -> Line:
    """Let the lane do what waits until nothing does, or the line goes."""
    line = line or Line(post.room, post.mailbox.id)
    lane = ServerLane(
        post.room.workspace.db, post.mailbox.id, link=line, delay=lambda failures: SOON
    )
    task = asyncio.create_task(lane.run())
    try:
        await eventually(lambda: not line.is_connected or not waiting(post))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return line


def history(post: Post, key: int) -> list[str]:
    return [one.kind for one in post.room.read(lambda conn: events.of_conversation(conn, key))]


# What is queued, rule O2


def test_reading_here_is_told_to_the_server(post: Post) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    assert waiting(post) == [("seen", "on")]


@pytest.mark.parametrize(
    ("mode", "opened", "closed"),
    [
        ("open", [("seen", "on")], [("seen", "on")]),
        ("close", [], [("seen", "on")]),
        ("never", [], []),
    ],
)
def test_the_account_says_what_marks_as_read_on_the_server(
    post: Post, mode: str, opened: list[tuple[str, str]], closed: list[tuple[str, str]]
) -> None:
    options(post, mark_read=mode)
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    assert waiting(post) == opened
    post.room.write(lambda tx: actions.close(tx, post.only().id))
    assert waiting(post) == closed


def test_closing_moves_nothing_unless_the_account_says_so(post: Post) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.close(tx, post.only().id))
    assert waiting(post) == []
    post.room.write(lambda tx: actions.reopen(tx, post.only().id))
    options(post, on_close="archive")
    post.room.write(lambda tx: actions.close(tx, post.only().id))
    assert waiting(post) == [("move", "archive")]


def test_spam_takes_what_came_and_leaves_what_we_wrote(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("b@shop", sender=SHOP, to="ayse@example.org",
               reply_to="a@x", minute=1))  # fmt: skip
    post.room.write(lambda tx: actions.set_status(tx, post.only().id, Status.SPAM))
    assert waiting(post) == [("move", "junk")]


def test_the_trash_takes_what_we_wrote_as_well(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("b@shop", sender=SHOP, to="ayse@example.org",
               reply_to="a@x", minute=1))  # fmt: skip
    post.room.write(lambda tx: actions.throw_away(tx, post.only().id))
    assert waiting(post) == [("move", "trash"), ("move", "trash")]


def test_what_is_taken_back_before_the_server_heard_of_it_moves_nothing(post: Post) -> None:
    post.bring(post.mail("a@x"))
    group = post.room.write(lambda tx: actions.throw_away(tx, post.only().id))
    post.room.write(lambda tx: actions.undo(tx, group))
    assert waiting(post) == [("move", "home")]


# What is done


async def test_actions_are_done_in_order_and_then_forgotten(post: Post, service: Service) -> None:
    mails = [post.mail(f"{n}@x", subject=f"s{n}") for n in range(3)]
    post.bring(*mails)
    for subject in ("s1", "s0"):
        post.room.write(partial(actions.mark_read, ids=post.only_named(subject).id))
    post.room.write(lambda tx: actions.throw_away(tx, post.only_named("s2").id))

    await replay(post)

    assert service.changed == [
        ("seen", (mails[1].location, mails[0].location), False),
        ("trash", (mails[2].location,), False),
    ]
    assert waiting(post) == []


async def test_a_moved_message_is_known_where_it_lies_and_comes_home_again(
    post: Post, service: Service
) -> None:
    """Behaviour 35: undo works after the server did it."""
    mail = post.mail("a@x")
    post.bring(mail)
    key = post.only().id
    group = post.room.write(lambda tx: actions.set_status(tx, key, Status.SPAM))
    await replay(post)
    (message,) = post.room.messages(key)
    (place,) = post.room.read(lambda conn: known_messages.places_of(conn, message.id))
    assert (place.folder, place.uid) == ("junk", 1001)
    # The server tells us of our own change: nothing happens (behaviour 23).
    post.bring(Gone(folder="inbox", uidvalidity=1, uids=(mail.location.uid,)))
    assert post.room.read(lambda conn: known_messages.places_of(conn, message.id)) == [place]

    post.room.write(lambda tx: actions.undo(tx, group))
    await replay(post)

    assert [what for what, _, _ in service.changed] == ["junk", "inbox"]
    assert service.changed[1][1] == (Location(folder="junk", uidvalidity=1, uid=1001),)


async def test_what_waits_survives_a_restart_and_a_dead_line(post: Post, service: Service) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    service.change_script.extend(
        [
            TransientError("reset"),
            RateLimited("later", retry_after_seconds=0.001),
            TransientError("offline", cause=TransientCause.DNS),
        ]
    )
    await replay(post)
    assert [what for what, _, _ in service.changed] == ["seen"] * 4
    assert post.only().unread == 0


async def test_a_move_that_was_cut_off_is_looked_into_when_repeated(
    post: Post, service: Service
) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.throw_away(tx, post.only().id))
    service.change_script.append(TransientError("reset"))
    await replay(post)
    assert [again for _, _, again in service.changed] == [False, True]


async def test_a_refused_sign_in_stops_without_losing_what_waits(
    post: Post, service: Service
) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    service.change_script.append(AuthError("535"))
    line = await replay(post)
    assert [error.detail for error in line.refused] == ["535"]
    assert waiting(post) == [("seen", "on")]


# What is refused


async def test_a_refused_move_is_taken_back_and_says_why(post: Post, service: Service) -> None:
    """Behaviour 11: each failure is shown and undone."""
    post.bring(post.mail("a@x"))
    key = post.only().id
    post.room.write(lambda tx: actions.throw_away(tx, key))
    assert post.room.conversations() == []
    service.change_script.append(PermanentError("mailbox is read-only"))

    await replay(post)

    assert post.only().status is Status.OPEN
    assert history(post, key) == ["conversation.status", REFUSED]
    (refusal,) = [
        after
        for event in post.room.read(lambda conn: events.of_conversation(conn, key))
        for _, _, field, _, after in event.changes
        if field == "refusal"
    ]
    assert refusal == {
        "action": "move", "target": "trash", "code": "invalid", "detail": "mailbox is read-only",
    }  # fmt: skip


async def test_a_refused_mark_is_taken_back(post: Post, service: Service) -> None:
    post.bring(post.mail("a@x"))
    key = post.only().id
    post.room.write(lambda tx: actions.mark_read(tx, key))
    service.change_script.append(PermanentError("no"))
    await replay(post)
    assert post.only().unread == 1
    assert history(post, key)[-1] == REFUSED
    assert waiting(post) == []


async def test_of_several_only_the_refused_one_is_taken_back(post: Post, service: Service) -> None:
    mails = [post.mail(f"{n}@x", subject=f"s{n}") for n in range(20)]
    post.bring(*mails)
    keys = [row.id for row in post.room.conversations()]
    post.room.write(lambda tx: actions.mark_read(tx, keys))
    service.refuses.add(mails[13].location)
    await replay(post)
    assert [row.subject for row in post.room.conversations() if row.unread] == ["s13"]
    assert len(service.changed) < 20


async def test_what_somebody_changed_again_is_not_taken_back(post: Post, service: Service) -> None:
    post.bring(post.mail("a@x"))
    key = post.only().id
    post.room.write(lambda tx: actions.set_status(tx, key, Status.SPAM))
    with _at_the_same_time(service, lambda: post.room.write(lambda tx: actions.close(tx, key))):
        service.change_script.append(PermanentError("no"))
        await replay(post)
    assert post.only().status is Status.CLOSED


@contextmanager
def _at_the_same_time(service: Service, what: object) -> Iterator[None]:
    really = ScriptedConnector._change

    def change(self: ScriptedConnector, *args: object, **more: object) -> object:
        ScriptedConnector._change = really  # type: ignore[method-assign]
        what()  # type: ignore[operator]
        return really(self, *args, **more)  # type: ignore[arg-type]

    ScriptedConnector._change = change  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ScriptedConnector._change = really  # type: ignore[method-assign]


async def test_a_server_that_says_no_without_a_reason_is_asked_only_so_often(
    post: Post, service: Service
) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    service.change_script.extend(
        [TransientError("no", cause=TransientCause.SERVER)] * PATIENT_ATTEMPTS
    )
    await replay(post)
    assert len(service.changed) == PATIENT_ATTEMPTS
    assert post.only().unread == 1


async def test_a_message_that_stays_lost_is_taken_back(post: Post, service: Service) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.room.write(lambda tx: actions.throw_away(tx, post.only().id))
    service.lost.add(mail.location)
    await replay(post)
    assert post.only().status is Status.OPEN


async def test_nothing_is_left_to_do_to_what_was_deleted_on_the_server(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    post.bring(Gone(folder="inbox", uidvalidity=1, uids=(mail.location.uid,)))
    assert waiting(post) == []  # for now: it may turn up elsewhere
    post.look()
    assert waiting(post) == [("seen", "on")]
    await replay(post)
    assert post.only().unread == 0


async def test_what_another_program_moved_meanwhile_is_dealt_with_where_it_turns_up(
    post: Post, service: Service
) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    service.absent.add(mail.location)  # moved on the server; we have not heard of it
    await replay(post)
    assert post.only().unread == 0
    moved = Location(folder="archive", uidvalidity=5, uid=9)
    post.bring(replace(mail, location=moved))
    await replay(post)
    assert service.changed[-1] == ("seen", (moved,), True) or service.changed[-1][1] == (moved,)
    assert post.only().unread == 0


# What the server says meanwhile


def test_what_was_marked_here_is_newer_than_what_the_server_says(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    post.bring(MarkedElsewhere(location=mail.location, seen=False, flagged=False))
    assert post.only().unread == 0


def test_our_own_mark_coming_back_changes_nothing(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    echo = MarkedElsewhere(location=mail.location, seen=True, flagged=False)
    assert (
        post.room.write(lambda tx: follow(tx, post.mailbox.id, [echo], known={}, again={})) == set()
    )


def test_what_a_reply_answers_is_marked_as_answered_once_it_has_left(post: Post) -> None:
    post.bring(post.mail("a@x"))
    reply = post.room.queue(conversation_id=post.only().id).message_id
    assert waiting(post) == []
    post.room.write(lambda tx: outbox.sent(tx, reply))
    assert waiting(post) == [("answered", "on")]


async def test_a_server_that_keeps_no_mark_of_answers_takes_nothing_back(
    post: Post, service: Service
) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    reply = post.room.queue(conversation_id=post.only().id).message_id
    post.room.write(lambda tx: outbox.sent(tx, reply))
    service.refuses.add(mail.location)
    await replay(post)
    assert waiting(post) == []
    assert REFUSED not in history(post, post.only().id)
    row = post.room.read(lambda conn: messages.row(conn, reply))
    assert row is not None
    assert row.delivery is Delivery.SENT


def test_a_star_is_shown_on_the_newest_message_and_taken_off_all(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("b@x", reply_to="a@x", minute=1))
    key = post.only().id
    post.room.write(lambda tx: actions.star(tx, [key]))
    assert waiting(post) == [("flagged", "on")]
    post.room.write(lambda tx: actions.star(tx, [key], on=False))
    assert waiting(post) == [("flagged", "off")] * 2


async def test_a_star_that_the_server_does_not_keep_is_taken_back(
    post: Post, service: Service
) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.room.write(lambda tx: actions.star(tx, [post.only().id]))
    service.refuses.add(mail.location)
    await replay(post)
    assert not post.only().starred
    assert history(post, post.only().id)[-1] == REFUSED
