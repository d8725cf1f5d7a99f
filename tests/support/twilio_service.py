"""Twilio's REST API as one account meets it: lists of messages and calls, media, refusals.

Resources have every field of the vendor's description; `tests/connectors/test_twilio_prism.py`
sees to that.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

from tests.support.http_service import Asked, HttpService, Said

ACCOUNT = "AC" + "a" * 32
KEY = "SK" + "b" * 32
SECRET = "test-secret"  # as good as any
NUMBER = "+15550001111"
WHATSAPP = "whatsapp:+15550002222"
CUSTOMER = "+905321234567"
_ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"

Resource = dict[str, object]


@dataclass
class Content:
    """An approved text."""

    sid: str
    text: str
    title: str = "order_ready"
    language: str = "en"
    status: str = "approved"

    def value(self) -> Resource:
        return {
            "sid": self.sid,
            "account_sid": ACCOUNT,
            "friendly_name": self.title,
            "language": self.language,
            "variables": {},
            "types": {"twilio/text": {"body": self.text}},
            "approval_requests": {"name": self.title, "status": self.status},
            "date_created": "2026-11-01T10:00:00Z",
            "date_updated": "2026-11-01T10:00:00Z",
        }


@dataclass
class Lists:
    """What the account holds, oldest first."""

    messages: list[Resource] = field(default_factory=list)
    calls: list[Resource] = field(default_factory=list)
    recordings: list[Resource] = field(default_factory=list)
    transcriptions: list[Resource] = field(default_factory=list)


class TwilioService(HttpService):
    """One account's side of Twilio."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.lists = Lists()
        self.taken: list[Asked] = []  # what was posted and accepted
        self.media: dict[str, list[tuple[str, str, bytes]]] = {}  # sid, type, bytes
        self.sound: dict[str, bytes] = {}
        self.contents: list[Content] = []
        self.numbers = [NUMBER]
        self.status = "active"
        self.opted_out: set[str] = set()
        self.window_closed: set[str] = set()
        self.largest_page = 1000
        self._count = itertools.count(1)

    # --- what happens in the world ---

    def sid(self, kind: str) -> str:
        return f"{kind}{next(self._count):032x}"

    def says(
        self,
        body: str,
        *,
        sender: str = CUSTOMER,
        to: str = NUMBER,
        media: Mapping[str, bytes] | None = None,
        at: datetime | None = None,
    ) -> Resource:
        """Have a customer write; `media` is by type."""
        name = self.sid("MM" if media else "SM")
        self.media[name] = [(self.sid("ME"), kind, data) for kind, data in (media or {}).items()]
        return self._put(
            self.message(
                sid=name, sender=sender, to=to, body=body, direction="inbound",
                status="received", media=len(media or {}), at=at or self.now,
            )
        )  # fmt: skip

    def sent_elsewhere(self, body: str, *, to: str = CUSTOMER) -> Resource:
        """Have somebody send with another program of the same account."""
        return self._put(
            self.message(
                sid=self.sid("SM"), sender=NUMBER, to=to, body=body,
                direction="outbound-api", status="delivered", at=self.now,
            )
        )  # fmt: skip

    def message(
        self,
        *,
        sid: str,
        sender: str,
        to: str,
        body: str,
        direction: str,
        status: str,
        at: datetime,
        media: int = 0,
    ) -> Resource:
        return {
            "sid": sid,
            "account_sid": ACCOUNT,
            "messaging_service_sid": None,
            "from": sender,
            "to": to,
            "body": body,
            "direction": direction,
            "status": status,
            "num_media": str(media),
            "num_segments": "1",
            "date_created": format_datetime(at),
            "date_sent": format_datetime(at),
            "date_updated": format_datetime(at),
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "uri": f"{_ROOT}/Messages/{sid}.json",
            "subresource_uris": {"media": f"{_ROOT}/Messages/{sid}/Media.json"},
        }

    def becomes(self, name: str, status: str, *, code: int | None = None) -> None:
        """Change how far a message has come."""
        (message,) = [one for one in self.lists.messages if one["sid"] == name]
        message["status"] = status
        message["error_code"] = code
        message["date_updated"] = format_datetime(self.now)

    def called(
        self,
        *,
        sender: str = CUSTOMER,
        to: str = NUMBER,
        status: str = "completed",
        seconds: int = 60,
        direction: str = "inbound",
    ) -> Resource:
        """Have somebody call."""
        name = self.sid("CA")
        call: Resource = {
            "sid": name,
            "account_sid": ACCOUNT,
            "parent_call_sid": None,
            "phone_number_sid": None,
            "from": sender,
            "from_formatted": sender,
            "to": to,
            "to_formatted": to,
            "status": status,
            "direction": direction,
            "start_time": format_datetime(self.now),
            "end_time": format_datetime(self.now + timedelta(seconds=seconds)),
            "duration": str(seconds),
            "date_created": format_datetime(self.now),
            "date_updated": format_datetime(self.now),
            "answered_by": None,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "uri": f"{_ROOT}/Calls/{name}.json",
            "subresource_uris": {},
        }
        self.lists.calls.append(call)
        return call

    def recorded(
        self,
        call: Resource,
        sound: bytes,
        *,
        source: str = "RecordVerb",
        status: str = "completed",
        seconds: int = 12,
    ) -> Resource:
        """Keep what was recorded in a call."""
        name = self.sid("RE")
        self.sound[name] = sound
        recording: Resource = {
            "sid": name,
            "account_sid": ACCOUNT,
            "call_sid": call["sid"],
            "conference_sid": None,
            "date_created": format_datetime(self.now),
            "date_updated": format_datetime(self.now),
            "start_time": format_datetime(self.now),
            "duration": str(seconds),
            "status": status,
            "channels": 1,
            "source": source,
            "error_code": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "uri": f"{_ROOT}/Recordings/{name}.json",
            "encryption_details": None,
            "subresource_uris": {},
            "media_url": f"https://api.twilio.com{_ROOT}/Recordings/{name}",
        }
        self.lists.recordings.append(recording)
        return recording

    def written_down(self, recording: Resource, text: str) -> None:
        """Keep what was said in a recording."""
        self.lists.transcriptions.append(
            {
                "sid": self.sid("TR"),
                "account_sid": ACCOUNT,
                "recording_sid": recording["sid"],
                "transcription_text": text,
                "status": "completed" if text else "in-progress",
                "type": "fast",
                "duration": recording["duration"],
                "date_created": format_datetime(self.now),
                "date_updated": format_datetime(self.now),
                "price": None,
                "price_unit": "USD",
                "api_version": "2010-04-01",
                "uri": f"{_ROOT}/Transcriptions/TR.json",
            }
        )

    # --- what the program asks ---

    async def answer(self, asked: Asked) -> Said:
        if not self._is_signed_in(asked):
            return refused(401, 20003, "Authenticate")
        if asked.path == f"{_ROOT}.json" and self._user(asked) != ACCOUNT:
            # As for every key that is not a main one.
            return refused(401, 20003, "Authentication Error - invalid username")
        if asked.path == "/v1/ContentAndApprovals":
            return self._contents(asked)
        if asked.method == "POST" and asked.path == f"{_ROOT}/Messages.json":
            return self._take(asked)
        return self._found(asked)

    def _is_signed_in(self, asked: Asked) -> bool:
        return self._credentials(asked) in {(KEY, SECRET), (ACCOUNT, SECRET)}

    def _user(self, asked: Asked) -> str:
        return self._credentials(asked)[0]

    def _credentials(self, asked: Asked) -> tuple[str, str]:
        said = asked.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, secret = base64.b64decode(said).decode().partition(":")
        return user, secret

    def _take(self, asked: Asked) -> Said:
        to, body = str(asked.form.get("To", "")), str(asked.form.get("Body", ""))
        if to in self.opted_out:
            return refused(400, 21610, "Attempt to send to unsubscribed recipient")
        if not re.fullmatch(r"(\w+:)?[+\w.]+", to):
            return refused(400, 21211, "Invalid 'To' Phone Number")
        if len(body) > 1600:
            return refused(400, 21617, "The concatenated message body exceeds the limit")
        self.taken.append(asked)
        message = self._put(
            self.message(
                sid=self.sid("SM"), sender=str(asked.form["From"]), to=to, body=body,
                direction="outbound-api", status="queued", at=self.now,
            )
        )  # fmt: skip
        if to in self.window_closed and "ContentSid" not in asked.form:
            self.becomes(str(message["sid"]), "failed", code=63016)
        return Said({**message, "status": "queued", "error_code": None}, status=201)

    def _contents(self, asked: Asked) -> Said:
        first = asked.query.get("Page", "0") == "0"
        url = f"{self.url}/v1/ContentAndApprovals?PageSize=100&Page=0"
        meta = {
            "key": "contents", "page": 0, "page_size": 100, "url": url,
            "first_page_url": url, "previous_page_url": None, "next_page_url": None,
        }  # fmt: skip
        return Said(
            {"contents": [one.value() for one in self.contents] if first else [], "meta": meta}
        )

    def _found(self, asked: Asked) -> Said:
        path = asked.path.removeprefix(_ROOT).removesuffix(".json").strip("/").split("/")
        match path:
            case [""]:
                return Said({"sid": ACCOUNT, "status": self.status, "friendly_name": "Shop"})
            case ["Messages"]:
                return self._list(asked, "messages", self.lists.messages)
            case ["Calls"]:
                return self._list(asked, "calls", self.lists.calls)
            case ["Recordings"]:
                return self._list(asked, "recordings", self.lists.recordings)
            case ["IncomingPhoneNumbers"]:
                return self._list(asked, "incoming_phone_numbers", self._numbers())
            case ["Recordings", name, "Transcriptions"]:
                ones = [one for one in self.lists.transcriptions if one["recording_sid"] == name]
                return self._list(asked, "transcriptions", ones)
            case ["Messages", name, "Media"]:
                return self._list(asked, "media_list", self._media(name))
            case ["Messages", name, "Media", media]:
                for sid, kind, data in self.media.get(name, ()):
                    if sid == media:
                        return Said(body=data, headers={"Content-Type": kind})
            case ["Recordings", name] if name.endswith(".mp3"):
                if (sound := self.sound.get(name.removesuffix(".mp3"))) is not None:
                    return Said(body=sound)
            case ["Messages" | "Calls" as kind, name]:
                for one in getattr(self.lists, kind.lower()):
                    if one["sid"] == name:
                        return Said(one)
        return refused(404, 20404, "The requested resource was not found")

    def _numbers(self) -> list[Resource]:
        numbers = reversed(self.numbers)  # lists are turned around
        return [{"sid": self.sid("PN"), "phone_number": number} for number in numbers]

    def _media(self, name: str) -> list[Resource]:
        return [
            {
                "sid": sid,
                "account_sid": ACCOUNT,
                "parent_sid": name,
                "content_type": kind,
                "date_created": format_datetime(self.now),
                "date_updated": format_datetime(self.now),
                "uri": f"{_ROOT}/Messages/{name}/Media/{sid}.json",
            }
            for sid, kind, _data in reversed(self.media.get(name, []))
        ]

    def _list(self, asked: Asked, name: str, resources: list[Resource]) -> Said:
        """Give a page, newest first, as Twilio does."""
        query = asked.query
        found = [one for one in reversed(resources) if _fits(one, query)]
        size = min(int(query.get("PageSize", "50")), self.largest_page)
        start = int(query.get("PageToken", "0"))
        rest = {key: value for key, value in query.items() if key != "PageToken"}
        onward = start + size
        more = f"{asked.path}?{urlencode({**rest, 'PageToken': onward})}"
        return Said(
            {
                name: found[start:onward],
                "page": start // size,
                "page_size": size,
                "start": start,
                "end": max(min(onward, len(found)) - 1, 0),
                "uri": f"{asked.path}?{urlencode(query)}",
                "first_page_uri": f"{asked.path}?{urlencode(rest)}",
                "next_page_uri": more if onward < len(found) else None,
                "previous_page_uri": None,
            }
        )

    def _put(self, message: Resource) -> Resource:
        self.lists.messages.append(message)
        return message


def _fits(resource: Resource, query: Mapping[str, str]) -> bool:
    for name, key in (("To", "to"), ("From", "from"), ("CallSid", "call_sid")):
        if name in query and resource[key] != query[name]:
            return False
    for name, key in (("DateSent>", "date_sent"), ("StartTime>", "start_time")):
        if name in query:
            since = datetime.fromisoformat(query[name])
            moment = datetime.strptime(str(resource[key]), "%a, %d %b %Y %H:%M:%S %z")
            if moment < since:
                return False
    return True


def refused(status: int, code: int, words: str) -> Said:
    """Return how Twilio says no."""
    url = f"https://www.twilio.com/docs/errors/{code}"
    return Said({"code": code, "message": words, "more_info": url, "status": status}, status=status)
