"""An authorisation server on the loopback: OAuth2 with PKCE, refresh tokens, and introspection.

It runs on a thread of its own, so that browsers, mail servers and the program can all ask it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

from desktop_inbox.connectors.oauth import Service

CLIENT = "desktop-inbox-tests"


@dataclass
class AuthorisationServer:
    """Signs `who` in. Refresh tokens are used once: each renewal gives another one."""

    who: str = "desk@desk.example"
    refuses: str = ""  # what the person's "no" is called
    lasts_seconds: int = 3600
    down: tuple[int, str] | None = None  # what the token endpoint says instead, with its status
    mint: Callable[[], str] = lambda: secrets.token_urlsafe(24)  # makes access tokens
    access: dict[str, str] = field(default_factory=dict)  # token -> who
    refresh: dict[str, str] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)  # every token there ever was
    asked: list[dict[str, str]] = field(default_factory=list)  # what sign-in pages were asked for
    forms: list[dict[str, str]] = field(default_factory=list)  # what came to the token endpoint
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> AuthorisationServer:
        owner = self

        class Handler(_Handler):
            server_of = owner

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def service(self) -> Service:
        """How the program knows it."""
        return Service(
            id="local",
            name="Local",
            authorise_url=f"{self.url}/authorise",
            token_url=f"{self.url}/token",
            scope="mail offline",
        )

    def reset(self) -> None:
        """Forget everybody and everything."""
        self.revoke()
        self.given.clear()
        self.asked.clear()
        self.forms.clear()
        self._codes.clear()
        self.who, self.refuses = "desk@desk.example", ""
        self.lasts_seconds, self.down = 3600, None

    def revoke(self) -> None:
        """Take every permission back."""
        self.access.clear()
        self.refresh.clear()

    def grant(self) -> dict[str, object]:
        """Return fresh tokens, as the token endpoint says them."""
        access, refresh = self.mint(), secrets.token_urlsafe(24)
        self.given += [access, refresh]
        self.access[access] = self.refresh[refresh] = self.who
        return {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": self.lasts_seconds,
        }

    # --- what is asked of it ---

    def authorise(self, query: dict[str, str]) -> str:
        """Return where the browser is sent, after the person said yes or no."""
        self.asked.append(query)
        back = {"state": query["state"]}
        if self.refuses:
            back["error"] = self.refuses
        else:
            back["code"] = secrets.token_urlsafe(12)
            self._codes[back["code"]] = query
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.forms.append(form)
        if self.down is not None:
            return self.down[0], {"error": self.down[1]}
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            query = self._codes.pop(form.get("code", ""), None)
            verifier = form.get("code_verifier", "").encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
            if (
                query is None
                or query.get("code_challenge_method") != "S256"
                or query.get("code_challenge") != digest.decode()
                or query.get("redirect_uri") != form.get("redirect_uri")
            ):
                return 400, {"error": "invalid_grant"}
            return 200, self.grant()
        if self.refresh.pop(form.get("refresh_token", ""), None) is None:
            return 400, {"error": "invalid_grant", "error_description": "Token was revoked."}
        return 200, self.grant()

    def introspect(self, token: str) -> dict[str, object]:
        who = self.access.get(token)
        return {"active": False} if who is None else {"active": True, "sub": who}


class _Handler(BaseHTTPRequestHandler):
    server_of: AuthorisationServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = _first(parts.query)
        if parts.path == "/authorise":
            self.send_response(302)
            self.send_header("Location", self.server_of.authorise(query))
            self.end_headers()
        else:
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._say(200, self.server_of.introspect(query.get("token") or bearer))

    def do_POST(self) -> None:
        form = _first(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if urlsplit(self.path).path == "/token":
            self._say(*self.server_of.token(form))
        else:
            self._say(200, self.server_of.introspect(form.get("token", "")))

    def _say(self, status: int, values: dict[str, object]) -> None:
        body = json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@dataclass
class Browser:
    """A person's browser, any profile of it: opens pages and goes where it is sent."""

    pages: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Open a page."""
        self.run(lambda: self._visit(url))

    def run(self, visit: Callable[[], None]) -> None:
        """Do something as another program would."""
        thread = threading.Thread(target=visit)
        self._threads.append(thread)
        thread.start()

    def _visit(self, url: str) -> None:
        self.pages.append(url)
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                self.shown.append(page.read().decode())
        except HTTPError as error:
            with error:
                self.shown.append(f"{error.code}")
        except OSError:
            self.shown.append("nobody there")  # the program has what it waited for

    def close(self) -> None:
        for thread in self._threads:
            thread.join()
