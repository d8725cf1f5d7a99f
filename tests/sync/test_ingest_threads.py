"""Ingest: which mails make one conversation, whatever order they arrive in (C1, C2, C5)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox.services import conversations as actions
from desktop_inbox.services import joining
from tests.support.engine_room import Room
from tests.support.post import AYSE, BO, EVE, SHOP, Post


def test_an_answer_joins_the_conversation_it_answers(post: Post) -> None:
    post.bring(post.mail("a@x"))
    queued = post.room.queue(conversation_id=post.only().id)
    post.bring(post.mail("b@x", reply_to=queued.client_ref, minute=9))
    assert post.groups() == {frozenset({"a@x", queued.client_ref, "b@x"})}


def test_an_outsider_who_names_an_id_gets_a_conversation_of_their_own(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("e@x", sender=EVE, reply_to="a@x", minute=1))
    assert post.groups() == {frozenset({"a@x"}), frozenset({"e@x"})}


def test_an_outsider_who_comes_first_does_not_catch_the_customers_mail(post: Post) -> None:
    eve = post.mail("e@x", sender=EVE, to=f"{SHOP}, {AYSE}", reply_to="a@x", minute=5)
    post.bring(eve)
    post.bring(post.mail("b@x", reply_to="a@x", minute=4))
    post.bring(post.mail("a@x"))
    assert post.groups() == {frozenset({"a@x", "b@x"}), frozenset({"e@x"})}


def test_somebody_in_copy_may_join(post: Post) -> None:
    post.bring(post.mail("a@x", extra=f"Cc: {BO}"))
    post.bring(post.mail("b@x", sender=BO, reply_to="a@x", minute=1))
    assert post.groups() == {frozenset({"a@x", "b@x"})}


def test_answers_to_one_newsletter_stay_apart(post: Post) -> None:
    news = post.mail("n@shop", sender=SHOP, to="undisclosed-recipients:;", extra=f"Bcc: {AYSE}")
    post.bring(news)
    post.bring(post.mail("a@x", reply_to="n@shop", minute=1))
    post.bring(post.mail("b@x", sender=BO, reply_to="n@shop", minute=2))
    assert frozenset({"a@x"}) in post.groups()
    assert frozenset({"b@x"}) in post.groups()


def test_mails_without_a_sender_never_join_each_other(post: Post) -> None:
    post.bring(
        post.mail("a@x", sender="", reply_to="r@x"), post.mail("b@x", sender="", reply_to="r@x")
    )
    assert len(post.groups()) == 2


def test_two_conversations_that_turn_out_to_be_one_are_joined(post: Post) -> None:
    post.bring(post.mail("c@x", reply_to="b@x", minute=2, subject="Re: Re: Mug"))
    post.bring(post.mail("a@x", minute=0, subject="Mug"))
    assert len(post.groups()) == 2
    post.bring(post.mail("b@x", reply_to="a@x", minute=1, subject="Re: Mug"))
    assert post.groups() == {frozenset({"a@x", "b@x", "c@x"})}
    row = post.only()
    assert (row.subject, row.message_count) == ("Mug", 3)


def test_what_somebody_works_on_is_not_joined_under_their_hands(post: Post) -> None:
    post.bring(post.mail("c@x", reply_to="b@x", minute=2))
    post.room.write(lambda tx: actions.assign_to_me(tx, post.only().id))
    post.bring(post.mail("a@x", minute=0))
    post.bring(post.mail("b@x", reply_to="a@x", minute=1))
    assert len(post.groups()) == 2


def test_answers_follow_a_merge(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("z@x", sender=BO))
    first, second = (row.id for row in post.room.conversations())
    post.room.write(lambda tx: joining.merge(tx, first, second))
    post.bring(post.mail("b@x", reply_to="a@x", minute=3))
    post.bring(post.mail("y@x", sender=BO, reply_to="z@x", minute=4))
    assert post.groups() == {frozenset({"a@x", "b@x", "y@x", "z@x"})}


def test_answers_follow_a_split(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("b@x", reply_to="a@x", minute=1))
    row = post.only()
    _, second = post.room.messages(row.id)
    post.room.write(lambda tx: joining.split(tx, row.id, second.id))
    post.bring(post.mail("c@x", reply_to="b@x", references=["a@x", "b@x"], minute=2))
    post.bring(post.mail("d@x", reply_to="a@x", minute=3))
    assert post.groups() == {frozenset({"a@x", "d@x"}), frozenset({"b@x", "c@x"})}


@st.composite
def _talks(draw: st.DrawFn) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return a thread as people make one: each answers a mail they wrote or were sent."""
    people = [AYSE, BO, SHOP]
    mails: list[tuple[str, str, str, tuple[str, ...]]] = [("m0@x", AYSE, SHOP, ())]
    for number in range(1, draw(st.integers(min_value=1, max_value=6))):
        parent = draw(st.sampled_from(mails))
        seen_by = [p for p in people if p == parent[1] or p in parent[2]]
        sender = draw(st.sampled_from(seen_by))
        others = [p for p in people if p != sender]
        to = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True))
        if sender != SHOP and SHOP not in to:
            to.append(SHOP)  # else we would never see it
        chain = (*parent[3], parent[0])
        mails.append((f"m{number}@x", sender, ", ".join(to), chain))
    return mails


def _grouped(
    folder: Path, items: Sequence[tuple[str, str, str, tuple[str, ...]]], size: int
) -> tuple[set[frozenset[str]], object]:
    room = Room.open(folder)
    try:
        post = Post(room)
        mails = [
            post.mail(
                name,
                sender=sender,
                to=to,
                minute=int(name[1:-2]),
                subject="Re: Mug" if chain else "Mug",
                reply_to=chain[-1] if chain else "",
                references=chain,
            )
            for name, sender, to, chain in items
        ]
        for start in range(0, len(mails), size):
            post.bring(*mails[start : start + size])
        shown = [
            (row.subject, row.customer_name, row.status, row.unread, row.waiting_since)
            for row in room.conversations()
        ]
        return post.groups(), shown
    finally:
        room.workspace.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), size=st.integers(min_value=1, max_value=6))
def test_any_order_of_arrival_gives_the_same_conversations(data: st.DataObject, size: int) -> None:
    talk = data.draw(_talks())
    shuffled = data.draw(st.permutations(talk))
    with tempfile.TemporaryDirectory() as folder:
        in_order = _grouped(Path(folder, "a"), talk, 1)
        out_of_order = _grouped(Path(folder, "b"), shuffled, size)
    assert out_of_order == in_order


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_outsider_joins_in_no_order_of_arrival(data: st.DataObject) -> None:
    talk = data.draw(_talks())
    target = data.draw(st.sampled_from(talk))
    eve = ("m99@x", EVE, data.draw(st.sampled_from([SHOP, f"{SHOP}, {AYSE}"])), (target[0],))
    with tempfile.TemporaryDirectory() as folder:
        groups, _ = _grouped(Path(folder), data.draw(st.permutations([*talk, eve])), 2)
    assert frozenset({"m99@x"}) in groups
    assert len(groups) == 2
