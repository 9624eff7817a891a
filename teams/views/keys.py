from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from teams import keys as api_keys
from teams import queries, questions
from teams.access import allowed
from teams.forms import ApiKeyForm
from teams.models import ApiKey
from teams.permissions import Permission, Scope
from teams.requests import TeamRequest


@allowed(Permission.MANAGE_KEYS)
def keys(request: TeamRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST or None)
    text = ""
    if form.is_valid():
        _, text = api_keys.create(
            by=request.user,
            team=request.team,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(),
        )
        form = ApiKeyForm()
    page = queries.keys(request.team, after=request.GET.get("after", ""))
    labels = dict(Scope.choices)
    rows = [(key, [labels.get(scope, scope) for scope in key.scopes]) for key in page.rows]
    answer = render(request, "teams/keys.html", {"form": form, "rows": rows, "after": page.after, "text": text})
    answer["Cache-Control"] = "no-store"  # it may hold the key, which is shown this once
    return answer


@allowed(Permission.MANAGE_KEYS)
def own_keys(request: TeamRequest) -> HttpResponse:
    """The tab of the settings page: keys belong to a team, so it leads to those of the current one."""
    return redirect("teams:keys", team_id=request.team.pk)


@allowed(Permission.MANAGE_KEYS)
def revoke_key(request: TeamRequest, key_id: int) -> HttpResponse:
    if request.method != "POST":
        key = queries.working_key(request.team, key_id)
        if key is None:
            raise Http404(_("There is no such key, or it is revoked already."))
        return questions.page(request, _revoking(key), back=reverse("teams:keys", args=[request.team.pk]))
    api_keys.revoke(by=request.user, team=request.team, key_id=key_id)
    return redirect("teams:keys", team_id=request.team.pk)


def _revoking(key: ApiKey) -> questions.Question:
    goes = [_("Programs that show it are refused at once. A revoked key never works again.")]
    if key.last_used_at:
        goes.append(_("It was last used %(ago)s.") % {"ago": naturaltime(key.last_used_at)})
    return questions.Question(_("Revoke the key %(name)s?") % {"name": key.name}, goes, _("Revoke it"))
