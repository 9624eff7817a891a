from accounts.models import User
from teams.models import Membership, Team
from teams.permissions import Role


def team_of(owner: User, name: str = "Otters", **others: User) -> Team:
    """Make a shared team; the others by their role: `team_of(alice, editor=bob)`."""
    team = Team.objects.create(name=name)
    for role, person in {"owner": owner, **others}.items():
        join(team, person, Role(role))
    return team


def join(team: Team, person: User, role: Role = Role.VIEWER) -> Membership:
    return Membership.objects.create(team=team, user=person, role=role)
