"""Who looks at which calls: staff at all of them, others at those of one team at a time."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from accounts.requests import SignedInRequest
from llm_service.models import LLMCallLog
from llm_service.queries import calls
from teams import actions as team_actions
from teams.models import Team


@dataclass(frozen=True)
class Sight:
    """The calls a page is about, and what whoever looks at it may do with them."""

    calls: QuerySet[LLMCallLog]
    choices: list[tuple[UUID, str]]
    """The teams to look at, by name."""
    team: Team | None
    """None where staff look at all teams."""
    sees_all: bool
    may_read: bool

    @property
    def team_id(self) -> UUID | None:
        return self.team.pk if self.team else None

    @property
    def names(self) -> dict[str, str]:
        return {str(id_): name for id_, name in self.choices}


def sight(request: SignedInRequest, team_id: UUID | None) -> Sight:
    """Return what this person sees of the team asked for, else of their own. Raises Http404 for a foreign one."""
    open_calls = calls.calls_open_to(request.user)
    if calls.sees_all(request.user):
        team = Team.objects.filter(pk=team_id).first() if team_id else None
        if team is None and team_id:
            raise Http404("There are no such calls.")
        within = open_calls.filter(team=team) if team else open_calls
        return Sight(within, calls.teams_of_the_site(), team, sees_all=True, may_read=True)
    # Asked first, because somebody who was in no team yet is in their own from then on.
    current = None if team_id else team_actions.current_membership(request.user).team_id
    teams = calls.teams_to_choose(request.user)
    team = next((team for team in teams if team.pk == (team_id or current)), None)
    if team is None and teams and team_id is None:
        team = teams[0]
    if team is None:
        raise Http404("There are no such calls.")
    may_read = calls.may_read_words(request.user, team.pk)
    choices = [(team.pk, team.name) for team in teams]
    return Sight(open_calls.filter(team=team), choices, team, sees_all=False, may_read=may_read)
