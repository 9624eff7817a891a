"""One row each: what may be raised, and what it is called here."""

import json
from typing import Any

import httpx
import pytest

from llm_service import errors
from llm_service.classify import VendorError, classify, retry_after
from llm_service.errors import LLMError


def status(code: int, message: str = "no", headers: dict[str, str] | None = None) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://vendor.test/")
    response = httpx.Response(code, request=request, headers=headers)
    return httpx.HTTPStatusError(message, request=request, response=response)


def wrapped(cause: BaseException, code: int = 500) -> Exception:
    """As LiteLLM wraps: a status of its own choice round the real cause."""
    wrapper: Exception = type("InternalServerError", (Exception,), {"status_code": code})("wrapped")
    wrapper.__cause__ = cause
    return wrapper


def named(name: str, message: str = "", **attributes: Any) -> Exception:
    made: Exception = type(name, (Exception,), attributes)(message)
    return made


ROWS: list[tuple[BaseException, type[LLMError]]] = [
    (status(400), errors.BadRequest),
    (status(401), errors.BadCredentials),
    (status(402), errors.QuotaUsedUp),
    (status(403), errors.BadCredentials),
    (status(404), errors.ModelNotFound),
    (status(408), errors.FirstTokenTimeout),
    (status(409), errors.ProviderDown),
    (status(413), errors.ContextTooLong),
    (status(418), errors.BadRequest),
    (status(422), errors.BadRequest),
    (status(429), errors.RateLimited),
    (status(429, "insufficient_quota"), errors.QuotaUsedUp),
    (status(500), errors.ProviderDown),
    (status(502), errors.ProviderDown),
    (status(503), errors.ProviderDown),
    (status(503, "The engine is currently overloaded"), errors.Overloaded),
    (status(504), errors.ProviderDown),
    (status(520), errors.ProviderDown),
    (status(529), errors.Overloaded),
    (status(400, "This model's maximum context length is 8192 tokens"), errors.ContextTooLong),
    (status(400, "prompt is too long: 210000 tokens > 200000 maximum"), errors.ContextTooLong),
    (
        status(400, "The input token count (2000000) exceeds the maximum number of tokens allowed"),
        errors.ContextTooLong,
    ),
    (status(400, "Your credit balance is too low to access the Anthropic API"), errors.QuotaUsedUp),
    (status(400, "API key not valid. Please pass a valid API key."), errors.BadCredentials),
    (status(400, "triggering Azure OpenAI's content management policy"), errors.ContentFiltered),
    (status(404, "The model `x` does not exist"), errors.ModelNotFound),
    (named("ContextWindowExceededError", status_code=400), errors.ContextTooLong),
    (named("ContentPolicyViolationError", status_code=400), errors.ContentFiltered),
    (named("LiteLLMUnknownProvider", status_code=400), errors.ModelNotFound),
    (wrapped(httpx.ConnectTimeout("")), errors.ConnectTimeout),
    (wrapped(httpx.ConnectError("")), errors.ConnectionFailed),
    (wrapped(httpx.ReadError("")), errors.ConnectionFailed),
    (wrapped(httpx.RemoteProtocolError("")), errors.ConnectionFailed),
    (wrapped(httpx.ReadTimeout("")), errors.FirstTokenTimeout),
    (wrapped(json.JSONDecodeError("no", "", 0)), errors.BadResponse),
    (wrapped(named("AnthropicError", status_code=529)), errors.Overloaded),
    (named("InternalServerError", "Connection error.", status_code=500), errors.ConnectionFailed),
    (named("MidStreamFallbackError", original_exception=status(429)), errors.RateLimited),
    (VendorError("busy", kind="overloaded_error"), errors.Overloaded),
    (VendorError("slow down", status=429), errors.RateLimited),
    (VendorError("no idea"), errors.ProviderDown),
    (TimeoutError(), errors.FirstTokenTimeout),
    (RuntimeError("a bug of ours"), LLMError),
    (errors.Blocked("no"), errors.Blocked),
]


@pytest.mark.parametrize(("raised", "kind"), ROWS, ids=lambda value: str(getattr(value, "code", value))[:50])
def test_every_row_of_the_table(raised: BaseException, kind: type[LLMError]):
    assert type(classify(raised)) is kind


def test_what_breaks_after_delivery_is_a_broken_stream_that_keeps_its_status():
    error = classify(status(503), delivered=True)

    assert (type(error), error.partial, error.http_status) == (errors.StreamBroken, True, 503)


def test_a_limit_that_passes_after_delivery_stays_a_limit():
    assert type(classify(errors.IdleTimeout(), delivered=True)) is errors.IdleTimeout


@pytest.mark.parametrize(("value", "seconds"), [("7", 7), ("0.5", 0.5), ("soon", None), ("", None)])
def test_retry_after_is_read_from_the_headers(value: str, seconds: float | None):
    assert retry_after(status(429, headers={"Retry-After": value})) == seconds


def test_a_date_in_retry_after_is_seconds_from_now():
    assert retry_after(status(429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0


def test_every_error_has_a_code_of_its_own_and_a_sentence_for_people():
    def below(kind: type[LLMError]) -> list[type[LLMError]]:
        return [kind, *(found for child in kind.__subclasses__() for found in below(child))]

    named_kinds = [kind for kind in below(LLMError) if "code" in vars(kind)]
    assert len({kind.code for kind in named_kinds}) == len(named_kinds)
    assert all(kind.user_message.endswith(".") for kind in named_kinds)
    assert all(f"({kind.code})" in (errors.__doc__ or "") for kind in named_kinds)
