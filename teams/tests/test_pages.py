"""The pages of a team: who sees what on them, in how many queries, and what a press does."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from teams import actions
from teams.models import Invitation, Membership, Team
from teams.permissions import Role
from teams.tests.factories import join, team_of

pytestmark = pytest.mark.django_db

PAGES_OF_A_TEAM = ["", "invitations/", "settings/", "transfer/", "leave/", "delete/"]


@pytest.fixture
def otters(alice: User, bob: User) -> Team:
    return team_of(alice, "Otters", viewer=bob)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def crowd(team: Team, count: int) -> None:
    people = User.objects.bulk_create(
        User(email=f"person-{n:04}@example.com", name=f"Person {n}") for n in range(count)
    )
    Membership.objects.bulk_create(Membership(team=team, user=person, role=Role.EDITOR) for person in people)


def many_teams(person: User, count: int) -> None:
    teams = Team.objects.bulk_create(Team(name=f"Team {n:03}") for n in range(count))
    Membership.objects.bulk_create(Membership(team=team, user=person, role=Role.OWNER) for team in teams)


# --- Who may open what


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (Role.OWNER, []),
        (Role.ADMIN, ["transfer/", "delete/"]),
        (Role.EDITOR, ["invitations/", "transfer/", "delete/"]),
        (Role.VIEWER, ["invitations/", "transfer/", "delete/"]),
    ],
)
def test_pages_open_by_role(otters: Team, charlie: User, role: Role, refused: list[str]) -> None:
    join(otters, charlie, role)
    client = signed_in(charlie)

    found = {page: client.get(f"/teams/{otters.pk}/{page}").status_code for page in PAGES_OF_A_TEAM}

    assert found == {page: 403 if page in refused else 200 for page in PAGES_OF_A_TEAM}


@pytest.mark.parametrize("page", PAGES_OF_A_TEAM)
def test_an_outsider_finds_none_of_them(otters: Team, charlie: User, page: str) -> None:
    assert signed_in(charlie).get(f"/teams/{otters.pk}/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES_OF_A_TEAM)
def test_a_personal_team_says_why_not_and_what_else(alice: User, page: str) -> None:
    team = actions.personal_team(alice)

    answer = signed_in(alice).get(f"/teams/{team.pk}/{page}")

    assert answer.status_code == 200
    assert "personal team" in answer.text


@pytest.mark.parametrize("page", ["leave/", "delete/"])
def test_a_personal_team_survives_a_forged_form(alice: User, page: str) -> None:
    team = actions.personal_team(alice)

    signed_in(alice).post(f"/teams/{team.pk}/{page}", {"name": team.name})

    assert Membership.objects.filter(team=team, user=alice).exists()


def test_a_viewer_sees_roles_and_changes_none(otters: Team, bob: User) -> None:
    page = signed_in(bob).get(f"/teams/{otters.pk}/").text

    assert "alice@example.com" in page
    assert "/role/" not in page
    assert "Invite people" not in page


def test_an_admin_is_offered_no_change_of_an_owner(otters: Team, alice: User, bob: User, charlie: User) -> None:
    join(otters, charlie, Role.ADMIN)

    page = signed_in(charlie).get(f"/teams/{otters.pk}/").text

    assert f"/members/{bob.pk}/role/" in page
    assert f"/members/{alice.pk}/role/" not in page
    assert 'value="owner"' not in page


# --- Lists


@pytest.mark.parametrize("size", [10, 1_000])
def test_members_take_the_same_few_queries_in_a_team_of_any_size(
    otters: Team, alice: User, size: int, django_assert_num_queries: Any
) -> None:
    crowd(otters, size)
    client = signed_in(alice)

    with django_assert_num_queries(6):  # session, person, wall, page, count, teams to switch to
        client.get(f"/teams/{otters.pk}/")


def test_members_are_paged_by_key_and_each_is_shown_once(otters: Team, alice: User) -> None:
    crowd(otters, 120)
    client = signed_in(alice)
    shown, after, pages = [], "", 0

    while pages == 0 or after:
        context = client.get(f"/teams/{otters.pk}/", {"after": after}).context
        shown += [row.place.user.email for row in context["rows"]]
        after, pages = context["after"], pages + 1

    assert pages == 5
    assert len(shown) == len(set(shown)) == 122


@pytest.mark.parametrize(("search", "found"), [("person-0007", 1), ("PERSON 7", 11), ("nobody", 0)])
def test_members_are_found_by_a_part_of_name_or_address(otters: Team, alice: User, search: str, found: int) -> None:
    crowd(otters, 80)

    answer = signed_in(alice).get(f"/teams/{otters.pk}/", {"q": search})

    assert len(answer.context["rows"]) == found
    assert ("Nobody here is called that" in answer.text) == (found == 0)


@pytest.mark.parametrize("size", [3, 200])
def test_ones_teams_take_the_same_few_queries_however_many(
    alice: User, size: int, django_assert_num_queries: Any
) -> None:
    many_teams(alice, size)
    actions.personal_team(alice)
    client = signed_in(alice)

    with django_assert_num_queries(5):  # session, person, page, current team, teams to switch to
        client.get("/teams/")


def test_all_of_two_hundred_teams_are_reached_and_found(alice: User) -> None:
    many_teams(alice, 200)
    client = signed_in(alice)
    shown, after, pages = set(), "", 0

    while pages == 0 or after:
        page = client.get("/teams/", {"after": after}).context["page"]
        shown |= {place.team.name for place in page.rows}
        after, pages = page.after, pages + 1

    assert {f"Team {n:03}" for n in range(200)} <= shown
    found = client.get("/teams/", {"q": "eam 19"}).context["page"].rows
    assert [place.team.name for place in found] == [f"Team 19{n}" for n in range(10)]


@pytest.mark.parametrize("size", [10, 1_000])
def test_invitations_take_the_same_few_queries_however_many(
    otters: Team, alice: User, size: int, django_assert_num_queries: Any
) -> None:
    Invitation.objects.bulk_create(
        Invitation(
            team=otters,
            email=f"{n}@x.org",
            role="viewer",
            token_hash=str(n),
            expires_at=timezone.now(),
            invited_by=alice,
        )
        for n in range(size)
    )
    client = signed_in(alice)

    with django_assert_num_queries(5):  # session, person, wall, page, teams to switch to
        client.get(f"/teams/{otters.pk}/invitations/")


@pytest.mark.parametrize("page", PAGES_OF_A_TEAM)
def test_no_page_of_a_team_takes_more_than_ten_queries(
    otters: Team, alice: User, page: str, django_assert_max_num_queries: Any
) -> None:
    many_teams(alice, 200)
    client = signed_in(alice)

    with django_assert_max_num_queries(10):
        client.get(f"/teams/{otters.pk}/{page}")


@pytest.mark.parametrize("after", ["x", "\x00", "ä" * 300])
def test_a_bad_place_in_a_list_is_no_trouble(otters: Team, alice: User, after: str) -> None:
    client = signed_in(alice)

    for page in ("/teams/", f"/teams/{otters.pk}/", f"/teams/{otters.pk}/invitations/"):
        assert client.get(page, {"after": after, "q": after}).status_code == 200


# --- What a press does


def test_a_team_is_created_and_its_name_is_one_line(alice: User) -> None:
    answer = signed_in(alice).post("/teams/new/", {"name": "  The\t Otters "})

    team = Team.objects.get(name="The Otters")
    assert answer["Location"] == f"/teams/{team.pk}/invitations/"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_will_not_do_is_refused_in_words(alice: User, name: str) -> None:
    answer = signed_in(alice).post("/teams/new/", {"name": name})

    assert answer.context["form"].errors["name"]
    assert not Team.objects.filter(personal_owner=None).exists()


def test_switching_is_a_press_and_leads_to_the_chat(otters: Team, bob: User) -> None:
    client = signed_in(bob)
    assert client.get(f"/teams/{otters.pk}/switch/").status_code == 405

    answer = client.post(f"/teams/{otters.pk}/switch/")

    assert answer["Location"] == "/chat/"
    assert actions.current_membership(bob).team == otters


def test_the_switcher_offers_the_teams_chosen_last(otters: Team, bob: User) -> None:
    many_teams(bob, 200)
    actions.switch(by=bob, team=otters, at=timezone.now())

    page = signed_in(bob).get("/accounts/settings/").text

    assert page.count("/switch/") == 5
    assert f'aria-checked="true" formaction="/teams/{otters.pk}/switch/"' in page


def test_a_role_is_changed_and_said(otters: Team, alice: User, bob: User) -> None:
    answer = signed_in(alice).post(f"/teams/{otters.pk}/members/{bob.pk}/role/", {"role": "admin"}, follow=True)

    assert Membership.objects.get(team=otters, user=bob).role == Role.ADMIN
    assert "bob is now an admin." in answer.text


@pytest.mark.parametrize("role", ["boss", "", "OWNER"])
def test_a_role_there_is_not_changes_nothing(otters: Team, alice: User, bob: User, role: str) -> None:
    answer = signed_in(alice).post(f"/teams/{otters.pk}/members/{bob.pk}/role/", {"role": role}, follow=True)

    assert "There is no such role." in answer.text


def test_a_refused_change_says_why(otters: Team, alice: User) -> None:
    answer = signed_in(alice).post(f"/teams/{otters.pk}/members/{alice.pk}/role/", {"role": "admin"}, follow=True)

    assert "You are the only owner of this team" in answer.text


def test_removing_asks_first(otters: Team, alice: User, bob: User) -> None:
    client = signed_in(alice)
    assert "Remove bob?" in client.get(f"/teams/{otters.pk}/members/{bob.pk}/remove/").text
    assert Membership.objects.filter(team=otters, user=bob).exists()

    answer = client.post(f"/teams/{otters.pk}/members/{bob.pk}/remove/", follow=True)

    assert not Membership.objects.filter(team=otters, user=bob).exists()
    assert "bob is no longer in Otters." in answer.text


def test_removing_somebody_of_another_team_is_missing(otters: Team, alice: User, charlie: User) -> None:
    assert signed_in(alice).get(f"/teams/{otters.pk}/members/{charlie.pk}/remove/").status_code == 404


def test_leaving_says_goodbye(otters: Team, bob: User) -> None:
    assert "You have left Otters." in signed_in(bob).post(f"/teams/{otters.pk}/leave/", follow=True).text


def test_the_only_owner_is_led_to_handing_over(otters: Team, alice: User) -> None:
    client = signed_in(alice)

    assert "You are the only owner" in client.get(f"/teams/{otters.pk}/leave/").text
    assert "You are the only owner of this team" in client.post(f"/teams/{otters.pk}/leave/", follow=True).text


def test_handing_over_takes_a_members_address(otters: Team, alice: User, bob: User, charlie: User) -> None:
    client = signed_in(alice)
    assert (
        "Nobody in this team has this address"
        in client.post(f"/teams/{otters.pk}/transfer/", {"email": charlie.email}).text
    )

    client.post(f"/teams/{otters.pk}/transfer/", {"email": "BOB@example.com"})

    assert Membership.objects.get(team=otters, user=bob).role == Role.OWNER
    assert Membership.objects.get(team=otters, user=alice).role == Role.ADMIN


def test_deleting_says_what_goes_and_takes_the_name(otters: Team, alice: User) -> None:
    client = signed_in(alice)
    assert "the membership of everybody in it" in client.get(f"/teams/{otters.pk}/delete/").text
    assert "Nothing was deleted" in client.post(f"/teams/{otters.pk}/delete/", {"name": "otters"}).text

    client.post(f"/teams/{otters.pk}/delete/", {"name": "Otters"})

    assert not Team.objects.filter(pk=otters.pk).exists()


def test_renaming_is_for_those_who_may(otters: Team, alice: User, bob: User) -> None:
    signed_in(bob).post(f"/teams/{otters.pk}/settings/", {"name": "Bobs"})
    assert Team.objects.get(pk=otters.pk).name == "Otters"

    signed_in(alice).post(f"/teams/{otters.pk}/settings/", {"name": "Newts"})
    assert Team.objects.get(pk=otters.pk).name == "Newts"


def test_a_person_who_signs_up_has_a_personal_team(client: Client) -> None:
    client.post("/accounts/signup/", {"email": "dora@example.com", "password1": "dora-password-1"})

    assert Team.objects.get(personal_owner__email="dora@example.com").name == "dora"
