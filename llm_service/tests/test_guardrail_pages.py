"""A team's page of guardrails: adding, changing, removing and trying them, by those who may."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from lib import patterns
from llm_service.models import Guardrail
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role


@pytest.fixture
def team(alice: User) -> Team:
    return personal_team(alice)


@pytest.fixture
def page(client: Client, alice: User, team: Team) -> Client:
    client.force_login(alice)
    return client


def address(team: Team, rest: str = "") -> str:
    return f"/teams/{team.pk}/guardrails/{rest}"


def entered(**more: str) -> dict[str, str]:
    return {"name": "Falcon", "kind": "words", "words": "falcon*\n/AB-\\d{4}/", "action": "block"} | {
        "checks_requests": "on",
        "is_active": "on",
        **more,
    }


def test_a_guardrail_is_added_changed_and_removed_and_the_audit_log_has_no_word_of_it(page: Client, team: Team):
    assert page.post(address(team, "new/"), entered()).status_code == 302
    row = Guardrail.objects.get()
    assert (row.words, row.action, row.checks_requests, row.checks_replies) == (
        ["falcon*", "/AB-\\d{4}/"],
        "block",
        True,
        False,
    )

    assert page.post(address(team, f"{row.pk}/"), entered(words="eagle", action="mask")).status_code == 302
    row.refresh_from_db()
    assert (row.words, row.action) == (["eagle"], "mask")
    assert "Falcon" in page.get(address(team)).text

    assert page.post(address(team, f"{row.pk}/remove/")).status_code == 302
    assert not Guardrail.objects.exists()
    entries = AuditEntry.objects.filter(action__startswith="guardrail.").order_by("pk")
    assert [entry.action for entry in entries] == ["guardrail.added", "guardrail.changed", "guardrail.removed"]
    assert "eagle" not in str([(entry.before, entry.after) for entry in entries])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"words": ""}, "Name at least one word."),
        ({"words": "*"}, "A star alone would find everything."),
        ({"words": "/(/"}, "This is not a regular expression"),
        ({"words": "/(a|a?)+$/"}, "takes too long"),
        ({"words": "x" * 81}, "at most 80 characters"),
        ({"words": "\n".join(map(str, range(201)))}, "Name at most 200."),
        ({"checks_requests": ""}, "Choose at least one of the two."),
    ],
)
def test_what_cannot_work_is_refused_in_words(page: Client, team: Team, wrong: dict[str, str], said: str):
    answer = page.post(address(team, "new/"), entered(**wrong))

    assert answer.status_code == 200 and said in answer.text
    assert not Guardrail.objects.exists()


def test_a_name_is_taken_once(page: Client, team: Team):
    page.post(address(team, "new/"), entered())

    assert "already" in page.post(address(team, "new/"), entered()).text
    assert Guardrail.objects.count() == 1


def test_a_message_can_be_tried_without_being_sent(page: Client, team: Team):
    page.post(address(team, "new/"), entered(message="Not here, please."))
    page.post(address(team, "new/"), entered(name="People", kind="personal", action="mask"))

    assert "Not here, please." in page.post(address(team), {"sample": "of falconry"}).text
    assert "I am [e-mail]" in page.post(address(team), {"sample": "I am anna@example.com"}).text
    assert "Nothing is found in it" in page.post(address(team), {"sample": "All is well"}).text


def tried(page: Client, team: Team, sample: str) -> str:
    return page.post(address(team), {"sample": sample, "of": "reply"}).text


def test_a_reply_is_tried_as_it_is_written(page: Client, team: Team):
    page.post(address(team, "new/"), entered(words="falcon*", message="Not here, please.", checks_replies="on"))
    page.post(address(team, "new/"), entered(name="People", kind="personal", action="mask", checks_replies="on"))

    masked = tried(page, team, "Write to anna@example.com today")
    assert "This would be shown" in masked and "Write to [e-mail] today" in masked
    assert "While it is written, 16 letters at most wait" in masked
    assert "A reply that comes whole would fare the same." in masked

    stopped = tried(page, team, "We go to the falconry now")
    assert "This reply would be stopped" in stopped and "Not here, please." in stopped
    assert "Shown by then" in stopped and "We go to the </p>" in stopped
    assert "Of a reply that comes whole nothing would be shown." in stopped
    assert "Nothing of it would be shown by then." in tried(page, team, "Falcon")
    assert "The reply would be shown as it is." in tried(page, team, "All is well")


def test_what_only_the_whole_of_a_reply_shows_is_told_as_stopped_at_its_end(page: Client, team: Team):
    page.post(address(team, "new/"), entered(words="/^begin.{300,}end$/", checks_replies="on"))
    text = f"begin {'word ' * 80}end"

    told = tried(page, team, text)
    assert "This reply would be stopped" in told
    assert f"begin {'word ' * 80}end</p>" in told


def test_a_try_says_when_no_rule_looks_that_way(page: Client, team: Team):
    page.post(address(team, "new/"), entered())

    assert "No rule looks at replies" in tried(page, team, "of falconry")
    Guardrail.objects.update(checks_requests=False, checks_replies=True)
    assert "No rule looks at what is sent" in page.post(address(team), {"sample": "of falconry"}).text


def test_only_those_who_may_manage_models_come_here(client: Client, alice: User, bob: User, team: Team):
    Membership.objects.create(team=team, user=bob, role=Role.EDITOR)
    client.force_login(bob)

    assert client.get(address(team)).status_code in (403, 404)
    assert client.post(address(team, "new/"), entered()).status_code in (403, 404)


@pytest.mark.parametrize("expression", ["(a+)+$", "(a|a)*b", "^(\\w+\\s?)*$"])
def test_an_expression_that_stumbles_is_found_before_it_is_used(expression: str):
    try:
        patterns.check(expression)
    except patterns.Unusable as problem:
        assert "too long" in str(problem)
    else:  # the searcher has become clever enough for this one
        assert patterns.Pattern(expression).is_in("x" * 3_000) in (True, False)
