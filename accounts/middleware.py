"""Keeps the list of signed-in devices, and tells the sockets of a session that it is over."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from accounts import devices, sign_in_backend
from lib import visitor
from realtime import publish

BEFORE = "_session_before"


class DeviceMiddleware(MiddlewareMixin):
    """Whatever door somebody came in or left by, the session says it."""

    def process_request(self, request: HttpRequest) -> None:
        # With a cookie the session is read in a moment anyway.
        before = devices.signed_in_as(request.session) if request.session.session_key else None
        if before is not None:
            sign_in_backend.take_over(request.session)
        setattr(request, BEFORE, (request.session.session_key, before))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.session.accessed:
            return response
        key_before, before = getattr(request, BEFORE)
        now = devices.signed_in_as(request.session)
        if now is not None:
            devices.keep_up(request.session, visitor=visitor.of(request))
        if before is not None and before != now:
            devices.has_left(session_key=key_before)
            publish.recheck(before)
        return response
