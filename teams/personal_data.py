"""A person's teams, in their own file. One who goes leaves no team without an owner, and none without anybody."""

from collections.abc import Iterator

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import personal_data
from accounts.models import User
from accounts.personal_data import Obstacle, Part, oldest_first
from teams import contents, departures, queries
from teams.models import ApiKey, Invitation, Membership, Team

MOST_NAMED = 20


@personal_data.blocker
def teams_that_would_have_no_owner(user: User) -> list[Obstacle]:
    return [
        Obstacle(
            _("You are the only owner of %(name)s, and others work in it. Hand it over or delete it first.")
            % {"name": team.name},
            _("Open its settings"),
            reverse("teams:settings", args=[team.pk]),
        )
        for team in queries.left_without_owner(user).order_by("name", "id")[:MOST_NAMED]
    ]


@personal_data.describer
def what_becomes_of_teams(user: User) -> list[Part]:
    alone = queries.left_empty(user)
    others = Team.objects.filter(memberships__user=user).exclude(id__in=alone.values("id"))
    personal_first = others.order_by(F("personal_owner").asc(nulls_last=True), "name", "id")[: MOST_NAMED + 1]
    parts = [
        Part(_("The team %(name)s, which has nobody else") % {"name": team.name})
        for team in alone.order_by("name")[:MOST_NAMED]
    ]
    for team in personal_first:
        if team.personal_owner_id == user.pk:
            parts.insert(0, Part(_("Your personal team and what belongs to it")))
        else:
            parts.append(Part(_("The team %(name)s, with what belongs to it") % {"name": team.name}, stays=True))
    return parts


@personal_data.eraser
def erase_teams_of_their_own(user: User) -> None:
    """Nobody else is in these, so nobody could ever open or delete them."""
    held = Team.objects.select_for_update().filter(memberships__user=user).order_by("id").values_list("id", flat=True)
    ids = list(held)
    # Others may have joined or stepped down until the teams were held.
    if obstacles := teams_that_would_have_no_owner(user):
        raise personal_data.Blocked(obstacles)
    for team in queries.left_empty(user).filter(id__in=ids):
        departures.tell(team.pk, [user.pk])
        contents.erase(team)
        team.delete()
    Invitation.objects.filter(email__iexact=user.email).delete()


@personal_data.exporter("teams.Team", "teams.Membership", "teams.Invitation", "teams.ApiKey")
def teams(user: User) -> Iterator[tuple[str, object]]:
    mine = oldest_first(Membership.objects.filter(user=user).select_related("team"))
    sent = oldest_first(Invitation.objects.filter(invited_by=user).select_related("team"))
    keys = oldest_first(ApiKey.objects.filter(created_by=user).select_related("team"))
    yield (
        "teams.json",
        {
            "teams": (
                {
                    "name": place.team.name,
                    "role": place.role,
                    "is_personal": place.team.personal_owner_id == user.pk,
                    "since": place.created_at,
                }
                for place in mine
            ),
            "invitations_sent": (
                {"team": one.team.name, "to": one.email, "role": one.role, "at": one.created_at} for one in sent
            ),
            "api_keys_made": (
                {"team": one.team.name, "name": one.name, "scopes": one.scopes, "at": one.created_at} for one in keys
            ),
        },
    )
