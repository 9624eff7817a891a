"""The page where looks are reviewed: every component in every state, in both themes. Only where debug is on."""

import re
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

COLOURS = (
    *("background", "surface", "raised", "bubble", "line", "line-strong", "text", "muted"),
    *("accent", "accent-text", "accent-soft", "success", "warning", "danger", "hover"),
)
ERROR_PAGES = ("400", "403", "403_csrf", "404", "429", "500", "503")


class SpecimenForm(forms.Form):
    name = forms.CharField(required=False, initial="Ada Lovelace")
    email = forms.EmailField(label="E-mail", help_text="We write only when you ask us to.")
    wrong = forms.EmailField(label="With an error")
    password = forms.CharField(widget=forms.PasswordInput(render_value=True), help_text="At least 8 characters.")
    model = forms.ChoiceField(choices=[("a", "demo/parley"), ("b", "A model with a name long enough to be cut")])
    text = forms.CharField(label="Several lines", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    locked = forms.CharField(label="Disabled", disabled=True, initial="Not yours to change", required=False)
    agree = forms.BooleanField(label="A box to tick, with a label long enough to run over two lines on a phone")
    refused = forms.BooleanField(label="A box that has to be ticked")

    def clean(self) -> None:
        self.add_error(None, "What is wrong with the whole form stands above it.")


def components(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    return render(request, "ui/gallery.html", _specimens())


def error_page(request: HttpRequest, page: str) -> HttpResponse:
    """Show a page that debug mode otherwise hides behind a stack trace."""
    if not settings.DEBUG or page not in ERROR_PAGES:
        raise Http404
    return render(request, f"{page}.html", {"request_id": "4f1c0a3b9d2e4c7f8a6b5d4e3c2b1a09"})


def _specimens() -> dict[str, Any]:
    icons = Path(settings.BASE_DIR) / "templates" / "components" / "icons.html"
    return {
        "sides": [_side("light"), _side("dark")],
        "colours": COLOURS,
        "error_pages": ERROR_PAGES,
        "icons": re.findall(r'id="icon-([a-z-]+)"', icons.read_text()),
        "button_kinds": ["primary", "secondary", "quiet", "caution", "danger"],
        "segments": ["System", "Light", "Dark"],
        "menu_items": [
            {"label": "Rename", "icon": "edit"},
            {"label": "Chosen", "checked": True},
            {"label": "Not chosen", "checked": False},
            {"label": "Disabled", "icon": "link", "disabled": True},
            {"label": "Delete", "icon": "trash", "danger": True},
        ],
        "caption": "Calls",
        "head": ["Model", "Status", "Tokens", "Cost"],
        "rows": [["demo/parley", "success", "1,204", "$0.0004"], ["openai/gpt-4o", "cancelled", "312", "$0.0031"]],
    }


def _side(theme: str) -> dict[str, Any]:
    values = {"email": "ada@example.com", "wrong": "ada@", "password": "a password", "model": "a", "agree": "on"}
    form = SpecimenForm({f"{theme}-{name}": value for name, value in values.items()}, prefix=theme)
    ids = {f"{part}_id": f"{theme}-{part}" for part in ("menu", "dialog", "code")}
    return {"theme": theme, "form": form, **ids}
