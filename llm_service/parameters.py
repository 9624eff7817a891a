"""What may be set for a call to a model, by our own names, and in words what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib import wording
from lib.wording import Text
from llm_service.abilities import EFFORTS


class Invalid(Exception):
    """`faults` has a sentence for each field that cannot stay as it is."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(next(iter(faults.values())))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Range:
    label: Text
    least: float
    most: float
    whole: bool = False

    def fault(self, value: object) -> str | None:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, kinds) and not isinstance(value, bool) and self.least <= value <= self.most:
            return None
        whole, any_ = (
            _("%(label)s is a whole number from %(least)s to %(most)s."),
            _("%(label)s is a number from %(least)s to %(most)s."),
        )
        limits = {"least": wording.number(self.least), "most": wording.number(self.most)}
        return (whole if self.whole else any_) % {"label": self.label, **limits}


@dataclass(frozen=True, slots=True)
class Choice:
    label: Text
    options: tuple[str, ...]

    def fault(self, value: object) -> str | None:
        return (
            None
            if value in self.options
            else _("%(label)s is one of: %(options)s.") % {"label": self.label, "options": ", ".join(self.options)}
        )


RULES: dict[str, Range | Choice] = {
    "temperature": Range(gettext_lazy("Temperature"), 0, 2),
    "top_p": Range(gettext_lazy("Top P"), 0.01, 1),
    "max_output_tokens": Range(gettext_lazy("The longest reply"), 1, 1_000_000, whole=True),
    "reasoning_effort": Choice(gettext_lazy("Reasoning effort"), EFFORTS),
    "verbosity": Choice(gettext_lazy("Verbosity"), ("low", "medium", "high")),
    "frequency_penalty": Range(gettext_lazy("Frequency penalty"), -2, 2),
    "presence_penalty": Range(gettext_lazy("Presence penalty"), -2, 2),
    "seed": Range(gettext_lazy("Seed"), 0, 2**31 - 1, whole=True),
}


def checked_parameters(wished: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as they are kept: what is null or empty is not set. Raises Invalid."""
    kept = {name: value for name, value in wished.items() if value is not None and value != ""}
    faults = {}
    for name, value in kept.items():
        rule = RULES.get(name)
        fault = rule.fault(value) if rule else _("There is no parameter called %(name)s.") % {"name": name[:40]}
        if fault:
            faults[name] = fault
    if faults:
        raise Invalid(faults)
    return {name: kept[name] for name in RULES if name in kept}
