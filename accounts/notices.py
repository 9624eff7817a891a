"""Mails that tell somebody that how they get in has changed: what, when, with which browser, what to do about it.

They hold nothing secret and no link that opens anything by itself: whoever reads such a mail gains nothing.
"""

from dataclasses import dataclass
from datetime import UTC

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import browsers, language
from accounts.models import User
from lib import mail, visitor
from lib.wording import Text

RECLAIM = gettext_lazy(
    "If it was not you, somebody was in your account. Choose a new password: that signs out every device. "
    "Then see what else was changed, in your settings under History."
)
OPERATOR = gettext_lazy("If it was not you, somebody was in your account. Write to whoever runs {site} at once.")
CALM = gettext_lazy("If it was you, there is nothing to do.")
CALM_BY_ADMIN = gettext_lazy("If you asked for it, there is nothing to do.")
ASK = gettext_lazy("If you did not ask for this, write to whoever runs {site}.")


@dataclass(frozen=True)
class Notice:
    title: Text
    sentence: Text
    remedy: Text = RECLAIM
    is_by_visitor: bool = True
    """What an administrator did is told without their browser and address."""


PASSWORD_BY_ADMIN = "accounts/password_by_admin"  # noqa: S105  a name
SECOND_STEP_BY_ADMIN = "accounts/second_step_by_admin"
RECOVERY_CODE_USED = "accounts/recovery_code_used"
NEW_BROWSER = "accounts/new_browser"
NEW_ADDRESS = "accounts/new_address"

# Those of allauth are under the name it gives them.
NOTICES = {
    "account/email/password_changed": Notice(
        gettext_lazy("Your password was changed"), gettext_lazy("The password of your account at {site} was changed.")
    ),
    "account/email/password_reset": Notice(
        gettext_lazy("Your password was changed"),
        gettext_lazy("A new password was set for your account at {site}, through a link in a mail to this address."),
    ),
    "account/email/password_set": Notice(
        gettext_lazy("Your account has a password"),
        gettext_lazy("A password was set for your account at {site}, which had none before."),
    ),
    "account/email/email_changed": Notice(
        gettext_lazy("Your e-mail address was changed"),
        gettext_lazy(
            "From now on you sign in with {to_email}. This address, {from_email}, no longer belongs to your account "
            "at {site}."
        ),
        OPERATOR,
    ),
    NEW_ADDRESS: Notice(
        gettext_lazy("This is your address now"),
        gettext_lazy("From now on you sign in at {site} with {to_email} instead of {from_email}."),
    ),
    "mfa/email/totp_activated": Notice(
        gettext_lazy("An authenticator app was added"),
        gettext_lazy("Signing in to your account at {site} now takes a code from an authenticator app as well."),
    ),
    "mfa/email/totp_deactivated": Notice(
        gettext_lazy("The authenticator app was removed"),
        gettext_lazy("Signing in to your account at {site} no longer takes a code from an authenticator app."),
    ),
    "mfa/email/recovery_codes_generated": Notice(
        gettext_lazy("New recovery codes were made"),
        gettext_lazy("New recovery codes were made for your account at {site}. The ones from before no longer work."),
    ),
    RECOVERY_CODE_USED: Notice(
        gettext_lazy("A recovery code was used"),
        gettext_lazy("A recovery code was used for your account at {site}. {left}"),
    ),
    "mfa/email/webauthn_added": Notice(
        gettext_lazy("A passkey was added"), gettext_lazy("A passkey was added to your account at {site}.")
    ),
    "mfa/email/webauthn_removed": Notice(
        gettext_lazy("A passkey was removed"),
        gettext_lazy("A passkey was removed from your account at {site}. It no longer opens it."),
    ),
    NEW_BROWSER: Notice(
        gettext_lazy("A new browser signed in"),
        gettext_lazy("Your account at {site} was opened in a browser that had not opened it before."),
    ),
    PASSWORD_BY_ADMIN: Notice(
        gettext_lazy("Your password was changed"),
        gettext_lazy("An administrator of {site} set a new password for your account. You are signed out everywhere."),
        ASK,
        is_by_visitor=False,
    ),
    SECOND_STEP_BY_ADMIN: Notice(
        gettext_lazy("A second step was removed"),
        gettext_lazy("An administrator of {site} removed {method} from your account. It no longer asks for it."),
        ASK,
        is_by_visitor=False,
    ),
}


def send(name: str, *, user: User, request: HttpRequest, to: str = "", **facts: object) -> None:
    """Tell the person, at their address unless `to` names another one of theirs."""
    notice, now = NOTICES[name], timezone.now().astimezone(UTC)
    words = {"site": settings.SITE_NAME, **facts}
    origin = visitor.of(request)
    with translation.override(language.of(user)):
        told = [(_("Time"), f"{formats.date_format(now, 'DATETIME_FORMAT')} UTC")]
        if notice.is_by_visitor:
            told.append((_("Browser"), browsers.name_of(origin.user_agent)))
            if origin.address:
                told.append((_("IP address"), origin.address))
        context: dict[str, object] = {
            "title": str(notice.title),
            "sentence": str(notice.sentence).format_map(words),
            "remedy": str(notice.remedy).format_map(words),
            "facts": told,
            "calm": CALM if notice.is_by_visitor else CALM_BY_ADMIN,
        }
        if notice.remedy == RECLAIM:
            context["url"] = request.build_absolute_uri(reverse("account_reset_password"))
        mail.send("accounts/email/notice", to=to or user.email, context=context)


def codes_left(number: int) -> str:
    if number == 0:
        return _("It was the last one. Make new ones, in your settings under Sign-in.")
    return ngettext("One is left.", "%(count)s are left.", number) % {"count": number}
