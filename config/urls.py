from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import gallery

# One door for everyone: the limits on tries, and whatever sign-in asks for later, hold for admins too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "config.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="llm_chat:home")),
    path("chat/", include("llm_chat.urls")),
    path("accounts/", include("accounts.urls")),
    path("teams/", include("teams.urls")),
    path("admin/", admin.site.urls),
    path("ui/", gallery.components, name="gallery"),
    path("ui/<str:page>/", gallery.error_page, name="gallery_error_page"),
]
