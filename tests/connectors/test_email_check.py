"""The check before an account is kept: receiving and sending apart, the failing step named."""

from __future__ import annotations

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.email.check import check
from desktop_inbox.connectors.errors import Unsupported
from desktop_inbox.connectors.setup import Check
from tests.support.dovecot import Mailbox
from tests.support.ports import free_ports
from tests.support.smtp_server import SmtpServer


async def checked(config: AccountConfig) -> list[Check]:
    return [result async for result in check(config)]


async def test_settings_that_work_pass_both_ways(mailbox: Mailbox, smtp_server: SmtpServer) -> None:
    assert await checked(mailbox.config(smtp_server)) == [
        Check(step="receive:folders", ok=True),
        Check(step="send:sign-in", ok=True),
    ]
    assert smtp_server.accepted == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"imap_host": "no-such-host.invalid"}, [("receive:connect", "dns"), None]),
        ({"imap_port": "PORT"}, [("receive:connect", "network"), None]),
        ({"smtp_port": "PORT"}, [None, ("send:connect", "network")]),
        ({"ca_file": ""}, [("receive:tls", "tls"), ("send:tls", "tls")]),
        (
            {"password": "wrong"},
            [("receive:sign-in", "sign_in"), ("send:sign-in", "sign_in")],
        ),
        ({"smtp_security": "none", "smtp_host": "mail.example.org"}, [None, ("send:tls", "tls")]),
    ],
)
async def test_the_failing_step_is_named(
    mailbox: Mailbox,
    smtp_server: SmtpServer,
    changes: dict[str, object],
    expected: list[tuple[str, str] | None],
) -> None:
    values = {
        name: free_ports(1)[0] if value == "PORT" else value for name, value in changes.items()
    }

    results = await checked(mailbox.config(smtp_server, **values))

    assert [None if one.ok else (one.step, one.cause) for one in results] == expected
    assert all(one.detail for one in results if not one.ok)


async def test_a_setting_that_cannot_be_is_named(mailbox: Mailbox) -> None:
    (result,) = await checked(mailbox.config(smtp_port="many"))

    assert (result.step, result.ok, result.cause) == ("send:settings", False, "invalid")
    assert "smtp_port" in result.detail


def test_this_build_knows_e_mail(mailbox: Mailbox) -> None:
    assert connectors.CONNECTORS[0].kind == "email"
    with pytest.raises(Unsupported):
        connectors.create("fax", mailbox.config())
    with pytest.raises(Unsupported):
        connectors.check("fax", mailbox.config())


def test_the_fields_of_an_account_are_those_of_the_command_line() -> None:
    info = connectors.CONNECTORS[0]

    assert {field.name for field in info.fields} >= {
        "address", "name", "username", "imap_host", "imap_port", "smtp_host", "smtp_port",
        "imap_security", "smtp_security", "ca_file", "sent_copy", "mark_read", "on_close",
        "deleted_elsewhere", "idle_minutes", "since", "password",
    }  # fmt: skip
    assert [field.name for field in info.fields if field.secret] == ["password"]
    assert [field.name for field in info.fields if field.required] == [
        "address",
        "imap_host",
        "smtp_host",
    ]
