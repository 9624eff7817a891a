"""What a file may be at most, and how a file is turned away. Loaded by the reading process, too: no Django here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    pixels: int
    pages: int
    characters: int
    seconds: int
    memory: int
    """Address space of the reading process, in bytes."""


class Refused(Exception):
    """The file is not taken; each of the texts is a sentence for whoever sent it.

    The reading process knows no language but English: they are translated where it is known who reads them.
    """

    def __init__(self, *sentences: str, **values: str | int) -> None:
        super().__init__(*sentences)
        self.sentences = sentences
        self.values = values

    def __str__(self) -> str:
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in self.values.items()}
        return " ".join(sentence % shown for sentence in self.sentences)


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation, as Django's function of this name does."""
    return sentence
