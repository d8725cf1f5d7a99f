"""Between two keys there is always another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.positions import between


@given(places=st.lists(st.floats(0, 1, exclude_max=True), max_size=60))
def test_a_list_stays_in_the_order_it_was_put_in(places: list[float]) -> None:
    keys: list[str] = []
    for place in places:
        at = int(place * (len(keys) + 1))
        before = keys[at - 1] if at else ""
        after = keys[at] if at < len(keys) else ""
        keys.insert(at, between(before, after))
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("at_end", [True, False])
def test_keys_stay_short_where_people_add_at_one_end(at_end: bool) -> None:
    key = ""
    for _addition in range(200):
        key = between(key, "") if at_end else between("", key)
    assert len(key) < 60


@pytest.mark.parametrize(("before", "after"), [("b", "a"), ("a", "a"), ("ab", "a")])
def test_what_is_in_no_order_has_no_key_between(before: str, after: str) -> None:
    with pytest.raises(ValueError, match="no key between"):
        between(before, after)
