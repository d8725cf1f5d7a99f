"""The engine's side of the parse worker: messages go in, parsed ones come out, bombs are survived.

Lives on the engine loop; the parsing itself runs in a process of its own (see `parse_worker`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from desktop_inbox.connectors.contract import RawMail
from desktop_inbox.domain.messages import ParsedMessage
from desktop_inbox.store import raw_mails
from desktop_inbox.store.errors import (
    DatabaseReadOnly,
    DatabaseUnavailable,
    DiskFull,
    StoreError,
)
from desktop_inbox.store.files import Files
from desktop_inbox.sync import worker_process
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.parse_protocol import Answer, Job, Jobs, Limits, Verdict, frame
from desktop_inbox.sync.worker_process import ParserUnavailable as ParserUnavailable
from desktop_inbox.sync.worker_process import WorkerLost, read_frame, worker_command

log = logging.getLogger(__name__)

MESSAGE_SECONDS = 2.0  # of processor time for one message
MEMORY_BYTES = 500 * 1024 * 1024
_PATIENCE = 3.0  # wall-clock time is this many times the processor time: the machine may be busy
_WINDOW_BYTES = 4 * 1024 * 1024  # sent ahead of the answers, so that the worker never waits
_WINDOW_MESSAGES = 64
_GROUP_BYTES = 256 * 1024  # of messages that travel together; a larger one travels alone
_GROUP_MESSAGES = 16
_IDLE_SECONDS = 60.0  # then the process is let go, and its memory with it
_MOST_LOSSES = 2  # a message that cost two workers is not given a third
# One worker lost like this may be the machine's fault: its disk stood still, or it slept.
_TRIED_AGAIN = frozenset({"crash", "silence"})

_answers_decoder = msgspec.msgpack.Decoder(list[Answer])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One mail with what the worker made of it."""

    mail: RawMail
    message: ParsedMessage | None  # None where it could not be read
    raw_sha256: str  # what it is kept under; '' for a header block
    raw_packed: bytes = b""  # itself, where it is small; see store.raw_mails
    unreadable: str = ""  # "", or why: "time", "memory", "crash" or "bug"


@dataclass(slots=True, eq=False)
class _Request:
    """Mails that somebody waits for together."""

    done: asyncio.Future[None]
    missing: int  # of their answers


@dataclass(slots=True, eq=False)
class _Job:
    mail: RawMail
    request: _Request
    parsed: Parsed | None = None
    losses: int = 0  # of workers that had nothing else to do
    alone: bool = False  # it was among those that ended a worker: which of them it was must show

    @property
    def is_wanted(self) -> bool:
        return not self.request.done.done()

    def settle(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.request.missing -= 1
        if not self.request.missing and self.is_wanted:
            self.request.done.set_result(None)

    def fail(self, error: BaseException) -> None:
        if self.is_wanted:
            self.request.done.set_exception(error)


class ParseWorker:
    """Starts, feeds and restarts the worker process. One serves every account of an engine."""

    def __init__(
        self,
        files: Files,
        *,
        seconds: float = MESSAGE_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        idle_seconds: float = _IDLE_SECONDS,
        command: Sequence[str] = (),
    ) -> None:
        self._files = files
        self._limits = Limits(str(files.root), seconds, memory_bytes)
        self._idle_seconds = idle_seconds
        self._command = tuple(command) or worker_command()
        self._waiting: deque[_Job] = deque()
        self._in_flight: deque[list[_Job]] = deque()  # as they travel together
        self._process: asyncio.subprocess.Process | None = None
        self._serving: asyncio.Task[None] | None = None
        self._news = asyncio.Event()  # of work, or that some is about to come

    async def parse(self, mails: Sequence[RawMail]) -> list[Parsed]:
        """Return what each mail holds, in order; large ones are kept as files first.

        What is in a mail never makes this fail: one that cannot be read says why, the others go on.

        Raises:
            ParserUnavailable: the worker process cannot be started.
            StoreError: a raw message could not be written to the workspace's files.
        """
        if not mails:
            return []
        request = _Request(asyncio.get_running_loop().create_future(), len(mails))
        jobs = [_Job(mail, request) for mail in mails]
        self._waiting.extend(jobs)
        self._news.set()
        self._keep_serving()
        await request.done
        return [job.parsed for job in jobs if job.parsed is not None]

    def warm_up(self) -> None:
        """Have the process started, for mail that is about to come."""
        self._news.set()
        self._keep_serving()

    async def close(self) -> None:
        """End the process. What is still being parsed is cancelled."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])
        await self._end_process()

    def _keep_serving(self) -> None:
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve(), name="parse-worker")
            self._serving.add_done_callback(self._abandon_jobs)

    async def _serve(self) -> None:
        while True:
            if not self._waiting and not self._in_flight:
                await self._wait_for_news()
            self._news.clear()
            try:
                await self._exchange()
            except WorkerLost as lost:
                await self._recover(lost.why)

    def _abandon_jobs(self, serving: asyncio.Task[None]) -> None:
        failure = None if serving.cancelled() else serving.exception()
        self._take_back()
        for job in self._waiting:
            job.fail(failure) if failure else job.request.done.cancel()
        self._waiting.clear()

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(self._idle_seconds):
                await self._news.wait()
        except TimeoutError:
            await self._end_process()
            await self._news.wait()

    async def _exchange(self) -> None:
        """Feed the worker and take its answers until it has nothing left to do."""
        process = self._process or await self._start_process()
        try:
            exhausted = await self._talk(process)
        except TimeoutError:
            raise WorkerLost("silence") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerLost(await worker_process.why_it_ended(process)) from None
        except msgspec.DecodeError as error:
            log.warning("the parse worker answered nonsense: %s", error)
            raise WorkerLost("crash") from None
        if exhausted:
            self._take_back()
            await self._end_process()

    async def _talk(self, process: asyncio.subprocess.Process) -> bool:
        """Return once all is answered, or True once the worker has used up its memory."""
        loop = asyncio.get_running_loop()
        patience = self._limits.seconds * _PATIENCE
        async with asyncio.timeout(patience) as silence:
            while True:
                self._fill_window(process)
                if not self._in_flight:
                    return False  # all is done, or whoever asked has gone
                answers = _answers_decoder.decode(await read_frame(process))
                silence.reschedule(loop.time() + patience)
                if self._settle_group(answers) is Verdict.MEMORY:
                    return True

    def _fill_window(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        jobs = [job for group in self._in_flight for job in group]
        messages, size = len(jobs), sum(len(job.mail.raw) for job in jobs)
        while messages < _WINDOW_MESSAGES and size < _WINDOW_BYTES and (group := self._group()):
            self._in_flight.append(group)
            messages += len(group)
            size += sum(len(job.mail.raw) for job in group)
            # No drain: the window bounds what lies in the pipe's buffer, and waiting here while
            # the worker waits for its answers to be read would stop both for good.
            process.stdin.write(
                frame(Jobs(tuple(Job(job.mail.raw, job.mail.complete) for job in group)))
            )

    def _group(self) -> list[_Job]:
        """Return the next messages to travel together, none where none waits."""
        group: list[_Job] = []
        size = 0
        while self._waiting and len(group) < _GROUP_MESSAGES:
            job = self._waiting[0]
            size += len(job.mail.raw)
            if group and (size > _GROUP_BYTES or job.alone or group[0].alone):
                break
            self._waiting.popleft()
            if job.is_wanted:
                group.append(job)
        return group

    async def _recover(self, why: str) -> None:
        await self._end_process()
        suspects = self._in_flight.popleft()
        self._take_back()
        if len(suspects) > 1:
            for job in suspects:
                job.alone = True
            self._waiting.extendleft(reversed(suspects))
            return
        (suspect,) = suspects
        suspect.losses += 1
        if why in _TRIED_AGAIN and suspect.losses < _MOST_LOSSES:
            self._waiting.appendleft(suspect)
            return
        log.warning("a message of %d bytes cannot be read: %s", len(suspect.mail.raw), why)
        await self._settle_unreadable(suspect, "time" if why == "silence" else why)

    def _take_back(self) -> None:
        for group in reversed(self._in_flight):
            self._waiting.extendleft(reversed(group))
        self._in_flight.clear()

    def _settle_group(self, answers: Sequence[Answer]) -> Verdict:
        """Take the answers to the group that left first; return the last verdict."""
        group = self._in_flight[0]
        last = answers[-1].verdict if answers else Verdict.BUG
        if len(answers) > len(group) or (len(answers) < len(group) and last is not Verdict.MEMORY):
            raise msgspec.DecodeError(f"{len(answers)} answers for {len(group)} messages")
        self._in_flight.popleft()
        for job, answer in zip(group, answers, strict=False):
            self._settle(job, answer)
        self._waiting.extendleft(reversed(group[len(answers) :]))
        return last

    def _settle(self, job: _Job, answer: Answer) -> None:
        if not job.is_wanted:
            return
        if answer.verdict is Verdict.DISK:
            job.fail(self._disk_error(answer))
            return
        if answer.verdict is Verdict.BUG:
            log.error("the parser failed on one message:\n%s", answer.detail)
        readable = answer.verdict is Verdict.PARSED
        job.settle(
            Parsed(
                mail=job.mail,
                message=answer.message,
                raw_sha256=answer.raw_sha256,
                raw_packed=answer.raw_packed,
                unreadable="" if readable else answer.verdict.value,
            )
        )

    async def _settle_unreadable(self, job: _Job, why: str) -> None:
        if not job.is_wanted:
            return
        sha256, packed = "", b""
        try:
            if job.mail.complete:
                sha256, packed = await aside(raw_mails.keep, self._files, job.mail.raw)
        except StoreError as error:
            job.fail(error)
            return
        job.settle(
            Parsed(
                mail=job.mail,
                message=None,
                raw_sha256=sha256,
                raw_packed=packed,
                unreadable=why,
            )
        )

    def _disk_error(self, answer: Answer) -> StoreError:
        kinds = (DiskFull, DatabaseReadOnly)
        kind = next((kind for kind in kinds if kind.code == answer.code), DatabaseUnavailable)
        return kind(self._files.root, answer.detail)

    async def _start_process(self) -> asyncio.subprocess.Process:
        self._process = await worker_process.start(self._limits, self._command)
        return self._process

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await worker_process.end(process)
