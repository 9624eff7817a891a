"""Pages about one's own account that allauth does not have."""

from copy import copy
from uuid import UUID

from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import actions, audit_reading, export, personal_data, queries
from accounts import devices as signed_in
from accounts.forms import ChangeEmailForm, DeleteAccountForm, DownloadForm, ProfileForm
from accounts.models import User, UserSettings
from accounts.requests import SignedInRequest, settings_of


@login_required
def settings(request: SignedInRequest) -> HttpResponse:
    chosen = {"language": queries.language_of(request.user)}
    # The form writes what was typed into its own copy: the page around it shows who the person still is.
    form = ProfileForm(request.POST or None, instance=copy(request.user), initial=chosen)
    if form.is_valid():
        language = form.cleaned_data.get("language", chosen["language"])
        actions.change_profile(by=request.user, name=form.cleaned_data["name"], language=language)
        messages.success(request, _("Saved."))
        return redirect("account_settings")
    context = {"form": form, "themes": UserSettings.Theme.choices, "chosen_theme": settings_of(request).theme}
    return render(request, "accounts/settings.html", context)


@login_required
def account(request: SignedInRequest) -> HttpResponse:
    return render(request, "accounts/account.html", {"wanted": queries.address_to_confirm(request.user)})


@require_POST
@login_required
def theme(request: SignedInRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    if chosen not in UserSettings.Theme:
        return JsonResponse({"error": _("Choose light, dark or system.")}, status=400)
    actions.choose_theme(by=request.user, theme=UserSettings.Theme(chosen))
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        return redirect("account_settings")  # a browser without scripts
    return JsonResponse({"theme": chosen})


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def email(request: SignedInRequest) -> HttpResponse:
    form = ChangeEmailForm(request.POST or None, user=request.user)
    if form.is_valid():
        if not ratelimit.consume(request, action="manage_email", user=request.user):
            return render(request, "429.html", status=429)
        wanted = form.cleaned_data["email"]
        actions.change_email(by=request.user, email=wanted, request=request)
        messages.success(
            request,
            _("A link is on its way to %(wanted)s. Until you open it, the old address counts.") % {"wanted": wanted},
        )
        return redirect("account_own")
    return render(request, "accounts/email.html", {"form": form})


@require_POST
@login_required
def keep_email(request: SignedInRequest) -> HttpResponse:
    actions.keep_email(by=request.user)
    messages.success(request, _("Your address stays %(email)s.") % {"email": request.user.email})
    return redirect("account_own")


def _signs_in_without_password(request: SignedInRequest) -> bool:
    return request.user.is_authenticated and not request.user.has_usable_password()


@login_required
@reauthentication_required(enabled=_signs_in_without_password)  # type: ignore[untyped-decorator]
def data(request: SignedInRequest) -> HttpResponseBase:
    form = DownloadForm(request.POST or None, user=request.user)
    if request.method == "POST":
        if not ratelimit.consume(request, action="reauthenticate", user=request.user):
            return render(request, "429.html", status=429)
        if form.is_valid():
            return _download(request.user)
    return render(request, "accounts/data.html", {"form": form})


def _download(user: User) -> StreamingHttpResponse:
    now = timezone.now()
    actions.note_export(by=user)
    answer = StreamingHttpResponse(export.stream(user, at=now), content_type="application/zip")
    answer["Content-Disposition"] = content_disposition_header(True, f"my-data-{now:%Y-%m-%d}.zip")
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
def delete(request: SignedInRequest) -> HttpResponse:
    person = request.user
    # Whoever has no password proves it with a passkey or a code instead.
    if not person.has_usable_password():
        raise_if_reauthentication_required(request, app="allauth.account")
    form = DeleteAccountForm(request.POST or None, user=person)
    obstacles = personal_data.obstacles(person)
    if request.method == "POST" and form.is_valid() and not obstacles:
        logout(request)
        try:
            actions.delete_account(by=person)
            messages.success(request, _("Your account and everything in it is deleted."))
        except personal_data.Blocked as blocked:  # since the page was asked for it
            messages.error(request, _("Your account was not deleted. %(blocked)s") % {"blocked": blocked})
        return redirect("account_login")
    parts = personal_data.described(person)
    context = {
        "form": form,
        "obstacles": obstacles,
        "goes": [part.text for part in parts if not part.stays],
        "stays": [part.text for part in parts if part.stays],
    }
    return render(request, "accounts/delete.html", context)


@login_required
def devices(request: SignedInRequest) -> HttpResponse:
    page = queries.devices_page(request.user, this=this_device(request), before=request.GET.get("before", ""))
    return render(request, "accounts/devices.html", {"page": page})


@require_POST
@login_required
def sign_out_device(request: SignedInRequest, device_id: UUID) -> HttpResponse:
    if signed_in.sign_out(by=request.user, device_ids=[device_id]):
        messages.success(request, _("That device is signed out."))
    else:
        messages.info(request, _("That device was signed out already."))
    return redirect("account_devices")


@require_POST
@login_required
def sign_out_others(request: SignedInRequest) -> HttpResponse:
    count = signed_in.sign_out_everywhere(by=request.user, except_for=this_device(request))
    messages.success(
        request,
        ngettext("Signed out of one other device.", "Signed out of %(count)s other devices.", count) % {"count": count},
    )
    return redirect("account_devices")


def this_device(request: SignedInRequest) -> str:
    return str(request.session.get(signed_in.DEVICE_SESSION_KEY, ""))


class PasswordChange(allauth_views.PasswordChangeView):  # type: ignore[misc]  # allauth is untyped
    success_url = reverse_lazy("account_own")


@login_required
def history(request: SignedInRequest) -> HttpResponse:
    page = audit_reading.page(audit_reading.of_account(request.user), after=request.GET.get("after", ""))
    return render(request, "accounts/history.html", {"rows": page.rows, "after": page.after})
