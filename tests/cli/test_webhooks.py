"""`inspect webhook`: what vendors posted, read without an account, whatever the bytes."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox.connectors import webhooks
from desktop_inbox.store.moments import utc_now
from tests.cli.conftest import Run
from tests.support.corpora import corpus

UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 7,
        "date": 1790000000,
        "text": "Is the blue mug still there?",
        "chat": {"id": 42, "type": "private", "first_name": "Elif"},
        "from": {"id": 42, "is_bot": False, "first_name": "Elif"},
    },
}


def test_a_payload_is_told_in_the_shape_of_the_contract(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "update.json"
    path.write_text(json.dumps(UPDATE))
    (found,) = run("--json", "inspect", "webhook", "telegram", path).lines
    (item,) = found["items"]
    assert (item["type"], item["text"]) == ("Incoming", "Is the blue mug still there?")
    assert (item["author"]["name"], item["at"]) == ("Elif", "2026-09-21T14:13:20Z")


def test_several_payloads_in_one_file_are_all_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "updates.json"
    path.write_text(json.dumps({"first": UPDATE, "rest": [{"body": UPDATE}]}))
    answer = run("inspect", "webhook", "telegram", path)
    assert answer.out.count("Is the blue mug") == 2


def test_every_payload_of_the_collections_is_read(run: Run) -> None:
    files = sorted(corpus("webhooks").rglob("*.json"))
    for kind in webhooks.kinds():
        assert len(run("--json", "inspect", "webhook", kind, *files).lines) == len(files)


def test_what_comes_from_a_vendor_without_a_channel_is_kept_as_it_came(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "event"
    for raw in (b'{"type": "event_callback", "event": {"text": "Hi"}}', b"\xff{", b""):
        path.write_bytes(raw)
        (item,) = run("--json", "inspect", "webhook", "slack", path).json["items"]
        assert (item["type"], base64.b64decode(item["raw"])) == ("Unreadable", raw)
        assert "no channel reads “slack”" in item["why"]
        assert "telegram" in item["why"]


def test_a_file_that_is_no_json_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_bytes(b"\xff{")
    assert run("inspect", "webhook", "telegram", path).status == 1
    path.write_bytes(b"[" * 100_000)
    assert run("inspect", "webhook", "telegram", path).status == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["entry", "update_id", "message", "sid", "body", "changes", "value"]), inner
    ),
    max_leaves=30,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(webhooks.kinds()), value=_JSON)
def test_whatever_is_posted_is_read_without_an_exception(kind: str, value: object) -> None:
    webhooks.read(kind, json.dumps(value).encode(), now=utc_now())


def test_what_is_no_payload_brings_nothing() -> None:
    assert webhooks.read("whatsapp", b'{"hello": ["world"]}', now=utc_now()) == []
