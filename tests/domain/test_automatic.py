import pytest

from desktop_inbox.domain.automatic import classify
from desktop_inbox.domain.messages import MessageClass


def kind(
    sender: str = "ali@a.test",
    *,
    subject: str = "",
    report: str = "",
    content_type: str = "text/plain",
    **headers: str,
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
    assert kind(**headers) is expected


@pytest.mark.parametrize(
    "subject", ["Automatic reply: Hi", "Otomatik yanıt: Sipariş", "Abwesenheitsnotiz: Anfrage"]
)
def test_an_out_of_office_note_is_known_by_its_subject(subject: str) -> None:
    assert kind(subject=subject) is MessageClass.AUTO_REPLY


def test_a_person_called_robert_is_not_a_robot() -> None:
    assert kind("robert@a.test") is MessageClass.HUMAN
    assert kind("no-reply@a.test") is MessageClass.AUTOMATED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Status: 5.1.1", MessageClass.BOUNCE_PERMANENT),
        ("Status: 4.2.2", MessageClass.BOUNCE_TEMPORARY),
        ("", MessageClass.BOUNCE_PERMANENT),
    ],
)
def test_a_bounce_is_permanent_unless_it_says_otherwise_d6(
    status: str, expected: MessageClass
) -> None:
    report_type = "multipart/report; report-type=delivery-status"
    assert kind("mailer-daemon@a.test", content_type=report_type, report=status) is expected
