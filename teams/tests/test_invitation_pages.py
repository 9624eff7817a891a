"""The page behind the link in the mail, for everybody who may come by it."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from accounts.models import User
from teams import actions
from teams.models import Invitation, Membership, Team
from teams.tests.factories import team_of

pytestmark = pytest.mark.django_db
Mails = list[EmailMultiAlternatives]


@pytest.fixture
def otters(alice: User) -> Team:
    return team_of(alice, "Otters")


def invited(client: Client, team: Team, owner: User, email: str, mailoutbox: Mails, role: str = "editor") -> str:
    """Have the owner invite somebody through the page; return the path of the link in the mail."""
    client.force_login(owner)
    answer = client.post(f"/teams/{team.pk}/invitations/", {"email": email, "role": role})
    assert answer.status_code == 302, answer.context["form"].errors
    client.logout()
    found = re.search(r"http://testserver(/teams/invitations/[\w-]+/)", str(mailoutbox[-1].body))
    assert found
    return found[1]


def test_a_new_person_signs_up_on_the_page_and_lands_in_the_team(
    client: Client, otters: Team, alice: User, mailoutbox: Mails
) -> None:
    path = invited(client, otters, alice, "dora@example.com", mailoutbox)
    page = client.get(path).text
    assert "Join Otters" in page
    assert "alice (alice@example.com) invites you as an editor" in page

    answer = client.post(path, {"password": "dora-password-1"})

    dora = User.objects.get(email="dora@example.com")
    assert answer["Location"] == "/chat/"
    assert client.session["_auth_user_id"] == str(dora.pk)
    assert EmailAddress.objects.get(user=dora).verified
    assert actions.current_membership(dora).team == otters


def test_a_weak_password_is_refused_and_no_account_made(
    client: Client, otters: Team, alice: User, mailoutbox: Mails
) -> None:
    path = invited(client, otters, alice, "dora@example.com", mailoutbox)

    assert client.post(path, {"password": "password"}).context["form"].errors["password"]
    assert not User.objects.filter(email="dora@example.com").exists()


def test_opening_the_link_changes_nothing(
    client: Client, otters: Team, alice: User, bob: User, mailoutbox: Mails
) -> None:
    path = invited(client, otters, alice, bob.email, mailoutbox)
    client.force_login(bob)

    client.get(path)
    client.head(path)

    assert not Membership.objects.filter(team=otters, user=bob).exists()


def test_someone_with_an_account_is_sent_to_sign_in_and_comes_back(
    client: Client, otters: Team, alice: User, bob: User, mailoutbox: Mails
) -> None:
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)
    path = invited(client, otters, alice, bob.email, mailoutbox)
    assert f'href="/accounts/login/?next={path}"' in client.get(path).text

    answer = client.post(f"/accounts/login/?next={path}", {"login": bob.email, "password": "bob-password-1"})
    assert answer["Location"] == path
    client.post(path)

    assert actions.current_membership(bob).team == otters


def test_the_wrong_account_is_told_so_and_offered_to_sign_out(
    client: Client, otters: Team, alice: User, charlie: User, mailoutbox: Mails
) -> None:
    path = invited(client, otters, alice, "dora@example.com", mailoutbox)
    client.force_login(charlie)

    answer = client.post(path)
    assert answer.status_code == 403
    assert "This invitation is for another address" in answer.text
    assert not Membership.objects.filter(team=otters, user=charlie).exists()

    assert client.post("/accounts/logout/", {"next": path})["Location"] == path


@pytest.mark.parametrize(
    ("change", "words", "status"),
    [
        ({"expires_at": timezone.now() - timedelta(days=1)}, "This invitation has expired", 410),
        ({"cancelled_at": timezone.now()}, "This invitation was cancelled", 410),
        ({"accepted_at": timezone.now()}, "This invitation was used", 410),
        ({"token_hash": "another"}, "use the link in the latest mail", 404),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_over_says_what_to_do(
    client: Client,
    otters: Team,
    alice: User,
    mailoutbox: Mails,
    change: dict[str, object],
    words: str,
    status: int,
    method: str,
) -> None:
    path = invited(client, otters, alice, "dora@example.com", mailoutbox)
    Invitation.objects.update(**change)

    answer = getattr(client, method)(path, {"password": "dora-password-1"})

    assert answer.status_code == status
    assert words in answer.text
    assert not User.objects.filter(email="dora@example.com").exists()


def test_whoever_accepted_it_is_told_they_are_in(
    client: Client, otters: Team, alice: User, bob: User, mailoutbox: Mails
) -> None:
    path = invited(client, otters, alice, bob.email, mailoutbox)
    client.force_login(bob)
    client.post(path)

    assert "You are in" in client.get(path).text


def test_the_link_is_kept_by_no_cache(client: Client, otters: Team, alice: User, mailoutbox: Mails) -> None:
    path = invited(client, otters, alice, "dora@example.com", mailoutbox)

    assert "no-store" in client.get(path)["Cache-Control"]


def test_the_page_of_invitations_lists_resends_and_cancels(
    client: Client, otters: Team, alice: User, mailoutbox: Mails
) -> None:
    invited(client, otters, alice, "dora@example.com", mailoutbox)
    invitation = Invitation.objects.get()
    address = f"/teams/{otters.pk}/invitations/"
    client.force_login(alice)
    assert "dora@example.com" in client.get(address).text

    assert "It was sent a moment ago" in client.post(f"{address}{invitation.pk}/resend/", follow=True).text
    Invitation.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    assert "A fresh link is on its way" in client.post(f"{address}{invitation.pk}/resend/", follow=True).text
    assert "Cancel the invitation of dora@example.com?" in client.get(f"{address}{invitation.pk}/cancel/").text
    assert "is cancelled" in client.post(f"{address}{invitation.pk}/cancel/", follow=True).text
    assert "Nobody has an open invitation" in client.get(address).text
    assert client.get(f"{address}{invitation.pk}/cancel/").status_code == 404
    assert len(mailoutbox) == 2


def test_an_admin_who_picks_owner_by_hand_is_refused(
    client: Client, otters: Team, alice: User, bob: User, mailoutbox: Mails
) -> None:
    Membership.objects.create(team=otters, user=bob, role="admin")
    client.force_login(bob)

    answer = client.post(f"/teams/{otters.pk}/invitations/", {"email": "dora@example.com", "role": "owner"})

    assert answer.context["form"].errors["role"]
    assert mailoutbox == []
