"""The parse worker: a process of its own that turns hostile bytes into `ParsedMessage`.

Holds no password, opens no socket, and may be killed at any moment; see `parsing.ParseWorker`
for the side that starts it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import traceback
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from desktop_inbox.mime.parse import parse_message
from desktop_inbox.store import raw_mails
from desktop_inbox.store.errors import StoreError
from desktop_inbox.store.files import Files
from desktop_inbox.sync import worker_limits
from desktop_inbox.sync.parse_protocol import (
    HEADER,
    Answer,
    FileAnswer,
    FileJob,
    Job,
    Jobs,
    Limits,
    SoundAnswer,
    SoundJob,
    Verdict,
    frame,
)

_HASTE = 2  # messages that came together have a part of the time that one on its own has
_COLLECT_AFTER = 50_000  # new objects; a message makes thousands, and hardly any in a circle
_PIPE_BYTES = 1 << 20  # what an ordinary user may have; answers wait in it while we go on

_Frame = TypeVar("_Frame")
_encode = msgspec.msgpack.Encoder().encode
_limits_decoder = msgspec.msgpack.Decoder(Limits)
_job_decoder: msgspec.msgpack.Decoder[Jobs | FileJob | SoundJob] = msgspec.msgpack.Decoder(
    Jobs | FileJob | SoundJob
)


def main() -> int:
    """Serve jobs from standard input until it ends. Returns the exit status."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a stray print must not end up between two frames
    limits = _read(source, _limits_decoder)
    if limits is None:
        return 0
    worker_limits.step_back()
    gc.set_threshold(_COLLECT_AFTER)
    worker_limits.limit_memory(limits.memory_bytes)
    _widen(source, sink)
    files = Files(Path(limits.files))
    _write(sink, frame(Answer(Verdict.READY)))
    while (job := _read(source, _job_decoder)) is not None:
        in_company = isinstance(job, Jobs) and len(job.jobs) > 1
        worker_limits.limit_time(limits.seconds / (_HASTE if in_company else 1))
        if isinstance(job, FileJob):
            _write(sink, frame(_words(files, job)))
            continue
        if isinstance(job, SoundJob):
            _write(sink, frame(_samples(job)))
            continue
        if not _parse(files, job, sink):
            return 1  # the heap is in pieces; a fresh process is cheaper than doubt
    return 0


def _parse(files: Files, jobs: Jobs, sink: BinaryIO) -> bool:
    """Answer messages that came together; False once one has used up the memory."""
    packed: list[msgspec.Raw] = []
    verdict = Verdict.PARSED
    for job in jobs.jobs:
        verdict, answer = _packed(_answer(files, job))
        packed.append(answer)
        if verdict is Verdict.MEMORY:
            break
    _write(sink, frame(packed))
    return verdict is not Verdict.MEMORY


def _answer(files: Files, job: Job) -> Answer:
    try:
        sha256, packed = raw_mails.keep(files, job.raw) if job.complete else ("", b"")
    except StoreError as error:
        return Answer(Verdict.DISK, detail=error.detail, code=error.code)
    try:
        message = parse_message(job.raw, complete=job.complete)
    except MemoryError:
        return Answer(Verdict.MEMORY, raw_sha256=sha256, raw_packed=packed)
    except Exception:  # noqa: BLE001 - a bug met in one message must not stop those behind it
        return Answer(Verdict.BUG, raw_sha256=sha256, raw_packed=packed, detail=_where())
    return Answer(Verdict.PARSED, message, sha256, raw_packed=packed)


def _words(files: Files, job: FileJob) -> FileAnswer:
    from desktop_inbox.mime.filetext import Unreadable, read_text
    from desktop_inbox.mime.parts import attachment_bytes

    try:
        data = raw_mails.unpack(job.raw_packed) if job.raw_packed else files.read(job.sha256)
        if job.section:
            data = attachment_bytes(data, job.section)
        text = read_text(data, name=job.name, media_type=job.media_type)
    except Unreadable as error:
        return FileAnswer(error.why)
    except (FileNotFoundError, KeyError):
        return FileAnswer("missing")
    except MemoryError:
        return FileAnswer("memory")
    except Exception:  # noqa: BLE001 - a fault met in one file must not be met for ever
        return FileAnswer("broken")
    return FileAnswer("text" if text else "none", text.encode("utf-8", "replace").decode())


def _samples(job: SoundJob) -> SoundAnswer:
    from desktop_inbox.mime.sndfile import LibraryMissing, NotSound
    from desktop_inbox.mime.sound_samples import TooLong, take_apart

    try:
        with Path(job.target).open("xb") if job.target else contextlib.nullcontext() as sink:
            found = take_apart(job.data, sink)
    except NotSound:
        return SoundAnswer("format")
    except LibraryMissing:
        return SoundAnswer("library")
    except TooLong:
        return SoundAnswer("long")
    except MemoryError:
        return SoundAnswer("memory")
    except OSError:
        return SoundAnswer("disk")
    if not found.count:
        return SoundAnswer("empty")
    return SoundAnswer("samples", found.rate, found.count, found.bars)


def _packed(answer: Answer) -> tuple[Verdict, msgspec.Raw]:
    try:
        data = _encode(answer)
    except MemoryError:
        answer = _without_message(answer, Verdict.MEMORY)
        data = _encode(answer)
    except UnicodeEncodeError:  # half a surrogate pair slipped through
        answer = _without_message(answer, Verdict.BUG, detail=_where())
        data = _encode(answer)
    return answer.verdict, msgspec.Raw(data)


def _without_message(answer: Answer, verdict: Verdict, *, detail: str = "") -> Answer:
    return Answer(
        verdict, raw_sha256=answer.raw_sha256, raw_packed=answer.raw_packed, detail=detail
    )


def _where() -> str:
    """Return the place in our code that failed, without the values it failed on."""
    kind, _error, trace = sys.exc_info()
    name = kind.__name__ if kind else ""
    return "".join(traceback.format_tb(trace, limit=-6)) + name


def _read(source: BinaryIO, decoder: msgspec.msgpack.Decoder[_Frame]) -> _Frame | None:
    header = source.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (size,) = HEADER.unpack(header)
    body = source.read(size)
    return decoder.decode(body) if len(body) == size else None


def _write(sink: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[sink.write(view) :]


def _widen(*pipes: BinaryIO) -> None:
    """Let more lie between the two processes, so that neither stops for each message."""
    if sys.platform == "linux":
        import fcntl

        for pipe in pipes:
            with contextlib.suppress(OSError):  # as narrow as it was, then
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


if __name__ == "__main__":
    sys.exit(main())
