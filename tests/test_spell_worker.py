"""The process that looks words up: English and Turkish, one line for each question."""

from __future__ import annotations

import json
import subprocess
import sys

from desktop_inbox import spell_worker
from desktop_inbox.paths import resources


def _asked(*questions: dict[str, object]) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_inbox", "spell-worker"],
        input="".join(json.dumps(one) + "\n" for one in questions),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_there_are_dictionaries_of_english_and_turkish() -> None:
    shipped = {one.parent.name for one in (resources() / "dictionaries").glob("*/*.dic")}
    assert set(spell_worker.LANGUAGES) == shipped == {"en", "tr"}


def test_misspelt_words_are_told_and_what_may_have_been_meant() -> None:
    english, turkish, meant = _asked(
        {"language": "en", "words": ["hello", "recieve", "well-known", "\ud800"]},
        {"language": "tr", "words": ["kargonuz", "siparişinizi", "İstanbul'a", "gelcek"]},
        {"language": "tr", "like": "yanlız"},
    )
    assert english["wrong"] == ["recieve"]
    assert turkish["wrong"] == ["gelcek"]
    assert "yalnız" in meant["meant"]  # type: ignore[operator]
