"""Senders who are not who they say are told of; forgers of our own address join nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from desktop_inbox.connectors.contract import FolderRole
from desktop_inbox.store import customers, known_messages
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.schema import receiving_server
from desktop_inbox.sync.senders import (
    NAME_IS_OURS,
    NAME_MIXES_SCRIPTS,
    NAME_OF_CUSTOMER,
    OWN_ADDRESS_FORGED,
    SENDER_NOT_PROVEN,
)
from tests.support.engine_room import ADDRESS, Room
from tests.support.post import AYSE, EVE, SHOP, Post

SERVER = "mx.provider.example"


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.mailbox = replace(post.mailbox, own_names=("The shop",))
    return post


def _results(verdict: str, *, server: str = SERVER, domain: str = "example.com") -> str:
    return f"Authentication-Results: {server}; dmarc={verdict} header.from={domain}"


def _learn(post: Post, *, server: str = SERVER, mails: int = 6) -> None:
    """Let ordinary mail show who signs what this account receives."""
    signed = f"Authentication-Results: {server}; dmarc=pass header.from=example.org"
    post.bring(*(post.mail(f"learn-{n}@x", extra=signed) for n in range(mails)))


def _warnings(post: Post, name: str) -> tuple[str, ...]:
    known = post.room.read(
        lambda conn: known_messages.by_message_ids(conn, post.mailbox.id, [name])
    )
    return post.room.message(known[name].id).warnings


def _forged(post: Post, name: str, extra: str, *, reply_to: str = "") -> None:
    inbox = FolderRole.INBOX
    post.bring(post.mail(name, sender=SHOP, to=SHOP, extra=extra, role=inbox, reply_to=reply_to))


def test_our_own_address_that_our_server_did_not_prove_is_a_forgery(post: Post) -> None:
    _learn(post)
    _forged(post, "f@x", _results("fail"))
    assert OWN_ADDRESS_FORGED in _warnings(post, "f@x")


@pytest.mark.parametrize("reply_to_header", ["", f"\nReply-To: {AYSE}"])
def test_a_forgery_of_ours_never_joins_a_conversation(post: Post, reply_to_header: str) -> None:
    _learn(post)
    post.bring(post.mail("a@x"))
    before = len(post.groups())
    _forged(post, "f@x", _results("fail") + reply_to_header, reply_to="a@x")
    assert frozenset({"f@x"}) in post.groups()
    assert len(post.groups()) == before + 1


@pytest.mark.parametrize(
    "extra",
    [
        _results("pass"),
        _results("fail", server="evil.example"),  # another server's word, which anybody can write
        _results("fail", domain="elsewhere.example"),  # about another From than the one shown
        "X-Nothing: here",
    ],
)
def test_only_our_own_server_is_believed(post: Post, extra: str) -> None:
    _learn(post)
    _forged(post, "f@x", extra)
    assert OWN_ADDRESS_FORGED not in _warnings(post, "f@x")


def test_a_forger_cannot_hide_below_a_field_of_his_own(post: Post) -> None:
    """The server puts its own on top; what the sender wrote stands below and is not read."""
    _learn(post)
    _forged(post, "f@x", f"{_results('fail')}\n{_results('pass')}")
    assert OWN_ADDRESS_FORGED in _warnings(post, "f@x")


def test_nobody_is_believed_before_it_is_known_who_signs(post: Post) -> None:
    _forged(post, "f@x", _results("fail"))
    assert _warnings(post, "f@x") == ()


def test_the_account_s_own_provider_is_believed_at_once(post: Post) -> None:
    post.mailbox = replace(post.mailbox, receiving_host="imap.provider.example")
    _forged(post, "f@x", _results("fail"))
    assert OWN_ADDRESS_FORGED in _warnings(post, "f@x")


def test_a_customer_whom_our_server_did_not_prove_is_flagged(post: Post) -> None:
    _learn(post)
    post.bring(post.mail("a@x", extra=_results("fail", domain="example.org")))
    assert _warnings(post, "a@x") == (SENDER_NOT_PROVEN,)


def test_an_address_is_verified_once_our_server_has_proven_it(post: Post) -> None:
    _learn(post)
    can, pass_ = "can@example.net", _results("pass", domain="example.net")

    def verified() -> bool:
        key = IdentityKey("email", "", can)
        return post.room.read(lambda conn: customers.owners(conn, [key]))[key].verified

    def write(name: str, extra: str = "", sender: str = can) -> None:
        post.bring(post.mail(name, sender=sender, extra=extra))

    write("a@x")
    write("b@x", _results("pass", domain="evil.example"))
    write("c@x", _results("pass", domain="evil.example") + f"\nReply-To: {can}", sender=EVE)
    write("d@x", pass_.replace(SERVER, "mx.evil.example"))
    assert not verified()
    write("e@x", pass_)
    write("f@x", _results("fail", domain="example.net"))
    assert verified()  # that somebody else writes in his name takes nothing from him


def test_however_many_servers_senders_make_up_few_are_remembered(post: Post) -> None:
    for part in range(4):
        post.bring(
            *(
                post.mail(f"{part}-{n}@x", extra=_results("pass", server=f"s{part}-{n}.example"))
                for n in range(50)
            )
        )
    count = select(func.count()).select_from(receiving_server)
    assert post.room.read(lambda conn: conn.scalar(count)) <= 101


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("The shop <eve@evil.example>", NAME_IS_OURS),
        ("THE SH0P <eve@evil.example>", NAME_IS_OURS),
        (f"The shop <other@{ADDRESS.partition('@')[2]}>", None),  # a colleague of our own domain
        ("Ayşe Yılmaz <eve@evil.example>", NAME_OF_CUSTOMER),
        ("Ayşe Yılmaz <ayse.private@example.org>", None),  # the same house
        ("Аyşe Yılmaz <eve@evil.example>", NAME_MIXES_SCRIPTS),
        (EVE, None),
    ],
)
def test_borrowed_names_are_told(post: Post, sender: str, code: str | None) -> None:
    post.bring(post.mail("a@x", sender="Ayşe Yılmaz <ayse@example.org>"))
    post.bring(post.mail("e@x", sender=sender, minute=4))
    assert _warnings(post, "e@x") == ((code,) if code else ())


def test_the_customer_herself_borrows_nothing(post: Post) -> None:
    for number in range(3):
        post.bring(post.mail(f"{number}@x", sender="Ayşe Yılmaz <ayse@example.org>"))
        assert _warnings(post, f"{number}@x") == ()
