"""One table from whatever LiteLLM, an SDK or the network raises to our error tree. Nothing is imported to do it:
classes are known by name, so that reading an error never loads LiteLLM.
"""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils import timezone

from llm_service import errors
from llm_service.errors import LLMError

MAX_DETAIL = 2000


class VendorError(Exception):
    """An error event inside an answer: what the vendor wrote in it."""

    def __init__(self, message: str, *, kind: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status_code = status


# A cause says more than the wrapper round it: LiteLLM turns a refused connection and unreadable JSON into status 500.
BY_CAUSE: dict[str, type[LLMError]] = {
    "ConnectTimeout": errors.ConnectTimeout,
    "ConnectionTimeoutError": errors.ConnectTimeout,
    "PoolTimeout": errors.ConnectTimeout,
    "ReadTimeout": errors.FirstTokenTimeout,
    "SocketTimeoutError": errors.FirstTokenTimeout,
    "ServerTimeoutError": errors.FirstTokenTimeout,
    "AddressRefused": errors.AddressNotAllowed,
    "ConnectError": errors.ConnectionFailed,
    "ClientConnectorError": errors.ConnectionFailed,
    "ClientOSError": errors.ConnectionFailed,
    "ConnectionRefusedError": errors.ConnectionFailed,
    "ConnectionResetError": errors.ConnectionFailed,
    "ServerDisconnectedError": errors.ConnectionFailed,
    "ClientPayloadError": errors.ConnectionFailed,
    "TransferEncodingError": errors.ConnectionFailed,
    "ReadError": errors.ConnectionFailed,
    "RemoteProtocolError": errors.ConnectionFailed,
    "NetworkError": errors.ConnectionFailed,
    "ClientConnectionError": errors.ConnectionFailed,
    "gaierror": errors.ConnectionFailed,
    "JSONDecodeError": errors.BadResponse,
    "UnicodeDecodeError": errors.BadResponse,
    "DecodingError": errors.BadResponse,
    "ContentEncodingError": errors.BadResponse,
    "APIResponseValidationError": errors.BadResponse,
}
BY_CLASS: dict[str, type[LLMError]] = {
    "ContextWindowExceededError": errors.ContextTooLong,
    "ContentPolicyViolationError": errors.ContentFiltered,
    "PaymentRequiredError": errors.QuotaUsedUp,
    "LiteLLMUnknownProvider": errors.ModelNotFound,
    "UnsupportedParamsError": errors.BadRequest,
}
# Vendors agree on no code; these words are what they do share. The status they may come with is part of the row.
BY_WORDS: tuple[tuple[frozenset[int], re.Pattern[str], type[LLMError]], ...] = (
    (
        frozenset({429, 403, 402}),
        re.compile(r"insufficient_quota|current quota|credit balance|billing", re.I),
        errors.QuotaUsedUp,
    ),
    (frozenset({400}), re.compile(r"credit balance is too low", re.I), errors.QuotaUsedUp),
    (
        frozenset({400, 413, 422}),
        re.compile(
            r"context_length_exceeded|context (length|window)|maximum context|prompt is too long|too many tokens"
            r"|input (is|token count).*(too long|exceeds)|exceeds? the (maximum|max).*tokens",
            re.I,
        ),
        errors.ContextTooLong,
    ),
    (
        frozenset({400, 403, 422}),
        re.compile(
            r"content_policy|content[_ ](filter|management)|safety system|responsible ?ai|blocked by .*safety", re.I
        ),
        errors.ContentFiltered,
    ),
    (
        frozenset({400, 404}),
        re.compile(r"model_not_found|model .*(does not exist|not found|is not supported)", re.I),
        errors.ModelNotFound,
    ),
    (
        frozenset({400, 401, 403}),
        re.compile(r"api[_ ]key.*(invalid|not valid)|invalid[_ ]api[_ ]key", re.I),
        errors.BadCredentials,
    ),
    (frozenset({500, 502, 503, 529}), re.compile(r"overloaded|over capacity|at capacity", re.I), errors.Overloaded),
)
BY_STATUS: dict[int, type[LLMError]] = {
    400: errors.BadRequest,
    401: errors.BadCredentials,
    402: errors.QuotaUsedUp,
    403: errors.BadCredentials,
    404: errors.ModelNotFound,
    408: errors.FirstTokenTimeout,
    409: errors.ProviderDown,
    413: errors.ContextTooLong,
    422: errors.BadRequest,
    425: errors.ProviderDown,
    429: errors.RateLimited,
    499: errors.ConnectionFailed,
    500: errors.ProviderDown,
    502: errors.ProviderDown,
    503: errors.ProviderDown,
    504: errors.ProviderDown,
    529: errors.Overloaded,
}
BY_KIND: dict[str, type[LLMError]] = {
    "overloaded_error": errors.Overloaded,
    "rate_limit_error": errors.RateLimited,
    "rate_limit_exceeded": errors.RateLimited,
    "insufficient_quota": errors.QuotaUsedUp,
    "context_length_exceeded": errors.ContextTooLong,
    "invalid_request_error": errors.BadRequest,
    "authentication_error": errors.BadCredentials,
    "permission_error": errors.BadCredentials,
    "not_found_error": errors.ModelNotFound,
    "content_filter": errors.ContentFiltered,
}


def classify(raised: BaseException, *, delivered: bool = False) -> LLMError:
    """Return the error of our tree for anything a model call raises.

    `delivered`: part of the answer had arrived, so whatever went wrong on the wire is a broken stream.
    """
    if isinstance(raised, LLMError):
        raised.partial = raised.partial or delivered
        return raised
    # LiteLLM wraps what goes wrong inside a stream; the original knows more.
    original = getattr(raised, "original_exception", None)
    if isinstance(original, BaseException):
        raised = original
    status = _status(raised)
    found = _class_of(raised, status)
    if delivered and not issubclass(found, errors.TookTooLong | errors.ContentFiltered):
        found = errors.StreamBroken
    detail = f"{type(raised).__name__}: {raised}"[:MAX_DETAIL]
    return found(detail, http_status=status, retry_after=retry_after(raised), partial=delivered)


def _class_of(raised: BaseException, status: int | None) -> type[LLMError]:
    words = str(raised)
    found = _by_cause(raised) or _by_words(words, status) or BY_KIND.get(getattr(raised, "kind", ""))
    if found:
        return found
    if status == 500 and _means_no_connection(words):
        return errors.ConnectionFailed
    if status:
        return BY_STATUS.get(status) or (errors.ProviderDown if status >= 500 else errors.BadRequest)
    if isinstance(raised, TimeoutError) or "Timeout" in type(raised).__name__:
        return errors.FirstTokenTimeout
    return errors.ProviderDown if isinstance(raised, VendorError) else LLMError


def _by_cause(raised: BaseException) -> type[LLMError] | None:
    for cause in _chain(raised):
        for base in type(cause).__mro__:
            if base.__name__ in BY_CLASS:
                return BY_CLASS[base.__name__]
            if base.__name__ in BY_CAUSE and not _answered(cause):
                return BY_CAUSE[base.__name__]
    return None


def _by_words(words: str, status: int | None) -> type[LLMError] | None:
    for statuses, pattern, found in BY_WORDS:
        if (status is None or status in statuses) and pattern.search(words):
            return found
    return None


def _answered(cause: BaseException) -> bool:
    """An HTTP answer with an error status is the vendor's own word, whatever reading its body raised."""
    return getattr(getattr(cause, "response", None), "status_code", 0) >= 400


def _means_no_connection(words: str) -> bool:
    return bool(re.search(r"connection error|cannot connect|connect call failed|server disconnected", words, re.I))


def _chain(raised: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = raised
    while cause is not None and id(cause) not in seen and len(seen) < 12:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _status(raised: BaseException) -> int | None:
    """The status the vendor sent: the innermost of the chain, since wrappers round it to one they know."""
    found = None
    for cause in _chain(raised):
        for source in (cause, getattr(cause, "response", None)):
            value = getattr(source, "status_code", None)
            if isinstance(value, str) and value.isdigit():
                value = int(value)
            if isinstance(value, int) and 400 <= value < 600:
                found = value
    return found


def retry_after(raised: BaseException) -> float | None:
    """Seconds the vendor asked to wait, from its headers."""
    for source in (getattr(raised, "response", None), raised):
        for name in ("litellm_response_headers", "headers"):
            headers: Any = getattr(source, name, None)
            value = headers.get("retry-after") if hasattr(headers, "get") else None
            if value:
                return _seconds(str(value))
    return None


def _seconds(value: str) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return None
