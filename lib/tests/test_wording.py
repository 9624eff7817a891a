from decimal import Decimal

import pytest
from django.utils import formats, translation

from lib import wording


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize(
    "value", [0, -0.0, 7, -1234, 999.96, 1_234_567.891, -0.04, 1e-7, Decimal("12345.675"), Decimal("-0.001")]
)
@pytest.mark.parametrize("places", [1, 2, 8])
def test_a_number_is_rounded_and_written_as_django_writes_it(language: str, value: float | Decimal, places: int):
    with translation.override(language):
        whole = Decimal(f"{Decimal(str(value)):f}").quantize(Decimal(1).scaleb(-places), "ROUND_HALF_UP")
        expected = formats.number_format(whole, places, use_l10n=True, force_grouping=True)

        assert wording.rounded(value, places) == expected


def test_a_half_goes_up_and_thousands_stand_apart():
    assert wording.rounded(Decimal("1234.5"), 0) == "1,235"
    with translation.override("de"):
        assert wording.rounded(1234.25, 1) == "1.234,3"
