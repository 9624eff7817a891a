from accounts.requests import SignedInRequest
from teams.models import Team
from teams.permissions import Role


class TeamRequest(SignedInRequest):
    """What `allowed` lets through: a member, the team of the address (or else the current one), the role in it."""

    team: Team
    role: Role
