import time

import pytest

from lib.masking import mask, masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Write to anna.b+news@mail.example.co.uk, please.", "Write to [e-mail], please."),
        ("müller@straße.example is mine", "[e-mail] is mine"),
        ("Call +49 30 1234567 or 0049 170 1234567.", "Call [phone] or [phone]."),
        ("Call (212) 555-0123, or 212-555-0123 at night.", "Call [phone], or [phone] at night."),
        ("Tel. 030 / 123 45 67", "Tel. [phone]"),
        ("Tel. 030 1234567", "Tel. [phone]"),
        ("My card is 4111 1111 1111 1111 until 12/28.", "My card is [card] until 12/28."),
        ("5500-0000-0000-0004", "[card]"),
        ("Pay to DE89 3704 0044 0532 0130 00 today", "Pay to [IBAN] today"),
        ("GB82WEST12345698765432", "[IBAN]"),
        ("key sk-proj-abcdefghijklmnop1234 end", "key [key] end"),
        ("Authorization: Bearer abcdef0123456789abcdef", "Authorization: Bearer [key]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x", "[key] x"),
    ],
)
def test_a_personal_detail_is_named_by_its_kind_alone(text: str, hidden: str) -> None:
    assert mask(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "On 2026-11-21 at 14:05:33 it cost 1,204.50 EUR.",
        "Order 4111 1111 1111 1112 and invoice 20261121-0001",
        "Version 3.12.1 of 192.168.0.1, about 1 000 000 rows",
        "00123456-1234-4123-8123-001234567890 and 41111111-1111-1111-8111-111111111111",
        "id 0096d4ff-3648-43c5-a069-9b279d24426e",
        "DE89 3704 1144 1532 1130 01 is no account",
        "2 + 2 = 4, and @somebody said so",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert mask(text) == text


def test_data_is_masked_in_every_depth_and_files_stay() -> None:
    data = {"a": ["x@example.com", {"b": "y@example.com"}], "n": 3, "file": "data:image/png;base64,AAAA"}

    assert masked(data) == {"a": ["[e-mail]", {"b": "[e-mail]"}], "n": 3, "file": "data:image/png;base64,AAAA"}


@pytest.mark.parametrize("text", ["1 " * 50_000, "a" * 100_000, "a.a" * 30_000 + "@", "+1" * 50_000, "AB12 " * 20_000])
def test_no_text_makes_it_slow(text: str) -> None:
    began = time.monotonic()

    mask(text)

    assert time.monotonic() - began < 10
