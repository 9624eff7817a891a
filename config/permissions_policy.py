"""Take from every page, and from what may be framed in it, the powers of the device it has no use for."""

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "Permissions-Policy"


class PermissionsPolicyMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response):  # type: ignore[no-untyped-def]  # Django hands in a sync or an async callable
        self.get_response = get_response
        self.policy = ", ".join(f"{feature}=({who})" for feature, who in settings.PERMISSIONS_POLICY.items())
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]  # a response, or a coroutine of one
        if iscoroutinefunction(self):
            return self._answer(request)
        return self._with_policy(self.get_response(request))

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        return self._with_policy(await self.get_response(request))

    def _with_policy(self, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault(HEADER, self.policy)
        return response
