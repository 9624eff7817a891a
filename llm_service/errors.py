"""Why a model call failed. Each class has a `code`, whether trying again can help, and a sentence for people.

LLMError (model_error)
├── NotSent                             nothing left this server
│   ├── MissingKey (missing_key)
│   ├── ModelForbidden (model_not_allowed)        by a rule of the site or the team
│   ├── AddressNotAllowed (address_not_allowed)   a connected server in a private network
│   └── Blocked (blocked)               a hook said no
│       ├── BudgetExceeded (budget_exceeded)
│       └── TooManyCalls (too_many_calls)  a limit of ours; retryable
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
├── InvalidAnswer (invalid_answer)      whole, but not in the form asked for
└── ProcessLost (process_lost)          the server that ran the call died; retryable

Where the same words to the same model can end no other way, `mended_by` says what may help: other words, another model.
The client itself tries a retryable error again only while nothing of the answer has been delivered.
"""

from datetime import datetime
from typing import ClassVar, Literal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

type Mends = tuple[Literal["edit", "model"], ...]


class LLMError(Exception):
    """A model call failed. `partial` says whether part of the answer had already been delivered."""

    code: ClassVar[str] = "model_error"
    retryable: ClassVar[bool] = False
    mended_by: Mends = ()
    user_message: ClassVar[str] = gettext_noop("The model could not answer.")
    """In English, as the logs keep it; translated where it is shown."""

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
    mended_by: Mends = ("model",)
    user_message = gettext_noop("No API key is set for this model's provider. An administrator can add one.")


class ModelForbidden(NotSent):
    code = "model_not_allowed"
    mended_by: Mends = ("model",)
    user_message = gettext_noop("This model is not to be used here. Choose another one.")


class AddressNotAllowed(NotSent):
    code = "address_not_allowed"
    mended_by: Mends = ("model",)
    user_message = gettext_noop(
        "The address of this model's server is not allowed here. An administrator should check it."
    )


class Blocked(NotSent):
    """Raised by a hook to refuse a call or its answer. `user_message` may be given per instance."""

    code = "blocked"
    mended_by: Mends = ("edit",)
    user_message = gettext_noop("This request was blocked by a rule of this site.")


class BudgetExceeded(Blocked):
    """Says whose span is used up, and when the next one begins."""

    code = "budget_exceeded"
    mended_by: Mends = ()
    user_message = gettext_noop("The budget is used up.")

    def __init__(
        self,
        detail: str = "",
        *,
        window: str = "",
        starts_anew: datetime | None = None,
        is_of_model: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        what = {
            "day": _("Today's budget is used up."),
            "week": _("This week's budget is used up."),
            "month": _("This month's budget is used up."),
        }.get(window) or _("The budget is used up.")
        if starts_anew:
            then = _("It starts anew on %(date)s.") % {"date": date_format(starts_anew, _("j F"))}
        else:
            then = _("An administrator can raise it.")
        other = [_("Another model may still have some left.")] if is_of_model else []
        self.mended_by = ("model",) if is_of_model else ()
        self.user_message = " ".join([what, then, *other])  # type: ignore[misc]  # of this instance


class TooManyCalls(Blocked):
    """A limit of this site on how fast or how much at once; `retry_after` says when there is room again."""

    code = "too_many_calls"
    mended_by: Mends = ()
    retryable = True
    user_message = gettext_noop("That was a lot at once. Try again in a moment.")

    def __init__(self, detail: str = "", *, retry_after: float | None = None, at_once: bool = False) -> None:
        super().__init__(detail, retry_after=retry_after)
        seconds = round(retry_after or 1)
        if at_once:
            said = _("Too many replies are being written at once. Try again in a moment.")
        elif seconds <= 90:
            again = ngettext("Try again in %(count)d second.", "Try again in %(count)d seconds.", seconds)
            said = _("That was a lot in a short time.") + " " + again % {"count": seconds}
        else:
            minutes = round(seconds / 60)
            again = ngettext("Try again in %(count)d minute.", "Try again in %(count)d minutes.", minutes)
            said = _("That was a lot in a short time.") + " " + again % {"count": minutes}
        self.user_message = said  # type: ignore[misc]  # of this instance


class Refused(LLMError):
    pass


class BadRequest(Refused):
    code = "bad_request"
    mended_by: Mends = ("edit", "model")
    user_message = gettext_noop("The model's provider did not accept the request.")


class ContextTooLong(BadRequest):
    code = "context_too_long"
    mended_by: Mends = ("model", "edit")
    user_message = gettext_noop(
        "The conversation is too long for this model. Start a new chat or choose a model with more room."
    )


class ContentFiltered(BadRequest):
    code = "content_filtered"
    mended_by: Mends = ("edit", "model")
    user_message = gettext_noop("The model's provider declined to answer this for safety reasons.")


class BadCredentials(Refused):
    code = "bad_credentials"
    mended_by: Mends = ("model",)
    user_message = gettext_noop("The model's provider did not accept our API key. An administrator should check it.")


class ModelNotFound(Refused):
    code = "model_not_found"
    mended_by: Mends = ("model",)
    user_message = gettext_noop("The provider does not know this model. Choose another one.")


class QuotaUsedUp(Refused):
    code = "quota_used_up"
    mended_by: Mends = ("model",)
    user_message = gettext_noop(
        "The account at the model's provider has no credit left. An administrator should check it."
    )


class RateLimited(Refused):
    code = "rate_limited"
    retryable = True
    mended_by: Mends = ("model",)
    user_message = gettext_noop("The model's provider is limiting our requests. Try again in a moment.")


class Overloaded(Refused):
    code = "overloaded"
    retryable = True
    mended_by: Mends = ("model",)
    user_message = gettext_noop("The model is overloaded right now. Try again in a moment.")


class ProviderDown(Refused):
    code = "provider_down"
    retryable = True
    mended_by: Mends = ("model",)
    user_message = gettext_noop("The model's provider has a problem right now. Try again in a moment.")


class Unreachable(LLMError):
    retryable = True


class ConnectionFailed(Unreachable):
    code = "connection"
    user_message = gettext_noop("The model's provider could not be reached. Try again in a moment.")


class BadResponse(Unreachable):
    code = "bad_response"
    user_message = gettext_noop("The model's provider sent an answer that could not be read. Try again in a moment.")


class StreamBroken(Unreachable):
    code = "stream_broken"
    user_message = gettext_noop("The answer broke off. You can continue or try again.")


class TookTooLong(LLMError):
    retryable = True


class ConnectTimeout(TookTooLong):
    code = "connect_timeout"
    user_message = gettext_noop("The model's provider could not be reached in time. Try again in a moment.")


class FirstTokenTimeout(TookTooLong):
    code = "first_token_timeout"
    user_message = gettext_noop("The model did not begin to answer in time. Try again in a moment.")


class IdleTimeout(TookTooLong):
    code = "idle_timeout"
    user_message = gettext_noop("The model stopped in the middle of its answer. You can continue or try again.")


class TotalTimeout(TookTooLong):
    code = "total_timeout"
    user_message = gettext_noop("The model took too long to finish its answer. You can continue or try again.")


class InvalidAnswer(LLMError):
    """The answer does not follow the schema it was asked to follow; `detail` says how."""

    code = "invalid_answer"
    user_message = gettext_noop("The model did not answer in the form that was asked for.")

    def __init__(self, detail: str = "", *, text: str) -> None:
        super().__init__(detail)
        self.text = text
        """What it said instead, as it came."""


class ProcessLost(LLMError):
    code = "process_lost"
    retryable = True
    user_message = gettext_noop(
        "The server was interrupted while the model was answering. You can continue or try again."
    )
