from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import gallery, guides

handler500 = "config.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="llm_chat:home")),
    path("chat/", include("llm_chat.urls")),
    path("accounts/", include("accounts.urls")),
    path("teams/", include("teams.urls")),
    path("admin/", admin.site.urls),
    path("help/", guides.page, {"guide": "users"}, name="help"),
    path("help/admins/", guides.page, {"guide": "admins"}, name="help_admins"),
    path("help/developers/", guides.page, {"guide": "developers"}, name="help_developers"),
    path("ui/", gallery.components, name="gallery"),
    path("ui/<str:page>/", gallery.error_page, name="gallery_error_page"),
]
