"""People are asked into a team by mail. The link in the mail is the only proof, and only its hash is stored."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import audit, language
from accounts.models import User
from lib import mail
from lib.write_lock import writing
from teams import audit_actions, queries
from teams.models import WAITING, Invitation, Membership, Team
from teams.permissions import Permission, Role, in_a_sentence, may, may_give, with_article
from teams.refusals import Refused

RESEND_PAUSE = timedelta(minutes=1)
MAILS_PER_INVITATION = 5
INVITATIONS_PER_DAY = 300
"""Of one team: what keeps it from being a way to send mail to the world."""

Link = Callable[[str], str]
"""From the secret of an invitation to the absolute address that accepts it."""


def invite(*, by: User, team: Team, email: str, role: Role, link: Link, at: datetime) -> Invitation:
    """Ask whoever reads the mail of `email` into the team. Raises Refused."""
    email = email.lower()
    with writing():
        locked = queries.locked(team)
        if locked.is_personal:
            raise Refused(_("This is your personal team, for you alone. Create a team to work with others."))
        _check_right(by, locked, role)
        if queries.member_with_address(locked, email):
            raise Refused(_("%(email)s is in this team already.") % {"email": email})
        if Invitation.objects.of(locked).filter(WAITING, email=email).exists():
            raise Refused(
                _("%(email)s has been invited already. Resend the invitation below if the mail did not arrive.")
                % {"email": email}
            )
        since = Invitation.objects.of(locked).filter(created_at__gt=at - timedelta(days=1)).count()
        if since >= INVITATIONS_PER_DAY:
            raise Refused(
                _("A team can invite %(number)s people a day. Go on tomorrow.") % {"number": INVITATIONS_PER_DAY}
            )
        invitation = Invitation(team=locked, email=email, role=role, invited_by=by, created_at=at)
        _send(invitation, by, link, at)
        invitation.save(force_insert=True)
        _record(audit_actions.INVITED, invitation, by)
    return invitation


def resend(*, by: User, team: Team, invitation_id: UUID, link: Link, at: datetime) -> Invitation:
    """Send a fresh link; the one before it stops working. Raises Refused."""
    with writing():
        invitation = _waiting(by, team, invitation_id)
        if invitation.times_sent >= MAILS_PER_INVITATION:
            raise Refused(
                _("This invitation was sent %(number)s times. Cancel it and check the address.")
                % {"number": MAILS_PER_INVITATION}
            )
        left = (invitation.sent_at + RESEND_PAUSE - at).total_seconds()
        if left > 0:
            raise Refused(
                _("It was sent a moment ago. You can resend it in %(seconds)s seconds.") % {"seconds": ceil(left)}
            )
        invitation.times_sent += 1
        _send(invitation, by, link, at)
        invitation.save(update_fields=["times_sent", "sent_at", "expires_at", "token_hash"])
        _record(audit_actions.INVITED_AGAIN, invitation, by)
    return invitation


def cancel(*, by: User, team: Team, invitation_id: UUID, at: datetime) -> Invitation:
    """Make the link worthless. Raises Refused."""
    with writing():
        invitation = _waiting(by, team, invitation_id)
        end(invitation, by=by, at=at)
    return invitation


def accept(*, by: User, invitation: Invitation, at: datetime) -> Membership:
    """Let `by` into the team, and make it the one they work in. Raises Refused."""
    with writing():
        queries.locked(invitation.team)
        now = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if now.state(at) != Invitation.State.WAITING or now.token_hash != invitation.token_hash:
            raise Refused(_("This invitation does not work any more."))
        if not queries.has_address(by, now.email):
            raise Refused(_("This invitation is for %(email)s.") % {"email": now.email})
        _confirm_address(by, now.email)
        place = Membership.objects.get_or_create(
            team_id=now.team_id, user=by, defaults={"role": now.role, "created_at": at}
        )[0]
        place.chosen_at = at
        place.save(update_fields=["chosen_at"])
        now.accepted_at, now.accepted_by = at, by
        now.save(update_fields=["accepted_at", "accepted_by"])
        audit.record(
            action=audit_actions.MEMBER_JOINED, by=by, team_id=now.team_id, target=by, after={"role": place.role}
        )
    return place


@transaction.atomic
def accept_as_new(*, invitation: Invitation, password: str, at: datetime) -> User:
    """Make the account the invitation was sent to, and let it into the team. Raises Refused."""
    if queries.person_with_address(invitation.email):
        raise Refused(_("There is an account with this address already. Sign in to accept the invitation."))
    person = User.objects.create_user(invitation.email, password)
    accept(by=person, invitation=invitation, at=at)
    return person


def _confirm_address(by: User, email: str) -> None:
    """Count the address as confirmed: the link that was followed came by its mail."""
    known = EmailAddress.objects.filter(user=by, email__iexact=email).first()
    if known is None:
        has_primary = EmailAddress.objects.filter(user=by, primary=True).exists()
        EmailAddress.objects.create(user=by, email=email, verified=True, primary=not has_primary)
    elif not known.verified:
        known.verified = True
        known.save(update_fields=["verified"])


def _record(action: audit.Action, invitation: Invitation, by: User) -> None:
    audit.record(
        action=action,
        by=by,
        team_id=invitation.team_id,
        target=invitation,
        target_label=invitation.email,
        after={"role": invitation.role},
    )


def _check_right(by: User, team: Team, role: str) -> None:
    place = queries.membership(by, team.pk)
    if place is None or not may(place.role, Permission.MANAGE_MEMBERS):
        raise Refused(_("Your role in this team does not let you invite people."))
    if not may_give(place.role, role):
        raise Refused(_("Only an owner can invite an owner."))


def held(team: Team, invitation_id: UUID) -> Invitation:
    """Hold the team and return an invitation that is still open. Raises Refused."""
    locked = queries.locked(team)
    invitation = Invitation.objects.of(locked).filter(WAITING, pk=invitation_id).first()
    if invitation is None:
        raise Refused(_("This invitation was accepted or cancelled meanwhile."))
    invitation.team = locked
    return invitation


def end(invitation: Invitation, *, by: User, at: datetime) -> None:
    """Cancel an invitation whose team is held."""
    invitation.cancelled_at = at
    invitation.save(update_fields=["cancelled_at"])
    _record(audit_actions.INVITATION_CANCELLED, invitation, by)


def _waiting(by: User, team: Team, invitation_id: UUID) -> Invitation:
    """Return a held invitation that `by` may decide about."""
    invitation = held(team, invitation_id)
    _check_right(by, invitation.team, invitation.role)
    return invitation


def _send(invitation: Invitation, by: User, link: Link, at: datetime) -> None:
    """Give the invitation a new secret, and mail it."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash = queries.hash_of(token)
    invitation.sent_at, invitation.expires_at = at, at + Invitation.LASTS
    # The reader's language, or for somebody new that of whoever knows them.
    with translation.override(language.of_address(invitation.email)):
        context = {
            "team": invitation.team.name,
            "inviter": by.name or by.email,
            "inviter_email": by.email,
            "role": with_article(invitation.role),
            "role_in_short": in_a_sentence(Role(invitation.role)),
            "days": Invitation.LASTS.days,
            "url": link(token),
        }
        mail.send("teams/email/invitation", to=invitation.email, context=context)
