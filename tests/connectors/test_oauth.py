"""Signing in through a provider's page, against a real authorisation server and a real Dovecot."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest

from desktop_inbox.connectors import oauth
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.email import sasl
from desktop_inbox.connectors.email.check import check
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.errors import AuthError, AuthReason, TransientError
from desktop_inbox.connectors.oauth import Client, TokenKeeper, Tokens, challenge, sign_in
from tests.support.authorisation import CLIENT, AuthorisationServer, Browser
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.smtp_server import SmtpServer
from tests.support.tls_authority import Authority

PROGRAM = Client(id=CLIENT)


@pytest.fixture(scope="module")
def _provider() -> Iterator[AuthorisationServer]:
    with AuthorisationServer() as server:
        yield server


@pytest.fixture
def provider(_provider: AuthorisationServer) -> AuthorisationServer:
    """An authorisation server that nobody has asked anything yet."""
    _provider.reset()
    return _provider


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def test_the_challenge_is_the_one_of_the_standard() -> None:
    # RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_person_signs_in_on_the_page_and_tokens_come_back(
    provider: AuthorisationServer, browser: Browser
) -> None:
    tokens = await sign_in(
        provider.service, PROGRAM, open_page=browser.open, login_hint="desk@desk.example"
    )
    assert provider.access[tokens.access] == "desk@desk.example"
    assert tokens.refresh in provider.refresh
    assert not tokens.is_stale
    await asyncio.to_thread(browser.close)
    assert "Signed in." in browser.shown[0]
    (asked,) = provider.asked
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert asked["login_hint"] == "desk@desk.example"
    assert asked["code_challenge_method"] == "S256"
    assert "code_verifier" not in asked


async def test_each_time_there_is_another_port_state_and_verifier(
    provider: AuthorisationServer, browser: Browser
) -> None:
    for _ in range(2):
        await sign_in(provider.service, PROGRAM, open_page=browser.open)
    first, second = provider.asked
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


async def test_who_says_no_is_told_so(provider: AuthorisationServer, browser: Browser) -> None:
    provider.refuses = "access_denied"
    with pytest.raises(AuthError, match="access_denied") as refused:
        await sign_in(provider.service, PROGRAM, open_page=browser.open)
    assert refused.value.step == "browser"
    await asyncio.to_thread(browser.close)
    assert "Not signed in." in browser.shown[0]


async def test_an_answer_with_another_state_is_not_taken(
    provider: AuthorisationServer, browser: Browser
) -> None:
    """Whoever finds the port cannot slip in a code; the person can still sign in after that."""
    forged: list[int] = []

    def forge_then_open(url: str) -> None:
        back = parse_qs(urlsplit(url).query)["redirect_uri"][0]

        def visit() -> None:
            for query in ("?state=guess&code=evil", "favicon.ico", "?code=evil"):
                try:
                    urllib.request.urlopen(back + query, timeout=5)
                except HTTPError as error:
                    with error:
                        forged.append(error.code)
            browser.open(url)

        browser.run(visit)

    tokens = await sign_in(provider.service, PROGRAM, open_page=forge_then_open)
    assert forged == [404, 404, 404]
    assert tokens.access in provider.access


async def test_the_page_may_be_opened_twice(
    provider: AuthorisationServer, browser: Browser
) -> None:
    """In a second profile, say, where the right account is signed in."""

    def open_twice(url: str) -> None:
        browser.open(url)
        browser.open(url)

    tokens = await sign_in(provider.service, PROGRAM, open_page=open_twice)
    assert tokens.access in provider.access


async def test_nobody_is_waited_for_for_ever(
    provider: AuthorisationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "SIGN_IN_SECONDS", 0.05)
    with pytest.raises(AuthError, match="nobody signed in"):
        await sign_in(provider.service, PROGRAM, open_page=lambda _url: None)


async def test_it_can_be_given_up_and_the_port_is_closed(provider: AuthorisationServer) -> None:
    opened: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(sign_in(provider.service, PROGRAM, open_page=opened.set_result))
    page = await opened
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    back = parse_qs(urlsplit(page).query)["redirect_uri"][0]
    with pytest.raises(OSError):  # noqa: PT011 - whatever the system calls it
        await asyncio.open_connection("127.0.0.1", urlsplit(back).port)


async def test_an_unknown_client_is_a_sign_in_that_failed(
    provider: AuthorisationServer, browser: Browser
) -> None:
    with pytest.raises(AuthError, match="invalid_client"):
        await sign_in(provider.service, Client(id="nobody"), open_page=browser.open)


# --- renewing ---


def secrets_of(provider: AuthorisationServer, *, stale: bool = True) -> dict[str, str]:
    given = provider.grant()
    ends = time.time() + (10 if stale else 3600)
    return {
        "access_token": str(given["access_token"]),
        "refresh_token": str(given["refresh_token"]),
        "expires_at": str(ends),
    }


def keeper(
    provider: AuthorisationServer, values: dict[str, str], kept: dict[str, str] | None = None
) -> TokenKeeper:
    async def keep(news: object) -> None:
        assert kept is not None
        kept.update(news)  # type: ignore[call-overload]

    return TokenKeeper(
        provider.service.token_url,
        values,
        client_id=CLIENT,
        keep=keep if kept is not None else None,
    )


async def test_a_token_is_renewed_before_it_ends_and_the_new_ones_are_kept(
    provider: AuthorisationServer,
) -> None:
    values, kept = secrets_of(provider), dict[str, str]()
    token = await keeper(provider, values, kept).access()
    assert token != values["access_token"]
    assert token in provider.access
    assert kept["access_token"] == token
    assert kept["refresh_token"] in provider.refresh
    assert values["refresh_token"] not in provider.refresh  # it was used up


async def test_a_token_that_still_holds_is_not_renewed(provider: AuthorisationServer) -> None:
    values = secrets_of(provider, stale=False)
    assert await keeper(provider, values).access() == values["access_token"]
    assert provider.forms == []


async def test_connections_that_want_one_at_once_share_one_renewal(
    provider: AuthorisationServer,
) -> None:
    tokens = keeper(provider, secrets_of(provider))
    first, *others = await asyncio.gather(*(tokens.access() for _ in range(3)))
    assert set(others) == {first}
    assert len(provider.forms) == 1


async def test_a_renewal_is_shared_even_if_the_computer_sleeps_meanwhile(
    provider: AuthorisationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time

    async def sleep_for_hours(_news: object) -> None:
        monkeypatch.setattr(time, "time", lambda: now() + 7200)

    tokens = TokenKeeper(
        provider.service.token_url, secrets_of(provider), client_id=CLIENT, keep=sleep_for_hours
    )
    first, *others = await asyncio.gather(*(tokens.access() for _ in range(3)))
    assert set(others) == {first}
    assert len(provider.forms) == 1
    assert await tokens.access() != first  # by now it has ended


async def test_a_token_that_lasts_minutes_only_serves_for_most_of_them(
    provider: AuthorisationServer,
) -> None:
    provider.lasts_seconds = 60
    tokens = keeper(provider, secrets_of(provider))
    assert await tokens.access() == await tokens.access()
    assert len(provider.forms) == 1


async def test_a_permission_that_was_taken_back_needs_a_person(
    provider: AuthorisationServer,
) -> None:
    values = secrets_of(provider)
    provider.revoke()
    with pytest.raises(AuthError, match="Token was revoked") as refused:
        await keeper(provider, values).access()
    assert refused.value.reason is AuthReason.REVOKED


@pytest.mark.parametrize("status", [200, 302, 404, 429, 503])
async def test_whatever_is_in_the_way_of_a_renewal_it_is_tried_again_later(
    provider: AuthorisationServer, status: int
) -> None:
    """Such as a hotel's page, where nobody has to sign in to their mail again (behaviour 19)."""
    provider.down = (status, "")
    with pytest.raises(TransientError):
        await keeper(provider, secrets_of(provider)).access()


async def test_tokens_travel_over_tls_only() -> None:
    with pytest.raises(TransientError, match="refused without encryption"):
        await oauth.refresh("http://provider.example/token", PROGRAM, "secret")


def test_tokens_are_never_shown() -> None:
    tokens = Tokens(access="marker-a", refresh="marker-r", expires_at=0)
    assert "marker" not in repr(tokens) + repr(Client(id="x", secret="marker"))


# --- the mail servers ---


@pytest.fixture(scope="module")
def introspecting(_provider: AuthorisationServer, authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot that asks the provider whose token it is given."""
    url = f"{_provider.url}/introspect"
    with running_dovecot(authority, introspection_url=url) as server:
        yield server


def account(
    provider: AuthorisationServer,
    dovecot: Dovecot,
    smtp: SmtpServer,
    values: dict[str, str],
    kept: dict[str, str] | None = None,
) -> AccountConfig:
    mailbox = dovecot.mailbox()
    provider.who = mailbox.address
    for known in (provider.access, provider.refresh):
        known.update(dict.fromkeys(known, mailbox.address))
    smtp.token_owner = provider.access.get
    known_config = mailbox.config(smtp, smtp_port=smtp.tls_port, smtp_security="tls")

    async def keep(news: object) -> None:
        assert kept is not None
        kept.update(news)  # type: ignore[call-overload]

    return AccountConfig(
        id=1,
        address=mailbox.address,
        settings={
            **known_config.settings,
            "oauth": "local",
            "oauth_token_url": provider.service.token_url,
            "oauth_client_id": CLIENT,
        },
        secrets=values,
        keep_secrets=keep if kept is not None else None,
    )


async def test_dovecot_and_the_sending_server_let_a_renewed_token_in(
    provider: AuthorisationServer, introspecting: Dovecot, smtp_server: SmtpServer
) -> None:
    kept: dict[str, str] = {}
    config = account(provider, introspecting, smtp_server, secrets_of(provider), kept)
    steps = [(one.step, one.ok, one.detail) async for one in check(config)]
    assert steps == [("receive:folders", True, ""), ("send:sign-in", True, "")]
    assert len(provider.forms) == 1  # one renewal serves both
    assert kept["access_token"] in provider.access


@pytest.mark.parametrize("refused", [False, True])
async def test_the_form_of_the_standard_is_understood_by_dovecot(
    provider: AuthorisationServer,
    introspecting: Dovecot,
    smtp_server: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
    refused: bool,
) -> None:
    """OAUTHBEARER (RFC 7628), also where a token is refused and another one is tried."""
    both_offered = sasl.bearer
    monkeypatch.setattr(
        sasl,
        "bearer",
        lambda *args, offered, **more: both_offered(*args, offered={"OAUTHBEARER"}, **more),
    )
    values, kept = secrets_of(provider, stale=False), dict[str, str]()
    config = account(provider, introspecting, smtp_server, values, kept)
    if refused:
        del provider.access[values["access_token"]]
    connector = EmailConnector(config)
    try:
        await connector.open()
    finally:
        await connector.close()
    assert bool(kept) is refused


async def test_a_token_that_a_server_refuses_is_renewed_once(
    provider: AuthorisationServer, introspecting: Dovecot, smtp_server: SmtpServer
) -> None:
    values = secrets_of(provider, stale=False)
    kept: dict[str, str] = {}
    config = account(provider, introspecting, smtp_server, values, kept)
    del provider.access[values["access_token"]]  # it ended early, as when a password is changed
    steps = [one async for one in check(config)]
    assert [one.ok for one in steps] == [True, True]
    assert len(provider.forms) == 1


async def test_what_was_taken_back_says_so_at_the_sign_in(
    provider: AuthorisationServer, introspecting: Dovecot, smtp_server: SmtpServer
) -> None:
    values = secrets_of(provider, stale=False)
    config = account(provider, introspecting, smtp_server, values, {})
    provider.revoke()
    receiving, sending = [one async for one in check(config)]
    assert (receiving.ok, receiving.cause) == (False, "revoked")
    assert (sending.ok, sending.cause) == (False, "revoked")


async def test_mail_is_read_with_a_token(
    provider: AuthorisationServer, introspecting: Dovecot, smtp_server: SmtpServer
) -> None:
    config = account(provider, introspecting, smtp_server, secrets_of(provider), {})
    connector = EmailConnector(config)
    try:
        await connector.open()
        batch = await connector.pull(None)
    finally:
        await connector.close()
    assert batch.cursor
