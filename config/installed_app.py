"""The product as an app on somebody's home screen: its manifest, and a worker that has a page for when there is no net.

The worker keeps that one page and its styles, nothing that is anybody's.
"""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from config.templatetags.vite import files_of

ICONS = (
    {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"},
    {"src": "icon-192.png", "sizes": "192x192", "type": "image/png"},
    {"src": "icon-512.png", "sizes": "512x512", "type": "image/png"},
    {"src": "icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
)


@require_safe
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> JsonResponse:
    """Describe the app as the Web Application Manifest of the W3C says."""
    home = reverse("llm_chat:home")
    described = {
        "id": home,
        "lang": translation.get_language(),
        "dir": "rtl" if translation.get_language_bidi() else "ltr",
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "description": _("Talk with language models. Nothing is lost, and every open tab shows the same."),
        "start_url": home,
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbfaf7",
        "theme_color": "#fbfaf7",
        "icons": [{**icon, "src": static(icon["src"])} for icon in ICONS],
        "shortcuts": [{"name": _("New chat"), "url": home}],
    }
    return JsonResponse(described, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker. Its text changes with what it keeps and in which language, which browsers notice."""
    kept = [reverse("offline"), static("theme.js"), *files_of("base")]
    version = hashlib.sha256("\n".join([*kept, translation.get_language() or ""]).encode()).hexdigest()[:12]
    context = {"kept": kept, "version": version, "offline": reverse("offline")}
    return render(request, "pwa/worker.js", context, content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page the worker keeps; it is nobody's, whoever asks for it."""
    return render(request, "pwa/offline.html")
