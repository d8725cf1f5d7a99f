"""A customer begins by mail and goes on over XMPP; the engine is killed in between, twice.

Dovecot, the SMTP server and Prosody are real, and the engine is the real command.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.secrets import PASSPHRASE_VARIABLE, SystemSecrets
from desktop_inbox.services import accounts, customer_merging, joining, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.channels_used import channels_used
from desktop_inbox.store.workspace import Workspace
from tests.support import prosody
from tests.support.dovecot import Dovecot
from tests.support.engine_room import Room, eventually
from tests.support.mail_accounts import PASSWORD as MAIL_PASSWORD
from tests.support.office import Office
from tests.support.prosody import Customer, Prosody, running_prosody
from tests.support.scripted_connector import mail_text
from tests.support.smtp_server import SmtpServer

_PATIENCE = 60.0
PASSWORD = {"email": MAIL_PASSWORD, "xmpp": prosody.PASSWORD}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Prosody]:
    with running_prosody(tmp_path / "prosody") as server:
        yield server


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    office = Office(tmp_path / "data")
    monkeypatch.setenv(PASSPHRASE_VARIABLE, office.environment[PASSPHRASE_VARIABLE])
    person = Person(office)
    yield person
    person.room.workspace.close()


def mail(shop: str, name: str, body: str, *, answers: str = "") -> bytes:
    text = mail_text(
        message_id=name, sender="Elif <elif@customer.example>", to=shop, body=body,
        in_reply_to=answers,
    )  # fmt: skip
    return text.replace("\n", "\r\n").encode()


def stanza(shop: str, text: str) -> str:
    return f'<message to="{shop}" type="chat" id="{hash(text)}"><body>{text}</body></message>'


class Person:
    """Who sits at the desk, beside an engine that is another process."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.room = Room(Workspace.open(office.data_dir))
        self._secrets = SystemSecrets(office.data_dir / "vault.json")

    async def opens(self, kind: str, settings: Mapping[str, object], address: str) -> None:
        """Set an account up."""
        await accounts.add(
            self.room.workspace,
            self._secrets,
            kind=kind,
            settings={**settings, "address": address},
            secret_values={"password": PASSWORD[kind]},
            really_check=False,
        )

    async def hears(self, *texts: str) -> None:
        """Return once all this has been said, by whomever."""
        await eventually(lambda: set(texts) <= set(self.all_said()), seconds=_PATIENCE)

    async def sees(self, message_id: int, state: Delivery) -> None:
        await eventually(lambda: self.room.message(message_id).delivery is state, seconds=_PATIENCE)

    def all_said(self) -> list[str]:
        every = [one for row in self.room.conversations() for one in self.room.messages(row.id)]
        return sorted(one.text.strip() for one in every)

    def talk_with(self, said: str) -> int:
        """Return the conversation in which something was said."""
        (found,) = [
            row.id
            for row in self.room.conversations()
            if any(one.text.strip() == said for one in self.room.messages(row.id))
        ]
        return found

    def answers(self, conversation_id: int, body: str, *to: str) -> replies.QueuedReply:
        draft = DraftContent(
            conversation_id=conversation_id,
            to=tuple(Address(address=one) for one in to),
            subject="Re: Blue mug" if to else "",
            body=body,
        )
        files = self.room.workspace.files
        return self.room.write(lambda tx: replies.queue_reply(tx, files, draft=draft))

    def joins(self, conversation_id: int, into: int) -> None:
        """Say that two customers are one, and so are their conversations (rules E4, P1)."""
        rows = {row.id: row for row in self.room.conversations()}
        source, target = rows[conversation_id].customer_id, rows[into].customer_id
        assert source is not None
        assert target is not None
        self.room.write(lambda tx: customer_merging.merge(tx, source, target))
        self.room.write(lambda tx: joining.merge(tx, conversation_id, into))


@pytest.mark.skipif(prosody.program() is None, reason="Prosody is not installed")
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.expects_log("handle_exception")  # the SMTP server's own, whose client is killed
async def test_from_mail_to_xmpp_each_message_and_each_answer_is_there_once(
    person: Person, dovecot: Dovecot, smtp_server: SmtpServer, server: Prosody
) -> None:
    mailbox, shop = dovecot.mailbox("across"), server.register("shop")
    xmpp = {"address": shop, "host": "127.0.0.1", "port": str(server.port), "security": "none"}
    await person.opens("email", mailbox.config(smtp_server).settings, mailbox.address)
    await person.opens("xmpp", xmpp, shop)
    mailbox.append(mail(mailbox.address, "first@customer.example", "Do you have it in blue?"))

    async with Customer(server, server.register("elif")) as phone:
        with person.office.engine():
            await person.hears("Do you have it in blue?")
            talk = person.talk_with("Do you have it in blue?")
            by_mail = person.answers(talk, "Yes, two are left.", "elif@customer.example")
            await person.sees(by_mail.message_id, Delivery.SENT)
            await phone.say(stanza(shop, "It is me, from my phone."))
            await person.hears("It is me, from my phone.")
            person.joins(person.talk_with("It is me, from my phone."), talk)
            await phone.say(stanza(shop, "Could you keep one?"))
            await person.hears("Could you keep one?")
            by_chat = person.answers(talk, "It is put aside.")
        # Killed with the answer just written; and again as soon as it has arrived.
        with person.office.engine():
            await phone.hears("It is put aside.", seconds=_PATIENCE)
        ours = person.room.message(by_mail.message_id).client_ref
        mailbox.append(mail(mailbox.address, "2@customer.example", "And by mail.", answers=ours))
        await phone.say(stanza(shop, "Thank you!"))
        with person.office.engine():
            await person.hears("And by mail.", "Thank you!")
            await person.sees(by_chat.message_id, Delivery.SENT)
        heard = [one for one in phone.heard if one.findtext("{jabber:client}body")]

    assert person.all_said() == sorted(
        [
            "Do you have it in blue?", "Yes, two are left.", "It is me, from my phone.",
            "Could you keep one?", "It is put aside.", "And by mail.", "Thank you!",
        ]
    )  # fmt: skip
    (only,) = person.room.conversations()
    used = person.room.read(lambda conn: channels_used(conn, [only.id]))
    assert (only.id, used[only.id]) == (talk, ("email", "xmpp"))
    assert [one.findtext("{jabber:client}body") for one in heard] == ["It is put aside."]
    sent = [message_from_bytes(one.raw, policy=policy.default) for one in smtp_server.accepted]
    assert [one["Message-ID"] for one in sent] == [f"<{by_mail.client_ref}>"]
