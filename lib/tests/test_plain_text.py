import pytest

from lib.plain_text import storable


@pytest.mark.parametrize("text", ["", "plain", "äö 汉字 👩‍👩‍👧 \u2028 \ud7ff \ue000 \U0010ffff", "\t\r\n\x01"])
def test_what_can_be_stored_stays_as_it_is(text: str) -> None:
    assert storable(text) == text


def test_nul_is_left_out() -> None:
    assert storable("a\x00b\x00") == "ab"


def test_halves_of_a_pair_become_replacement_characters() -> None:
    assert storable("a\ud83db\udca9") == "a\ufffdb\ufffd"


def test_two_halves_in_a_row_become_their_character() -> None:
    assert storable("\ud83d\udca9!") == "💩!"
