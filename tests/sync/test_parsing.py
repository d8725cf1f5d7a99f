"""The parse worker as a real process: order, throughput of many, and bombs that are survived."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from desktop_inbox.connectors.contract import RawMail
from desktop_inbox.store import raw_mails
from desktop_inbox.store.database import StoreError
from desktop_inbox.store.files import Files
from desktop_inbox.sync.batches import parse_all
from desktop_inbox.sync.parsing import ParserUnavailable, ParseWorker
from tests.support.engine_room import eventually
from tests.support.scripted_connector import mail_text, raw_mail

# A worker whose parser has a bug for everybody: what a subject says is what it does.
HOSTILE = """
import os, signal, sys, time
from desktop_inbox.mime import parse
from desktop_inbox.sync import parse_worker
really = parse.parse_message
def obey(raw, **more):
    if b"do: spin" in raw:
        while True: pass
    if b"do: sleep" in raw:
        time.sleep(60)
    if b"do: eat" in raw:
        return bytearray(2_000_000_000)
    if b"do: segfault" in raw:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"do: raise" in raw:
        raise KeyError("a secret of the sender")
    if b"do: babble" in raw:
        os.write(parse_worker_sink, b"\\xff" * 64)
    if b"do: forget" in raw:
        framed = parse_worker.frame
        parse_worker.frame = lambda answers: framed(answers[1:])
    return really(raw, **more)
parse_worker.parse_message = obey
parse_worker_sink = os.dup(1)
sys.exit(parse_worker.main())
"""
HOSTILE_COMMAND = (sys.executable, "-c", HOSTILE)


@asynccontextmanager
async def working(worker: ParseWorker) -> AsyncIterator[ParseWorker]:
    try:
        yield worker
    finally:
        await worker.close()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def mail(number: int, *, body: str = "Hello") -> RawMail:
    return raw_mail(mail_text(message_id=f"{number}@x", body=body), uid=number)


async def test_messages_come_back_parsed_in_order_and_kept_as_they_came(files: Files) -> None:
    large = "Hello " * raw_mails.SMALL_BYTES
    mails = [mail(number, body=large if number % 50 == 0 else "Hello") for number in range(300)]
    async with working(ParseWorker(files)) as worker:
        parsed = await worker.parse(mails)
    assert [one.message.message_id for one in parsed if one.message] == [
        f"{number}@x" for number in range(300)
    ]
    assert all(raw_mails.read(files, one) == one.mail.raw for one in parsed)


async def test_several_accounts_share_one_worker(files: Files) -> None:
    async with working(ParseWorker(files)) as worker:
        answers = await asyncio.gather(
            *(worker.parse([mail(k * 100 + n) for n in range(50)]) for k in range(4))
        )
    for k, parsed in enumerate(answers):
        assert parsed[49].message is not None
        assert parsed[49].message.message_id == f"{k * 100 + 49}@x"


async def test_a_header_block_is_parsed_and_not_kept(files: Files) -> None:
    block = raw_mail("Subject: Hello\nMessage-ID: <a@x>\n\n", uid=1, complete=False)
    async with working(ParseWorker(files)) as worker:
        (parsed,) = await worker.parse([block])
    assert parsed.message is not None
    assert (parsed.message.subject, parsed.raw_sha256) == ("Hello", "")


@pytest.mark.expects_log("cannot be read|answered nonsense|parser failed")
@pytest.mark.parametrize(
    ("deed", "why"),
    [
        ("spin", "time"),
        ("sleep", "time"),
        ("eat", "memory"),
        ("segfault", "crash"),
        ("babble", "crash"),
        ("forget", "crash"),
        ("raise", "bug"),
    ],
)
async def test_one_bomb_is_unreadable_and_the_others_go_on(
    files: Files, deed: str, why: str
) -> None:
    mails = [mail(1), mail(2, body=f"do: {deed}"), *(mail(n) for n in range(3, 30))]
    worker = ParseWorker(files, seconds=0.4, command=HOSTILE_COMMAND)
    async with working(worker):
        parsed = await worker.parse(mails)
        (after,) = await worker.parse([mail(99)])
    bomb = parsed[1]
    assert (bomb.message, bomb.unreadable) == (None, why)
    assert raw_mails.read(files, bomb) == mails[1].raw, "the raw message is kept whatever happens"
    assert all(one.message is not None for one in parsed if one is not bomb)
    assert after.message is not None


@pytest.mark.expects_log("parser failed")
async def test_a_bug_is_logged_without_what_the_sender_wrote(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    async with working(ParseWorker(files, command=HOSTILE_COMMAND)) as worker:
        await worker.parse([mail(1, body="do: raise")])
    assert "KeyError" in caplog.text
    assert "a secret of the sender" not in caplog.text


@pytest.mark.expects_log("cannot be read")
async def test_of_an_unreadable_message_the_headers_are_shown(files: Files) -> None:
    async with working(ParseWorker(files, seconds=0.3, command=HOSTILE_COMMAND)) as worker:
        (parsed,) = await parse_all(worker, [mail(1, body="do: spin")])
    assert parsed.message is not None
    assert (parsed.message.subject, parsed.message.text) == ("A question", "")
    assert parsed.unreadable == "time"


async def test_a_worker_killed_from_outside_costs_no_message(files: Files) -> None:
    async with working(ParseWorker(files)) as worker:
        await worker.parse([mail(1)])
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGKILL)
        parsed = await worker.parse([mail(n) for n in range(2, 40)])
    assert all(one.message is not None for one in parsed)


async def test_a_worker_that_stands_still_once_costs_no_message(files: Files) -> None:
    async with working(ParseWorker(files, seconds=0.3)) as worker:
        await worker.parse([mail(1)])
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGSTOP)  # as a disk that does not answer does
        (parsed,) = await worker.parse([mail(2)])
    assert parsed.message is not None


async def test_a_worker_that_is_told_of_mail_to_come_is_ready_for_it(files: Files) -> None:
    async with working(ParseWorker(files)) as worker:
        worker.warm_up()
        await eventually(lambda: worker._process is not None)
        ready = worker._process
        (parsed,) = await worker.parse([mail(1)])
        assert worker._process is ready
    assert parsed.message is not None


async def test_a_worker_without_work_is_let_go(files: Files) -> None:
    async with working(ParseWorker(files, idle_seconds=0.05)) as worker:
        await worker.parse([mail(1)])
        async with asyncio.timeout(5):
            while worker._process is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        (parsed,) = await worker.parse([mail(2)])
    assert parsed.message is not None


async def test_a_worker_that_cannot_start_blames_no_message(files: Files) -> None:
    async with working(ParseWorker(files, command=(sys.executable, "-c", "pass"))) as worker:
        with pytest.raises(ParserUnavailable):
            await worker.parse([mail(1)])


async def test_a_full_disk_is_not_held_against_the_message(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    async with working(ParseWorker(Files(tmp_path / "files"))) as worker:
        with pytest.raises(StoreError):
            await worker.parse([mail(1, body="Hello " * raw_mails.SMALL_BYTES)])


async def test_a_caller_that_gives_up_leaves_the_worker_usable(files: Files) -> None:
    async with working(ParseWorker(files)) as worker:
        task = asyncio.create_task(worker.parse([mail(n) for n in range(500)]))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        (parsed,) = await worker.parse([mail(1000)])
    assert parsed.message is not None
    assert parsed.message.message_id == "1000@x"


async def test_the_worker_is_given_no_secret(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop_inbox.sync.worker_process import clean_environment

    monkeypatch.setenv("DESKTOP_INBOX_PASSPHRASE", "open sesame")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert "open sesame" not in clean_environment().values()
    assert "AWS_SECRET_ACCESS_KEY" not in clean_environment()


async def test_an_enormous_message_is_read_in_bounds(files: Files) -> None:
    huge = raw_mail(mail_text(message_id="huge@x", body="wide " * 6_000_000), uid=1)
    async with working(ParseWorker(files)) as worker:
        (parsed,) = await worker.parse([huge])
    assert parsed.raw_sha256


@pytest.mark.expects_log("cannot be read")
async def test_a_message_too_large_to_be_taken_in_harms_only_itself(files: Files) -> None:
    mails = [mail(1), raw_mail(b"Subject: x\r\n\r\n" + b"x" * 90_000_000, uid=2), mail(3)]
    async with working(ParseWorker(files, memory_bytes=250 * 2**20)) as worker:
        first, huge, third = await worker.parse(mails)
    assert first.message is not None
    assert third.message is not None
    assert files.has(huge.raw_sha256)
