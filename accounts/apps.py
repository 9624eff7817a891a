from django.apps import AppConfig

from accounts import settings_pages


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"  # allauth's own app is called Accounts in the admin

    def ready(self) -> None:
        from accounts import sign_in_events  # noqa: PLC0415  it imports models, which are ready only now

        settings_pages.register("General", url_name="account_settings", icon="settings", order=10)
        settings_pages.register("Account", url_name="account_own", icon="user", order=30)
        sign_in_events.listen()
