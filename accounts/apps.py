from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts import settings_pages

SIGN_IN_PAGES = ("mfa_list_webauthn", "mfa_view_recovery_codes")


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")  # allauth's own app is called Accounts in the admin

    def ready(self) -> None:
        # They import models, which are ready only now.
        from accounts import audit_signins, own_data, sign_in_events  # noqa: F401, PLC0415

        settings_pages.register(_("General"), url_name="account_settings", icon="settings", order=10)
        settings_pages.register(_("Your data"), url_name="account_data", icon="download", order=80)
        settings_pages.register(_("Account"), url_name="account_own", icon="user", order=30)
        settings_pages.register(_("Sign-in"), url_name="mfa_index", icon="shield", order=40, covers=SIGN_IN_PAGES)
        settings_pages.register(_("History"), url_name="account_history", icon="clock", order=44)
        settings_pages.register(_("Devices"), url_name="account_devices", icon="monitor", order=42)
        sign_in_events.listen()
