"""An announcement of a new version is believed only where its signature and its number hold."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_inbox.domain import releases
from desktop_inbox.domain.releases import Known, Manifest, ManifestRefused, Refusal
from desktop_inbox.services.updates import verify
from tests.support.releases import (
    MAKER,
    NEXT,
    NOW,
    STRANGER,
    announcement,
    download,
    payload,
    public,
    sealed,
    tampered,
)


def accept(envelope: bytes, known: Known | None = None, **changed: Any) -> tuple[Manifest, Known]:
    options: dict[str, Any] = {"built_in": (public(MAKER),), "now": NOW, "verify": verify}
    return releases.accept(envelope, known=known or Known(), **(options | changed))


def refusal(envelope: bytes, known: Known | None = None, **changed: Any) -> Refusal:
    with pytest.raises(ManifestRefused) as refused:
        accept(envelope, known, **changed)
    return refused.value.reason


def test_what_its_makers_signed_is_believed() -> None:
    manifest, known = accept(announcement())
    assert (manifest.version, manifest.serial, known.serial) == ("9.0.0", 7, 7)
    assert manifest.is_newer_than("0.1.0")
    assert not manifest.is_newer_than("9.0.0")
    assert manifest.notes_in("tr") == ("Daha hızlı.",)
    assert manifest.notes_in("de") == ("It is faster.",)
    found = manifest.download_for("linux-x86_64", "deb")
    assert found is not None
    assert found.name == "desktop-inbox_9.0.0_amd64.deb"


def test_the_same_announcement_is_believed_day_after_day() -> None:
    _manifest, known = accept(announcement())
    assert accept(announcement(), known)[1] == known


# The attacks


def test_an_older_announcement_played_again_is_refused() -> None:
    _manifest, known = accept(announcement(serial=8))
    assert refusal(announcement(serial=7), known) is Refusal.OLDER


def test_an_announcement_without_a_signature_is_refused() -> None:
    nothing: tuple[object, ...] = ([], None, "", {})
    for none in nothing:
        assert refusal(tampered(announcement(), signatures=none)) is Refusal.UNSIGNED


def test_an_announcement_cut_short_is_refused_wherever_it_is_cut() -> None:
    whole = announcement().rstrip()
    for end in range(0, len(whole), 7):
        assert refusal(whole[:end]) is Refusal.UNREADABLE


def test_an_announcement_that_was_changed_is_refused() -> None:
    other = base64.b64encode(payload(version="9.0.1")).decode()
    assert refusal(tampered(announcement(), manifest=other)) is Refusal.ALTERED


def test_a_payload_cut_short_within_a_whole_envelope_is_refused() -> None:
    cut = base64.b64encode(payload()[:-9]).decode()
    assert refusal(tampered(announcement(), manifest=cut)) is Refusal.ALTERED


def test_another_announcement_under_the_same_number_is_refused() -> None:
    _manifest, known = accept(announcement())
    assert refusal(announcement(version="9.0.1"), known) is Refusal.SWAPPED


def test_an_announcement_signed_by_a_stranger_is_refused() -> None:
    assert refusal(announcement(STRANGER)) is Refusal.STRANGER


def test_a_strangers_signature_under_our_name_is_refused() -> None:
    content = payload()
    forged = releases.seal(content, {public(MAKER): STRANGER.sign(releases.signed_bytes(content))})
    assert refusal(forged) is Refusal.ALTERED


def test_a_signature_made_for_something_else_does_not_hold() -> None:
    content = payload()
    assert refusal(releases.seal(content, {public(MAKER): MAKER.sign(content)})) is Refusal.ALTERED


def test_an_announcement_held_back_until_it_is_stale_is_refused() -> None:
    assert refusal(announcement(), now=NOW + timedelta(days=90)) is Refusal.EXPIRED


def test_an_announcement_from_the_future_is_refused() -> None:
    early = announcement(released=(NOW + timedelta(days=3)).isoformat())
    assert refusal(early) is Refusal.FUTURE


def test_an_announcement_of_another_program_is_refused() -> None:
    assert refusal(announcement(product="desktop-outbox")) is Refusal.UNREADABLE


def test_a_huge_announcement_is_not_even_looked_at() -> None:
    huge = announcement() + b" " * releases.MAX_BYTES
    assert refusal(huge) is Refusal.UNREADABLE


def test_a_format_of_a_later_program_is_told_from_damage() -> None:
    assert refusal(tampered(announcement(), format=2)) is Refusal.FORMAT
    assert refusal(announcement(format=2)) is Refusal.FORMAT


def test_a_file_for_another_computer_is_never_offered() -> None:
    manifest, _known = accept(announcement(downloads=[download(platform="windows-x86_64")]))
    assert manifest.download_for("linux-x86_64", "deb") is None
    assert manifest.download_for("windows-x86_64", "exe") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://updates.shop.com/a.deb"},
        {"url": "https://user@updates.shop.com/a.deb"},
        {"url": "file:///etc/passwd"},
        {"name": "../a.deb"},
        {"name": "a/b.deb"},
        {"name": ".profile"},
        {"name": "a.deb\n"},
        {"sha256": "0" * 63},
        {"sha256": "G" * 64},
        {"size": 0},
        {"size": -1},
        {"size": 2**40},
        {"size": 10.5},
        {"size": True},
    ],
)
def test_a_file_that_could_do_harm_is_refused_even_when_signed(wrong: dict[str, object]) -> None:
    assert refusal(announcement(downloads=[download(**wrong)])) is Refusal.UNREADABLE


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "9"},
        {"version": "9.0.0; rm"},
        {"serial": 0},
        {"serial": "7"},
        {"released": "yesterday"},
        {"expires": "2027-01-01T00:00:00"},
        {"notes": {"en": "one text"}},
        {"notes": {"en": ["x" * 1001]}},
        {"downloads": None},
        {"downloads": [download(), download()]},
        {"page": "javascript:alert(1)"},
        {"next_keys": ["short"]},
        {"next_keys": "x"},
    ],
)
def test_nonsense_is_refused_even_when_signed(wrong: dict[str, object]) -> None:
    assert refusal(announcement(**wrong)) is Refusal.UNREADABLE


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_from_outside_break_the_reader(raw: bytes) -> None:
    with pytest.raises(ManifestRefused):
        accept(raw)
    with pytest.raises(ManifestRefused):
        accept(sealed(raw, MAKER))


def test_deep_nesting_is_damage_and_no_crash() -> None:
    assert refusal(b"[" * 100_000) is Refusal.UNREADABLE


# New keys


def test_a_known_key_introduces_the_next_one() -> None:
    assert refusal(announcement(NEXT, serial=8)) is Refusal.STRANGER
    _manifest, known = accept(announcement(MAKER, next_keys=[public(NEXT)]))
    manifest, _known = accept(announcement(NEXT, serial=8), known)
    assert manifest.serial == 8


def test_a_stranger_introduces_nobody() -> None:
    assert refusal(announcement(STRANGER, next_keys=[public(STRANGER)])) is Refusal.STRANGER


def test_a_withdrawn_key_signs_nothing_any_more_even_if_it_is_built_in() -> None:
    _manifest, known = accept(announcement(next_keys=[public(NEXT)]))
    _manifest, known = accept(announcement(NEXT, serial=8, withdrawn_keys=[public(MAKER)]), known)
    assert refusal(announcement(MAKER, serial=9), known) is Refusal.STRANGER
    assert accept(announcement(NEXT, serial=9), known)[0].serial == 9


def test_a_withdrawn_key_is_not_introduced_again() -> None:
    known = Known(withdrawn=frozenset({public(NEXT)}))
    _manifest, known = accept(announcement(next_keys=[public(NEXT)]), known)
    assert refusal(announcement(NEXT, serial=8), known) is Refusal.STRANGER


def test_a_program_that_missed_the_change_follows_where_both_keys_sign() -> None:
    assert accept(announcement(NEXT, MAKER, serial=9))[0].serial == 9


def test_what_is_refused_teaches_nothing() -> None:
    known = replace(Known(), serial=3)
    with pytest.raises(ManifestRefused):
        accept(announcement(serial=2, next_keys=[public(NEXT)]), known)
    assert refusal(announcement(NEXT, serial=8), known) is Refusal.STRANGER


# When, and in which order


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("0.9.9", "0.10.0"),
        ("1.0.0-rc.2", "1.0.0"),
        ("1.0.0-rc.2", "1.0.0-rc.10"),
        ("1.9.0", "2.0.0"),
    ],
)
def test_versions_are_compared_as_numbers(earlier: str, later: str) -> None:
    assert releases.order(earlier) < releases.order(later)


def test_it_is_looked_for_once_a_day_and_after_the_clock_was_put_back() -> None:
    due: Callable[..., bool] = releases.is_due
    assert due(None, now=NOW)
    assert not due(NOW - timedelta(hours=23), now=NOW)
    assert due(NOW - timedelta(hours=24), now=NOW)
    assert due(NOW + timedelta(days=30), now=NOW)


def test_an_envelope_is_text_that_can_be_read() -> None:
    assert set(json.loads(announcement())) == {"format", "manifest", "signatures"}
