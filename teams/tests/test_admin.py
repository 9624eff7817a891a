import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from teams import actions


@pytest.fixture
def boss(client: Client, db: None) -> User:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    client.force_login(boss)
    return boss


@pytest.mark.parametrize("page", ["team/", "team/add/", "team/{team}/change/", "membership/", "membership/add/"])
def test_every_page_about_teams_opens(client: Client, boss: User, alice: User, page: str) -> None:
    team = actions.personal_team(alice)

    assert client.get("/admin/teams/" + page.format(team=team.pk)).status_code == 200


def test_a_team_is_found_by_a_member_and_shows_how_many_it_has(client: Client, boss: User, alice: User) -> None:
    actions.personal_team(alice)

    found = client.get("/admin/teams/team/?q=alice@example.com").text

    assert '<td class="field-members">1</td>' in found


def test_the_list_of_memberships_asks_the_database_no_more_for_more_rows(
    client: Client, boss: User, alice: User, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for person in (alice, bob, boss):
        actions.personal_team(person)

    with django_assert_max_num_queries(8):
        client.get("/admin/teams/membership/")
