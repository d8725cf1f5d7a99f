"""What WhatsApp, Messenger and Instagram send is read, whatever it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.chat import (
    ChatItem,
    Edited,
    Incoming,
    Moved,
    Reacted,
    ReadUntil,
    Receipt,
    RemoteFile,
    Unreadable,
    Withdrawn,
)
from desktop_inbox.connectors.meta.messaging import INSTAGRAM, MESSENGER, read_listed
from desktop_inbox.connectors.meta.reading import read_webhook
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import (
    Call,
    CallOutcome,
    Card,
    Pressed,
    Shared,
    Spot,
    Sticker,
    Unknown,
)
from tests.support.corpora import corpus

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def payloads(name: str) -> dict[str, object]:
    read: dict[str, object] = json.loads(
        (corpus("webhooks") / "whatsapp_pywa" / f"{name}.json").read_bytes()
    )
    return read


def only(name: str, case: str) -> ChatItem:
    (item,) = read_webhook(payloads(name)[case], now=NOW)
    return item


def message(case: str) -> Incoming:
    item = only("message", case)
    assert isinstance(item, Incoming)
    return item


def everything(value: object) -> Iterator[object]:
    """Give a value and all that lies in it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from everything(one)


def test_every_payload_of_the_collections_is_read() -> None:
    count = 0
    for file in sorted(corpus("webhooks").rglob("*.json")):
        for value in everything(json.loads(file.read_bytes())):
            read_webhook(value, now=NOW)
            wrapped = {"changes": [{"value": value}], "messaging": [value]}
            for kind in ("whatsapp_business_account", "page", "instagram"):
                read_webhook({"object": kind, "entry": [wrapped]}, now=NOW)
            count += 1
    assert count > 1000


def test_nothing_of_customers_in_the_collections_is_unreadable() -> None:
    for file in sorted((corpus("webhooks") / "whatsapp_pywa").glob("*.json")):
        for case, payload in json.loads(file.read_bytes()).items():
            for item in read_webhook(payload, now=NOW):
                assert not isinstance(item, Unreadable), (file.name, case)


def test_the_customer_is_known_by_number_and_by_the_id_of_this_business() -> None:
    told = message("text")

    assert told.text == "Body Text"
    assert (told.author.kind, told.author.address) == ("phone", "+972987654321")
    assert told.author.attested == (("whatsapp", "US.13491208655302741918"),)
    assert told.chat.external_id == "+972987654321"
    assert told.at == datetime(2023, 10, 11, 16, 53, 43, tzinfo=UTC)


def test_a_customer_without_a_number_is_known_all_the_same() -> None:
    value = {
        "contacts": [{"profile": {"name": "Elif", "username": "elif"}, "user_id": "US.1"}],
        "messages": [
            {"from_user_id": "US.1", "id": "wamid.1", "type": "text", "text": {"body": "Hi"}}
        ],
    }
    payload = {"object": "whatsapp_business_account", "entry": [{"changes": [{"value": value}]}]}

    (told,) = read_webhook(payload, now=NOW)

    assert isinstance(told, Incoming)
    assert (told.author.kind, told.author.address) == ("whatsapp", "US.1")
    assert (told.author.name, told.author.label) == ("Elif", "@elif")
    assert told.author.scoped


def test_files_keep_their_kind() -> None:
    (document,) = message("document").files
    (voice,) = message("voice").files

    assert document == RemoteFile(
        reference="1234567890987654321", name="filename.pdf", media_type="application/pdf"
    )
    assert message("document").text == "caption"
    assert (voice.media_type, voice.inline) == ("audio/ogg", True)
    assert message("static_sticker").pieces == (Sticker(),)
    assert message("static_sticker").files[0].media_type == "image/webp"


def test_pieces_are_read() -> None:
    assert message("chosen_location").pieces == (
        Spot(
            latitude=37.4611978,
            longitude=-122.2164385,
            title="Facebook HQ",
            address="1 Hacker Way, Menlo Park, CA 94025",
        ),
    )
    assert Card(name="Monica", phones=("+16666666666",)) in message("contacts").pieces
    assert message("unsupported_with_type").pieces == (Unknown(kind="pool"),)
    assert message("referral").pieces == (
        Shared(title="AD_TITLE", url="AD_OR_POST_FB_URL", kind="ad or post"),
    )
    assert message("order").text.splitlines()[0] == "3 × HAMBURGER 30 ILS"
    assert message("reply").answers == "wamid.xyzxyz=="
    button = only("callback_button", "button")
    assert isinstance(button, Incoming)
    assert button.pieces == (Pressed(text="title"),)


def test_reactions_edits_and_deletions_are_such() -> None:
    reacted, taken_back = only("message", "reaction"), only("message", "unreaction_no_emoji")
    edited, withdrawn = only("edited_message", "image"), only("deleted_message", "revoke")

    assert isinstance(reacted, Reacted)
    assert (reacted.external_id, reacted.emojis) == ("wamid.yzxyzx=", ("😮",))
    assert isinstance(taken_back, Reacted)
    assert taken_back.emojis == ()
    assert isinstance(edited, Edited)
    assert edited.text == "Updated image caption"
    assert isinstance(withdrawn, Withdrawn)
    assert withdrawn.external_id == "<ORIGINAL_WHATSAPP_MESSAGE_ID>"


def test_what_the_owner_writes_on_the_phone_is_outgoing() -> None:
    told = only("outgoing_message", "text")

    assert isinstance(told, Incoming)
    assert told.from_me
    assert told.author.address == "<BSUID>"


def test_receipts_tell_how_far_a_message_came_and_why_it_failed() -> None:
    states = {}
    for case in ("sent", "delivered", "read", "played", "failed", "with_tracker"):
        receipt = only("message_status", case)
        assert isinstance(receipt, Receipt)
        states[case] = receipt

    assert states["played"].state is Delivery.READ
    assert states["with_tracker"].client_ref == "some data"
    assert states["failed"].code == "recipient"
    assert states["failed"].detail.startswith("130472 Failed to send")
    assert states["sent"].code == ""


def test_a_customer_who_changes_the_number_keeps_the_chat() -> None:
    moved = only("system", "phone_number_change")

    assert isinstance(moved, Moved)
    assert (moved.old, moved.new.external_id) == ("+972987654321", "+972912345678")


def test_a_call_is_told_when_it_is_over() -> None:
    told = only("call_terminate", "call_terminate")

    assert isinstance(told, Incoming)
    assert told.pieces == (Call(outcome=CallOutcome.ANSWERED, seconds=120),)
    assert read_webhook(payloads("call_connect")["user_initiated"], now=NOW) == ()


def event(**contents: object) -> dict[str, object]:
    base = {"sender": {"id": "psid"}, "recipient": {"id": "page"}, "timestamp": 1763800000123}
    return {"object": "page", "entry": [{"messaging": [{**base, **contents}]}]}


def test_messenger_tells_messages_and_what_becomes_of_them() -> None:
    (told,) = read_webhook(event(message={"mid": "m1", "text": "Hi"}), now=NOW)
    (echo,) = read_webhook(
        event(
            sender={"id": "page"},
            recipient={"id": "psid"},
            message={"mid": "m2", "text": "Yes", "is_echo": True, "metadata": "ref-1"},
        ),
        now=NOW,
    )
    (read,) = read_webhook(event(read={"watermark": 1763800000123}), now=NOW)
    delivered = read_webhook(event(delivery={"mids": ["m1", "m2"]}), now=NOW)
    (gone,) = read_webhook(event(message={"mid": "m1", "is_deleted": True}), now=NOW)

    assert isinstance(told, Incoming)
    assert (told.author.kind, told.author.address, told.author.scoped) == (MESSENGER, "psid", True)
    assert isinstance(echo, Incoming)
    assert (echo.from_me, echo.client_ref, echo.chat.external_id) == (True, "ref-1", "psid")
    assert isinstance(read, ReadUntil)
    assert read.at == datetime(2025, 11, 22, 8, 26, 40, tzinfo=UTC)
    assert [type(one) for one in delivered] == [Receipt, Receipt]
    assert isinstance(gone, Withdrawn)


@pytest.mark.parametrize(
    ("attachment", "piece"),
    [
        ({"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}}, Spot),
        ({"type": "story_mention", "payload": {"url": "https://x.example"}}, Shared),
        ({"type": "image", "payload": {"url": "https://x.example", "sticker_id": 7}}, Sticker),
        ({"type": "hologram", "payload": {}}, Unknown),
    ],
)
def test_what_is_attached_is_named(attachment: object, piece: type) -> None:
    (told,) = read_webhook(event(message={"mid": "m", "attachments": [attachment]}), now=NOW)

    assert isinstance(told, Incoming)
    assert [type(one) for one in told.pieces] == [piece]


def test_a_listed_message_is_the_same_as_a_pushed_one() -> None:
    listed = {
        "id": "m1",
        "created_time": "2026-11-20T10:00:00+0000",
        "from": {"id": "igsid", "username": "elif"},
        "to": {"data": [{"id": "page"}]},
        "message": "Hello",
        "attachments": {
            "data": [{"mime_type": "image/png", "size": 5, "image_data": {"url": "https://a"}}]
        },
        "reactions": {"data": [{"emoji": "❤", "users": [{"id": "page"}]}]},
    }

    told, reacted = read_listed(listed, kind=INSTAGRAM, own_ids=frozenset({"page"}))
    (ours,) = read_listed(
        {"id": "m2", "from": {"id": "page"}, "to": {"data": [{"id": "igsid"}]}},
        kind=INSTAGRAM,
        own_ids=frozenset({"page"}),
    )

    assert isinstance(told, Incoming)
    assert (told.chat.external_id, told.author.label, told.text) == ("igsid", "@elif", "Hello")
    assert told.files[0].media_type == "image/png"
    assert isinstance(reacted, Reacted)
    assert reacted.author is None
    assert isinstance(ours, Incoming)
    assert (ours.from_me, ours.chat.external_id) == (True, "igsid")


_NAMES = [
    "messages", "message", "id", "mid", "from", "to", "type", "text", "body", "contacts",
    "statuses", "status", "calls", "sender", "recipient", "timestamp", "attachments", "payload",
    "reaction", "reply_to", "context", "data", "location", "interactive", "edit", "revoke",
    "errors", "referral", "image", "profile", "event",
]  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_nonsense_is_read_without_an_exception(value: object) -> None:
    wrapped = {"changes": [{"value": value}], "messaging": [value]}
    for kind in ("whatsapp_business_account", "page", "instagram"):
        for item in read_webhook({"object": kind, "entry": [wrapped]}, now=NOW):
            assert item is not None
    if isinstance(value, dict):
        read_listed(value, kind=MESSENGER, own_ids=frozenset({"1"}))
