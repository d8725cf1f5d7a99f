"""How far talks were read, and where files lie, is read as it was written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_inbox.connectors.chat import RemoteFile
from desktop_inbox.connectors.meta.cursor import Brought, State, read_state, written
from desktop_inbox.connectors.meta.messaging import read_reference, written_reference

_MOMENTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_BROUGHT = st.builds(
    Brought, names=st.frozensets(st.text("0af", min_size=1)), changed=st.text("-:0T", max_size=9)
)
_STATES = st.builds(
    State,
    since=st.none() | _MOMENTS,
    top=st.none() | _MOMENTS,
    page=st.text("abc=", max_size=5),
    brought=st.dictionaries(st.text("t_19", min_size=1), _BROUGHT, max_size=3),
)


@settings(max_examples=40)
@given(_STATES)
def test_a_cursor_is_read_as_it_was_written(state: State) -> None:
    assert read_state(json.loads(json.dumps(written(state)))) == state


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["since", "top", "page", "brought", "t_1", "names"]), inner
            )
        ),
        max_leaves=6,
    )
)
def test_a_cursor_without_sense_begins_anew(cursor: object) -> None:
    assert isinstance(read_state(cursor), State)


def test_a_cursor_does_not_grow_for_ever() -> None:
    state = State()
    for number in range(500):
        state = state.looked(f"t_{number}", Brought(names=frozenset({"a"})))

    assert len(state.brought) == 200
    assert "t_499" in state.brought


@given(message=st.text(), number=st.integers(0, 999), url=st.text(min_size=1))
def test_where_a_file_lies_is_read_as_it_was_written(message: str, number: int, url: str) -> None:
    written_down = written_reference(message, number, url)
    if message and " " not in message:
        assert read_reference(written_down) == (message, number, url)
    assert read_reference(url)  # as it comes with a webhook


def test_a_file_is_told_with_what_finds_it_again() -> None:
    file = RemoteFile(reference=written_reference("m_1", 2, "https://cdn.example/a b"))

    assert read_reference(file.reference) == ("m_1", 2, "https://cdn.example/a b")
