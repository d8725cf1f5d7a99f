"""Delivery reports, standard and not: who did not get what, in whose words (rule D6)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_inbox.domain.messages import DeliveryReport, MessageClass
from desktop_inbox.mime.parse import parse_message

EXIM = """Return-path: <>
X-Failed-Recipients: ayse@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: shop@example.com
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ayse@example.org
    host mx.example.org [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<ayse@example.org>:
    550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

Return-path: <shop@example.com>
Message-ID: <original@example.com>
"""
EXCHANGE = """From: postmaster@corp.example
To: shop@example.com
Subject: Undeliverable: Your mug
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/html

<p>Your message to ali@corp.example couldn't be delivered.</p>
--b
Content-Type: message/delivery-status

Reporting-MTA: dns;corp.example

Original-Recipient: rfc822;ali@corp.example
Final-Recipient: RFC822;ali.veli@internal.corp.example
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full;
 over quota

--b
Content-Type: message/rfc822

Message-ID: <original@example.com>
Subject: Your mug

text
--b--
"""


def _report(text: str) -> DeliveryReport:
    report = parse_message(text.encode()).report
    assert report is not None
    return report


def test_what_exim_writes_is_understood() -> None:
    report = _report(EXIM)
    assert report.message_ids == ("original@example.com",)
    (failed,) = report.recipients
    assert (failed.address, failed.status, failed.permanent) == ("ayse@example.org", "5.1.1", True)
    assert "User unknown" in failed.words


def test_what_exchange_writes_is_understood() -> None:
    report = _report(EXCHANGE)
    assert report.message_ids == ("original@example.com",)
    (failed,) = report.recipients
    assert failed.address == "ali@corp.example"  # whom we wrote to, not where it was sent on
    assert failed.words == "554 5.2.2 mailbox full; over quota"


def test_a_report_of_success_is_no_bounce() -> None:
    told = parse_message(EXCHANGE.replace("Action: failed", "Action: delivered").encode())
    assert told.kind is MessageClass.AUTOMATED
    assert told.report == DeliveryReport(message_ids=("original@example.com",), recipients=())


@pytest.mark.parametrize(
    ("words", "permanent"),
    [("450 4.2.1 try later", False), ("451 busy", False), ("550 no", True), ("no reason", True)],
)
def test_a_temporary_failure_is_told_by_its_code(words: str, permanent: bool) -> None:
    text = EXIM.replace("550 5.1.1 User unknown", words)
    assert _report(text).recipients[0].permanent is permanent


def test_a_person_who_writes_of_an_undeliverable_parcel_reports_nothing() -> None:
    mail = "From: ali@a.test\nSubject: x\n\nMy parcel could not be delivered to\nali@a.test\n"
    told = parse_message(mail.encode())
    assert told.report is None
    assert told.kind is MessageClass.HUMAN


@settings(deadline=None)
@given(st.text(max_size=500), st.sampled_from([EXIM, EXCHANGE]))
def test_no_report_makes_reading_fail(noise: str, report: str) -> None:
    middle = len(report) // 2
    parse_message((report[:middle] + noise + report[middle:]).encode("utf-8", "replace"))


@pytest.mark.parametrize(
    "piece", [b"a@b.c: x\n", b"-" * 50, b"\n \n", b"a@", b"<", b"Message-ID:\n", b" > "]
)
def test_a_bomb_takes_bounded_time(piece: bytes) -> None:
    head = b"From: mailer-daemon@x\nReturn-Path: <>\n\nundeliverable\n"
    began = time.process_time()
    parse_message(head + piece * (300_000 // len(piece)))
    assert time.process_time() - began < 2
