"""Asks the spelling process about words, and remembers what it said. UI thread only.

The process starts with the first question and ends with this object. Where it cannot be started,
every word counts as right: a letter can be written without it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from desktop_inbox.paths import own_program
from desktop_inbox.settings import Settings

log = logging.getLogger(__name__)

_MOST_KNOWN = 20_000  # words whose verdict is kept
_MOST_STARTS = 3
_AT_ONCE = 200  # words of one question


class Speller(QObject):
    """One for all editors of the program."""

    learned = Signal(str)  # a language of which more words are known now

    def __init__(
        self, settings: Settings, parent: QObject | None = None, *, command: Sequence[str] = ()
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._command = list(command or own_program("spell-worker", worker=True))
        self._verdicts: dict[tuple[str, str], bool] = {}  # whether it is right
        self._asking: set[tuple[str, str]] = set()
        self._wanted: dict[str, dict[str, None]] = {}  # words by language, in order
        self._meant: dict[tuple[str, str], list[Callable[[list[str]], object]]] = {}
        self._process: QProcess | None = None
        self._starts = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)
        settings.subscribe(self._on_setting)

    def wrong(self, language: str, words: Iterable[str]) -> set[str]:
        """Return those that are known to be wrong; the others are asked for and told later."""
        own = {str(word).casefold() for word in self._settings.spelling_words}
        found = set()
        for word in words:
            verdict = self._verdicts.get((language, word))
            if verdict is None:
                self._want(language, word)
            elif not verdict and word.casefold() not in own:
                found.add(word)
        return found

    def suggest(self, language: str, word: str, then: Callable[[list[str]], object]) -> None:
        """Call `then` with what may have been meant, once that is known."""
        waiting = self._meant.setdefault((language, word), [])
        waiting.append(then)
        if len(waiting) == 1 and not self._send({"language": language, "like": word}):
            self._tell(language, word, [])

    def accept(self, word: str) -> None:
        """Take a word for right from now on, in every language."""
        own = [str(one) for one in self._settings.spelling_words]
        if word not in own:
            self._settings.spelling_words = [*own, word]

    def stop(self) -> None:
        """End the process. Idempotent."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_end)
            process.closeWriteChannel()
            if not process.waitForFinished(500):
                process.kill()
                process.waitForFinished(500)

    def _on_setting(self, name: str) -> None:
        if name in ("spelling", "spelling_words"):
            self.learned.emit("")

    # --- the process ---

    def _want(self, language: str, word: str) -> None:
        if (language, word) not in self._asking:
            self._wanted.setdefault(language, {})[word] = None
            self._soon.start()

    def _ask(self) -> None:
        wanted, self._wanted = self._wanted, {}
        for language, words in wanted.items():
            every = list(words)
            for start in range(0, len(every), _AT_ONCE):
                some = every[start : start + _AT_ONCE]
                if self._send({"language": language, "words": some}):
                    self._asking.update((language, word) for word in some)

    def _send(self, question: dict[str, object]) -> bool:
        process = self._running()
        if process is None:
            return False
        process.write(json.dumps(question).encode("ascii") + b"\n")
        return True

    def _running(self) -> QProcess | None:
        if self._process is None and self._starts < _MOST_STARTS:
            self._starts += 1
            process = QProcess(self)
            process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
            process.readyReadStandardOutput.connect(self._read)
            process.finished.connect(self._on_end)
            process.errorOccurred.connect(self._on_error)
            process.start(self._command[0], self._command[1:])
            self._process = process
        return self._process

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._starts = _MOST_STARTS  # it will not start the next time either
            self._on_end()

    def _on_end(self) -> None:
        log.info("the spelling process has ended")
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        self._asking.clear()
        for language, word in list(self._meant):
            self._tell(language, word, [])

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            line = bytes(self._process.readLine().data())
            self._take(json.loads(line))

    def _take(self, answer: dict[str, Any]) -> None:
        language = str(answer["language"])
        if "like" in answer:
            self._tell(language, str(answer["like"]), [str(one) for one in answer["meant"]])
            return
        wrong = set(answer["wrong"])
        if len(self._verdicts) > _MOST_KNOWN:
            self._verdicts.clear()
        for word in answer["words"]:
            self._verdicts[language, word] = word not in wrong
            self._asking.discard((language, word))
        self.learned.emit(language)

    def _tell(self, language: str, word: str, meant: list[str]) -> None:
        for then in self._meant.pop((language, word), ()):
            then(meant)
