"""What accounts records: everything about how a person gets in, and who let them."""

from accounts import audit

SOMEBODY = "Somebody"
METHODS = {
    "password": "a password",
    "password_reset": "a link in a mail",
    "code": "a code from a mail",
    "totp": "an authenticator app",
    "webauthn": "a passkey",
    "recovery_codes": "a recovery code",
}

ACCOUNT_CREATED = audit.action("account.created", "{actor} made an account")
ACCOUNT_DELETED = audit.action("account.deleted", "{actor} deleted the account of {target}")
ACCOUNT_EXPORTED = audit.action("account.exported", "{actor} downloaded their own data")
SUPERUSER_MADE = audit.action("account.superuser_made", "{actor} made {target} a superuser")
ACCESS_CHANGED = audit.action("account.access_changed", "{actor} changed what the account of {target} may do")

SIGNED_IN = audit.action("signin.succeeded", "{actor} signed in with {after[method]}", title="Signed in")
SIGNIN_FAILED = audit.action(
    "signin.failed", "{actor} failed to sign in as {after[email]}", title="Failed to sign in", nobody=SOMEBODY
)
CODE_FAILED = audit.action(
    "signin.code_failed",
    "{actor} knew the password of {target}, but not the code",
    title="Failed the second step of signing in",
    nobody=SOMEBODY,
)
CONFIRMATION_FAILED = audit.action(
    "signin.confirmation_failed", "{actor} was asked to confirm who they are and gave a wrong answer"
)
SIGNED_OUT = audit.action("signin.ended", "{actor} signed out", title="Signed out")
SESSION_ENDED = audit.action("session.ended", "{actor} signed out {before[device]}", title="Device signed out")
OTHERS_ENDED = audit.action("session.others_ended", "{actor} signed out all other devices")

PASSWORD_CHANGED = audit.action("password.changed", "{actor} changed the password of {target}")
PASSWORD_RESET = audit.action("password.reset", "{actor} set a new password through a link in a mail")

EMAIL_ADDED = audit.action("email.added", "{actor} added the address {after[email]}")
EMAIL_REMOVED = audit.action("email.removed", "{actor} removed the address {before[email]}")
EMAIL_CHANGED = audit.action(
    "email.changed", "{actor} changed the address from {before[email]} to {after[email]}", title="Address changed"
)
EMAIL_VERIFIED = audit.action("email.verified", "{actor} confirmed the address {after[email]}")

MFA_ADDED = audit.action("mfa.added", "{actor} added a second step: {after[method]}", title="Second step added")
MFA_REMOVED = audit.action(
    "mfa.removed", "{actor} removed a second step: {before[method]}", title="Second step removed"
)
PASSKEY_RENAMED = audit.action(
    "mfa.passkey_renamed", "{actor} renamed a passkey from {before[name]} to {after[name]}", title="Passkey renamed"
)
MFA_RENEWED = audit.action("mfa.renewed", "{actor} made new recovery codes", title="Recovery codes renewed")
RECOVERY_CODE_USED = audit.action(
    "mfa.recovery_code_used", "{actor} used up a recovery code; {after[left]} are left", title="Recovery code used"
)
