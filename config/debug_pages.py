"""Django's page about an exception, which stands in for the answer while DEBUG is on, without anything secret.

Django hides what is called like a secret, and little of that while DEBUG is on. Here the values themselves are taken
out of the finished page, wherever they stand in it.
"""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from lib import redaction

TYPED_SECRETS = ("password", "code", "credential", "token", "key", "secret")
"""Parts of the names of form fields."""
IN_ADDRESSES = ("key", "token")
"""Parameters of routes whose values let somebody in."""


class Filter(SafeExceptionReporterFilter):
    def is_active(self, request: HttpRequest | None) -> bool:
        return True


class Reporter(ExceptionReporter):
    request: HttpRequest | None

    def get_traceback_html(self) -> SafeString:
        return SafeString(redaction.hide(super().get_traceback_html(), set(_secrets_of(self.request))))

    def get_traceback_text(self) -> SafeString:
        return SafeString(redaction.hide(super().get_traceback_text(), set(_secrets_of(self.request))))


def _secrets_of(request: Any) -> Iterator[str]:
    """Yield what whoever asked has shown or typed to prove who they are."""
    if not isinstance(request, HttpRequest):
        return
    yield from request.COOKIES.values()
    if authorization := request.headers.get("Authorization"):
        yield authorization.rpartition(" ")[2]
    for name in request.POST:
        if any(part in name.lower() for part in TYPED_SECRETS):
            yield from request.POST.getlist(name)
    if request.resolver_match:
        for name, value in request.resolver_match.kwargs.items():
            if name in IN_ADDRESSES:
                yield str(value)
