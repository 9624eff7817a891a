"""What a person sees when something failed that no page could catch."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

from lib import logs


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without context processors: the database may be what failed."""
    context = {"SITE_NAME": settings.SITE_NAME, "request_id": logs.request_id.get()}
    return HttpResponseServerError(loader.render_to_string("500.html", context))
