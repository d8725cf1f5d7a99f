"""What Meta's refusals mean is told by their codes."""

from __future__ import annotations

import json

import pytest

from desktop_inbox.connectors.errors import (
    AuthError,
    AuthReason,
    ConnectorError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientError,
)
from desktop_inbox.connectors.http_answers import Answer
from desktop_inbox.connectors.meta.api import Unclear, refusal, used_up
from tests.support.meta_service import refused


def said_of(code: int, subcode: int | None = None, *, status: int = 400) -> ConnectorError:
    said = refused(code, "words", status=status, subcode=subcode)
    return refusal(Answer(status=status, body=json.dumps(said.value).encode()))


@pytest.mark.parametrize(
    ("code", "subcode", "reason"),
    [
        (190, None, AuthReason.SIGN_IN),
        (190, 460, AuthReason.REVOKED),
        (190, 463, AuthReason.REVOKED),
        (10, None, AuthReason.PERMISSION),
        (200, None, AuthReason.PERMISSION),
        (230, None, AuthReason.PERMISSION),
        (10, 1893063, AuthReason.RESTRICTED),
        (368, None, AuthReason.RESTRICTED),
    ],
)
def test_what_a_person_must_see_to_is_told_apart_by_code(
    code: int, subcode: int | None, reason: AuthReason
) -> None:
    error = said_of(code, subcode)

    assert isinstance(error, AuthError)
    assert error.reason is reason
    assert error.detail.startswith(f"{code}/{subcode}" if subcode else str(code))


@pytest.mark.parametrize(
    ("code", "subcode", "reason"),
    [
        (10, 2018278, PermanentReason.WINDOW_CLOSED),
        (10, 2534022, PermanentReason.WINDOW_CLOSED),
        (551, None, PermanentReason.RECIPIENT),
        (551, 1545041, PermanentReason.RECIPIENT),
        (100, 2018001, PermanentReason.RECIPIENT),
        (100, 2018047, PermanentReason.MEDIA),
        (100, None, PermanentReason.INVALID),
        (100, 33, PermanentReason.INVALID),
    ],
)
def test_what_can_never_succeed_is_told_apart_by_code(
    code: int, subcode: int | None, reason: PermanentReason
) -> None:
    error = said_of(code, subcode)

    assert isinstance(error, PermanentError)
    assert error.reason is reason


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80006])
def test_a_limit_is_told_by_code(code: int) -> None:
    assert isinstance(said_of(code, status=400), RateLimited)


@pytest.mark.parametrize("code", [1, 2])
def test_what_passes_is_told_by_code(code: int) -> None:
    assert isinstance(said_of(code, status=400), Unclear)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({}, 30),
        ({"x-business-use-case-usage": '{"1001": [{"estimated_time_to_regain_access": 5}]}'}, 300),
        ({"x-business-use-case-usage": '{"1001": [{"call_count": 100}]}'}, 30),
        ({"x-business-use-case-usage": "[nonsense"}, 30),
        ({"x-business-use-case-usage": '{"1001": [7, {"estimated_time_to_regain_access": "x"}]}'},
         30),
    ],
)  # fmt: skip
def test_the_pause_that_meta_asks_for_is_kept(headers: dict[str, str], seconds: float) -> None:
    body = json.dumps(refused(613, "words").value).encode()
    error = refusal(Answer(status=400, headers=headers, body=body))

    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == seconds


@pytest.mark.parametrize(
    "body", [b"", b"null", b'{"error": 7}', b'{"error": {"code": "x", "message": []}}', b"\xff"]
)
def test_a_refusal_without_sense_is_one_all_the_same(body: bytes) -> None:
    assert isinstance(refusal(Answer(status=400, body=body)), PermanentError)
    assert isinstance(refusal(Answer(status=502, body=body)), TransientError)


@pytest.mark.parametrize(
    ("headers", "percent"),
    [
        ({}, 0),
        ({"x-app-usage": '{"call_count": 12, "total_time": 95}'}, 95),
        ({"x-business-use-case-usage": '{"1001": [{"call_count": 3}, {"total_cputime": 91}]}'}, 91),
        ({"x-app-usage": '{"call_count": "x"}', "x-business-use-case-usage": "[7]"}, 0),
    ],
)
def test_what_is_left_of_an_allowance_is_read(headers: dict[str, str], percent: int) -> None:
    assert used_up(headers) == percent
