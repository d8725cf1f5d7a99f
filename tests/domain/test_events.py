from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.events import Event, FieldChange, effective, inverse, undo
from desktop_inbox.domain.uid import found_uid, new_uid

START = datetime(2026, 3, 2, tzinfo=UTC)
moments = st.builds(
    Hlc,
    st.integers(0, 10**12),
    st.integers(0, 99_999),
    st.uuids().map(str),
)


@given(moments, moments)
def test_moments_sort_as_text_as_they_do_in_time(one: Hlc, other: Hlc) -> None:
    assert (one < other) == (str(one) < str(other))
    assert Hlc.parse(str(one)) == one


@given(moments, st.timedeltas(timedelta(), timedelta(days=36_500)))
def test_a_clock_never_goes_back_even_where_the_computers_does(
    clock: Hlc, later: timedelta
) -> None:
    assert clock.next(START - timedelta(days=18_000) + later) > clock


@given(moments, moments)
def test_what_we_do_after_seeing_another_device_comes_after_it(ours: Hlc, theirs: Hlc) -> None:
    assert ours.after(theirs).next(START) > theirs


changes = st.lists(
    st.builds(
        FieldChange,
        st.just("conversation"),
        st.sampled_from("ab"),
        st.sampled_from(["status", "assignee"]),
        st.integers(0, 3),
        st.integers(0, 3),
    )
).map(tuple)


@given(changes)
def test_the_inverse_of_an_inverse_is_the_change(made: tuple[FieldChange, ...]) -> None:
    assert inverse(inverse(made)) == made
    assert all(change.before != change.after for change in effective(made))


def test_undo_names_what_it_takes_back() -> None:
    change = FieldChange("conversation", "c", "status", "open", "closed")
    event = Event(
        uid="e",
        hlc=Hlc(1, 0, "d"),
        actor="agent:a",
        at=START,
        kind="conversation.status",
        group_uid="g",
        changes=(change,),
        conversation="c",
    )
    taken_back = undo(event, uid="u", hlc=Hlc(2, 0, "d"), at=START, group_uid="h", actor="agent:b")
    assert taken_back.undo_of == "e"
    assert taken_back.changes == (FieldChange("conversation", "c", "status", "closed", "open"),)


def test_uids_of_later_things_sort_later() -> None:
    uids = [new_uid(START + timedelta(milliseconds=step)) for step in range(50)]
    assert uids == sorted(uids)
    assert all(uid[14] == "7" for uid in uids)


def test_two_devices_name_the_same_found_thing_the_same() -> None:
    workspace = new_uid(START)
    assert found_uid(workspace, "message", "1") == found_uid(workspace, "message", "1")
    assert found_uid(workspace, "a", "bc") != found_uid(workspace, "ab", "c")
