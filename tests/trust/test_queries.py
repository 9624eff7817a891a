"""No page of people and teams asks the database more for a thousand members and two hundred teams."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from accounts import settings_pages
from benchmarks import crowd
from teams import pages
from tests import routes

MOST = 10
NO_LIST = {
    *(
        "llm_chat:change_threads",
        "llm_chat:attach",
        "llm_chat:change_tag",
        "llm_chat:change_prompt",
        "llm_chat:leave_temporary",
        "llm_chat:revoke_link",
        "llm_chat:export",
        "llm_chat:share",
        "llm_chat:feedback",
        "llm_chat:details",
        "llm_chat:branch",
        "llm_chat:fork",
        "llm_chat:change_settings",
        "llm_chat:change_preset",
        "teams:switch",
        "teams:role",
        "teams:resend",
        "team_models:try",
    ),  # take a press alone
    # ask before one thing goes
    *("teams:cancel", "teams:revoke_key", "team_models:disconnect", "team_models:remove_guardrail"),
    *("llm_chat:attachment", "llm_chat:thumbnail"),  # hand out one file
    "teams:own_keys",  # leads on
    "teams:invitation",  # shows one invitation, to somebody who is in no team yet
    "teams:audit_file",  # as long as the log, read a piece at a time
}


@pytest.fixture
def crowded(client: Client, db: None) -> dict[str, str]:
    made = crowd.make(members=1_000, teams=200, entries_each=2)
    name, _, key = made.cookie.partition("=")
    client.cookies[name] = key
    client.get("/accounts/settings/")  # the device is noted once
    return made.pages


def test_every_page_takes_few_queries_in_a_crowd(client: Client, crowded: dict[str, str]) -> None:
    asked = {}
    for name, address in crowded.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, name
        asked[name] = len(queries)

    assert {name: count for name, count in asked.items() if count > MOST} == {}


def test_every_page_about_people_and_teams_is_among_them(crowded: dict[str, str]) -> None:
    opened = {resolve(urlsplit(address).path).view_name for address in crowded.values()}
    ours = {route.name for route in routes.all_routes() if re.match("teams:|team_models:|llm_chat:", route.name)}
    tabs = {tab.url_name for tab in settings_pages.tabs()} | set(pages._pages)

    assert (ours | tabs) - NO_LIST - opened == set()
