from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.gallery import gallery

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="llm_chat:home")),
    path("chat/", include("llm_chat.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("ui/", gallery, name="gallery"),
]
