from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from llm_service.actions import saved_views
from llm_service.models import SavedView
from llm_service.queries import removals
from llm_service.queries.call_filters import CallFilter
from llm_service.views.access import sight
from teams import actions as team_actions


@require_POST
@login_required
def save_view(request: SignedInRequest) -> HttpResponse:
    wanted = CallFilter.read(QueryDict(request.POST.get("query", "")[:2000]))
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())[:80]
    team = sight(request, wanted.team).team or team_actions.current_membership(request.user).team
    if not name:
        messages.error(request, _("Give the view a name, so that you find it again."))
    else:
        try:
            saved_views.save(
                by=request.user, team_id=team.pk, name=name, query=wanted.query(), is_shared="shared" in request.POST
            )
            messages.success(request, _("Saved as “%(name)s”.") % {"name": name})
        except saved_views.TooMany:
            messages.error(request, _("You have 50 saved views in this team. Remove one first."))
    return redirect(f"{reverse('operations:calls')}?{wanted.query()}")


@login_required
def forget_view(request: SignedInRequest, view_id: int) -> HttpResponse:
    """Ask, then remove; both lead back to the calls as they were filtered."""
    view = SavedView.objects.select_related("team").filter(user=request.user, pk=view_id).first()
    if view is None:
        raise Http404("There is no such view.")
    back = f"{reverse('operations:calls')}?{CallFilter.read(request.GET).query()}"
    if request.method != "POST":
        context = {"question": removals.of_view(view), "back": back}
        return render(request, "operations/forget_view.html", context)
    saved_views.forget(by=request.user, view_id=view_id)
    messages.success(request, _("The view %(name)s is removed.") % {"name": view.name})
    return redirect(back)
