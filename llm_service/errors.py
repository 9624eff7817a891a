"""Why a model call failed. Each class has a `code`, whether trying again can help, and a sentence for people.

LLMError (model_error)
├── NotSent                             nothing left this server
│   ├── MissingKey (missing_key)
│   └── Blocked (blocked)               a hook or a budget said no
├── Refused                             the vendor answered and said no
│   ├── BadRequest (bad_request)
│   │   ├── ContextTooLong (context_too_long)
│   │   └── ContentFiltered (content_filtered)
│   ├── BadCredentials (bad_credentials)
│   ├── ModelNotFound (model_not_found)
│   ├── QuotaUsedUp (quota_used_up)
│   ├── RateLimited (rate_limited)      retryable
│   ├── Overloaded (overloaded)         retryable
│   └── ProviderDown (provider_down)    retryable
├── Unreachable                         no proper answer; all retryable
│   ├── ConnectionFailed (connection)
│   ├── BadResponse (bad_response)      not the wire format we asked for
│   └── StreamBroken (stream_broken)    ended in the middle; what had arrived is kept
├── TookTooLong                         a limit of ours passed; all retryable
│   ├── ConnectTimeout (connect_timeout)
│   ├── FirstTokenTimeout (first_token_timeout)
│   ├── IdleTimeout (idle_timeout)
│   └── TotalTimeout (total_timeout)
└── ProcessLost (process_lost)          the server that ran the call died; retryable

The client itself tries a retryable error again only while nothing of the answer has been delivered.
"""

from typing import ClassVar


class LLMError(Exception):
    """A model call failed. `partial` says whether part of the answer had already been delivered."""

    code: ClassVar[str] = "model_error"
    retryable: ClassVar[bool] = False
    user_message: ClassVar[str] = "The model could not answer."

    def __init__(
        self,
        detail: str = "",
        *,
        http_status: int | None = None,
        retry_after: float | None = None,
        partial: bool = False,
    ) -> None:
        super().__init__(detail or self.user_message)
        self.detail = detail
        """What the vendor or library said: for logs and admins, never for readers."""
        self.http_status = http_status
        self.retry_after = retry_after
        """Seconds the vendor asked us to wait."""
        self.partial = partial


class NotSent(LLMError):
    pass


class MissingKey(NotSent):
    code = "missing_key"
    user_message = "No API key is set for this model's provider. An administrator can add one."


class Blocked(NotSent):
    """Raised by a hook to refuse a call or its answer. `user_message` may be given per instance."""

    code = "blocked"
    user_message = "This request was blocked by a rule of this site."


class Refused(LLMError):
    pass


class BadRequest(Refused):
    code = "bad_request"
    user_message = "The model's provider did not accept the request."


class ContextTooLong(BadRequest):
    code = "context_too_long"
    user_message = "The conversation is too long for this model. Start a new chat or choose a model with more room."


class ContentFiltered(BadRequest):
    code = "content_filtered"
    user_message = "The model's provider declined to answer this for safety reasons."


class BadCredentials(Refused):
    code = "bad_credentials"
    user_message = "The model's provider did not accept our API key. An administrator should check it."


class ModelNotFound(Refused):
    code = "model_not_found"
    user_message = "The provider does not know this model. Choose another one."


class QuotaUsedUp(Refused):
    code = "quota_used_up"
    user_message = "The account at the model's provider has no credit left. An administrator should check it."


class RateLimited(Refused):
    code = "rate_limited"
    retryable = True
    user_message = "The model's provider is limiting our requests. Try again in a moment."


class Overloaded(Refused):
    code = "overloaded"
    retryable = True
    user_message = "The model is overloaded right now. Try again in a moment."


class ProviderDown(Refused):
    code = "provider_down"
    retryable = True
    user_message = "The model's provider has a problem right now. Try again in a moment."


class Unreachable(LLMError):
    retryable = True


class ConnectionFailed(Unreachable):
    code = "connection"
    user_message = "The model's provider could not be reached. Try again in a moment."


class BadResponse(Unreachable):
    code = "bad_response"
    user_message = "The model's provider sent an answer that could not be read. Try again in a moment."


class StreamBroken(Unreachable):
    code = "stream_broken"
    user_message = "The answer broke off. You can continue or try again."


class TookTooLong(LLMError):
    retryable = True


class ConnectTimeout(TookTooLong):
    code = "connect_timeout"
    user_message = "The model's provider could not be reached in time. Try again in a moment."


class FirstTokenTimeout(TookTooLong):
    code = "first_token_timeout"
    user_message = "The model did not begin to answer in time. Try again in a moment."


class IdleTimeout(TookTooLong):
    code = "idle_timeout"
    user_message = "The model stopped in the middle of its answer. You can continue or try again."


class TotalTimeout(TookTooLong):
    code = "total_timeout"
    user_message = "The model took too long to finish its answer. You can continue or try again."


class ProcessLost(LLMError):
    code = "process_lost"
    retryable = True
    user_message = "The server was interrupted while the model was answering. You can continue or try again."
