"""Telegram's Bot API as a bot meets it: updates that wait to be confirmed, chats, files, refusals.

Answers have the shape of the vendor's description; `tests/connectors/test_telegram_spec.py` sees
to that.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.support.http_service import Asked, HttpService, Said

TOKEN = "123456:test-token"
BOT = {
    "id": 123456,
    "is_bot": True,
    "first_name": "Shop",
    "username": "our_shop_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "can_connect_to_business": True,
}
OWNER = {"id": 900, "is_bot": False, "first_name": "Owner"}
ELIF = {
    "id": 77,
    "is_bot": False,
    "first_name": "Elif",
    "last_name": "Kaya",
    "username": "elif",
    "language_code": "tr",
}
BUSINESS = "BC_connection-1"
_KEPT_FOR = timedelta(hours=24)
_MOST_DOWNLOAD = 20 * 2**20

Params = Mapping[str, object]


@dataclass
class Waiting:
    """An update that nobody has confirmed."""

    at: datetime
    update: dict[str, object]


@dataclass
class Sent:
    """What the bot did in a chat."""

    method: str
    params: dict[str, object]
    message: dict[str, object]
    files: dict[str, bytes] = field(default_factory=dict)


class TelegramService(HttpService):
    """One bot's side of Telegram."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 20, 10, tzinfo=UTC)
        self.waiting: list[Waiting] = []
        self.sent: list[Sent] = []
        self.edited: list[Params] = []
        self.deleted: list[Params] = []
        self.reacted: list[Params] = []
        self.read: list[Params] = []
        self.pressed: list[Params] = []
        self.blocked: set[int] = set()  # chats that do not want the bot
        self.migrated: dict[int, int] = {}
        self.files: dict[str, bytes] = {}
        self.webhook = ""
        self.exchanges: list[tuple[str, dict[str, object], object]] = []  # method, asked, result
        self._update_ids = itertools.count(1000)
        self._message_ids = itertools.count(1)
        self._news = asyncio.Condition()
        self._poller: asyncio.Event | None = None

    # --- what customers do ---

    async def update(self, **contents: object) -> dict[str, object]:
        """Put an update where the next poll finds it."""
        update = {"update_id": next(self._update_ids), **contents}
        async with self._news:
            self.waiting.append(Waiting(at=self.now, update=update))
            self._news.notify_all()
        return update

    def message(
        self, *, user: Mapping[str, object] = ELIF, chat: object = None, **contents: object
    ) -> dict[str, object]:
        """Return a message in a private chat, or in `chat`."""
        private = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        return {
            "message_id": next(self._message_ids),
            "from": dict(user),
            "date": int(self.now.timestamp()),
            "chat": chat or private,
            **contents,
        }

    async def says(self, text: str, **more: object) -> dict[str, object]:
        """Have a customer write to the bot."""
        return await self.update(message=self.message(text=text, **more))  # type: ignore[arg-type]

    async def again(self) -> None:
        """Deliver all that waits a second time, as an unsure service would."""
        async with self._news:
            self.waiting += list(self.waiting)
            self._news.notify_all()

    def file(self, file_id: str, data: bytes) -> dict[str, object]:
        """Keep a file and return how a message speaks of it."""
        self.files[file_id] = data
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(data)}

    def pass_time(self, passed: timedelta) -> None:
        """Forget what nobody fetched in time; after a week numbers begin elsewhere."""
        self.now += passed
        self.waiting = [one for one in self.waiting if self.now - one.at < _KEPT_FOR]
        if passed >= timedelta(days=7) and not self.waiting:
            self._update_ids = itertools.count(10)

    # --- what the bot asks ---

    async def answer(self, asked: Asked) -> Said:
        _, first, *rest = asked.path.split("/")
        if first == "file":
            return self._file(rest)
        if first != f"bot{TOKEN}":
            return _refused(401, "Unauthorized")
        params, files = _params(asked)
        method = rest[0] if rest else ""
        do = self._methods.get(method)
        if do is None:
            return _refused(404, "Not Found")
        said = await do(self, method, params, files)
        if isinstance(said, Said):
            return said
        self.exchanges.append((method, {**params, **files}, said))
        return Said({"ok": True, "result": said})

    def _file(self, rest: list[str]) -> Said:
        if rest[0] != f"bot{TOKEN}" or rest[-1] not in self.files:
            return _refused(404, "Not Found")
        return Said(body=self.files[rest[-1]])

    async def _me(self, _method: str, _params: Params, _files: Params) -> object:
        return BOT

    async def _updates(self, _method: str, params: Params, _files: Params) -> object:
        if self.webhook:
            return _refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._poller is not None:
            self._poller.set()  # the one that came first is sent away
        mine = self._poller = asyncio.Event()
        try:
            return await self._poll(params, mine)
        finally:
            if self._poller is mine:
                self._poller = None

    async def _poll(self, params: Params, mine: asyncio.Event) -> object:
        offset = int(str(params.get("offset", 0)))
        async with self._news:
            if offset:
                self.waiting = [
                    one for one in self.waiting if int(str(one.update["update_id"])) >= offset
                ]
        ends = asyncio.get_running_loop().time() + float(str(params.get("timeout", 0)))
        while True:
            if mine.is_set():
                return _refused(409, "Conflict: terminated by other getUpdates request")
            found = self._found(params)
            left = ends - asyncio.get_running_loop().time()
            if found or left <= 0:
                return found
            async with self._news:
                try:
                    await asyncio.wait_for(self._news.wait(), min(left, 0.02))
                except TimeoutError:
                    continue

    def _found(self, params: Params) -> list[dict[str, object]]:
        allowed = params.get("allowed_updates")
        wanted = [
            one.update
            for one in self.waiting
            if not isinstance(allowed, list) or set(allowed) & one.update.keys()
        ]
        return wanted[: int(str(params.get("limit", 100)))]

    async def _send(self, method: str, params: Params, files: Params) -> object:
        chat = int(str(params.get("chat_id", 0)))
        if chat in self.migrated:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            return _refused(400, words, migrate_to_chat_id=self.migrated[chat])
        if chat in self.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        if len(str(params.get("text", "x"))) not in range(1, 4097):
            return _refused(400, "Bad Request: message is too long")
        if method == "sendMediaGroup":
            media = params["media"]
            assert isinstance(media, list)
            assert 2 <= len(media) <= 10
            return [self._sent(method, params, chat, files)[0] for _one in media]
        return self._sent(method, params, chat, files)[0]

    def _sent(
        self, method: str, params: Params, chat: int, files: Params
    ) -> tuple[dict[str, object], Sent]:
        message: dict[str, object] = {
            "message_id": next(self._message_ids),
            "from": BOT,
            "date": int(self.now.timestamp()),
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
        }
        if "text" in params:
            message["text"] = params["text"]
        contents = {name: data for name, data in files.items() if isinstance(data, bytes)}
        sent = Sent(method=method, params=dict(params), message=message, files=contents)
        self.sent.append(sent)
        return message, sent

    async def _get_file(self, _method: str, params: Params, _files: Params) -> object:
        name = str(params.get("file_id"))
        if name not in self.files:
            return _refused(400, "Bad Request: invalid file_id")
        if len(self.files[name]) > _MOST_DOWNLOAD:
            return _refused(400, "Bad Request: file is too big")
        return {
            "file_id": name,
            "file_unique_id": f"u{name}",
            "file_size": len(self.files[name]),
            "file_path": f"documents/{name}",
        }

    async def _webhook_info(self, _method: str, _params: Params, _files: Params) -> object:
        return {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self.waiting),
        }

    async def _delete_webhook(self, _method: str, _params: Params, _files: Params) -> object:
        self.webhook = ""
        return True

    async def _edit(self, _method: str, params: Params, _files: Params) -> object:
        self.edited.append(params)
        message = {key: params[key] for key in ("message_id", "text")}
        chat = {"id": params["chat_id"], "type": "private"}
        now = int(self.now.timestamp())
        return {**message, "chat": chat, "date": now, "edit_date": now}

    async def _note(self, method: str, params: Params, _files: Params) -> object:
        noted = {
            "deleteMessages": self.deleted,
            "deleteBusinessMessages": self.deleted,
            "setMessageReaction": self.reacted,
            "readBusinessMessage": self.read,
            "answerCallbackQuery": self.pressed,
        }
        noted[method].append(params)
        return True

    _Method = Callable[["TelegramService", str, Params, Params], Awaitable[object]]
    _methods: Mapping[str, _Method] = {
        "getMe": _me,
        "getUpdates": _updates,
        "getFile": _get_file,
        "getWebhookInfo": _webhook_info,
        "deleteWebhook": _delete_webhook,
        "editMessageText": _edit,
        **dict.fromkeys(
            (
                "sendMessage", "sendPhoto", "sendDocument", "sendVideo", "sendAudio",
                "sendVoice", "sendAnimation", "sendMediaGroup", "sendLocation", "sendVenue",
                "sendContact",
            ),
            _send,
        ),
        **dict.fromkeys(
            (
                "deleteMessages", "deleteBusinessMessages", "setMessageReaction",
                "readBusinessMessage", "answerCallbackQuery",
            ),
            _note,
        ),
    }  # fmt: skip


def _refused(code: int, words: str, **parameters: object) -> Said:
    value: dict[str, object] = {"ok": False, "error_code": code, "description": words}
    if parameters:
        value["parameters"] = parameters
    return Said(value, status=code)


def rate_limited(seconds: int) -> Said:
    """Return how Telegram asks for patience."""
    return _refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def method(name: str) -> Callable[[Asked], bool]:
    """Tell requests for one method."""
    return lambda asked: asked.path.endswith(f"/{name}")


def _params(asked: Asked) -> tuple[dict[str, object], dict[str, object]]:
    if not asked.form:
        return dict(asked.json), {}
    params: dict[str, object] = {}
    files: dict[str, object] = {}
    for name, value in asked.form.items():
        if isinstance(value, str):
            params[name] = _read(value)
        else:
            files[name] = value.file.read()
    return params, files


def _read(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value
