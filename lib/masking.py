"""Takes personal details out of texts: addresses, numbers of phones, cards and accounts, and keys.

Numbers that have a checksum are hidden only where it is right, so that dates, amounts and ids stay readable.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

EMAIL, PHONE, CARD, IBAN, KEY = "[e-mail]", "[phone]", "[card]", "[IBAN]", "[key]"

# Each repetition is bounded, so that no text makes the search slow.
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
)
_KEYS = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|hf|xox[abprs])[-_][A-Za-z0-9_-]{16,255}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{30,60}"
    r"|\beyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}"
    r"|(?<=Bearer )[A-Za-z0-9._~+/=-]{16,4000}"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_ID = (
    r"(?P<id>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)|"  # first, or part of one is taken for a number
)
_CARD = re.compile(_ID + r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]?\d)")
_PHONE = re.compile(
    _ID
    + r"(?<![\w.+])(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{1,5}\)|\d{1,5})(?:[ ./-]?\d{2,5}){1,5}(?!\w)"  # +49 30 1234567
    r"|(?<![\w.])(?<!\d )\(?0[1-9]\d{1,4}\)?(?: ?/ ?| |-)\d{2,8}(?:[ -]?\d{2,6}){0,4}(?![\w.]?\d)"  # 030 / 123 45 67
    r"|(?<![\w.])(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?!\w)"  # (212) 555-0123
)


@dataclass(frozen=True, slots=True)
class Detail:
    """Where a personal detail stands in a text, and what is written in its place."""

    start: int
    end: int
    label: str


def found(text: str) -> list[Detail]:
    """Return the details of a text in their order; none overlaps another."""
    details = []
    for pattern, label, is_one in _KINDS:
        here = [Detail(*match.span(), label) for match in pattern.finditer(text) if is_one(match)]
        for detail in here:
            # What one kind has taken is no other's; a length that stays keeps the places of the rest.
            text = text[: detail.start] + "\0" * (detail.end - detail.start) + text[detail.end :]
        details += here
    return sorted(details, key=lambda detail: detail.start)


def mask(text: str) -> str:
    """Return `text` with the details named by their kind in place of themselves."""
    return replaced(text, found(text))


def replaced(text: str, details: Sequence[Detail]) -> str:
    pieces, at = [], 0
    for detail in details:
        pieces += [text[at : detail.start], detail.label]
        at = detail.end
    return "".join(pieces) + text[at:] if pieces else text


def open_from(text: str) -> int:
    """Return from where on a text that is not complete may be, or become, part of a detail."""
    word = max(text.rfind(" "), text.rfind("\n"), text.rfind("\t")) + 1
    window = max(0, len(text) - LONGEST_IN_WORDS)
    unfinished = _UNFINISHED.search(text, window)
    return min(word, unfinished.start()) if unfinished else word


def masked(value: Any) -> Any:
    """Return a copy of JSON-like data with every text in it masked. Files spelled out in addresses stay as they are."""
    if isinstance(value, str):
        return value if value.startswith("data:") else mask(value)
    if isinstance(value, list | tuple):
        return [masked(entry) for entry in value]
    if isinstance(value, dict):
        return {key: masked(entry) for key, entry in value.items()}
    return value


def _is_card(text: str) -> bool:
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    said = text.replace(" ", "")
    return 15 <= len(said) <= 34 and int("".join(str(int(each, 36)) for each in said[4:] + said[:4])) % 97 == 1


def _always(match: re.Match[str]) -> bool:
    return True


_KINDS: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], bool]], ...] = (
    (_PRIVATE_KEY, KEY, _always),
    (_KEYS, KEY, _always),
    (_EMAIL, EMAIL, _always),
    (_IBAN, IBAN, lambda match: _is_iban(match[0])),
    (_CARD, CARD, lambda match: not match["id"] and _is_card(match[0])),
    (_PHONE, PHONE, lambda match: not match["id"]),
)
LONGEST_IN_WORDS = 120
"""Characters of the longest detail that has spaces in it, and some more."""
# How such a detail begins, at the end of a text; those without spaces are part of its last word.
_UNFINISHED = re.compile(r"(?:[+(\d][\d ()./+-]*|\b[A-Z]{2}\d{2}[A-Z0-9 ]*|-----[A-Z -]*|\bBearer *)\Z")
