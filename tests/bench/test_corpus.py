"""The generated mailbox: the same every time, and true to what it says of itself."""

from __future__ import annotations

import email
from itertools import islice
from pathlib import Path

from bench.corpus import INBOX, SENT, SHOP, generate, write_maildir


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert [s.raw for s in generate(120)] == [s.raw for s in generate(120)]
    assert next(generate(9)).raw != next(generate(9, seed=1)).raw


def test_messages_weigh_what_mail_weighs_and_two_per_cent_are_nasty() -> None:
    samples = list(generate(3000))
    assert 14_000 < sum(len(s.raw) for s in samples) / len(samples) < 22_000
    assert 0.01 < sum(s.kind.startswith("nasty") for s in samples) / len(samples) < 0.03


def test_each_message_has_an_id_of_its_own_unless_it_was_delivered_twice() -> None:
    samples = list(generate(2000))
    originals = [s.message_id for s in samples if s.copy_of is None and s.message_id]
    assert len(originals) == len(set(originals))
    for sample in samples:
        if sample.copy_of is not None:
            assert sample.message_id == samples[sample.copy_of].message_id


def test_an_answer_names_a_message_of_its_own_thread() -> None:
    threads: dict[str, int] = {}
    named = 0
    for sample in islice(generate(600), 600):
        headers = email.message_from_bytes(sample.raw)
        parents = f"{headers.get('In-Reply-To', '')} {headers.get('References', '')}".split()
        for parent in parents:
            if "A stranger" not in str(headers["From"]):
                assert threads[parent.strip("<>")] == sample.thread
                named += 1
        threads[sample.message_id] = sample.thread
    assert named > 300


def test_what_the_shop_wrote_lies_in_sent(tmp_path: Path) -> None:
    samples = list(generate(60))
    write_maildir(samples, tmp_path)
    for sample in samples:
        from_shop = SHOP in str(email.message_from_bytes(sample.raw)["From"])
        assert sample.folder == (SENT if from_shop else INBOX)
    inbox = len(list((tmp_path / "cur").iterdir()))
    assert inbox + len(list((tmp_path / ".Sent" / "cur").iterdir())) == 60
