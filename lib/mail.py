"""Mail: rendered from templates, always as text and HTML, in the product's look.

A mail called `room/email/name` is three templates: `name_subject.txt`, `name_message.txt` (extends `email/base.txt`)
and `name_message.html` (extends `email/base.html`; without it the text is shown in the same frame).
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template, render_to_string


def send(template: str, *, to: str, context: Mapping[str, Any] | None = None) -> None:
    """Send the mail `template` to one address. Addresses in the context must be absolute."""
    render(template, to=to, context=context).send()


def render(template: str, *, to: str, context: Mapping[str, Any] | None = None) -> EmailMultiAlternatives:
    values = {"SITE_NAME": settings.SITE_NAME, **(context or {}), "recipient": to}
    subject = " ".join(_text(f"{template}_subject.txt", values).split())
    text = _text(f"{template}_message.txt", values).strip() + "\n"
    values["subject"] = subject
    words = text.rpartition("\n--\n")[0] or text
    html = render_to_string([f"{template}_message.html", "email/plain.html"], {**values, "words": words})
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    message.attach_alternative(html.strip(), "text/html")
    return message


def _text(template: str, values: Mapping[str, Any]) -> str:
    backend: Any = get_template(template)
    text: str = backend.template.render(Context(dict(values), autoescape=False))
    return text
