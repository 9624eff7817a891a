"""Named settings: a person's own, the team's, and the default of new conversations."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts import personal_data
from accounts.models import User
from llm_chat import actions, queries
from llm_chat.actions import presets
from llm_chat.models import ChatThread, Preset
from llm_chat.personal_data import default_presets
from llm_chat.personal_data import presets as exported
from llm_chat.tests.conftest import Opener
from realtime import events
from realtime.bridge import in_db
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbour(alice: User, bob: User) -> Team:
    """A team that alice owns and bob may only use."""
    team = Team.objects.create(name="Harbour")
    Membership.objects.create(team=team, user=alice, role=Role.OWNER)
    Membership.objects.create(team=team, user=bob, role=Role.VIEWER)
    return team


def post(user: User, **wish: Any) -> tuple[int, dict[str, Any]]:
    client = Client()
    client.force_login(user)
    answer = client.post("/chat/api/presets/change/", json.dumps(wish), "application/json")
    return answer.status_code, answer.json()


def save(user: User, team: Team, id_: uuid.UUID | str = "", **values: Any) -> tuple[int, dict[str, Any]]:
    return post(user, id=str(id_ or uuid.uuid4()), team_id=str(team.pk), values={"name": "Short", **values})


def listed(user: User, team: Team) -> list[str]:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/chat/api/presets/?team={team.pk}")
    return [one["name"] for one in answer.json()["presets"]] if answer.status_code == 200 else [str(answer.status_code)]


def defaults(user: User, team: Team) -> list[str]:
    return [preset.name for preset, is_default in queries.presets_in(user.pk, team.pk) if is_default]


def test_a_preset_is_kept_listed_changed_and_deleted(alice: User) -> None:
    team = personal_team(alice)
    id_ = uuid.uuid4()

    assert save(alice, team, id_, name="  Short \n answers ", parameters={"seed": 1})[0] == 200
    assert listed(alice, team) == ["Short answers"]
    save(alice, team, id_, name="Brief")
    assert listed(alice, team) == ["Brief"]
    assert post(alice, id=str(id_)) == (200, {"deleted": str(id_)})
    assert listed(alice, team) == []


def test_somebody_elses_preset_is_neither_seen_nor_changed(alice: User, bob: User, harbour: Team) -> None:
    id_ = uuid.uuid4()
    save(alice, harbour, id_)

    assert listed(bob, harbour) == []
    assert save(bob, harbour, id_, name="Mine")[0] == 404
    assert post(bob, id=str(id_))[0] == 404
    assert Preset.objects.get().name == "Short"


def test_one_that_is_shared_is_for_all_of_the_team_and_changed_by_those_who_make_bots(
    alice: User, bob: User, harbour: Team
) -> None:
    id_ = uuid.uuid4()

    assert save(bob, harbour, shared=True)[0] == 404
    save(alice, harbour, id_, shared=True)

    assert listed(bob, harbour) == ["Short"]
    assert save(bob, harbour, id_, name="Mine")[0] == 404
    assert save(bob, harbour, id_, name="Mine", shared=True)[0] == 404
    assert post(bob, id=str(id_))[0] == 404
    Membership.objects.filter(user=bob).update(role=Role.EDITOR)
    assert save(bob, harbour, id_, name="Ours", shared=True)[0] == 200


def test_an_outsider_finds_nothing_of_a_team(alice: User, charlie: User, harbour: Team) -> None:
    save(alice, harbour, shared=True)

    assert listed(charlie, harbour) == ["404"]
    assert save(charlie, harbour)[0] == 404


def test_the_page_that_deletes_a_team_says_how_many_presets_go(alice: User, harbour: Team) -> None:
    client = Client()
    client.force_login(alice)
    assert "preset" not in client.get(f"/teams/{harbour.pk}/delete/").text

    for shared in (True, False):
        save(alice, harbour, shared=shared)

    assert "2 presets" in client.get(f"/teams/{harbour.pk}/delete/").text


def test_who_left_the_team_has_its_presets_no_longer(alice: User, bob: User, harbour: Team) -> None:
    id_ = uuid.uuid4()
    save(bob, harbour, id_)

    Membership.objects.filter(user=bob).delete()

    assert post(bob, id=str(id_))[0] == 404


def test_there_is_one_default_and_new_conversations_begin_with_it(alice: User) -> None:
    team = personal_team(alice)
    save(alice, team, name="First", is_default=True)
    save(alice, team, name="Second", instructions="Be brief.", parameters={"seed": 1}, is_default=True)

    command = events.SendMessage(id=uuid.uuid4(), thread_id=uuid.uuid4(), text="hello")
    actions.start_turn(by=alice, command=command)

    assert defaults(alice, team) == ["Second"]
    thread = ChatThread.objects.get()
    assert (thread.instructions, thread.parameters) == ("Be brief.", {"seed": 1})


def test_one_of_the_team_can_be_the_default_of_each_of_its_people(alice: User, bob: User, harbour: Team) -> None:
    shared, own = uuid.uuid4(), uuid.uuid4()
    save(alice, harbour, shared, name="Ours", shared=True, instructions="Be brief.")
    save(bob, harbour, own, name="Mine", is_default=True)

    assert post(bob, id=str(shared), is_default=True)[1]["preset"]["is_default"] is True
    assert (defaults(bob, harbour), defaults(alice, harbour)) == (["Ours"], [])
    preset = queries.default_preset(bob.pk, harbour.pk)
    assert preset
    assert preset.instructions == "Be brief."

    assert post(bob, id=str(shared), is_default=False)[0] == 200
    assert defaults(bob, harbour) == []


def test_a_default_that_may_be_used_no_longer_is_none(alice: User, bob: User, charlie: User, harbour: Team) -> None:
    shared = uuid.uuid4()
    save(alice, harbour, shared, name="Ours", shared=True, is_default=True)
    post(bob, id=str(shared), is_default=True)

    assert post(charlie, id=str(shared), is_default=True)[0] == 404
    save(alice, harbour, shared, name="Ours", is_default=True)  # taken back into her own
    assert (defaults(bob, harbour), queries.default_preset(bob.pk, harbour.pk)) == ([], None)
    assert defaults(alice, harbour) == ["Ours"]
    save(alice, harbour, shared, name="Ours", shared=True, is_default=True)
    assert defaults(bob, harbour) == []


def test_a_first_message_that_brings_settings_takes_no_default(alice: User) -> None:
    save(alice, personal_team(alice), instructions="Be brief.", is_default=True)

    command = events.SendMessage(
        id=uuid.uuid4(), thread_id=uuid.uuid4(), text="hello", settings=events.ThreadSettings()
    )
    actions.start_turn(by=alice, command=command)

    assert ChatThread.objects.get().instructions == ""


def test_the_number_of_presets_has_a_limit_that_is_named(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "MOST_PRESETS", 2)
    team = personal_team(alice)
    ids = [uuid.uuid4() for _ in range(2)]
    for id_ in ids:
        save(alice, team, id_)

    assert save(alice, team) == (409, {"error": "2 presets are the most that you can keep. Delete one first."})
    assert save(alice, team, ids[0], name="Changed")[0] == 200


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"model": "nobody/knows"}, "model"),
        ({"parameters": {"temperature": -1}}, "temperature"),
        ({"instructions": "x" * 4_001}, "instructions"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(alice: User, values: dict[str, Any], field: str) -> None:
    status, answer = save(alice, personal_team(alice), **values)

    assert (status, list(answer["faults"])) == (400, [field])
    assert not Preset.objects.exists()


def test_own_presets_are_handed_out_and_erased_and_shared_ones_stay(alice: User, bob: User, harbour: Team) -> None:
    save(alice, harbour, name="Mine")
    save(alice, harbour, name="Ours", shared=True, is_default=True)

    Membership.objects.filter(user=bob).update(role=Role.OWNER)

    [(name, rows)] = exported(alice)
    chosen = list(default_presets(alice))
    personal_data.erase(alice)

    assert name == "presets.json"
    assert isinstance(rows, list)
    assert [(row["name"], row["team"]) for row in rows] == [("Mine", "Harbour"), ("Ours", "Harbour")]
    assert chosen == [("default_presets.json", [{"team": "Harbour", "preset": "Ours"}])]
    assert [preset.name for preset in Preset.objects.all()] == ["Ours"]


@pytest.mark.django_db(transaction=True)
async def test_every_tab_of_those_who_see_a_preset_hears_of_it(
    open_tab: Opener, alice: User, bob: User, charlie: User, harbour: Team
) -> None:
    own, theirs, outside = [await open_tab(person) for person in (alice, bob, charlie)]
    of_team, id_ = {"team_id": str(harbour.pk)}, uuid.uuid4()

    await in_db(save, alice, harbour, id_, shared=True)
    for tab in (own, theirs):
        await tab.until("presets.changed", **of_team)
    await in_db(post, alice, id=str(id_), is_default=True)  # hers alone
    await in_db(save, alice, harbour, id_, shared=False)  # it leaves the team's list
    for tab in (own, theirs):
        await tab.until("presets.changed", **of_team)
    await own.until("presets.changed", **of_team)
    await in_db(post, alice, id=str(id_))
    await own.until("presets.changed", **of_team)

    assert await theirs.silent()
    assert await outside.silent()


@pytest.mark.django_db(transaction=True)
async def test_what_is_refused_tells_nobody(open_tab: Opener, alice: User, bob: User, harbour: Team) -> None:
    tab = await open_tab(alice)

    assert (await in_db(save, bob, harbour, shared=True))[0] == 404
    assert (await in_db(post, bob, id=str(uuid.uuid4())))[0] == 404

    assert await tab.silent()
