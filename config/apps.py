from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy

# What the admin calls the rooms of others.
NAMES_OF_OTHERS = {
    "account": gettext_lazy("E-mail addresses"),
    "mfa": gettext_lazy("Second steps"),
    "django_tasks_database": gettext_lazy("Background jobs"),
}


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        for label, name in NAMES_OF_OTHERS.items():
            apps.get_app_config(label).verbose_name = name
        autodiscover_modules("tasks", "personal_data")  # each room's background jobs and what it forgets


class ProductAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "config.admin_site.ProductAdminSite"
