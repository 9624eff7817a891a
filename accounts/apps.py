from django.apps import AppConfig

from accounts import settings_pages


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"  # allauth's own app is called Accounts in the admin

    def ready(self) -> None:
        settings_pages.register("General", url_name="account_settings", icon="settings", order=10)
        settings_pages.register("Account", url_name="account_own", icon="user", order=30)
