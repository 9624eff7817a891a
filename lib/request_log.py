"""Give each HTTP request an id that its log lines and its answer carry, and one line when it is answered."""

import asyncio
import logging
import time
import uuid

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lib import logs, visitor

HEADER = "X-Request-ID"
CLIENT_WENT_AWAY = 499

logger = logging.getLogger("access")


class RequestLogMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response):  # type: ignore[no-untyped-def]  # Django hands in a sync or an async callable
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]  # a response, or a coroutine of one
        if iscoroutinefunction(self):
            return self._answer(request)
        began = _begin(request)
        outside = visitor.current.set(visitor.of(request))
        try:
            return _end(request, self.get_response(request), began)
        finally:
            visitor.current.reset(outside)  # the thread goes on to other work

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        began = _begin(request)
        visitor.current.set(visitor.of(request))
        try:
            return _end(request, await self.get_response(request), began)
        except asyncio.CancelledError:
            _log(request, CLIENT_WENT_AWAY, began)
            raise


def _begin(request: HttpRequest) -> float:
    given = request.headers.get(HEADER, "")
    is_sane = given.replace("-", "").isalnum() and given.isascii() and len(given) <= 64
    logs.request_id.set(given if is_sane else uuid.uuid4().hex)
    return time.perf_counter()


def _end(request: HttpRequest, response: HttpResponseBase, began: float) -> HttpResponseBase:
    response[HEADER] = logs.request_id.get()
    _log(request, response.status_code, began)
    return response


def _log(request: HttpRequest, status: int, began: float) -> None:
    is_file = request.path.startswith(settings.STATIC_URL)
    route = request.path if is_file else logs.route_of(request)
    milliseconds = round((time.perf_counter() - began) * 1000, 1)
    logger.log(
        logging.DEBUG if is_file else logging.INFO,
        "%s %s %s",
        request.method,
        route,
        status,
        extra={"method": request.method, "route": route, "status": status, "ms": milliseconds},
    )
