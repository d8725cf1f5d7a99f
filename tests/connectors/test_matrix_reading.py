"""What events of Matrix rooms say, whatever was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox.connectors.chat import (
    ChatItem,
    Edited,
    Incoming,
    Moved,
    Reacted,
    ReadUntil,
    Receipt,
    Withdrawn,
)
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientError,
)
from desktop_inbox.connectors.http_answers import Answer
from desktop_inbox.connectors.matrix import reading
from desktop_inbox.connectors.matrix.cursor import Debts, Gap, debts_of
from desktop_inbox.connectors.matrix.link import NotThere, SignedOut, refusal
from desktop_inbox.connectors.matrix.reading import REF, Known
from desktop_inbox.connectors.matrix.rooms import Room, direct_rooms, joined_just_now
from desktop_inbox.connectors.matrix.settings import Invitations, homeserver, person, settings_of
from desktop_inbox.connectors.payload import Payload
from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.pieces import Spot, Sticker, Unknown

SHOP, ELIF = "@shop:example.org", "@elif:example.org"
AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
STAMP = int(AT.timestamp() * 1000)


def talk() -> Room:
    return Room(id="!r:example.org", me=SHOP, here={SHOP, ELIF}, names={ELIF: "Elif"}, known=True)


def event(
    content: object, *, kind: str = "m.room.message", sender: str = ELIF, **more: object
) -> dict[str, object]:
    return {
        "type": kind, "event_id": "$1", "sender": sender, "origin_server_ts": STAMP,
        "content": content, **more,
    }  # fmt: skip


def items(
    one: Mapping[str, object],
    *,
    room: Room | None = None,
    beside: Mapping[str, Known] | None = None,
    feelings: reading.Feelings | None = None,
) -> list[ChatItem]:
    return list(
        reading.read(one, room=room or talk(), beside=beside or {}, feelings=feelings or {})
    )


def said(content: Mapping[str, object], **more: str) -> Incoming:
    (item,) = items(event(content, **more))
    assert isinstance(item, Incoming)
    return item


def test_a_message_of_one_person_is_theirs() -> None:
    item = said({"msgtype": "m.text", "body": "Is the blue mug still there?"})

    assert item.text == "Is the blue mug still there?"
    assert (item.author.kind, item.author.address, item.author.name) == ("matrix", ELIF, "Elif")
    assert (item.at, item.external_id, item.from_me) == (AT, "$1", False)
    assert (item.chat.external_id, item.chat.group) == ("!r:example.org", False)
    assert json.loads(item.raw)["event_id"] == "$1"


def test_a_room_of_several_bears_its_name() -> None:
    room = talk()
    room.learn({"type": "m.room.name", "content": {"name": "Wholesale"}})
    room.learn(
        {"type": "m.room.member", "state_key": "@can:x.org", "content": {"membership": "join"}}
    )

    (item,) = items(event({"msgtype": "m.text", "body": "Hi"}), room=room)
    assert isinstance(item, Incoming)
    assert (item.chat.group, item.chat.title) == (True, "Wholesale")


def test_what_we_wrote_with_another_program_goes_to_whom_we_talk_with() -> None:
    item = said({"msgtype": "m.text", "body": "From the phone"}, sender=SHOP)
    assert (item.from_me, item.author.address, item.client_ref) == (True, ELIF, "")


def test_what_was_sent_from_here_says_under_which_name_and_further_parts_are_no_news() -> None:
    item = said({"msgtype": "m.text", "body": "Yes", REF: "ref-1"}, sender=SHOP)
    assert item.client_ref == "ref-1"
    further = event({"msgtype": "m.file", "body": "a.pdf", REF: "ref-1/2"}, sender=SHOP)
    assert items(further) == []


def test_nobody_else_sends_under_a_name_of_ours() -> None:
    assert said({"msgtype": "m.text", "body": "Yes", REF: "ref-1"}).client_ref == ""


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"body": "**Two** left"}, "**Two** left"),
        (
            {
                "body": "**Two** left",
                "format": "org.matrix.custom.html",
                "formatted_body": "<strong>Two</strong> left<br>of <em>five</em>",
            },
            "Two left\nof five",
        ),
        (
            {
                "body": "> <@shop:example.org> Which one?\n> Say\n\nThe blue one",
                "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}},
            },
            "The blue one",
        ),
        (
            {
                "body": "The blue one",
                "format": "org.matrix.custom.html",
                "formatted_body": "<mx-reply><blockquote>Which?</blockquote></mx-reply>The <b>blue",
                "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}},
            },
            "The blue",
        ),
        ({"body": "> not an answer\nwords"}, "> not an answer\nwords"),
    ],
)
def test_words_are_plain_and_without_what_they_quote(content: dict[str, object], text: str) -> None:
    item = said({"msgtype": "m.text", **content})
    assert item.text == text
    assert item.answers == ("$0" if "m.relates_to" in content else "")


def test_a_thread_is_no_answer_to_its_last_message() -> None:
    relation = {
        "rel_type": "m.thread", "event_id": "$0", "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$9"},
    }  # fmt: skip
    assert said({"msgtype": "m.text", "body": "Hi", "m.relates_to": relation}).answers == ""


def test_a_robot_is_not_taken_for_a_person() -> None:
    assert said({"msgtype": "m.notice", "body": "Bleep"}).kind is MessageClass.AUTOMATED


def test_a_file_is_told_with_its_caption_and_what_opens_it() -> None:
    sealed = {"url": "mxc://x.org/F", "key": {"k": "K"}, "iv": "I", "hashes": {"sha256": "H"}}
    item = said(
        {
            "msgtype": "m.image", "body": "The crack", "filename": "mug.png", "file": sealed,
            "info": {"mimetype": "image/png", "size": 7},
        }
    )  # fmt: skip
    (file,) = item.files
    assert (item.text, file.name, file.media_type, file.size) == (
        "The crack", "mug.png", "image/png", 7,
    )  # fmt: skip
    assert file.inline
    assert json.loads(file.reference) == sealed


def test_without_a_caption_the_text_is_the_name() -> None:
    item = said({"msgtype": "m.file", "body": "bill.pdf", "url": "mxc://x.org/F"})
    assert (item.text, item.files[0].name, item.files[0].inline) == ("", "bill.pdf", False)


def test_a_file_elsewhere_is_not_fetched() -> None:
    assert said({"msgtype": "m.file", "body": "x", "url": "https://evil.example/x"}).files == ()


def test_places_and_stickers_are_told_as_such() -> None:
    place = said({"msgtype": "m.location", "body": "The shop", "geo_uri": "geo:41.0,28.97;u=5"})
    assert place.pieces == (Spot(latitude=41.0, longitude=28.97, title="The shop"),)
    sticker = event({"body": "😊", "url": "mxc://x.org/S"}, kind="m.sticker")
    (item,) = items(sticker)
    assert isinstance(item, Incoming)
    assert (item.pieces, len(item.files)) == ((Sticker(emoji="😊"),), 1)


@pytest.mark.parametrize("uri", ["geo:91,0", "geo:1..2,0", "geo:", "41,28", "geo:1,181"])
def test_a_place_that_is_none_is_not_shown(uri: str) -> None:
    item = said({"msgtype": "m.location", "body": "Here", "geo_uri": uri})
    assert (item.text, item.pieces) == ("Here", ())


def test_what_cannot_be_opened_says_so() -> None:
    item = said({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "…"}, kind="m.room.encrypted")
    assert (item.text, item.pieces) == ("", (Unknown(kind="encrypted"),))


def test_an_unknown_event_is_kept_and_says_what_it_can() -> None:
    item = said({"body": "A hologram", "depth": 3}, kind="org.example.hologram")
    assert (item.text, item.pieces) == ("A hologram", (Unknown(kind="org.example.hologram"),))


@pytest.mark.parametrize("kind", ["m.call.candidates", "m.key.verification.start"])
def test_what_programs_say_to_each_other_is_no_message(kind: str) -> None:
    assert items(event({"version": 1}, kind=kind)) == []


def test_state_is_no_message() -> None:
    assert items(event({"topic": "Mugs"}, kind="m.room.topic", state_key="")) == []


def test_a_room_that_moves_is_told() -> None:
    (moved,) = items(
        event({"replacement_room": "!new:x.org"}, kind="m.room.tombstone", state_key="")
    )
    assert isinstance(moved, Moved)
    assert (moved.old, moved.new.external_id) == ("!r:example.org", "!new:x.org")


def test_an_event_that_was_taken_back_before_we_came_is_nothing() -> None:
    assert items(event({})) == []


# What becomes of messages


def edit(sender: str, new: Mapping[str, object]) -> Mapping[str, object]:
    relation = {"rel_type": "m.replace", "event_id": "$0"}
    content = {
        "msgtype": "m.text", "body": "* Hello", "m.new_content": new, "m.relates_to": relation,
    }  # fmt: skip
    return event(content, sender=sender)


def test_an_author_changes_what_they_said() -> None:
    one = edit(ELIF, {"msgtype": "m.text", "body": "Hello"})
    (edited,) = items(one, beside={"$0": Known(sender=ELIF, at=AT)})
    assert isinstance(edited, Edited)
    assert (edited.external_id, edited.text, edited.at) == ("$0", "Hello", AT)
    assert reading.replaces(one) == "$0"


def test_nobody_changes_what_another_said() -> None:
    one = edit(ELIF, {"msgtype": "m.text", "body": "I owe Elif money"})
    assert items(one, beside={"$0": Known(sender=SHOP, at=AT)}) == []
    assert items(one, beside={}) == []


def test_what_we_changed_here_is_no_news_and_elsewhere_is() -> None:
    beside = {"$0": Known(sender=SHOP, at=AT)}
    assert items(edit(SHOP, {"msgtype": "m.text", "body": "x", REF: "r"}), beside=beside) == []
    assert len(items(edit(SHOP, {"msgtype": "m.text", "body": "x"}), beside=beside)) == 1


def test_what_is_taken_back_is_told() -> None:
    for one in (
        event({"redacts": "$0"}, kind="m.room.redaction"),
        event({}, kind="m.room.redaction", redacts="$0"),
    ):
        (withdrawn,) = items(one)
        assert isinstance(withdrawn, Withdrawn)
        assert withdrawn.external_id == "$0"


def reaction(key: str, sender: str = ELIF, **more: object) -> dict[str, object]:
    relation = {"rel_type": "m.annotation", "event_id": "$0", "key": key}
    return event({"m.relates_to": relation}, kind="m.reaction", sender=sender, **more)


def test_all_that_somebody_thinks_is_told_together() -> None:
    felt: list[Payload] = [
        reaction("👍", event_id="$7"), reaction("❤️", event_id="$8"), reaction("😡", SHOP),
    ]  # fmt: skip
    now = reading.feeling(felt, ELIF)
    (reacted,) = items(reaction("👍"), feelings={("$0", ELIF): now})
    assert isinstance(reacted, Reacted)
    assert (reacted.external_id, reacted.emojis) == ("$0", ("👍", "❤️"))
    assert reacted.named == (("$7", "👍"), ("$8", "❤️"))
    assert reacted.author is not None
    assert reacted.author.address == ELIF


def test_how_far_people_read_is_told() -> None:
    content = {"$0": {"m.read": {ELIF: {"ts": STAMP}}}, "$9": {"m.read": {ELIF: {"ts": 1}}}}
    beside = {"$0": Known(sender=SHOP, at=AT)}
    until, receipt = reading.receipts(content, room=talk(), beside=beside)
    assert isinstance(until, ReadUntil)
    assert isinstance(receipt, Receipt)
    assert (until.at, until.by_me) == (AT, False)
    assert (receipt.external_id, receipt.state) == ("$0", Delivery.READ)


def test_what_we_read_elsewhere_is_read_here() -> None:
    content = {"$0": {"m.read.private": {SHOP: {"ts": STAMP}}}}
    (until,) = reading.receipts(content, room=talk(), beside={"$0": Known(sender=ELIF, at=AT)})
    assert isinstance(until, ReadUntil)
    assert until.by_me


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "type", "content", "event_id", "sender", "state_key", "redacts", "m.relates_to", "body",
        "msgtype", "url", "file", "info", "geo_uri", "m.new_content", "formatted_body", "format",
        "rel_type", "key", "m.read", "origin_server_ts", "m.in_reply_to", "filename", "key",
    ]
)  # fmt: skip
VALUES = st.sampled_from(
    ["m.room.message", "m.reaction", "m.room.redaction", "m.sticker", "m.text", "m.location",
     "m.image", "m.replace", "m.annotation", "$0", ELIF, SHOP, "mxc://a/b", "geo:1,2",
     "org.matrix.custom.html", "<b><mx-reply>"]
)  # fmt: skip
NESTED = st.recursive(
    VALUES | JSON, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
FEW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.dictionaries(NAMES, NESTED, max_size=6))
def test_nothing_that_is_sent_breaks_reading(anything: dict[str, object]) -> None:
    one = {"event_id": "$1", "sender": ELIF, **anything}
    beside = {"$0": Known(sender=ELIF, at=AT)}
    assert all(items(one, beside=beside, feelings={("$0", ELIF): ()}))
    assert list(reading.receipts(one, room=talk(), beside=beside)) is not None
    room = talk()
    room.learn(one)
    joined_just_now([one], SHOP)
    direct_rooms(one)


# What goes beside


def test_a_cursor_is_read_as_it_was_written() -> None:
    debts = Debts(
        since="s1",
        gaps=[Gap(room="!a", start="t1", stop="s0"), Gap(room="!b", start="t2", until=AT)],
        invited={"!c": "x.org"},
    )
    debts.owe("session", "!a", "$1")
    debts.owe("session", "!a", "$1")
    assert debts_of(json.loads(json.dumps(debts.written()))) == debts
    assert debts.sealed == {"session": ("!a", ["$1"])}


@FEW
@given(st.dictionaries(st.sampled_from(["since", "gaps", "invited", "sealed"]), JSON))
def test_a_cursor_that_makes_no_sense_begins_anew(cursor: dict[str, object]) -> None:
    assert debts_of(cursor).gaps == []


def test_what_is_sealed_is_not_owed_for_ever() -> None:
    debts = Debts()
    for number in range(300):
        debts.owe(f"session {number}", "!a", "$1")
    assert len(debts.sealed) == 200
    assert "session 299" in debts.sealed
    for number in range(300):
        debts.owe("one", "!a", f"${number}")
    assert len(debts.sealed["one"][1]) <= 200


@pytest.mark.parametrize(
    ("status", "value", "kind"),
    [
        (401, {"errcode": "M_UNKNOWN_TOKEN", "soft_logout": True}, SignedOut),
        (401, {"errcode": "M_MISSING_TOKEN"}, AuthError),
        (403, {"errcode": "M_USER_DEACTIVATED"}, AuthError),
        (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000}, RateLimited),
        (413, {"errcode": "M_TOO_LARGE"}, PermanentError),
        (403, {"errcode": "M_FORBIDDEN"}, PermanentError),
        (404, {"errcode": "M_NOT_FOUND"}, NotThere),
        (404, {"errcode": "M_UNRECOGNIZED"}, NotThere),
        (404, "no JSON", NotThere),
        (502, "Bad gateway", TransientError),
        (400, {"errcode": "M_BAD_JSON"}, PermanentError),
    ],
)
def test_refusals_are_told_apart_by_their_codes(
    status: int, value: object, kind: type[ConnectorError]
) -> None:
    assert type(refusal(Answer(status=status, body=json.dumps(value).encode()))) is kind


def test_what_a_refusal_says_besides_is_kept() -> None:
    def told(value: object, status: int = 429) -> ConnectorError:
        return refusal(Answer(status=status, body=json.dumps(value).encode()))

    limited = told({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000})
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_seconds == 7
    out = told({"errcode": "M_UNKNOWN_TOKEN", "soft_logout": True}, 401)
    assert isinstance(out, SignedOut)
    assert (out.soft, out.reason) == (True, AuthReason.REVOKED)
    forbidden = told({"errcode": "M_FORBIDDEN"}, 403)
    assert isinstance(forbidden, PermanentError)
    assert forbidden.reason is PermanentReason.RECIPIENT


@pytest.mark.parametrize(
    "address", ["@shop:example.org", " @shop:example.org:8448", "https://matrix.to/#/@a:b"]
)
def test_addresses_are_known(address: str) -> None:
    assert person(address).startswith("@")


@pytest.mark.parametrize("address", ["shop", "shop@example.org", "@shop", "@a:b/../c", "@:x", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(PermanentError) as caught:
        person(address)
    assert caught.value.reason is PermanentReason.RECIPIENT


def test_a_homeserver_is_reached_with_encryption_only() -> None:
    assert homeserver(" matrix.example.org/ ") == "https://matrix.example.org"
    assert homeserver("http://127.0.0.1:8008") == "http://127.0.0.1:8008"
    for told in ("http://matrix.example.org", "ftp://x", "https://u@x.org", "https://[::1/"):
        with pytest.raises(PermanentError):
            homeserver(told)


def test_an_account_shows_something_of_itself() -> None:
    with pytest.raises(AuthError):
        settings_of(AccountConfig(id=1, address=SHOP, settings={}, secrets={}))
    config = AccountConfig(
        id=1, address=SHOP, settings={"invitations": "?"}, secrets={"password": "secret"}
    )
    assert settings_of(config).invitations is Invitations.DIRECT
    assert "secret" not in repr(settings_of(config))
