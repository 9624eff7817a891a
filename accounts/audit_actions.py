"""What accounts records: everything about how a person gets in, and who let them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts import audit

SOMEBODY = _("Somebody")
NEW_ACCOUNT = audit.stored(gettext_noop("a new account"))
METHODS = {
    "password": audit.stored(gettext_noop("a password")),
    "password_reset": audit.stored(gettext_noop("a link in a mail")),
    "code": audit.stored(gettext_noop("a code from a mail")),
    "totp": audit.stored(gettext_noop("an authenticator app")),
    "webauthn": audit.stored(gettext_noop("a passkey")),
    "recovery_codes": audit.stored(gettext_noop("a recovery code")),
}

ACCOUNT_CREATED = audit.action("account.created", _("{actor} made an account"), title=_("Account created"))
ACCOUNT_DELETED = audit.action(
    "account.deleted", _("{actor} deleted the account of {target}"), title=_("Account deleted")
)
ACCOUNT_EXPORTED = audit.action(
    "account.exported", _("{actor} downloaded their own data"), title=_("Own data downloaded")
)
SUPERUSER_MADE = audit.action(
    "account.superuser_made", _("{actor} made {target} a superuser"), title=_("Superuser made")
)
ACCESS_CHANGED = audit.action(
    "account.access_changed",
    _("{actor} changed what the account of {target} may do"),
    title=_("Access changed"),
)

SIGNED_IN = audit.action("signin.succeeded", _("{actor} signed in with {after[method]}"), title=_("Signed in"))
SIGNIN_FAILED = audit.action(
    "signin.failed", _("{actor} failed to sign in as {after[email]}"), title=_("Failed to sign in"), nobody=SOMEBODY
)
CODE_FAILED = audit.action(
    "signin.code_failed",
    _("{actor} knew the password of {target}, but not the code"),
    title=_("Failed the second step of signing in"),
    nobody=SOMEBODY,
)
CONFIRMATION_FAILED = audit.action(
    "signin.confirmation_failed",
    _("{actor} was asked to confirm who they are and gave a wrong answer"),
    title=_("Confirmation failed"),
)
SIGNED_OUT = audit.action("signin.ended", _("{actor} signed out"), title=_("Signed out"))
SESSION_ENDED = audit.action("session.ended", _("{actor} signed out {before[device]}"), title=_("Device signed out"))
OTHERS_ENDED = audit.action(
    "session.others_ended", _("{actor} signed out all other devices"), title=_("Other devices signed out")
)

PASSWORD_CHANGED = audit.action(
    "password.changed", _("{actor} changed the password of {target}"), title=_("Password changed")
)
PASSWORD_RESET = audit.action(
    "password.reset", _("{actor} set a new password through a link in a mail"), title=_("Password reset")
)

EMAIL_ADDED = audit.action("email.added", _("{actor} added the address {after[email]}"), title=_("Address added"))
EMAIL_REMOVED = audit.action(
    "email.removed", _("{actor} removed the address {before[email]}"), title=_("Address removed")
)
EMAIL_CHANGED = audit.action(
    "email.changed",
    _("{actor} changed the address from {before[email]} to {after[email]}"),
    title=_("Address changed"),
)
EMAIL_VERIFIED = audit.action(
    "email.verified", _("{actor} confirmed the address {after[email]}"), title=_("Address confirmed")
)

MFA_ADDED = audit.action("mfa.added", _("{actor} added a second step: {after[method]}"), title=_("Second step added"))
MFA_REMOVED = audit.action(
    "mfa.removed", _("{actor} removed a second step: {before[method]}"), title=_("Second step removed")
)
PASSKEY_RENAMED = audit.action(
    "mfa.passkey_renamed",
    _("{actor} renamed a passkey from {before[name]} to {after[name]}"),
    title=_("Passkey renamed"),
)
MFA_RENEWED = audit.action("mfa.renewed", _("{actor} made new recovery codes"), title=_("Recovery codes renewed"))
RECOVERY_CODE_USED = audit.action(
    "mfa.recovery_code_used",
    _("{actor} used up a recovery code; {after[left]} are left"),
    title=_("Recovery code used"),
)
