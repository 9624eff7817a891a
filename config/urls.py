from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from config import front_door, gallery, guides, installed_app, sandbox

handler500 = "config.errors.server_error"

urlpatterns = [
    path("", front_door.page, name="front_door"),
    path("manifest.webmanifest", installed_app.manifest, name="manifest"),
    path("service-worker.js", installed_app.worker, name="service_worker"),
    path("language/", set_language, name="choose_language"),
    path("offline/", installed_app.offline, name="offline"),
    path("chat/", include("llm_chat.urls")),
    path("share/", include("llm_chat.share_urls")),
    path("accounts/", include("accounts.urls")),
    path("teams/", include("teams.urls")),
    path("operations/", include("llm_service.urls")),
    path("spending/", include("llm_service.money_urls")),
    path("teams/<uuid:team_id>/", include("llm_service.team_urls")),
    path("admin/", admin.site.urls),
    path("help/", guides.page, {"guide": "users"}, name="help"),
    path("help/admins/", guides.page, {"guide": "admins"}, name="help_admins"),
    path("help/developers/", guides.page, {"guide": "developers"}, name="help_developers"),
    path("sandbox/artifact/", sandbox.artifact, name="sandbox_artifact"),
    path("sandbox/diagram/", sandbox.diagram, name="sandbox_diagram"),
    path("ui/", gallery.components, name="gallery"),
    path("ui/<str:page>/", gallery.error_page, name="gallery_error_page"),
]
