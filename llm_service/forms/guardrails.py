"""What a team does not let through."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib import patterns
from llm_service import guardrails
from llm_service.actions.guardrails import Details
from llm_service.models import Guardrail

MOST_LINES = 200
LONGEST_LINE = 80


class GuardrailForm(forms.Form):
    use_required_attribute = False  # what the page does not show cannot be filled in

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("Stands in the log of a call where it acted."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "required": True}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Looks for"),
        choices=Guardrail.Kind.choices,
    )
    words = forms.CharField(
        label=gettext_lazy("Words"),
        error_messages={"required": gettext_lazy("Name at least one word.")},
        help_text=gettext_lazy(
            "One in a line; capitals make no difference. A star at its end stands for any ending, such as falcon*. "
            "A line between slashes is a regular expression, such as /AB-\\d{4}/."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    checks_requests = forms.BooleanField(label=gettext_lazy("What is sent to models"), required=False, initial=True)
    checks_replies = forms.BooleanField(label=gettext_lazy("What models reply"), required=False, initial=True)
    action = forms.ChoiceField(label=gettext_lazy("Where it is found"), choices=Guardrail.Action.choices)
    message = forms.CharField(
        label=gettext_lazy("What people then read"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Left empty, it is said that the team does not let this through."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, guardrail: Guardrail | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if guardrail:
            self.initial = {name: getattr(guardrail, name) for name in self.fields if name != "words"}
            self.initial["words"] = "\n".join(guardrail.words)
        self.fields["words"].required = self["kind"].value() != Guardrail.Kind.PERSONAL

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_words(self) -> tuple[str, ...]:
        lines = tuple(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["words"].splitlines()))))
        if len(lines) > MOST_LINES:
            raise ValidationError(_("Name at most %(most)s.") % {"most": MOST_LINES})
        for line in lines:
            expression = guardrails.expression_in(line)
            try:
                if expression:
                    patterns.check(expression)
                elif len(line) > LONGEST_LINE:
                    raise patterns.Unusable(_("Words may have at most %(most)s characters.") % {"most": LONGEST_LINE})
                elif not line.strip("*"):
                    raise patterns.Unusable(_("A star alone would find everything."))
            except patterns.Unusable as problem:
                raise ValidationError(f"{line[:LONGEST_LINE]}: {problem}") from None
        return lines

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not found.get("checks_requests") and not found.get("checks_replies"):
            self.add_error("checks_replies", _("Choose at least one of the two."))
        return found

    def details(self) -> Details:
        found = self.cleaned_data
        if found["kind"] == Guardrail.Kind.PERSONAL:
            found["words"] = ()
        return Details(**found)
