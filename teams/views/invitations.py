"""Asking people in, and the page behind the link in the mail."""

from uuid import UUID

from allauth.account.utils import complete_signup
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.models import User
from lib.plain_text import query_text
from teams import actions, queries, questions
from teams.access import allowed
from teams.forms import InviteForm, JoinForm
from teams.models import Invitation
from teams.permissions import Permission, Role, in_a_sentence, with_article
from teams.refusals import Refused
from teams.requests import TeamRequest


def _link_for(request: HttpRequest) -> actions.Link:
    return lambda token: request.build_absolute_uri(reverse("teams:invitation", args=[token]))


@allowed(Permission.MANAGE_MEMBERS)
def invitations(request: TeamRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, by=request.role)
    if form.is_valid():
        try:
            asked = actions.invite(
                by=request.user,
                team=request.team,
                email=form.cleaned_data["email"],
                role=Role(form.cleaned_data["role"]),
                link=_link_for(request),
                at=timezone.now(),
            )
            messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": asked.email})
            return redirect("teams:invitations", request.team.pk)
        except Refused as refused:
            form.add_error("email", str(refused))
    page = queries.waiting_invitations(request.team, after=query_text(request, "after"))
    rows = [
        {"invitation": row, "role": Role(row.role).label, "is_expired": row.expires_at <= timezone.now()}
        for row in page.rows
    ]
    return render(request, "teams/invitations.html", {"form": form, "rows": rows, "after": page.after})


@require_POST
@allowed(Permission.MANAGE_MEMBERS)
def resend(request: TeamRequest, invitation_id: UUID) -> HttpResponse:
    try:
        asked = actions.resend(
            by=request.user,
            team=request.team,
            invitation_id=invitation_id,
            link=_link_for(request),
            at=timezone.now(),
        )
        messages.success(
            request, _("A fresh link is on its way to %(email)s. The old one stopped working.") % {"email": asked.email}
        )
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("teams:invitations", request.team.pk)


@allowed(Permission.MANAGE_MEMBERS)
def cancel(request: TeamRequest, invitation_id: UUID) -> HttpResponse:
    if request.method != "POST":
        waiting = queries.waiting_invitation(request.team, invitation_id)
        if waiting is None:
            raise Http404(_("There is no such invitation, or it is over."))
        question = questions.Question(
            _("Cancel the invitation of %(email)s?") % {"email": waiting.email},
            [_("The link in their mail stops working. You can invite them again.")],
            _("Cancel the invitation"),
        )
        return questions.page(request, question, back=reverse("teams:invitations", args=[request.team.pk]))
    try:
        asked = actions.cancel(by=request.user, team=request.team, invitation_id=invitation_id, at=timezone.now())
        messages.success(
            request, _("The invitation of %(email)s is cancelled. Its link stopped working.") % {"email": asked.email}
        )
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("teams:invitations", request.team.pk)


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail. It changes nothing until somebody presses the button: mail scanners follow links, too."""
    found = queries.invitation(token)
    state = found.state(timezone.now()) if found else None
    if found is None or state != Invitation.State.WAITING:
        context = {"invitation": found, "state": state, "is_in": found and _is_in(request, found)}
        return render(request, "teams/invitation_over.html", context, status=410 if found else 404)
    if isinstance(request.user, User):
        return _for_person(request, request.user, found)
    if queries.person_with_address(found.email):
        return _page(request, found, "teams/invitation_sign_in.html")
    return _for_new_person(request, found)


def _is_in(request: HttpRequest, found: Invitation) -> bool:
    return isinstance(request.user, User) and queries.membership(request.user, found.team_id) is not None


def _page(request: HttpRequest, found: Invitation, template: str, status: int = 200, **more: object) -> HttpResponse:
    context = {
        "invitation": found,
        "inviter": found.invited_by,
        "role": with_article(found.role),
        "role_in_short": in_a_sentence(Role(found.role)),
        **more,
    }
    return render(request, template, context, status=status)


def _for_person(request: HttpRequest, person: User, found: Invitation) -> HttpResponse:
    if not queries.has_address(person, found.email):
        return _page(request, found, "teams/invitation_other_account.html", status=403)
    if request.method == "POST":
        try:
            actions.accept(by=person, invitation=found, at=timezone.now())
            messages.success(request, _("Welcome to %(name)s.") % {"name": found.team.name})
            return redirect(settings.LOGIN_REDIRECT_URL)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(request.path)
    return _page(request, found, "teams/invitation_accept.html")


def _for_new_person(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, email=found.email)
    if form.is_valid():
        try:
            person = actions.accept_as_new(invitation=found, password=form.cleaned_data["password"], at=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(request.path)
        messages.success(request, _("Welcome to %(name)s.") % {"name": found.team.name})
        answer: HttpResponse = complete_signup(request, person, None, resolve_url(settings.LOGIN_REDIRECT_URL))
        return answer
    return _page(request, found, "teams/invitation_sign_up.html", form=form)
