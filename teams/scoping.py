"""What belongs to a team. A model that inherits from `TeamScoped` is read through `.of(team)` or `.open_to(user)`."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef

from accounts.models import User
from teams.permissions import Permission, roles_that_may

if TYPE_CHECKING:  # `teams.models` has models of this kind, too
    from teams.models import Team


def live_membership(
    user: User | int | OuterRef, permission: Permission = Permission.USE_CHAT, *, team: str = "team"
) -> Exists:
    """Return the condition that `user` is, at this moment, in the row's team and may do this there.

    `user` may be the row's own person, as an OuterRef; `team` is the path from the row to its team. It costs no query
    of its own.
    """
    memberships = apps.get_model("teams", "Membership")._default_manager
    return Exists(memberships.filter(team=OuterRef(team), user=user, role__in=roles_that_may(permission)))


class TeamScopedQuerySet[Row: models.Model](models.QuerySet[Row]):
    def of(self, team: "Team | UUID") -> Self:
        """Keep what is this team's."""
        return self.filter(team=team)

    def open_to(self, user: User | int, permission: Permission = Permission.VIEW_TEAM) -> Self:
        """Keep what is of teams this person is in right now and has this permission in."""
        return self.filter(live_membership(user, permission))


class TeamScoped(models.Model):
    team = models.ForeignKey("teams.Team", on_delete=models.CASCADE, related_name="+")

    objects = TeamScopedQuerySet.as_manager()

    class Meta:
        abstract = True
