from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        autodiscover_modules("tasks", "personal_data")  # each room's background jobs and what it forgets


class ProductAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "config.admin_site.ProductAdminSite"
