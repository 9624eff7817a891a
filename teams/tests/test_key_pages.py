import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from teams import keys
from teams.models import ApiKey, Team
from teams.tests.factories import team_of


@pytest.fixture
def team(client: Client, alice: User) -> Team:
    client.force_login(alice)
    return team_of(alice)


def test_a_key_is_shown_once_and_works(client: Client, team: Team) -> None:
    page = f"/teams/{team.pk}/keys/"

    made = client.post(page, {"name": "Robot", "scopes": ["chat"], "lasts": "365"})
    text = re.search(r"parley_[a-z0-9]{8}_[\w-]{43}", made.text)

    assert text is not None
    assert keys.authenticate(f"Bearer {text[0]}").team == team
    assert made["Cache-Control"] == "no-store"
    assert text[0] not in client.get(page).text


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_a_key_for_nothing_or_for_something_unknown_is_not_made(client: Client, team: Team, scopes: list[str]) -> None:
    client.post(f"/teams/{team.pk}/keys/", {"name": "Robot", "scopes": scopes, "lasts": "365"})

    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_by_a_press(client: Client, alice: User, team: Team) -> None:
    key, _ = keys.create(by=alice, team=team, name="Robot", scopes=["chat"], expires_at=None)

    answer = client.post(f"/teams/{team.pk}/keys/{key.pk}/revoke/", follow=True)

    assert "Revoked" in answer.text


@pytest.mark.parametrize("count", [10, 1000])
def test_the_page_asks_the_database_no_more_for_more_keys(
    client: Client, alice: User, team: Team, django_assert_max_num_queries: Any, count: int
) -> None:
    ApiKey.objects.bulk_create(
        ApiKey(team=team, name="Robot", scopes=["chat"], prefix=f"parley_{number}", hashed="x", created_by=alice)
        for number in range(count)
    )

    with django_assert_max_num_queries(10):
        client.get(f"/teams/{team.pk}/keys/")
