"""Meta's Graph API as one page or one Instagram account meets it: conversations, the twenty newest
messages of each, sending, files, refusals.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.support.http_service import Asked, HttpService, Said

TOKEN = "EAA-test-token"  # as good as any
PAGE = "1001"
PAGE_NAME = "Elif's Mugs"
ELIF = "psid-elif"
VERSION = "/v23.0"
_DETAILED = 20
_WINDOW = timedelta(hours=24)
_AGENT_WINDOW = timedelta(days=7)
_PERMISSIONS = ("pages_messaging", "pages_manage_metadata", "pages_read_engagement")

Resource = dict[str, object]


@dataclass
class Talk:
    """A conversation; messages oldest first."""

    id: str
    person: str
    name: str
    updated: datetime
    messages: list[Resource] = field(default_factory=list)
    heard: datetime | None = None  # when the customer last wrote


class MetaService(HttpService):
    """One account's side of Meta. Every message comes a second after the last one."""

    def __init__(self, *, kind: str = "messenger") -> None:
        super().__init__()
        self.kind = kind
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.talks: dict[str, Talk] = {}
        self.token = TOKEN
        self.taken: list[Mapping[str, object]] = []  # what was posted and accepted
        self.acts: list[Mapping[str, object]] = []  # sender actions
        self.uploads: dict[str, tuple[str, str, bytes]] = {}  # type, name, bytes
        self.files: dict[str, bytes] = {}  # by the path of their address
        self.runs_out = False  # addresses of files lead nowhere until they are asked for again
        self.scopes: Sequence[str] | None = _PERMISSIONS
        self.profiles: dict[str, Resource] = {}
        self.unknown_fields: set[str] = set()
        self.blocked: set[str] = set()
        self.unreadable: set[str] = set()  # conversations
        self.human_agent = True
        self.reissued: list[str] = []
        self._count = itertools.count(1)
        self._signatures = itertools.count(1)

    # --- what happens in the world ---

    def says(
        self,
        text: str = "",
        *,
        person: str = ELIF,
        name: str = "Elif Kaya",
        files: Mapping[str, bytes] | None = None,
        **more: object,
    ) -> Resource:
        """Have a customer write; `files` are by type."""
        talk = self.talk(person, name)
        message = self._put(talk, talk.person, text, files=files, **more)
        talk.heard = self.now
        return message

    def sent_elsewhere(self, text: str, *, person: str = ELIF, **more: object) -> Resource:
        """Have the owner write on the phone."""
        return self._put(self.talk(person), PAGE, text, files=None, **more)

    def talk(self, person: str, name: str = "Elif Kaya") -> Talk:
        """Return the conversation with somebody, begun if need be."""
        if person not in self.talks:
            chat = f"t_{len(self.talks) + 1}"
            self.talks[person] = Talk(id=chat, person=person, name=name, updated=self.now)
        return self.talks[person]

    def forget_files(self) -> None:
        """Keep no file any more."""
        self.files.clear()

    def _put(
        self,
        talk: Talk,
        author: str,
        text: str,
        *,
        files: Mapping[str, bytes] | None = None,
        **more: object,
    ) -> Resource:
        self.now += timedelta(seconds=1)
        both = [self._party(talk.person, talk.name), self._party(PAGE, PAGE_NAME)]
        sender, receiver = both if author == talk.person else reversed(both)
        message: Resource = {
            "id": f"m_{next(self._count)}",
            "created_time": _written(self.now),
            "from": sender,
            "to": {"data": [receiver]},
            "message": text,
            **more,
        }
        if files:
            message["attachments"] = {
                "data": [self._attached(kind, data) for kind, data in files.items()]
            }
        talk.messages.append(message)
        talk.updated = self.now
        return message

    def _party(self, number: str, name: str) -> Resource:
        if self.kind == "instagram":
            return {"id": number, "username": name.lower().replace(" ", "_").replace("'", "")}
        return {"id": number, "name": name, "email": f"{number}@facebook.com"}

    def _attached(self, kind: str, data: bytes) -> Resource:
        name = f"file{next(self._count)}"
        self.files[name] = data
        usual = {"image": "image_data", "video": "video_data"}.get(kind.partition("/")[0])
        url = self._url(name)
        place: Resource = (
            {usual: {"url": url, "width": 1, "height": 1}} if usual else {"file_url": url}
        )
        return {"id": name, "mime_type": kind, "name": name, "size": len(data), **place}

    def _url(self, name: str) -> str:
        return f"{self.url}/cdn/{name}?signature={next(self._signatures)}"

    # --- what the program asks ---

    async def answer(self, asked: Asked) -> Said:
        said = self._answered(asked)
        return Said(
            said.value,
            status=said.status,
            headers={"Date": format_datetime(self.now, usegmt=True), **said.headers},
            body=said.body,
        )

    def _answered(self, asked: Asked) -> Said:
        if asked.path.startswith("/cdn/"):
            return self._file(asked)
        if not self._is_signed_in(asked):
            return refused(190, "Invalid OAuth access token.", status=401, subcode=460)
        if asked.path == "/debug_token":
            return self._debugged()
        if asked.path == "/refresh_access_token" and self.kind == "instagram":
            return self._reissued()
        path = asked.path.removeprefix(VERSION).strip("/").split("/")
        match (asked.method, path):
            case ("GET", ["me"]):
                return Said(self._me())
            case ("GET", ["me", "conversations"]):
                return self._conversations(asked)
            case ("GET", [chat, "messages"]):
                return self._messages(asked, chat)
            case ("POST", ["me", "messages"]):
                return self._take(asked)
            case ("POST", ["me", "message_attachments"]):
                return self._uploaded(asked)
            case ("GET", [name]):
                return self._one(asked, name)
        return refused(100, "Unsupported get request.", subcode=33)

    def _is_signed_in(self, asked: Asked) -> bool:
        return asked.headers.get("Authorization") == f"Bearer {self.token}"

    def _me(self) -> Resource:
        if self.kind == "instagram":
            return {"id": "app-scoped", "user_id": PAGE, "username": "elifs_mugs"}
        return {"id": PAGE, "name": PAGE_NAME}

    def _debugged(self) -> Said:
        if self.scopes is None:
            return refused(100, "You must provide an app access token")
        return Said({"data": {"is_valid": True, "scopes": list(self.scopes)}})

    def _reissued(self) -> Said:
        self.token = f"EAA-renewed-{len(self.reissued) + 1}"
        self.reissued.append(self.token)
        return Said(
            {"access_token": self.token, "token_type": "bearer", "expires_in": 60 * 24 * 3600}
        )

    def _conversations(self, asked: Asked) -> Said:
        if asked.query.get("platform") != self.kind:
            return refused(100, "platform")
        talks = sorted(self.talks.values(), key=lambda talk: talk.updated, reverse=True)
        if person := asked.query.get("user_id"):
            talks = [talk for talk in talks if talk.person == person]
        listed = [{"id": talk.id, "updated_time": _written(talk.updated)} for talk in talks]
        return self._page(asked, listed)

    def _messages(self, asked: Asked, chat: str) -> Said:
        talk = next((one for one in self.talks.values() if one.id == chat), None)
        if talk is None or chat in self.unreadable:
            return refused(100, "Unsupported get request. Object does not exist.", subcode=33)
        fields = asked.query.get("fields", "id").split(",")
        if unknown := self.unknown_fields.intersection(fields):
            return refused(100, f"Tried accessing nonexisting field ({unknown.pop()})")
        newest = list(reversed(talk.messages))
        listed = [
            self._detailed(message, fields)
            if number < _DETAILED
            else {name: message[name] for name in ("id", "created_time")}
            for number, message in enumerate(newest)
        ]
        return self._page(asked, listed)

    def _detailed(self, message: Resource, fields: Sequence[str]) -> Resource:
        return {name: value for name, value in message.items() if name in fields}

    def _page(self, asked: Asked, found: Sequence[object]) -> Said:
        start = int(asked.query.get("after", "0"))
        onward = start + int(asked.query.get("limit", "25"))
        paging: Resource = {"cursors": {"before": str(start), "after": str(onward)}}
        if onward < len(found):
            paging["next"] = f"https://graph.facebook.com{asked.path}?access_token={self.token}"
        return Said({"data": found[start:onward], "paging": paging})

    def _one(self, asked: Asked, name: str) -> Said:
        if name in self.profiles:
            return Said({"id": name, **self.profiles[name]})
        for talk in self.talks.values():
            if talk.person == name:
                return refused(230, "User consent is required to access user profile")
            for message in talk.messages[-_DETAILED:]:
                if message["id"] == name:
                    self.runs_out = False
                    return Said(json.loads(json.dumps(message)))
        return refused(100, "Unsupported get request. Object does not exist.", subcode=33)

    def _file(self, asked: Asked) -> Said:
        data = self.files.get(asked.path.removeprefix("/cdn/"))
        if data is None or self.runs_out:
            return Said(status=403, body=b"URL signature expired")
        return Said(body=data)

    def _uploaded(self, asked: Asked) -> Said:
        file = asked.form["filedata"]
        assert not isinstance(file, str)
        told = json.loads(str(asked.form["message"]))["attachment"]
        name = f"upload{next(self._count)}"
        self.uploads[name] = (str(told["type"]), file.filename, file.file.read())
        return Said({"attachment_id": name})

    def _take(self, asked: Asked) -> Said:
        body = asked.json
        person = str(_under(body, "recipient", "id"))
        talk = self.talks.get(person)
        if talk is None:
            return refused(100, "No matching user found", subcode=2018001)
        if "sender_action" in body:
            self.acts.append(body)
            return Said({"recipient_id": person})
        if refusal := self._refusal(talk, body):
            return refusal
        self.taken.append(body)
        text = str(_under(body, "message", "text") or "")
        upload = self.uploads.get(
            str(_under(body, "message", "attachment", "payload", "attachment_id"))
        )
        files = {_MEDIA[upload[0]]: upload[2]} if upload else None
        more = {"reply_to": body["reply_to"]} if "reply_to" in body else {}
        message = self._put(talk, PAGE, text, files=files, **more)
        return Said({"recipient_id": person, "message_id": message["id"]})

    def _refusal(self, talk: Talk, body: Mapping[str, object]) -> Said | None:
        if talk.person in self.blocked:
            return refused(551, "This person isn't available right now.", subcode=1545041)
        text = str(_under(body, "message", "text") or "")
        most = len(text.encode()) > 1000 if self.kind == "instagram" else len(text) > 2000
        if most:
            return refused(100, "Length of param message[text] must be less than or equal to 2000")
        quiet = self.now - talk.heard if talk.heard else timedelta.max
        tagged = body.get("tag") == "HUMAN_AGENT" and body.get("messaging_type") == "MESSAGE_TAG"
        if tagged and not self.human_agent:
            return refused(200, "Requires human_agent permission to manage the object")
        if quiet > (_AGENT_WINDOW if tagged else _WINDOW):
            words = "This message is sent outside of allowed window."
            return refused(10, words, subcode=2534022 if self.kind == "instagram" else 2018278)
        if not tagged and body.get("messaging_type") != "RESPONSE":
            return refused(100, "Invalid parameter")
        return None


_MEDIA = {
    "image": "image/png",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "file": "application/pdf",
}


def refused(
    code: int,
    words: str,
    *,
    status: int = 400,
    subcode: int | None = None,
    headers: Mapping[str, str] = {},
) -> Said:
    """Return how Meta says no."""
    error: Resource = {
        "message": f"(#{code}) {words}",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "A1B2C3D4",
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    return Said({"error": error}, status=status, headers=headers)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _under(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
