"""Forms of the pages about calls."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llm_service.models import Keeping


class KeepingForm(forms.ModelForm[Keeping]):
    """What a team wants kept; it may ask for less than the site keeps, never for more."""

    class Meta:
        model = Keeping
        fields = ("words", "bodies_days", "logs_days")
        labels = {
            "words": gettext_lazy("What was said"),
            "bodies_days": gettext_lazy("Days to keep what was said"),
            "logs_days": gettext_lazy("Days to keep calls"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = _(
            "Masking takes e-mail addresses, phone, card and account numbers and keys out before anything is stored."
        )
        for name, days in _kept().items():
            field = self.fields[name]
            field.help_text = _("Left empty: %(days)s days, as the site keeps them.") % {"days": days} if days else ""
            field.widget.attrs |= {"min": 1, "inputmode": "numeric", "class": "input"}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, days in _kept().items():
            asked = cleaned.get(name)
            if asked is not None and (asked < 1 or (days and asked > days)):
                self.add_error(name, _("Choose between 1 and %(days)s days.") % {"days": days or 32767})
        return cleaned


def _kept() -> dict[str, int]:
    return {"bodies_days": settings.LLM_BODIES_KEEP_DAYS, "logs_days": settings.LLM_LOGS_KEEP_DAYS}
