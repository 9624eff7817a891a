"""Give each HTTP request an id that its log lines and its answer carry."""

import uuid

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lib import logs

HEADER = "X-Request-ID"


class RequestLogMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response):  # type: ignore[no-untyped-def]  # Django hands in a sync or an async callable
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]  # a response, or a coroutine of one
        token = logs.request_id.set(_id_of(request))
        if iscoroutinefunction(self):
            return self._answer(request)
        response: HttpResponse = self.get_response(request)
        return _marked(response, token.var.get())

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        return _marked(await self.get_response(request), logs.request_id.get())


def _marked(response: HttpResponseBase, request_id: str) -> HttpResponseBase:
    response[HEADER] = request_id
    return response


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if given.replace("-", "").isalnum() and given.isascii() and len(given) <= 64 else uuid.uuid4().hex
