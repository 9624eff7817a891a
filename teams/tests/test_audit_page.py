import csv
from typing import Any

import pytest
from django.test import AsyncClient, Client

from accounts import audit, audit_reading
from accounts.models import AuditEntry, User
from realtime.bridge import in_db
from teams import actions, audit_actions
from teams.models import Team
from teams.permissions import Role
from teams.tests.factories import join, team_of


@pytest.fixture
def team(client: Client, alice: User, bob: User) -> Team:
    team = team_of(alice, viewer=bob)
    client.force_login(alice)
    actions.change_role(by=alice, team=team, user_id=bob.pk, role=Role.EDITOR)
    actions.rename(by=alice, team=team, name="Newts")
    return team


def shown(client: Client, address: str) -> list[str]:
    rows = client.get(address).context["rows"]
    return ["".join(words.text for words in row.sentence) for row in rows]


ROLE = "alice@example.com changed the role of bob@example.com from viewer to editor"
NAME = "alice@example.com renamed the team from Otters to Newts"


def test_the_log_reads_newest_first_with_what_was_before(client: Client, team: Team) -> None:
    answer = client.get(f"/teams/{team.pk}/audit/")

    assert shown(client, f"/teams/{team.pk}/audit/") == [NAME, ROLE]
    assert "Before: name" in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=alice", [NAME, ROLE]),
        ("who=bob", []),
        ("target=bob", [ROLE]),
        ("action=team.renamed", [NAME]),
        ("since=2020-01-01&until=2020-01-02", []),
        ("since=2020-01-01", [NAME, ROLE]),
        ("since=nonsense&after=nonsense", [NAME, ROLE]),
        ("who=%00", [NAME, ROLE]),
    ],
)
def test_filters_stand_in_the_address(client: Client, team: Team, query: str, found: list[str]) -> None:
    assert shown(client, f"/teams/{team.pk}/audit/?{query}") == found


def test_a_log_with_nothing_in_it_says_so(client: Client, team: Team) -> None:
    assert "Nothing here" in client.get(f"/teams/{team.pk}/audit/?who=nobody").text


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
@pytest.mark.parametrize("page", ["audit/", "audit/audit-log.csv", "keys/"])
def test_only_owners_and_admins_read_the_log_and_keep_keys(
    client: Client, charlie: User, team: Team, role: Role, page: str
) -> None:
    join(team, charlie, role)
    client.force_login(charlie)

    assert client.get(f"/teams/{team.pk}/{page}").status_code == 403


def test_another_teams_entries_are_not_among_them(client: Client, charlie: User, team: Team) -> None:
    other = team_of(charlie, "Herons")
    actions.rename(by=charlie, team=other, name="Storks")

    assert not [line for line in shown(client, f"/teams/{team.pk}/audit/") if "charlie" in line]


@pytest.mark.django_db(transaction=True)
async def test_the_file_holds_what_the_filters_leave_and_runs_in_no_spreadsheet(alice: User) -> None:
    team = await in_db(team_of, alice)
    await in_db(lambda: actions.rename(by=alice, team=team, name='=HYPERLINK("http://evil.example")'))
    await in_db(lambda: actions.rename(by=alice, team=team, name="Newts"))
    client = AsyncClient()
    await in_db(client.force_login, alice)

    answer = await client.get(f"/teams/{team.pk}/audit/audit-log.csv?action=team.renamed")
    text = b"".join([piece async for piece in answer]).decode()  # type: ignore[attr-defined]

    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == [str(column) for column in audit_reading.COLUMNS]
    assert [row[2] for row in rows[1:]] == ["team.renamed", "team.renamed"]
    assert rows[1][4] == '\'=HYPERLINK("http://evil.example")'
    assert (await in_db(AuditEntry.objects.latest, "id")).action == "audit_log.downloaded"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1"])
def test_a_cell_a_spreadsheet_would_run_is_only_text(alice: User, team: Team, cell: str) -> None:
    entry = AuditEntry(action="team.renamed", actor_label=cell)

    line = audit_reading._line_of(entry)

    assert f"'{cell.strip()[:1]}" in line or f"'{cell[:1]}" in line


@pytest.mark.parametrize("count", [10, 1000])
def test_the_pages_ask_the_database_no_more_for_more_rows(
    client: Client, alice: User, team: Team, django_assert_max_num_queries: Any, count: int
) -> None:
    for number in range(count):
        audit.record(action=audit_actions.TEAM_RENAMED, by=alice, team_id=team.pk, before={"name": number})
    client.get(f"/teams/{team.pk}/audit/")

    with django_assert_max_num_queries(10):
        answer = client.get(f"/teams/{team.pk}/audit/")
    assert len(answer.context["rows"]) == min(count + 2, audit_reading.ON_A_PAGE)


def test_older_entries_follow_by_key(client: Client, alice: User, team: Team) -> None:
    for number in range(60):
        audit.record(action=audit_actions.TEAM_RENAMED, by=alice, team_id=team.pk, before={"name": number})

    first = client.get(f"/teams/{team.pk}/audit/").context["after"]

    assert len(shown(client, f"/teams/{team.pk}/audit/?after={first}")) == 12


@pytest.fixture
def long_log(alice: User, team: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """Sixty entries after what the fixture `team` did, and pages that look through no more than twenty."""
    monkeypatch.setattr(audit_reading, "SEARCHED_AT_ONCE", 20)
    for _ in range(60):
        audit.record(action=audit_actions.LOG_DOWNLOADED, by=alice, team_id=team.pk, target=team)
    return team


def test_a_page_looks_through_some_of_a_long_log_and_says_how_far(client: Client, long_log: Team) -> None:
    answer = client.get(f"/teams/{long_log.pk}/audit/?target=bob")

    assert "Nothing fits since" in answer.text
    assert "Look further back" in answer.text


def test_what_fits_in_a_long_log_is_found_once_by_looking_further_back(client: Client, long_log: Team) -> None:
    found, after, pages = [], "", 0

    while pages == 0 or after:
        context = client.get(f"/teams/{long_log.pk}/audit/", {"target": "bob", "after": after}).context
        found += ["".join(words.text for words in row.sentence) for row in context["rows"]]
        after, pages = context["after"], pages + 1

    assert found == [ROLE]
    assert pages == 4


def test_a_log_that_nothing_filters_is_shown_by_full_pages(client: Client, long_log: Team) -> None:
    context = client.get(f"/teams/{long_log.pk}/audit/").context

    assert len(context["rows"]) == audit_reading.ON_A_PAGE
    assert context["searched_to"] is None


def test_a_person_reads_the_history_of_their_own_account_alone(client: Client, alice: User, bob: User) -> None:
    for person in (alice, bob):
        Client().post("/accounts/login/", {"login": person.email, "password": f"{person.short_name}-password-1"})
    Client().post("/accounts/login/", {"login": alice.email, "password": "guess"})
    client.force_login(alice)

    assert shown(client, "/accounts/settings/history/") == [
        "Somebody failed to sign in as alice@example.com",
        "alice@example.com signed in with a password",
    ]
