"""The first sync of a mailbox, beside a bare drain of it, and mbsync followed by notmuch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import anchors, program, running_engine
from bench.figures import Figure, Line, Missing, interleaved, median
from bench.options import Options
from bench.servers import filled_mailbox

_TOLD = "fetched, parsed, threaded, stored, searchable"


@dataclass(slots=True)
class _Bench:
    """What the rounds leave behind, each in a folder of its own.

    Nothing is removed before the end: ext4 makes files many times slower for minutes after tens of
    thousands were deleted, and whoever comes next would pay for it.
    """

    folder: Path
    mailbox: anchors.Mailbox
    peak_mb: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    awake: list[float] = field(default_factory=list)
    mbsync_again: list[float] = field(default_factory=list)
    stored: int = 0
    disk_mb: float = 0.0

    def ours(self) -> float:
        """A first sync into an empty folder, then one with nothing new."""
        data_dir = self._new("ours")
        program.add_account(data_dir, self.mailbox)
        first = program.run(data_dir, "sync", "--once", "--timeout", "1800")
        self.again.append(program.run(data_dir, "sync", "--once").seconds)
        self.awake += running_engine.resyncs(data_dir)
        self.peak_mb.append(first.peak_mb)
        [account] = first.answer["accounts"]
        self.stored = account["stored"]
        files = [path for path in data_dir.rglob("*") if path.is_file()]
        self.disk_mb = sum(path.stat().st_size for path in files) / 1e6
        return first.seconds

    def mbsync_and_notmuch(self) -> float:
        """The same mail as a Maildir with an index, then mbsync with nothing new."""
        folder = self._new("mbsync") / "mail"  # what both remember lies beside it
        fetched = anchors.mbsync(self.mailbox, folder)
        indexed = anchors.notmuch_new(folder)
        self.mbsync_again.append(anchors.mbsync(self.mailbox, folder))
        return fetched + indexed

    def drain(self) -> float:
        """Every byte received and thrown away."""
        return anchors.drain(self.mailbox)

    def _new(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))


def measure(options: Options) -> Iterator[Line]:
    """Fill a Dovecot, then fetch everything from it in turns."""
    if not anchors.have("dovecot"):
        yield Missing(what="first sync", why="Dovecot is not installed")
        return
    with (
        filled_mailbox(options.messages, seed=options.seed) as mailbox,
        tempfile.TemporaryDirectory(prefix="bench-sync-") as folder,
    ):
        bench = _Bench(Path(folder), mailbox)
        bench.drain()  # Dovecot reads every file once and writes its own index
        candidates = {"ours": bench.ours, "drain": bench.drain}
        if anchors.have("mbsync", "notmuch"):
            candidates["notmuch"] = bench.mbsync_and_notmuch
        times = interleaved(options.rounds, candidates)
        yield from _figures(options, bench, times)


def _figures(options: Options, bench: _Bench, times: dict[str, list[float]]) -> Iterator[Line]:
    what = f"first sync of {options.messages:,}"
    ours = median(times["ours"])
    note = f"{_TOLD}; {bench.stored:,} stored"
    if "notmuch" in times:
        yield Figure(
            what=what,
            value=ours,
            unit="s",
            anchor="mbsync, notmuch new",
            anchor_value=median(times["notmuch"]),
            reach=0.15,
            note=note,
        )
    else:
        yield Missing(what=f"{what} beside mbsync", why="isync or notmuch is not installed")
    yield Figure(
        what=what,
        value=ours,
        unit="s",
        anchor="bare drain over TLS",
        anchor_value=median(times["drain"]),
        reach=5.0,
    )
    if bench.mbsync_again:
        for what, seconds in (
            ("sync with nothing new, the engine running", bench.awake),
            ("sync with nothing new, started for it", bench.again),
        ):
            yield Figure(
                what=what,
                value=median(seconds),
                unit="s",
                anchor="mbsync, nothing new",
                anchor_value=median(bench.mbsync_again),
                reach=0.5,
            )
    yield Figure(
        what="memory of engine and parse worker, at most",
        value=max(bench.peak_mb),
        unit="MB",
        reach=250.0,
    )
    yield Figure(what="disk, mail and index", value=bench.disk_mb, unit="MB", reach=480.0)
