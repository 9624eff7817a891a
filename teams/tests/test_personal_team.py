from accounts.models import User
from teams import actions
from teams.models import Membership
from teams.permissions import Role


def test_a_person_gets_one_personal_team_however_often_it_is_asked_for(alice: User) -> None:
    first = actions.personal_team(alice)

    assert actions.personal_team(alice) == first
    assert Membership.objects.get(user=alice).role == Role.OWNER
