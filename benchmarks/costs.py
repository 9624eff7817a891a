"""`python -m benchmarks.costs`: what answers cost by our sums and by LiteLLM's `completion_cost`, against the vendors'.

Each case of `llm_service/tests/golden_costs.json` goes through both: ours from the vendor's usage object to the cost,
LiteLLM's from a response object with the same usage. Right means equal to the sum on paper to a hundredth of a percent.
"""

import os
import time
from decimal import Decimal
from typing import Any

import django

REPEAT = 200


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.utils import timezone  # noqa: PLC0415
    from litellm._internal_context import pinned_billing_time  # noqa: PLC0415

    from llm_service import library  # noqa: PLC0415  Django comes first
    from llm_service.money import prices  # noqa: PLC0415
    from llm_service.tests.test_golden_costs import CASES, READERS, moment, on_paper  # noqa: PLC0415

    litellm = library.litellm()
    right = {"Parley": 0, "LiteLLM": 0}
    spent = {"Parley": 0.0, "LiteLLM": 0.0}
    print("| model | answer | on paper | Parley | LiteLLM |\n|---|---|---|---|---|")
    for case in CASES:

        def ours(case: dict[str, Any] = case) -> Decimal | None:
            usage = READERS[case["format"]](case["usage"])
            prices.settle(usage, model=case["model"], at=moment(case))
            return usage.cost_usd

        def theirs(case: dict[str, Any] = case) -> Decimal | None:
            try:
                with pinned_billing_time(moment(case) or timezone.now()):
                    return Decimal(repr(litellm.completion_cost(_response(litellm, case), model=case["model"])))
            except Exception:  # noqa: BLE001  it raises where it knows no price
                return None

        expected, found = on_paper(case), {"Parley": ours(), "LiteLLM": theirs()}
        for name, cost in found.items():
            right[name] += _is_right(cost, expected)
        for name, work in (("Parley", ours), ("LiteLLM", theirs)):
            began = time.perf_counter()
            for _ in range(REPEAT):
                work()
            spent[name] += (time.perf_counter() - began) / REPEAT
        shown = [_said(cost, expected) for cost in found.values()]
        print(f"| {case['model']} | {case['about']} | {_said(expected, expected)} | {' | '.join(shown)} |")
    for name, count in right.items():
        print(f"\n{name}: {count} of {len(CASES)} right, {spent[name] / len(CASES) * 1e6:.0f} µs a call", end="")
    print()


def _response(litellm: Any, case: dict[str, Any]) -> Any:
    usage = case["usage"]
    if case["format"] == "anthropic":
        read, written = usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]
        parts = usage.get("cache_creation")
        counted = litellm.Usage(
            prompt_tokens=usage["input_tokens"] + read + written,
            completion_tokens=usage["output_tokens"],
            total_tokens=usage["input_tokens"] + read + written + usage["output_tokens"],
            cache_read_input_tokens=read,
            cache_creation_input_tokens=written,
            prompt_tokens_details={
                "cached_tokens": read,
                "cache_creation_tokens": written,
                **({"cache_creation_token_details": parts} if parts else {}),
            },
        )
    elif case["format"] == "responses":
        counted = litellm.Usage(
            prompt_tokens=usage["input_tokens"],
            completion_tokens=usage["output_tokens"],
            total_tokens=usage["total_tokens"],
            prompt_tokens_details=usage["input_tokens_details"],
            completion_tokens_details=usage["output_tokens_details"],
        )
    else:
        counted = litellm.Usage(**usage)
    return litellm.ModelResponse(model=case["model"], usage=counted)


def _is_right(cost: Decimal | None, expected: Decimal | None) -> bool:
    if cost is None or expected is None:
        return cost is expected
    return abs(cost - expected) <= expected / 10_000


def _said(cost: Decimal | None, expected: Decimal | None) -> str:
    if cost is None:
        return "unknown"
    return f"${cost:.8f}" + ("" if _is_right(cost, expected) else " ✗")


if __name__ == "__main__":
    main()
