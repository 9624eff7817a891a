"""What each vendor charges for answers as its documentation shows them, from the wire's words to the cent.

`golden_costs.json`: the usage object of a response, the model, where both are from, and the sum as one would write it
on paper: counts and USD per million tokens. Vendors that say what a call cost, and models nobody has a price for, have
`cost` in its place. `source` says where the usage and the prices are from: `as published` are a vendor's own numbers,
`derived` are ours in the vendor's form, because it publishes none for such a call. Checked on 21 November 2026.
"""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llm_service.money import prices
from llm_service.streams import usage as usages

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden_costs.json").read_text())
READERS = {"chat": usages.of_chat, "anthropic": usages.of_anthropic, "responses": usages.of_responses}


def on_paper(case: dict[str, Any]) -> Decimal | None:
    if case["parts"] is None:
        return Decimal(case["cost"]) if case["cost"] is not None else None
    total = sum((Decimal(count) * Decimal(str(price)) for count, price in case["parts"]), Decimal(0))
    return (total / 1_000_000).quantize(prices.PLACES)


def moment(case: dict[str, Any]) -> datetime | None:
    """When the call ended, where the hour decides what it costs."""
    return datetime.fromisoformat(case["at"]) if "at" in case else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['model']}: {case['about']}")
def test_an_answer_costs_what_its_vendor_charges(case: dict[str, Any]):
    usage = READERS[case["format"]](case["usage"])

    prices.settle(usage, model=case["model"], at=moment(case))
    assert usage.cost_usd == on_paper(case)
    assert usage.cost_source == ("litellm" if case["parts"] else "provider" if case["cost"] else "unknown")


def test_each_case_names_its_source_and_there_are_thirty_at_least():
    origins = [case["source"]["usage"].partition(":")[0] for case in CASES]
    assert set(origins) == {"as published", "recorded", "derived"}
    assert origins.count("as published") >= 18
    assert all(case["source"]["prices"] for case in CASES)
    assert len(CASES) >= 30
    assert {case["model"].partition("/")[0] for case in CASES} >= {
        "openai",
        "anthropic",
        "gemini",
        "groq",
        "deepseek",
        "xai",
    }
