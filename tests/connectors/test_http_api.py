"""What HTTP connectors share: failures in their classes, sizes, and no secret anywhere."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientCause,
    TransientError,
    UncertainDelivery,
)
from desktop_inbox.connectors.http_answers import Answer, by_status, wait_seconds
from desktop_inbox.connectors.http_api import MAX_ANSWER_BYTES, HttpApi, Upload, service_url
from tests.support.http_service import Asked, HttpService, Said, serving
from tests.support.ports import free_ports

TOKEN = "12345:very-secret"


class Echo(HttpService):
    """Answers with what was sent, or with what a test put there."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Asked] = []
        self.said = Said({"fine": True})

    async def answer(self, asked: Asked) -> Said:
        self.taken.append(asked)
        return self.said


@pytest.fixture
async def service() -> AsyncIterator[Echo]:
    async with serving(Echo()) as service:
        yield service


@pytest.fixture
async def api(service: Echo) -> AsyncIterator[HttpApi]:
    def refusal(answer: Answer) -> ConnectorError:
        return by_status(answer, answer.body.decode())

    api = HttpApi(f"{service.url}/bot{TOKEN}", refusal=refusal, secrets=[TOKEN])
    yield api
    await api.close()


def every(_asked: Asked) -> bool:
    return True


class Moment:
    """Notes what the service had taken when the engine was told."""

    def __init__(self, service: Echo) -> None:
        self.service = service
        self.taken: list[int] = []

    async def __call__(self) -> None:
        self.taken.append(len(self.service.taken))


async def test_an_answer_is_read_from_under_the_base_address(service: Echo, api: HttpApi) -> None:
    answer = await api.call("POST", "getMe", content={"a": 1}, query={"q": "ü"})

    assert answer.value() == {"fine": True}
    assert service.asked[0].path == f"/bot{TOKEN}/getMe"
    assert service.asked[0].json == {"a": 1}
    assert service.asked[0].query["q"] == "ü"


async def test_the_engine_is_told_before_the_service_has_all(service: Echo, api: HttpApi) -> None:
    moment = Moment(service)

    await api.call("POST", "send", content={"text": "Hello"}, before_body=moment)

    assert moment.taken == [0]
    assert len(service.taken) == 1


async def test_a_closed_door_is_no_delivery(service: Echo, api: HttpApi) -> None:
    service.refuse()
    moment = Moment(service)

    with pytest.raises(TransientError) as caught:
        await api.call("POST", "send", content={}, before_body=moment)

    assert caught.value.cause is TransientCause.NETWORK
    assert moment.taken == []


async def test_a_file_that_cannot_be_read_to_its_end_is_no_delivery(
    service: Echo, api: HttpApi, tmp_path: Path
) -> None:
    moment = Moment(service)
    upload = Upload(
        field="document", name="a.pdf", media_type="application/pdf", path=tmp_path / "gone"
    )

    with pytest.raises(FileNotFoundError):
        await api.call("POST", "send", files=[upload], before_body=moment)

    assert moment.taken == []


async def test_a_file_that_was_cut_off_half_way_is_no_delivery(tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1_000_000)
        writer.transport.abort()

    large = tmp_path / "large"
    large.write_bytes(b"x" * 30_000_000)
    upload = Upload(field="video", name="large", media_type="video/mp4", path=large)
    told: list[bool] = []

    async def before_body() -> None:
        told.append(True)

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        api = HttpApi(f"http://127.0.0.1:{port}", refusal=lambda answer: by_status(answer, ""))
        with pytest.raises(TransientError):
            await api.call("POST", "send", files=[upload], before_body=before_body)
        await api.close()

    assert told == []


@pytest.mark.parametrize("after", [False, True])
async def test_a_cut_after_all_was_said_is_uncertain(
    service: Echo, api: HttpApi, after: bool
) -> None:
    service.fail(every, after=after)

    with pytest.raises(UncertainDelivery):
        await api.call("POST", "send", content={}, before_body=Moment(service))


async def test_a_gateway_that_lost_the_answer_is_uncertain(service: Echo, api: HttpApi) -> None:
    service.fail(every, Said(status=502))
    with pytest.raises(UncertainDelivery):
        await api.call("POST", "send", content={}, before_body=Moment(service))

    service.fail(every, Said(status=503))
    with pytest.raises(TransientError):
        await api.call("POST", "send", content={}, before_body=Moment(service))


async def test_what_only_asks_is_never_uncertain(service: Echo, api: HttpApi) -> None:
    service.fail(every)

    with pytest.raises(TransientError):
        await api.call("GET", "list")


async def test_a_service_that_asks_for_patience_is_given_the_time(
    service: Echo, api: HttpApi
) -> None:
    service.fail(every, Said(status=429, headers={"Retry-After": "17"}))

    with pytest.raises(RateLimited) as caught:
        await api.call("GET", "list", step="look")

    assert caught.value.retry_after_seconds == 17
    assert caught.value.step == "look"


async def test_an_answer_without_end_is_not_taken(service: Echo, api: HttpApi) -> None:
    service.said = Said(body=b" " * (MAX_ANSWER_BYTES + 1))

    with pytest.raises(TransientError, match="no end"):
        await api.call("GET", "list")


async def test_no_error_and_no_log_has_a_secret(
    service: Echo, api: HttpApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.fail(every, Said(status=400, body=f"no bot {TOKEN}".encode()))
    with pytest.raises(PermanentError) as caught:
        await api.call("GET", "list")
    service.refuse()
    with pytest.raises(TransientError) as offline:
        await api.call("GET", "list")

    assert caught.value.detail == str(caught.value) == "no bot …"
    assert TOKEN not in str(offline.value)
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(api)


async def test_a_download_is_written_and_capped(
    service: Echo, api: HttpApi, tmp_path: Path
) -> None:
    service.said = Said(body=b"x" * 1000)
    target = tmp_path / "file"

    await api.download("file/1", target, max_bytes=1000)
    assert target.read_bytes() == b"x" * 1000

    with pytest.raises(PermanentError) as caught:
        await api.download("file/1", target, max_bytes=999)
    assert caught.value.reason is PermanentReason.TOO_LARGE
    assert not target.exists()


async def test_a_download_that_is_gone_says_so(service: Echo, api: HttpApi, tmp_path: Path) -> None:
    service.said = Said(status=404)

    with pytest.raises(PermanentError) as caught:
        await api.download("file/1", tmp_path / "file", max_bytes=10)

    assert caught.value.reason is PermanentReason.MEDIA


async def test_a_download_sent_elsewhere_takes_no_secret_along(
    service: Echo, tmp_path: Path
) -> None:
    async with serving(Echo()) as other:
        service.said = Said(status=302, headers={"Location": f"{other.url}/cdn"}, body=b"")
        api = HttpApi(
            service.url, refusal=lambda answer: by_status(answer, ""), auth=("SK1", "secret")
        )
        # Plain http to anybody but the service itself is refused, also on this machine.
        with pytest.raises(PermanentError, match="without encryption"):
            await api.download("file", tmp_path / "file", max_bytes=10)
        await api.close()

        assert service.asked[0].headers["Authorization"].startswith("Basic ")
        assert other.asked == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("5", 5.0),
        ("0", 1.0),
        ("nonsense", 30.0),
        ("nan", 30.0),
        ("-7", 1.0),
        ("1e9", 86400.0),
        ("Sun, 22 Nov 2026 10:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 1.0),
    ],
)
def test_how_long_to_wait_is_read_within_reason(said: str, seconds: float) -> None:
    now = datetime(2026, 11, 22, 10, tzinfo=UTC)

    assert wait_seconds({"retry-after": said}, now=now) == seconds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, PermanentError),
        (401, AuthError),
        (404, PermanentError),
        (408, TransientError),
        (413, PermanentError),
        (429, RateLimited),
        (302, TransientError),
        (500, TransientError),
        (503, TransientError),
    ],
)
def test_a_status_has_one_meaning(status: int, kind: type[ConnectorError]) -> None:
    assert isinstance(by_status(Answer(status=status), "words"), kind)


def test_a_service_is_elsewhere_only_on_this_machine() -> None:
    usual = "https://api.example.com"

    assert service_url("", usual) == usual
    assert service_url(None, usual) == usual
    assert service_url("http://127.0.0.1:8080/", usual) == "http://127.0.0.1:8080"
    for elsewhere in ("https://evil.example", "http://127.0.0.1.evil.example", "file:///etc", 7):
        with pytest.raises(PermanentError):
            service_url(elsewhere, usual)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])  # of several addresses, and of one
async def test_why_nobody_is_reached_is_said_in_words(host: str) -> None:
    (port,) = free_ports(1)
    api = HttpApi(f"http://{host}:{port}", refusal=lambda answer: by_status(answer, ""))
    with pytest.raises(TransientError) as failed:
        await api.call("GET", "me")
    await api.close()
    assert failed.value.detail == f"{host}: {os.strerror(errno.ECONNREFUSED)}"
    assert failed.value.cause is TransientCause.NETWORK
