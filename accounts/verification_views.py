"""Pages between signing up and getting in."""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.models import EmailConfirmation
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import verification
from accounts.requests import duration_in_words


@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    waiting = verification.pending(request)
    return render(request, "account/verification_sent.html", _context(waiting))


@never_cache
def required(request: HttpRequest) -> HttpResponse:
    """Where somebody is sent who may not go on before their address is confirmed."""
    waiting = verification.pending(request)
    if waiting is None:
        return redirect("llm_chat:home" if request.user.is_authenticated else "account_login")
    return render(request, "account/verified_email_required.html", _context(waiting))


@never_cache
def resend(request: HttpRequest) -> HttpResponse:
    waiting = verification.pending(request)
    if waiting is None:
        if request.user.is_authenticated:
            return redirect("account_own")
        messages.info(request, _("Sign in, and you get a new link if you still need one."))
        return redirect("account_login")
    if request.method == "POST":
        if verification.send_again(request, waiting):
            messages.success(request, _("A new link is on its way."))
        else:
            wait = duration_in_words(verification.wait_for(waiting.email))
            messages.warning(
                request,
                _("The last mail went out a moment ago. You can ask for another one in %(wait)s.") % {"wait": wait},
            )
    return redirect("account_verify_required" if request.user.is_authenticated else "account_email_verification_sent")


def _context(waiting: verification.Pending | None) -> dict[str, object]:
    if waiting is None:
        return {"email": "", "wait": 0}
    wait = verification.wait_for(waiting.email)
    return {"email": waiting.email, "wait": wait, "wait_in_words": duration_in_words(wait), "can_resend": True}


class Confirm(allauth_views.ConfirmEmailView):  # type: ignore[misc]  # allauth is untyped
    """Confirms on a press, not by being opened: programs that look into mail open links, too."""

    object: EmailConfirmation | None

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        self.state = verification.state_of(self.kwargs["key"])
        try:
            answer: HttpResponse = super().post(*args, **kwargs)
        except Http404:
            self.object = None
            answer = self.render_to_response(self.get_context_data())
        return answer

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        self.state = verification.state_of(self.kwargs["key"])
        answer: HttpResponse = super().get(*args, **kwargs)
        return answer

    def logout_other_user(self, confirmation: EmailConfirmation) -> None:
        if self.request.method == "POST":  # a look at a page signs nobody out
            super().logout_other_user(confirmation)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        waiting = verification.pending(self.request)
        return {**context, **_context(waiting), "state": self.state, "email": context.get("email", "")}
