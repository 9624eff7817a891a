"""What a team says about one model."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llm_service import catalogue, team_models
from llm_service.models import ModelRule
from teams.models import Team

MOST_FALLBACKS = 5


class RuleForm(forms.Form):
    model = forms.ChoiceField(label=gettext_lazy("Model"))
    is_allowed = forms.BooleanField(label=gettext_lazy("People of this team may use it"), required=False, initial=True)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Shown where the model is chosen, such as what it is good for."),
    )
    retires_on = forms.DateField(
        label=gettext_lazy("Switched off on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, team: Team, model: str, rule: ModelRule | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._team = team
        offered = [
            (one.id, f"{one.label} ({one.source or catalogue.provider_label(one.provider)})")
            for one in catalogue.available_models(team.pk)
        ]
        known = [name for name, _label in offered]
        every = (team_models.EVERY, _("All models without a rule of their own"))
        forbidden = [(rule.model, rule.model)] if rule and rule.model not in [*known, team_models.EVERY] else []
        choices = self.fields["model"]
        assert isinstance(choices, forms.ChoiceField)  # noqa: S101  for the type checker
        choices.choices = [every, *forbidden, *offered]
        chosen = rule.fallbacks if rule else []
        gone = [(name, name) for name in chosen if name not in known]
        stand_ins = [("", "\N{EM DASH}"), *((name, label) for name, label in offered + gone if name != model)]
        for place in range(MOST_FALLBACKS):
            self.fields[f"fallback_{place}"] = forms.ChoiceField(
                label=_("Then") if place else _("First"), required=False, choices=stand_ins
            )
        self.initial = {"model": model, "is_allowed": True}
        self.initial |= {f"fallback_{place}": name for place, name in enumerate(chosen[:MOST_FALLBACKS])}
        if rule:
            self.initial |= {"is_allowed": rule.is_allowed, "note": rule.note, "retires_on": rule.retires_on}

    @property
    def fallbacks(self) -> list[BoundField]:
        """One choice for each place in the order."""
        return [self[f"fallback_{place}"] for place in range(MOST_FALLBACKS)]

    def values(self) -> dict[str, Any]:
        named = [self.cleaned_data[field.name] for field in self.fallbacks]
        fallbacks = tuple(dict.fromkeys(name for name in named if name and name != self.cleaned_data["model"]))
        asked = {name: self.cleaned_data[name] for name in ("model", "is_allowed", "note", "retires_on")}
        return asked | {"fallbacks": fallbacks}
