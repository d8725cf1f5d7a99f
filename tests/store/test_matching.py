"""Any search over any conversations: SQL finds what the rule says, told once more in Python."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.folding import plain, words
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.query import (
    Both,
    Either,
    Has,
    Node,
    Not,
    Number,
    Property,
    Query,
    TextField,
    Words,
    format_query,
    parse_query,
    values,
)
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import customers, events, file_texts, matching, message_index
from desktop_inbox.store.customers import IdentityKey, NewIdentity
from desktop_inbox.store.database import Tx
from desktop_inbox.store.match_properties import Asking
from desktop_inbox.store.schema import conversation
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import SHOP, Mail

NOW = datetime(2026, 9, 23, 12, 0, tzinfo=UTC)
ASKING = Asking(now=NOW, zone=UTC)
VOCABULARY = ("bowl", "Çatlak", "İade", "ığdır", "配送", "rim", "0532 123 45 67", "4711")


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of the model."""

    subject: str
    body: str
    at: datetime
    direction: Direction = Direction.IN
    kind: MessageClass = MessageClass.HUMAN
    files: tuple[tuple[str, str], ...] = ()  # name and words


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One conversation of the model."""

    who: Address
    status: Status
    priority: str
    created: datetime
    said: tuple[Said, ...]
    tags: frozenset[str] = frozenset()
    assigned: bool = False
    starred: bool = False
    waiting: datetime | None = None
    due: datetime | None = None
    clock: str | None = None
    phone: str = ""
    company: str = ""
    vip: bool = False
    language: str = ""
    key: int = field(default=0, compare=False)


# The rule in Python


def _holds(node: Node, talk: Talk) -> bool:
    match node:
        case Not(inner):
            return not _holds(inner, talk)
        case Has():
            return _has(node, talk)
        case Number():
            return _number(node, talk)
    if _is_said(node):
        return any(_in_document(node, document) for document in _documents(talk))
    if isinstance(node, Either):
        return any(_holds(one, talk) for one in node.nodes)
    assert isinstance(node, Both)
    together = [one for one in node.nodes if _is_said(one)]
    if together:
        together += [one for one in node.nodes if isinstance(one, Not) and _is_said(one.node)]
    rest = [one for one in node.nodes if one not in together]
    found = any(
        all(_in_document(one, document) for one in together) for document in _documents(talk)
    )
    return (found or not together) and all(_holds(one, talk) for one in rest)


def _is_said(node: Node) -> bool:
    """Whether a node asks for words of one document, and not only excludes some."""
    match node:
        case Words():
            return True
        case Either(nodes):
            return all(_is_said(one) for one in nodes)
        case Both(nodes):
            told = [one for one in nodes if not isinstance(one, Not)]
            unwanted = [one.node for one in nodes if isinstance(one, Not)]
            return bool(told) and all(_is_said(one) for one in told + unwanted)
    return False


Document = dict[TextField, str]


def _documents(talk: Talk) -> list[Document]:
    found: list[Document] = []
    for said in talk.said:
        if said.direction is Direction.NOTE:
            found.append({TextField.NOTE: said.body})
        else:
            incoming = said.direction is Direction.IN
            from_, to = (talk.who, SHOP) if incoming else (SHOP, talk.who)
            found.append(
                {
                    TextField.SUBJECT: said.subject,
                    TextField.BODY: said.body,
                    TextField.FROM: str(from_),
                    TextField.TO: str(to),
                }
            )
        found += [{TextField.ANY: text, TextField.CC: name} for name, text in said.files]
    return found


def _in_document(node: Node, document: Document) -> bool:
    match node:
        case Words():
            is_file = TextField.ANY in document
            if node.where is TextField.ANY:
                return any(_stands(node, text) for text in document.values())
            return not is_file and _stands(node, document.get(node.where, ""))
        case Not(inner):
            return not _in_document(inner, document)
        case Both(nodes):
            return all(_in_document(one, document) for one in nodes)
        case Either(nodes):
            return any(_in_document(one, document) for one in nodes)
    raise AssertionError(node)


def _stands(node: Words, text: str) -> bool:
    there, wanted = words(text), node.words
    for at in range(len(there) - len(wanted) + 1):
        part = there[at : at + len(wanted)]
        if part == wanted or (
            node.prefix and part[:-1] == wanted[:-1] and part[-1].startswith(wanted[-1])
        ):
            return True
    return False


def _number(node: Number, talk: Talk) -> bool:
    grouped = Words(words=node.groups, prefix=node.prefix)
    whole = Words(words=(node.digits,), prefix=node.prefix)
    return _holds(grouped, talk) or _holds(whole, talk) or _phone(talk, node.digits)


def _phone(talk: Talk, digits: str) -> bool:
    return bool(talk.phone) and talk.phone.endswith(digits.lstrip("0")[-9:])


def _has(has: Has, talk: Talk) -> bool:
    value = has.value
    match has.property:
        case Property.TAG:
            return value in {plain(tag) for tag in talk.tags}
        case Property.STATUS:
            return talk.status == value
        case Property.PRIORITY:
            return talk.priority == value
        case Property.IS:
            return _is(value, talk)
        case Property.HAS:
            return {
                "attachment": any(said.files for said in talk.said),
                "note": any(said.direction is Direction.NOTE for said in talk.said),
                "image": any(name.endswith(".jpg") for said in talk.said for name, _ in said.files),
                "draft": False,
                "order": False,
            }[value]
        case Property.FILE:
            pattern = value if "*" in value else f"*{value}*"
            names = [plain(name) for said in talk.said for name, _ in said.files]
            return any(fnmatchcase(name, pattern) for name in names)
        case Property.ASSIGNEE:
            return talk.assigned if value == "me" else not talk.assigned
        case Property.CONTACT:
            asked = Words(words=words(value), prefix=value.endswith("*"))
            return _stands(asked, f"{talk.who.name} {talk.company} {talk.who.address}")
        case Property.EMAIL:
            asked = Words(words=words(value), prefix=value.endswith("*"))
            named = _stands(asked, f"{talk.who.name} {talk.company} {talk.who.address}")
            return named and value.removesuffix("*") in talk.who.address
        case Property.COMPANY:
            return value.removesuffix("*") in plain(talk.company) and bool(talk.company)
        case Property.PHONE:
            return _phone(talk, value)
        case Property.LANG:
            return talk.language.split("-")[0] == value
        case Property.WAITING:
            return talk.waiting is not None and _compared(NOW - talk.waiting, value)
        case Property.SLA:
            return _clock(talk, value)
        case Property.CREATED:
            return _within(talk.created, value)
        case Property.BEFORE:
            span = values.days(value, now=NOW, zone=UTC)
            return span is not None and span.start is not None and talk.created < span.start
        case Property.AFTER | Property.LAST:
            span = values.days(value, now=NOW, zone=UTC)
            return span is not None and span.start is not None and _last(talk) >= span.start
    return False


def _last(talk: Talk) -> datetime:
    public = [said.at for said in talk.said if said.direction is not Direction.NOTE]
    return max(public, default=talk.created)


def _within(moment: datetime, value: str) -> bool:
    span = values.days(value, now=NOW, zone=UTC)
    assert span is not None
    return (span.start is None or moment >= span.start) and (span.end is None or moment < span.end)


def _compared(length: timedelta, value: str) -> bool:
    wanted = values.compared(value)
    assert wanted is not None
    return {
        "<": length < wanted.length,
        "<=": length <= wanted.length,
        ">": length > wanted.length,
        ">=": length >= wanted.length,
    }[wanted.sign]


def _clock(talk: Talk, value: str) -> bool:
    if value == "none":
        return talk.clock is None
    if value == "paused":
        return talk.clock == "paused"
    if talk.clock != "running" or talk.due is None:
        return False
    if value in ("breached", "running"):
        return (talk.due <= NOW) == (value == "breached")
    return _compared(talk.due - NOW, value.removeprefix("due"))


def _is(value: str, talk: Talk) -> bool:
    if value in set(Status):
        return talk.status == value
    return {
        "starred": talk.starred,
        "assigned": talk.assigned,
        "unassigned": not talk.assigned,
        "waiting": talk.waiting is not None,
        "vip": talk.vip,
        "automated": any(
            said.kind is not MessageClass.HUMAN and said.direction is Direction.IN
            for said in talk.said
        ),
    }[value]


# Random conversations, put into a store


_TEXT = st.lists(st.sampled_from(VOCABULARY), max_size=4).map(" ".join)
_MOMENTS = st.sampled_from([NOW - timedelta(hours=h) for h in (1, 5, 30, 200, 3000)])
_SAID = st.builds(
    Said,
    subject=_TEXT,
    body=_TEXT,
    at=_MOMENTS,
    direction=st.sampled_from([Direction.IN, Direction.IN, Direction.OUT, Direction.NOTE]),
    kind=st.sampled_from([MessageClass.HUMAN, MessageClass.HUMAN, MessageClass.BULK]),
    files=st.lists(
        st.tuples(st.sampled_from(["Fatura.pdf", "çatlak.jpg", "rim 1.txt"]), _TEXT),
        max_size=1,
    ).map(tuple),
)
_TALKS = st.builds(
    Talk,
    who=st.sampled_from(
        [
            Address(name="Mina Okafor", address="mina@orders.example"),
            Address(name="Işıl Çağrı", address="isil@igdir.example"),
        ]
    ),
    status=st.sampled_from(Status),
    priority=st.sampled_from(["low", "normal", "high"]),
    created=_MOMENTS,
    said=st.lists(_SAID, min_size=1, max_size=3).map(tuple),
    tags=st.frozensets(st.sampled_from(["Refund", "İade oldu"])),
    assigned=st.booleans(),
    starred=st.booleans(),
    waiting=st.none() | _MOMENTS,
    due=_MOMENTS | st.sampled_from([NOW + timedelta(hours=h) for h in (1, 3)]),
    clock=st.sampled_from([None, "running", "paused"]),
)


def _known(talk: Talk) -> Talk:
    """Add what is known of the two customers, whoever writes when."""
    if talk.who.name == "Mina Okafor":
        phone, company = "905321234567", "Clay Kiln"
        return replace(talk, phone=phone, company=company, vip=True, language="en-GB")
    return replace(talk, company="Çömlek A.Ş.", language="tr")


def _fill(tx: Tx, talks: list[Talk]) -> list[Talk]:
    for number, name in enumerate(("Refund", "İade oldu")):
        events.record(tx, "test", [FieldChange("tag", f"t{number}", "name", None, name)])
    return [_put(tx, _known(talk)) for talk in talks]


def _put(tx: Tx, talk: Talk) -> Talk:
    key = builders.conversation(tx, who=talk.who, at=talk.created)
    owner = builders.customer(tx, talk.who)
    tx.conn.exec_driver_sql(
        "UPDATE customer SET company = ?, vip = ?, language = ? WHERE id = ?",
        (talk.company, talk.vip, talk.language, owner.customer_id),
    )
    if talk.phone:
        known = IdentityKey("phone", "", f"+{talk.phone}")
        new = NewIdentity(uid="p", customer_id=owner.customer_id, key=known, label="")
        customers.add_identities(tx, [new])
    customers.index(tx, [owner.customer_id])
    for said in talk.said:
        _say(tx, key, said, talk.who)
    uid = tx.conn.scalar(select(conversation.c.uid).where(conversation.c.id == key))
    tags = {"Refund": "t0", "İade oldu": "t1"}
    for tag in talk.tags:
        change = FieldChange("conversation", str(uid), f"tag:{tags[tag]}", None, True)
        events.record(tx, "test", [change])
    return replace(talk, key=key)


def _say(tx: Tx, key: int, said: Said, who: Address) -> None:
    mail = Mail(
        subject=said.subject,
        text=said.body,
        at=said.at,
        direction=said.direction,
        kind=said.kind,
        who=who,
        attachments=tuple(name for name, _ in said.files),
    )
    message_id = builders.message(tx, key, mail)
    if said.direction is Direction.NOTE:
        message_index.put_words(tx, message_id, body=said.body)
    tx.conn.exec_driver_sql(
        "UPDATE attachment SET media_type = 'image/jpeg' WHERE name LIKE '%.jpg'"
    )
    texts = dict(said.files)
    read = [
        file_texts.Words(
            attachment_id=one.id,
            message_id=one.message_id,
            name=one.name,
            outcome="text",
            text=texts[one.name],
        )
        for one in file_texts.unread(tx.conn, limit=9)
    ]
    file_texts.put(tx, read)


def _force(tx: Tx, talks: list[Talk]) -> None:
    """Set what is otherwise derived."""
    for talk in talks:
        tx.conn.execute(
            conversation.update()
            .where(conversation.c.id == talk.key)
            .values(
                status=talk.status,
                priority=talk.priority,
                assignee_id=tx.agent.id if talk.assigned else None,
                starred=talk.starred,
                waiting_since=talk.waiting,
                next_due_at=talk.due if talk.clock else None,
                due_state=talk.clock,
            )
        )


ASKED = """
tag:refund tag:iade status:open status:spam priority:high is:starred is:vip
is:waiting is:automated is:assigned is:closed has:attachment has:note has:image
has:draft has:order file:*.pdf file:çatlak file:rim* assignee:me assignee:none
contact:mina contact:çağ* company:kiln company:çömlek email:mina@orders.example
email:igdir.example phone:5321234567 phone:999 lang:tr lang:en lang:de waiting:>4h
waiting:<=1d sla:breached sla:running sla:paused sla:none sla:due<2h sla:due>2h
created:2026 created:2026-09-22..2026-09-23 created:today before:7d before:2026-09-23
after:2026-09-22 last:24h last:7d order:5 csat:<2
"""
_LEAVES = (
    st.builds(
        Words,
        words=st.sampled_from(VOCABULARY).map(words),
        where=st.sampled_from([TextField.ANY, TextField.ANY, *TextField]),
    )
    | st.builds(
        Words,
        words=st.sampled_from([("bo",), ("cat",), ("配",), ("min",), ("rim", "bo"), ("okafor",)]),
        where=st.sampled_from([TextField.ANY, TextField.FROM, TextField.BODY]),
        prefix=st.just(True),
    )
    | st.builds(
        Number, written=st.sampled_from(["0532 123 45 67", "+90 532 1234567", "5559999999"])
    )
    | st.sampled_from([parse_query(typed, typing=False).root for typed in ASKED.split()])
)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=3).map(tuple)
    return several.map(Both) | several.map(Either) | nodes.map(Not)


ROOTS = st.recursive(_LEAVES, _grown, max_leaves=6)
QUERIES = ROOTS.map(lambda root: Query(root=root))


def _found(store: Store, query: Query) -> set[int]:
    asked = select(conversation.c.id).where(matching.asked_of(query, ASKING).holds)
    return set(store.read(lambda conn: conn.scalars(asked).all()))


@given(
    talks=st.lists(_TALKS, min_size=1, max_size=4),
    roots=st.lists(ROOTS, min_size=1, max_size=12),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sql_finds_exactly_what_the_rule_says_k(
    store: Store, talks: list[Talk], roots: list[Node]
) -> None:
    made = store.write(lambda tx: _fill(tx, talks))
    store.write(lambda tx: _force(tx, made))
    keys = {talk.key for talk in made}
    for root in roots:
        query = parse_query(format_query(Query(root=root)), typing=False)
        assert query.root is not None
        expected = {talk.key for talk in made if _holds(query.root, talk)}
        assert _found(store, query) & keys == expected, format_query(query)


@pytest.mark.parametrize("typed", ["is:unread", "-is:unread", "-waiting:>4h", "-sla:breached"])
def test_what_is_not_known_of_a_conversation_does_not_hide_it_from_a_not(
    store: Store, typed: str
) -> None:
    key = store.write(builders.conversation)
    query = parse_query(typed, typing=False)
    assert _found(store, query) == ({key} if typed.startswith("-") else set())
