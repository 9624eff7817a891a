from accounts import actions as accounts
from accounts.models import User
from teams import actions
from teams.models import Membership, Team
from teams.permissions import Role


def test_a_deleted_account_leaves_no_team_behind(alice: User, bob: User) -> None:
    actions.personal_team(alice)
    theirs = actions.personal_team(bob)
    Membership.objects.create(team=theirs, user=alice, role=Role.EDITOR)

    accounts.delete_account(by=alice)

    assert list(Team.objects.all()) == [theirs]
    assert [membership.user for membership in Membership.objects.all()] == [bob]
