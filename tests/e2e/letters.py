"""What a customer writes in these tests, and what the shop encloses."""

from __future__ import annotations

from tests.support.dovecot import Mailbox

QUESTION = """\
From: "Käthe Großmann" <{customer}>
To: {shop}
Cc: colleague@elsewhere.example
Subject: Glasur der Schale
Date: Mon, 02 Feb 2026 09:15:00 +0100
Message-ID: <question-1@customer.example>
References: <older-2@customer.example> <older-3@customer.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Guten Tag, ist die Glasur spülmaschinenfest?
"""
DRAWING = b"%PDF-1.4 a drawing of the bowl \x00\xff" * 400


def question(*, customer: Mailbox, shop: Mailbox) -> bytes:
    """Return a mail that answers something older and carries a copy for a colleague."""
    text = QUESTION.format(customer=customer.address, shop=shop.address)
    return text.replace("\n", "\r\n").encode()
