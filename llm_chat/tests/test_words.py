"""What is shown of a text that was found."""

import pytest

from llm_chat.words import Marker, asked

TABLE = (
    "The way[^1] of an order:\n\n| Step | Median |\n|:-----|-------:|\n| Buy in | 2 days |\n\n[^1]: From **October**."
)


def shown(question: str, text: str) -> str:
    """The words of the snippet, the finds in square brackets."""
    pieces = Marker(asked(question)).snippet(text)
    return "".join(f"[{piece}]" if marked else piece for piece, marked in pieces)


def test_a_table_is_read_as_words_and_a_footnote_without_its_mark() -> None:
    assert shown("order days", TABLE) == ("The way of an [order]: Step · Median Buy in · 2 [days] From October.")


@pytest.mark.parametrize("text", ["ls | grep otter", "a || b", "x = y | z", "|", "||", "|-|\r\n| otter |\r\n|"])
def test_what_is_no_table_stays_as_it_is_and_no_find_moves(text: str) -> None:
    text = f"{text} and an otter"

    assert shown("otter", text).count("[otter]") == text.count("otter")
    if not text.startswith("|"):
        assert text.split(" otter")[0] in shown("nothing", text)


def test_a_find_in_a_long_table_stands_where_it_is() -> None:
    rows = "\n".join(f"| row {number} | {number * 7} |" for number in range(3000))

    assert "row 2500 · [17500] row 2501" in shown("17500", rows)
