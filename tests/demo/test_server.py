"""The mail server inside the program, asked by the standard library's own clients."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from desktop_inbox.demo import shop
from desktop_inbox.demo.customers import Customers
from desktop_inbox.demo.server import Delivery, MailServer

NOW = datetime.now(UTC)


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer(address="info@kayaceramics.example", password="clay")
    yield server
    server.stop()


def signed_in(server: MailServer) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", server.imap_port, timeout=10)
    client.login(server.address, server.password)
    return client


def submit(server: MailServer, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=10) as client:
        client.login(server.address, server.password)
        client.send_message(message)


def fetch_all(client: imaplib.IMAP4, folder: str = "INBOX") -> list[EmailMessage]:
    client.select(folder)
    _status, answers = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
    found = [answer[1] for answer in answers if isinstance(answer, tuple)]
    return [message_from_bytes(raw, policy=policy.default) for raw in found]


def reply_to(talk: shop.Talk, *, message_id: str = "<ours-1@kayaceramics.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Kaya Ceramics <info@kayaceramics.example>"
    message["To"] = talk.customer
    message["Subject"] = f"Re: {talk.subject}"
    message["Message-ID"] = message_id
    message["In-Reply-To"] = f"<{talk.letters[-1].message_id}>"
    message["References"] = f"<{talk.letters[-1].message_id}>"
    message.set_content("A new one is on its way.")
    return message


def wait_for(client: imaplib.IMAP4, count: int) -> None:
    deadline = time.monotonic() + 10
    while int(client.select("INBOX")[1][0] or 0) < count:
        assert time.monotonic() < deadline, "no answer came"
        client.noop()
        time.sleep(0.02)  # the standard client cannot idle


def test_it_starts_with_the_whole_shop_in_under_two_seconds(server: MailServer) -> None:
    letters = shop.load(NOW).letters()
    began = time.monotonic()
    server.start(
        Delivery(raw=letter.raw, folder=letter.folder, seen=letter.seen, at=letter.at)
        for letter in letters
    )
    assert time.monotonic() - began < 2
    client = signed_in(server)
    inbox, sent = fetch_all(client), fetch_all(client, "Sent")
    client.logout()
    assert len(inbox) + len(sent) == len(letters)
    assert {str(message["From"]) for message in sent} == {
        "Kaya Ceramics <info@kayaceramics.example>"
    }


def test_a_mail_keeps_its_bytes_its_date_and_whether_it_was_read(server: MailServer) -> None:
    raw = shop.load(NOW).letters()[-1].raw
    at = NOW - timedelta(hours=5)
    server.start([Delivery(raw=raw, seen=True, at=at), Delivery(raw=raw.replace(b"Elif", b"Alif"))])
    client = signed_in(server)
    client.select("INBOX", readonly=True)
    _status, answers = client.fetch("1", "(FLAGS INTERNALDATE BODY.PEEK[])")
    _status, unseen = client.search(None, "UNSEEN")
    client.logout()
    assert isinstance(answers[0], tuple)
    assert answers[0][1] == raw
    assert b"\\Seen" in answers[0][0]
    assert f"{at:%d-%b-%Y %H:%M:%S}".encode() in answers[0][0]
    assert unseen == [b"2"]


def test_a_wrong_password_is_refused_by_both(server: MailServer) -> None:
    server.start()
    client = imaplib.IMAP4("127.0.0.1", server.imap_port, timeout=10)
    with pytest.raises(imaplib.IMAP4.error):
        client.login(server.address, "mud")
    client.logout()
    with (
        smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=10) as smtp,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        smtp.login(server.address, "mud")


def test_nobody_sends_without_signing_in(server: MailServer) -> None:
    server.start()
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=10) as smtp:
        smtp.ehlo()
        assert smtp.mail("info@kayaceramics.example")[0] == 530


def test_whoever_idles_hears_of_new_mail(server: MailServer) -> None:
    server.start()
    with socket.create_connection(("127.0.0.1", server.imap_port), timeout=5) as connection:
        lines = connection.makefile("rb")
        for command, last in (
            (b'a LOGIN "info@kayaceramics.example" "clay"\r\n', b"a OK"),
            (b"b SELECT INBOX\r\n", b"b OK"),
            (b"c IDLE\r\n", b"+"),
        ):
            connection.sendall(command)
            while not lines.readline().startswith(last):
                pass
        server.deliver(Delivery(raw=b"Subject: hello\r\n\r\nhello\r\n"))
        while (line := lines.readline()) != b"* 1 EXISTS\r\n":
            assert line


def test_a_customer_answers_a_reply_in_their_own_words(server: MailServer) -> None:
    kaya = shop.load(NOW)
    elif_ = next(talk for talk in kaya.talks if "1042" in talk.subject and talk.personal)
    Customers(kaya, server, answer_seconds=(0.0, 0.05)).move_in(with_new_mail=False)
    server.start()
    submit(server, reply_to(elif_))
    client = signed_in(server)
    wait_for(client, 1)
    (answer,) = fetch_all(client)
    client.logout()
    assert str(answer["From"]) == elif_.customer
    assert "<ours-1@kayaceramics.example>" in str(answer["References"])
    body = answer.get_body(("plain",))
    assert body is not None
    assert elif_.answers[0] in body.get_content()
    assert "> A new one is on its way." in body.get_content()


def test_the_same_reply_handed_in_twice_is_answered_once(server: MailServer) -> None:
    kaya = shop.load(NOW)
    talk = kaya.talks[0]
    Customers(kaya, server, answer_seconds=(0.0, 0.0)).move_in(with_new_mail=False)
    server.start()
    for _ in range(2):
        submit(server, reply_to(talk))
    submit(server, reply_to(kaya.talks[1], message_id="<other@kayaceramics.example>"))
    client = signed_in(server)
    wait_for(client, 2)
    senders = [str(message["From"]) for message in fetch_all(client)]
    client.logout()
    assert sorted(senders) == sorted([talk.customer, kaya.talks[1].customer])


def test_nobody_answers_for_a_robot(server: MailServer) -> None:
    kaya = shop.load(NOW)
    robot = next(talk for talk in kaya.talks if not talk.personal)
    Customers(kaya, server, answer_seconds=(0.0, 0.0)).move_in(with_new_mail=False)
    server.start()
    submit(server, reply_to(robot))
    submit(server, reply_to(kaya.talks[0], message_id="<other@kayaceramics.example>"))
    client = signed_in(server)
    wait_for(client, 1)
    assert [str(message["From"]) for message in fetch_all(client)] == [kaya.talks[0].customer]
    client.logout()


def test_stopping_twice_is_allowed_and_frees_the_ports(server: MailServer) -> None:
    server.start()
    client = signed_in(server)
    server.stop()
    server.stop()
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
    client.shutdown()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.imap_port), timeout=1)
