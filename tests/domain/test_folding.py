import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.folding import fold, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IĞDIR", "ığdır"),
        ("Iğdır", "igdir"),
        ("İSTANBUL", "ıstanbul"),
        ("ŞÖFÖR", "sofor"),
        ("Straße", "STRASSE"),
        ("naïve", "NAIVE"),
        ("ﬁne", "fine"),
        ("cafe\u0301", "CAFÉ"),
        ("\u1112\u1161\u11ab", "한"),  # a Korean syllable in parts
        ("\u2f00", "一"),  # a radical, and the character that looks the same
        ("ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸĀĂĄĆČĎĐĒĖĘ", "aaaaaaceeeeiiiinooooouuuuyyaaaccdđeee"),
    ],
)
def test_spellings_of_one_word_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_every_chinese_and_japanese_character_is_a_word_and_korean_is_not_split() -> None:
    assert words("配送について") == ("配", "送", "に", "つ", "い", "て")
    assert words("배송 문의") == ("배송", "문의")


@given(st.text(max_size=200))
def test_folding_never_raises_and_splits_the_same_words_again(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)
