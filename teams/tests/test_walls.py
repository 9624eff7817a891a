"""A team's addresses are there for its members alone; what a member may do depends on the role."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from accounts.models import User
from teams import actions
from teams.access import allowed
from teams.models import Membership
from teams.permissions import Permission, Role
from teams.requests import TeamRequest
from teams.tests.factories import join, team_of


@allowed(Permission.MANAGE_MEMBERS)
def guarded(request: TeamRequest) -> HttpResponse:
    return HttpResponse(f"{request.team.name} as {request.role}")


def forgotten(request: HttpRequest, team_id: uuid.UUID) -> HttpResponse:
    return HttpResponse("a view that says nothing about who may open it")


urlpatterns = [
    path("", include("config.urls")),
    path("guarded/", guarded),
    path("guarded/<uuid:team_id>/", guarded),
    path("forgotten/<uuid:team_id>/", forgotten),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.mark.parametrize("address", ["/guarded/{}/", "/forgotten/{}/", "/teams/{}/"])
def test_a_foreign_team_and_a_missing_one_are_the_same_404(
    client: Client, alice: User, charlie: User, address: str, django_assert_num_queries: Any
) -> None:
    team = team_of(alice)
    client.force_login(charlie)

    answers = []
    for team_id in (team.id, uuid.uuid4()):
        with django_assert_num_queries(3):  # session, person, membership
            answers.append(client.get(address.format(team_id)))

    foreign, missing = answers
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert without_nonce(foreign) == without_nonce(missing)
    assert b"Otters" not in foreign.content


def without_nonce(answer: Any) -> str:
    nonce = answer.headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
    return str(answer.content.decode().replace(nonce, ""))


@pytest.mark.parametrize("address", ["/guarded/", "/guarded/{}/", "/forgotten/{}/"])
def test_a_stranger_is_sent_to_the_sign_in_page_wherever_the_team_exists(
    client: Client, alice: User, address: str
) -> None:
    for team_id in (team_of(alice).id, uuid.uuid4()):
        answer = client.get(address.format(team_id))

        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.OWNER, 200), (Role.ADMIN, 200), (Role.EDITOR, 403), (Role.VIEWER, 403)]
)
def test_a_member_without_the_permission_is_refused_in_words(
    client: Client, alice: User, bob: User, role: Role, status: int
) -> None:
    team = team_of(alice)
    join(team, bob, role)
    client.force_login(bob)

    answer = client.get(f"/guarded/{team.id}/")

    assert answer.status_code == status
    assert (answer.text == f"Otters as {role}") == (status == 200)


def test_someone_who_was_removed_is_a_stranger_at_once(client: Client, alice: User, bob: User) -> None:
    team = team_of(alice, admin=bob)
    client.force_login(bob)
    assert client.get(f"/guarded/{team.id}/").status_code == 200

    Membership.objects.filter(user=bob).delete()

    assert client.get(f"/guarded/{team.id}/").status_code == 404


def test_a_page_without_a_team_in_its_address_is_about_the_current_one(client: Client, alice: User) -> None:
    alice.name = "Alice"
    alice.save()
    client.force_login(alice)
    assert client.get("/guarded/").text == "Alice as owner"

    actions.switch(by=alice, team=team_of(alice, "Otters"), at=timezone.now() - timedelta(days=1))
    actions.switch(by=alice, team=team_of(alice, "Newts"), at=timezone.now())

    assert client.get("/guarded/").text == "Newts as owner"


def test_whoever_leaves_the_current_team_is_back_in_the_one_before_it(alice: User, bob: User) -> None:
    otters, newts = team_of(bob, "Otters", editor=alice), team_of(bob, "Newts", editor=alice)
    for ago, team in enumerate((newts, otters)):
        actions.switch(by=alice, team=team, at=timezone.now() - timedelta(days=ago))

    for expected in ("Newts", "Otters", "alice"):
        current = actions.current_membership(alice)
        assert current.team.name == expected
        current.delete()


def test_nobody_is_switched_into_a_team_they_only_joined(alice: User, bob: User) -> None:
    team_of(bob, editor=alice)

    assert actions.current_membership(alice).team.is_personal
