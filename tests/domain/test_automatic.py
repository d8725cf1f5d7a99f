from collections.abc import Mapping
from types import MappingProxyType

import pytest

from desktop_inbox.domain.automatic import classify
from desktop_inbox.domain.messages import DeliveryReport, FailedRecipient, MessageClass


def kind(
    sender: str = "ali@a.test",
    *,
    subject: str = "",
    report: DeliveryReport | None = None,
    content_type: str = "text/plain",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> MessageClass:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return classify(named, sender=sender, content_type=content_type, subject=subject, report=report)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, MessageClass.HUMAN),
        ({"auto_submitted": "no"}, MessageClass.HUMAN),
        ({"auto_submitted": "auto-generated"}, MessageClass.AUTOMATED),
        ({"auto_submitted": "auto-replied (vacation)"}, MessageClass.AUTO_REPLY),
        ({"x_autoreply": "yes"}, MessageClass.AUTO_REPLY),
        ({"precedence": "bulk"}, MessageClass.BULK),
        ({"list_unsubscribe": "<mailto:x@y.test>"}, MessageClass.BULK),
        ({"x_desktop_inbox_loop": "1"}, MessageClass.AUTO_REPLY),
    ],
)
def test_headers_tell_what_kind_of_sender_it_is_d2(
    headers: dict[str, str], expected: MessageClass
) -> None:
    assert kind(headers=headers) is expected


@pytest.mark.parametrize(
    "subject", ["Automatic reply: Hi", "Otomatik yanıt: Sipariş", "Abwesenheitsnotiz: Anfrage"]
)
def test_an_out_of_office_note_is_known_by_its_subject(subject: str) -> None:
    assert kind(subject=subject) is MessageClass.AUTO_REPLY


def test_a_person_called_robert_is_not_a_robot() -> None:
    assert kind("robert@a.test") is MessageClass.HUMAN
    assert kind("no-reply@a.test") is MessageClass.AUTOMATED


def failed(status: str) -> FailedRecipient:
    return FailedRecipient(
        address="a@b.test", status=status, permanent=status.startswith("5"), words=""
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["5.1.1"], MessageClass.BOUNCE_PERMANENT),
        (["4.2.2"], MessageClass.BOUNCE_TEMPORARY),
        (["4.2.2", "5.1.1"], MessageClass.BOUNCE_PERMANENT),
        ([], MessageClass.AUTOMATED),
    ],
)
def test_a_bounce_is_as_final_as_the_worst_it_reports_d6(
    statuses: list[str], expected: MessageClass
) -> None:
    report = DeliveryReport(message_ids=(), recipients=tuple(map(failed, statuses)))
    assert kind("mailer-daemon@a.test", report=report) is expected


def test_a_bounce_of_which_only_the_header_is_here_counts_as_final() -> None:
    report_type = "multipart/report; report-type=delivery-status"
    assert kind("mailer-daemon@a.test", content_type=report_type) is MessageClass.BOUNCE_PERMANENT
    receipt = "multipart/report; report-type=disposition-notification"
    assert kind(content_type=receipt) is MessageClass.AUTOMATED


@pytest.mark.parametrize(
    "headers",
    [
        {"return_path": "<>"},
        {"x_auto_response_suppress": "All"},
        {"x_loop": "somewhere"},
    ],
)
def test_what_only_machines_write_is_automated_d2(headers: dict[str, str]) -> None:
    assert kind(headers=headers) is MessageClass.AUTOMATED
