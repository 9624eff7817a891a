"""A person is asked into a team by mail, and comes in by the link in it."""

import re
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEntry, User, UserSettings
from teams import actions, queries
from teams.actions.invitations import INVITATIONS_PER_DAY, MAILS_PER_INVITATION
from teams.models import Invitation, Membership, Team
from teams.permissions import Role
from teams.refusals import Refused
from teams.tests.factories import join, team_of

NOW = timezone.now()

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(alice: User) -> Team:
    return team_of(alice)


Mails = list[EmailMultiAlternatives]
OnCommit = DjangoCaptureOnCommitCallbacks


def link(token: str) -> str:
    return f"https://chat.example.com/in/{token}/"


def asked(
    by: User, team: Team, email: str = "new@example.com", role: Role = Role.EDITOR, at: datetime = NOW
) -> Invitation:
    return actions.invite(by=by, team=team, email=email, role=role, link=link, at=at)


def token_in(mail: EmailMultiAlternatives) -> str:
    found = re.search(r"/in/([\w-]+)/", str(mail.body))
    assert found
    return found[1]


def test_the_mail_says_who_invites_into_what_and_how_long_the_link_works(
    team: Team, alice: User, mailoutbox: Mails, django_capture_on_commit_callbacks: OnCommit
) -> None:
    alice.name = "Alice & Co"
    with django_capture_on_commit_callbacks(execute=True):
        asked(alice, team)

    mail = mailoutbox[0]
    html = str(mail.alternatives[0][0])
    assert mail.to == ["new@example.com"]
    assert mail.subject == "Alice & Co invites you to Otters on Parley"
    for part in (str(mail.body), html.replace("&amp;", "&")):
        assert "Alice & Co (alice@example.com) invites you to" in part
        assert "as an editor" in part
        assert link(token_in(mail)) in part
        assert "7 days" in part


def test_only_the_hash_of_the_link_is_kept(
    team: Team, alice: User, mailoutbox: Mails, django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invitation = asked(alice, team)

    token = token_in(mailoutbox[0])
    assert queries.invitation(token) == invitation
    assert token not in str(Invitation.objects.values().get())


@pytest.mark.parametrize("by", Role)
@pytest.mark.parametrize("role", Role)
def test_who_manages_members_invites_and_owners_alone_invite_owners(
    team: Team, bob: User, by: Role, role: Role
) -> None:
    join(team, bob, by)
    may = by == Role.OWNER or (by == Role.ADMIN and role != Role.OWNER)

    try:
        asked(bob, team, role=role)
        done = True
    except Refused:
        done = False

    assert (done, Invitation.objects.exists()) == (may, may)


@pytest.mark.parametrize("address", ["bob@example.com", "BOB@example.com", "bob@work.example.com"])
def test_a_member_is_not_invited_again_at_any_confirmed_address(
    team: Team, alice: User, bob: User, address: str
) -> None:
    EmailAddress.objects.create(user=bob, email="bob@work.example.com", verified=True)
    join(team, bob)

    with pytest.raises(Refused, match="is in this team already"):
        asked(alice, team, address)


def test_an_address_is_invited_once(team: Team, alice: User) -> None:
    asked(alice, team, "New@example.com")

    with pytest.raises(Refused, match="has been invited already"):
        asked(alice, team, "new@Example.com")


def test_nobody_is_invited_into_a_personal_team(alice: User) -> None:
    with pytest.raises(Refused, match="Create a team to work with others"):
        asked(alice, actions.personal_team(alice))


def test_a_team_cannot_be_used_to_mail_the_world(team: Team, alice: User) -> None:
    Invitation.objects.bulk_create(
        Invitation(team=team, email=f"{n}@example.com", role="viewer", token_hash=str(n), expires_at=NOW)
        for n in range(INVITATIONS_PER_DAY)
    )

    with pytest.raises(Refused, match="Go on tomorrow"):
        asked(alice, team, at=timezone.now())


# --- Again, and never mind


def test_a_resent_invitation_has_a_new_link_and_its_days_begin_again(
    team: Team, alice: User, mailoutbox: Mails, django_capture_on_commit_callbacks: OnCommit
) -> None:
    later = NOW + timedelta(days=8)
    with django_capture_on_commit_callbacks(execute=True):
        invitation = asked(alice, team)
    assert invitation.state(later) == Invitation.State.EXPIRED

    with django_capture_on_commit_callbacks(execute=True):
        again = actions.resend(by=alice, team=team, invitation_id=invitation.pk, link=link, at=later)

    old, new = (token_in(mail) for mail in mailoutbox)
    assert again.state(later) == Invitation.State.WAITING
    assert (queries.invitation(old), queries.invitation(new)) == (None, invitation)


def test_resending_takes_a_minute_and_ends_after_a_few_times(team: Team, alice: User) -> None:
    invitation = asked(alice, team)
    with pytest.raises(Refused, match="You can resend it in 30 seconds"):
        again(alice, team, invitation, NOW + timedelta(seconds=30))

    for number in range(1, MAILS_PER_INVITATION):
        again(alice, team, invitation, NOW + timedelta(minutes=number))

    with pytest.raises(Refused, match="Cancel it and check the address"):
        again(alice, team, invitation, NOW + timedelta(hours=1))


def again(by: User, team: Team, invitation: Invitation, at: datetime) -> None:
    actions.resend(by=by, team=team, invitation_id=invitation.pk, link=link, at=at)


def test_a_cancelled_invitation_lets_nobody_in_and_the_address_can_be_invited_anew(
    team: Team, alice: User, bob: User
) -> None:
    invitation = asked(alice, team, bob.email)
    actions.cancel(by=alice, team=team, invitation_id=invitation.pk, at=NOW)

    with pytest.raises(Refused, match="does not work any more"):
        actions.accept(by=bob, invitation=invitation, at=NOW)

    assert asked(alice, team, bob.email).pk != invitation.pk


def test_an_admin_decides_about_no_invitation_of_an_owner(team: Team, alice: User, bob: User) -> None:
    join(team, bob, Role.ADMIN)
    invitation = asked(alice, team, role=Role.OWNER)

    with pytest.raises(Refused, match="Only an owner"):
        actions.cancel(by=bob, team=team, invitation_id=invitation.pk, at=NOW)


def test_an_invitation_of_another_team_is_not_there(team: Team, alice: User, bob: User) -> None:
    invitation = asked(alice, team)

    with pytest.raises(Refused, match="accepted or cancelled meanwhile"):
        actions.cancel(by=bob, team=team_of(bob, "Newts"), invitation_id=invitation.pk, at=NOW)


# --- Coming in


def test_who_accepts_is_in_the_team_works_in_it_and_has_a_confirmed_address(team: Team, alice: User, bob: User) -> None:
    invitation = asked(alice, team, bob.email, Role.EDITOR)

    actions.accept(by=bob, invitation=invitation, at=NOW)

    place = actions.current_membership(bob)
    assert (place.team, place.role) == (team, Role.EDITOR)
    assert EmailAddress.objects.get(user=bob).verified


def test_an_invitation_to_another_confirmed_address_of_a_person_is_theirs(team: Team, alice: User, bob: User) -> None:
    EmailAddress.objects.create(user=bob, email="bob@work.example.com", verified=True)

    actions.accept(by=bob, invitation=asked(alice, team, "bob@work.example.com"), at=NOW)

    assert Membership.objects.filter(team=team, user=bob).exists()


@pytest.mark.parametrize("is_claimed", [False, True])
def test_nobody_comes_in_on_an_invitation_to_somebody_else(
    team: Team, alice: User, charlie: User, is_claimed: bool
) -> None:
    if is_claimed:
        EmailAddress.objects.create(user=charlie, email="new@example.com", verified=False)

    with pytest.raises(Refused, match="This invitation is for new"):
        actions.accept(by=charlie, invitation=asked(alice, team), at=NOW)


def test_an_invitation_works_once_and_for_seven_days(team: Team, alice: User, bob: User) -> None:
    invitation = asked(alice, team, bob.email)
    with pytest.raises(Refused, match="does not work any more"):
        actions.accept(by=bob, invitation=invitation, at=NOW + timedelta(days=7))

    actions.accept(by=bob, invitation=invitation, at=NOW + timedelta(days=6))
    Membership.objects.filter(team=team, user=bob).delete()

    with pytest.raises(Refused, match="does not work any more"):
        actions.accept(by=bob, invitation=invitation, at=NOW + timedelta(days=6))


def test_someone_who_came_in_another_way_keeps_their_role(team: Team, alice: User, bob: User) -> None:
    invitation = asked(alice, team, bob.email, Role.ADMIN)
    join(team, bob, Role.VIEWER)

    actions.accept(by=bob, invitation=invitation, at=NOW)

    assert Membership.objects.get(team=team, user=bob).role == Role.VIEWER


def test_a_new_person_gets_an_account_with_a_confirmed_address_in_the_team(team: Team, alice: User) -> None:
    person = actions.accept_as_new(invitation=asked(alice, team), password="a-password-of-ours-1", at=NOW)

    address = EmailAddress.objects.get(user=person)
    assert (address.email, address.verified, address.primary) == ("new@example.com", True, True)
    assert person.check_password("a-password-of-ours-1")
    assert actions.current_membership(person).team == team


def test_no_second_account_is_made_for_an_address(team: Team, alice: User, bob: User) -> None:
    with pytest.raises(Refused, match="Sign in to accept"):
        actions.accept_as_new(invitation=asked(alice, team, bob.email), password="a-password-of-ours-1", at=NOW)


def test_the_audit_log_has_the_whole_story_and_no_link(team: Team, alice: User, bob: User) -> None:
    first = asked(alice, team, bob.email)
    again(alice, team, first, NOW + timedelta(minutes=2))
    actions.cancel(by=alice, team=team, invitation_id=first.pk, at=NOW)
    actions.accept(by=bob, invitation=asked(alice, team, bob.email), at=NOW)

    entries = AuditEntry.objects.filter(team_id=team.pk).order_by("id")
    assert [(entry.action, entry.target_label) for entry in entries] == [
        ("invitation.sent", bob.email),
        ("invitation.resent", bob.email),
        ("invitation.cancelled", bob.email),
        ("invitation.sent", bob.email),
        ("membership.joined", bob.email),
    ]
    assert entries[0].after == {"role": "editor"}


def test_the_mail_is_in_the_language_of_its_reader_not_of_its_sender(
    team: Team, alice: User, bob: User, mailoutbox: Mails, django_capture_on_commit_callbacks: OnCommit
) -> None:
    UserSettings.objects.create(user=bob, language="de")

    with translation.override("en"), django_capture_on_commit_callbacks(execute=True):
        asked(alice, team, bob.email)
        asked(alice, team, "new@example.com")
    with translation.override("de"), django_capture_on_commit_callbacks(execute=True):
        asked(alice, team, "neu@example.com")

    to_bob, to_new, to_friend_of_a_german = mailoutbox
    assert "Ein Bearbeiter macht und veröffentlicht Bots und ihr Wissen." in str(to_bob.body)
    assert '<html lang="de"' in str(to_bob.alternatives[0][0])
    assert "An editor makes and publishes bots and their knowledge." in str(to_new.body)
    assert "Ein Bearbeiter macht" in str(to_friend_of_a_german.body)
