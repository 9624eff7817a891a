"""What a person sees when something failed that no page could catch."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from lib import logs
from lib.stored_files import OutOfReach

RETRY_SECONDS = 5


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without context processors: the database may be what failed. Then it is 503, and worth another try,
    as it is when the storage of files does not answer.
    """
    is_away = isinstance(sys.exception(), OperationalError | InterfaceError | OutOfReach)
    status = 503 if is_away else 500
    context = {"SITE_NAME": settings.SITE_NAME, "request_id": logs.request_id.get()}
    answer = HttpResponse(loader.render_to_string(f"{status}.html", context), status=status)
    if is_away:
        answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
