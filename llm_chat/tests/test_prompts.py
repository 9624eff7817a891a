"""Prompts: one's own and a team's, used by all who chat in it, changed by those who may make its bots."""

import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import export
from accounts.actions import delete_account
from accounts.models import User
from llm_chat import actions
from llm_chat.actions import PromptValues
from llm_chat.models import Prompt
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role

pytestmark = pytest.mark.django_db

LIST, CHANGE = "/chat/api/prompts/", "/chat/api/prompts/change/"


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """Alice edits, Bob looks on."""
    made = Team.objects.create(name="Otters")
    Membership.objects.create(team=made, user=alice, role=Role.EDITOR)
    Membership.objects.create(team=made, user=bob, role=Role.VIEWER)
    return made


def change(person: User, id_: uuid.UUID, team: Team, **values: Any) -> Any:
    client = Client()
    client.force_login(person)
    wish: dict[str, Any] = {"id": str(id_), "team_id": str(team.pk)}
    return client.post(CHANGE, {**wish, "values": values} if values else wish, content_type="application/json")


def titles(person: User, team: Team) -> list[str]:
    client = Client()
    client.force_login(person)
    answer = client.get(f"{LIST}?team={team.pk}")
    return [prompt["title"] for prompt in answer.json().get("prompts", [])] if answer.status_code == 200 else []


def test_ones_own_prompt_is_ones_own(alice: User, bob: User, team: Team) -> None:
    answer = change(alice, uuid.uuid4(), team, title="  Sum \n up ", text="Sum up {{text}}.")

    assert answer.json()["prompt"] | {"id": ""} == {
        "id": "", "title": "Sum up", "text": "Sum up {{text}}.", "shared": False,
    }  # fmt: skip
    assert (titles(alice, team), titles(bob, team)) == (["Sum up"], [])


def test_a_teams_prompt_is_used_by_all_of_it_and_by_nobody_else(
    alice: User, bob: User, charlie: User, team: Team
) -> None:
    change(alice, uuid.uuid4(), team, title="Greet", text="Hello {{name}}", shared=True)

    assert (titles(alice, team), titles(bob, team), titles(charlie, team)) == (["Greet"], ["Greet"], [])
    assert titles(alice, personal_team(alice)) == []


def test_a_viewer_changes_and_deletes_no_prompt_of_the_team_and_makes_none(alice: User, bob: User, team: Team) -> None:
    id_ = uuid.uuid4()
    change(alice, id_, team, title="Greet", text="Hello", shared=True)

    assert change(bob, id_, team, title="Mine", text="Ha", shared=True).status_code == 404
    assert change(bob, id_, team, title="Mine", text="Ha").status_code == 404
    assert change(bob, id_, team).status_code == 404
    assert change(bob, uuid.uuid4(), team, title="New", text="Hi", shared=True).status_code == 404
    assert [(prompt.title, prompt.user) for prompt in Prompt.objects.all()] == [("Greet", None)]


def test_an_outsider_reaches_no_prompt_by_its_id(alice: User, charlie: User, team: Team) -> None:
    id_ = uuid.uuid4()
    change(alice, id_, team, title="Mine", text="Hello")

    for place in (team, personal_team(charlie)):
        assert change(charlie, id_, place, title="Theirs", text="Ha").status_code == 404
        assert change(charlie, id_, place).status_code == 404
    assert Prompt.objects.get().title == "Mine"


def test_a_prompt_is_changed_and_let_go(alice: User, team: Team) -> None:
    id_ = uuid.uuid4()
    change(alice, id_, team, title="Mine", text="Hello")

    change(alice, id_, team, title="Ours", text="Hello all", shared=True)
    assert [(prompt.title, prompt.user) for prompt in Prompt.objects.all()] == [("Ours", None)]
    assert change(alice, id_, team).json() == {"deleted": str(id_)}
    assert Prompt.objects.count() == 0


@pytest.mark.parametrize(
    "values", [{"title": "", "text": "x"}, {"title": "x", "text": " "}, {"title": "x" * 81, "text": "x"}]
)
def test_a_prompt_without_title_or_text_is_refused_with_a_sentence(
    alice: User, team: Team, values: dict[str, str]
) -> None:
    answer = change(alice, uuid.uuid4(), team, **values)

    assert answer.status_code == 409
    assert answer.json()["error"].endswith("characters.")


def test_there_are_so_many_and_no_more(alice: User, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_chat.actions.prompts.MOST_PROMPTS", 1)
    change(alice, uuid.uuid4(), team, title="One", text="x")

    assert "Delete one first" in change(alice, uuid.uuid4(), team, title="Two", text="x").json()["error"]


def test_an_account_takes_its_own_prompts_and_leaves_the_teams(alice: User, bob: User, team: Team) -> None:
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    for shared in (True, False):
        values = PromptValues("Ours" if shared else "Mine", "x", shared)
        actions.save_prompt(by=alice, team_id=team.pk, prompt_id=uuid.uuid4(), values=values)
    whole = zipfile.ZipFile(io.BytesIO(b"".join(export.archive(alice, at=timezone.now()))))

    assert [prompt["title"] for prompt in json.loads(whole.read("prompts.json"))] == ["Mine"]
    delete_account(by=alice)
    assert [prompt.title for prompt in Prompt.objects.all()] == ["Ours"]
