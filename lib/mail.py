"""Mail: rendered from templates, always as text and HTML, in the product's look, and sent by a background job.

A mail called `room/email/name` is three templates: `name_subject.txt`, `name_message.txt` (extends `email/base.txt`)
and `name_message.html` (extends `email/base.html`; without it the text is shown in the same frame).

No page waits for a mail server, and no mail leaves for a change that was rolled back: what is to be sent is a row of
the caller's transaction, sent and removed by a job after the commit. A failure is tried again for about an hour.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.checks.mail import NON_PRODUCTION_EMAIL_BACKENDS
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation

from lib import jobs, mail_errors
from lib.models import UnsentMail
from lib.write_lock import writing

logger = logging.getLogger(__name__)

TRIES = 7
FIRST_PAUSE = timedelta(minutes=1)
STALE = timedelta(days=1)
"""What is older holds links that no longer work."""
REMEMBERED = timedelta(days=14)


class NotSent(Exception):
    """The mail is still there and will be tried again."""


def send(template: str, *, to: str, context: Mapping[str, Any] | None = None, language: str = "") -> None:
    """Send the mail `template` to one address, soon. Addresses of pages in the context must be absolute.

    Without a `language`, that of its reader, it is in the one spoken right now.
    """
    with translation.override(language or translation.get_language()):
        message = render(template, to=to, context=context)
    if not leaves_this_machine():
        message.send()  # printed or put into a file: nothing to wait for, and a developer wants to see it at once
        return
    with writing():
        unsent = UnsentMail.objects.create(
            to=to,
            sender=message.from_email,
            subject=str(message.subject),
            text=str(message.body),
            html=str(message.alternatives[0][0]),
        )
        jobs.enqueue("lib.send_mail", mail_id=unsent.id)


def leaves_this_machine() -> bool:
    return settings.MAILERS["default"]["BACKEND"] not in NON_PRODUCTION_EMAIL_BACKENDS


def render(template: str, *, to: str, context: Mapping[str, Any] | None = None) -> EmailMultiAlternatives:
    values = {"SITE_NAME": settings.SITE_NAME, **(context or {}), "recipient": to}
    values["subject"] = subject = " ".join(_text(f"{template}_subject.txt", values).split())
    text = _text(f"{template}_message.txt", values).strip() + "\n"
    words = text.rpartition("\n--\n")[0] or text
    html = render_to_string([f"{template}_message.html", "email/plain.html"], {**values, "words": words})
    return _message(subject=subject, text=text, html=html.strip(), sender=settings.DEFAULT_FROM_EMAIL, to=to)


def deliver(mail_id: UUID) -> None:
    """Send a mail that waits, or note why that failed. Raises NotSent while another try makes sense."""
    unsent = UnsentMail.objects.filter(pk=mail_id, given_up_at=None).first()
    if unsent is None:
        return  # sent by the run before this one
    message = _message(subject=unsent.subject, text=unsent.text, html=unsent.html, sender=unsent.sender, to=unsent.to)
    try:
        message.send()
    except Exception as error:
        trouble = mail_errors.explain(error, message)
        unsent.tries, unsent.error = unsent.tries + 1, trouble.sentence
        with writing():
            unsent.save(update_fields=["tries", "error"])
        if trouble.is_final or unsent.tries >= TRIES:
            logger.error("A mail is given up: %s", trouble.sentence, extra={"mail_id": str(mail_id)})
            _give_up(UnsentMail.objects.filter(pk=mail_id), trouble.sentence)
            return
        raise NotSent(trouble.sentence) from error
    with writing():
        unsent.delete()


def forget_unsent() -> None:
    """Drop the text of what was never sent, which may hold links, after a day, and its traces after two weeks."""
    now = timezone.now()
    _give_up(UnsentMail.objects.filter(given_up_at=None, created_at__lt=now - STALE), "It waited for more than a day.")
    with writing():
        UnsentMail.objects.filter(given_up_at__lt=now - REMEMBERED).delete()


def _give_up(unsent: QuerySet[UnsentMail], why: str) -> None:
    with writing():
        unsent.update(given_up_at=timezone.now(), error=why, text="", html="")


def _message(*, subject: str, text: str, html: str, sender: str, to: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, text, sender, [to])
    message.attach_alternative(html, "text/html")
    return message


def _text(template: str, values: Mapping[str, Any]) -> str:
    backend: Any = get_template(template)
    text: str = backend.template.render(Context(dict(values), autoescape=False))
    return text
