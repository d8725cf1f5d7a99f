"""Who may be one person is suggested with reasons; a no is remembered (rule E3)."""

from __future__ import annotations

from functools import partial

import pytest

from desktop_inbox.domain.same_person import Reason
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import customer_merging as merging
from desktop_inbox.services import customer_suggestions as service
from desktop_inbox.store import customer_suggestions as suggestions
from desktop_inbox.store.customer_suggestions import Suggestion
from tests.support.engine_room import Room
from tests.support.post import Post


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    senders = (
        "Elif Arslan <elif@kaya.example>",
        "Elif <elif+orders@kaya.example>",
        "ELIF ARSLAN <e.arslan@kaya.example>",
        "Elif Arslan <elif.arslan@gmail.com>",
        "E A <elifarslan@googlemail.com>",
        "Can Er <can@other.example>",
    )
    post.bring(*(post.mail(f"{i}@x", sender=sender, minute=i) for i, sender in enumerate(senders)))
    return post


def _all(room: Room) -> list[Suggestion]:
    return room.read(suggestions.list_all)


def _told(found: list[Suggestion]) -> set[tuple[str, str, Reason]]:
    return {
        (one.one.identities[0].address, one.other.identities[0].address, sign.reason)
        for one in found
        for sign in one.signs
    }


def test_variants_and_namesakes_of_a_company_are_suggested_and_nobody_else(post: Post) -> None:
    assert _told(_all(post.room)) == {
        ("elif@kaya.example", "elif+orders@kaya.example", Reason.EMAIL),
        ("elif@kaya.example", "e.arslan@kaya.example", Reason.NAME),
        ("elif.arslan@gmail.com", "elifarslan@googlemail.com", Reason.EMAIL),
    }
    assert [one.score for one in _all(post.room)] == [0.85, 0.85, 0.6]


def test_the_pane_finds_for_one_customer_what_the_whole_list_says(post: Post) -> None:
    whole = _all(post.room)
    for key in {one.one.id for one in whole} | {one.other.id for one in whole}:
        mine = post.room.read(partial(suggestions.of_customer, customer_id=key))
        assert _told(mine) == _told([one for one in whole if key in (one.one.id, one.other.id)])


def test_a_pair_that_is_not_one_is_not_suggested_again_until_that_is_undone(post: Post) -> None:
    first = _all(post.room)[0]
    post.room.write(lambda tx: service.dismiss(tx, first.other.id, first.one.id))
    assert first not in _all(post.room)
    assert len(_all(post.room)) == 2
    post.room.write(actions.undo)
    assert _all(post.room)[0] == first


def test_merging_answers_the_suggestion(post: Post) -> None:
    first = _all(post.room)[0]
    post.room.write(lambda tx: merging.merge(tx, first.other.id, first.one.id))
    assert len(_all(post.room)) == 2
