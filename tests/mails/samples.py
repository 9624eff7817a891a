"""Every mail the product sends, with something real in it: what tests and people look at."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core import mail as outside
from django.core.mail import EmailMultiAlternatives
from django.test import RequestFactory
from django.utils.functional import lazy

from accounts import notices
from accounts.models import User
from lib import mail
from llm_service import alerting
from llm_service.models import Alert

SITE = "https://chat.example.com"
EMAIL = "ada.lovelace@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
KEY = "k4yx1s6m2q8d0v5j7c3n9w1e6r2t8y4u0i5o7p3a9s1d6f2g"
RESET = {"email": EMAIL, "password_reset_url": f"{SITE}/accounts/password_reset/"}
CONFIRM = {"email": EMAIL, "confirmation_lasts": "24 hours", "activate_url": f"{SITE}/accounts/verify-email/{KEY}/"}
INVITATION = {
    "team": "Analytical Engines",
    "inviter": "Charles Babbage",
    "inviter_email": "charles@example.com",
    "role": "an editor",
    "role_in_short": "Editors make bots and read transcripts.",
    "days": 7,
    "url": f"{SITE}/teams/invitations/{KEY}/",
}
ALERT = Alert(kind="errors", threshold=Decimal(10))


@dataclass(frozen=True)
class Sample:
    name: str
    context: dict[str, Any] = field(default_factory=dict)
    to: str = EMAIL

    def render(self) -> EmailMultiAlternatives:
        return mail.render(self.name, to=self.to, context=self.context)


SAMPLES = {
    "confirm-new-account": Sample("account/email/email_confirmation_signup", CONFIRM),
    "confirm-address": Sample("account/email/email_confirmation", CONFIRM),
    "already-exists": Sample("account/email/account_already_exists", RESET),
    "unknown-account": Sample(
        "account/email/unknown_account", {"email": EMAIL, "signup_url": f"{SITE}/accounts/signup/"}
    ),
    "reset-password": Sample(
        "account/email/password_reset_key",
        {"email": EMAIL, "reset_lasts": "1 hour", "password_reset_url": f"{SITE}/accounts/reset/1a-{KEY}/"},
    ),
    "address-in-use": Sample("accounts/email/address_in_use", {"asked_by": "charles@example.com"}),
    "invitation": Sample("teams/email/invitation", INVITATION),
    "handed-over": Sample(
        "teams/email/handed_over",
        {"team": "Analytical Engines", "giver": "Charles Babbage", "giver_email": "charles@example.com"},
    ),
    "alert": Sample(
        "llm_service/email/alert",
        {"sentence": lazy(lambda: alerting.in_words(ALERT, Decimal(12)), str)(), "is_firing": True},
    ),
    "test": Sample("lib/email/test"),
}
FACTS = {
    "to_email": "ada@example.org",
    "from_email": EMAIL,
    "left": notices.codes_left(7),
    "method": "an authenticator app",
}


def notice(name: str) -> EmailMultiAlternatives:
    """Send a notice as the product does, to Django's outbox."""
    request = RequestFactory(headers={"user-agent": FIREFOX}).get("/", REMOTE_ADDR="203.0.113.7")
    notices.send(name, user=User(email=EMAIL), request=request, **FACTS)
    sent = outside.outbox[-1]
    assert isinstance(sent, EmailMultiAlternatives)
    return sent


def longest() -> Sample:
    """As long, and as full of signs, as anything a person may type."""
    team = ("<b>Donaudampfschifffahrtselektrizitätenhauptbetriebswerk</b> & " * 3)[:150].strip()
    inviter = "Ada <script>alert('x')</script> King, Countess of Lovelace"
    address = f"{'a-very-long-local-part' * 3}@{'subdomain.' * 6}example.com"
    return Sample(
        "teams/email/invitation", INVITATION | {"team": team, "inviter": inviter, "inviter_email": address}, to=address
    )
