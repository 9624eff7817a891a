"""The walls of the pages in which script runs that is not ours."""

import re

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import User

PAGES = ("/sandbox/artifact/", "/sandbox/diagram/")
CARRIED_ALONG = {"data:", "blob:"}


def policy(answer: HttpResponseBase) -> dict[str, list[str]]:
    directives = (directive.split() for directive in answer["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in filter(None, directives)}


@pytest.fixture
def artifact() -> dict[str, list[str]]:
    return policy(Client().get("/sandbox/artifact/"))


@pytest.mark.parametrize("address", PAGES)
def test_a_sandbox_may_run_script_and_has_no_origin_no_popups_no_forms_and_no_way_to_the_page(address: str) -> None:
    assert policy(Client().get(address))["sandbox"] == ["allow-scripts"]


@pytest.mark.parametrize("address", PAGES)
def test_a_sandbox_starts_from_nothing_and_names_no_site(address: str) -> None:
    found = policy(Client().get(address))

    assert found["default-src"] == ["'none'"]
    for name in ("connect-src", "frame-src", "worker-src", "form-action", "base-uri"):
        assert found[name] == ["'none'"], name
    assert set(found["img-src"]) == CARRIED_ALONG
    assert not re.search(r"https?:|wss?:|\*|unsafe-eval", Client().get(address)["Content-Security-Policy"])


def test_an_artifact_runs_its_own_script_and_loads_not_even_ours(artifact: dict[str, list[str]]) -> None:
    assert artifact["script-src"] == ["'unsafe-inline'"]
    assert artifact["require-trusted-types-for"] == ["'script'"]
    assert artifact["trusted-types"] == ["default"]
    assert set(artifact["media-src"] + artifact["font-src"]) <= CARRIED_ALONG


def test_a_diagram_runs_our_files_and_no_script_of_its_own() -> None:
    assert policy(Client().get("/sandbox/diagram/"))["script-src"] == ["'self'"]


@pytest.mark.parametrize("address", PAGES)
def test_only_our_own_pages_frame_a_sandbox(address: str) -> None:
    answer = Client().get(address)

    assert policy(answer)["frame-ancestors"] == ["'self'"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("address", PAGES)
def test_a_sandbox_has_no_powers_of_the_device_and_tells_nobody_where_it_is(address: str) -> None:
    answer = Client().get(address)

    assert set(re.findall(r"=\(([^)]*)\)", answer["Permissions-Policy"])) == {""}
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-DNS-Prefetch-Control"] == "off"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("address", "connects_to"), [(PAGES[0], "()"), (PAGES[1], "(response-origin)")])
def test_a_sandbox_connects_to_nobody_not_even_ahead_of_time(address: str, connects_to: str) -> None:
    assert Client().get(address)["Connection-Allowlist"] == connects_to


@pytest.mark.parametrize("address", PAGES)
def test_a_sandbox_asks_nobody_who_they_are_and_touches_no_database(address: str) -> None:
    # No mark of this test opens the database: a query would fail it.
    answer = Client().get(address)

    assert answer.status_code == 200
    assert not answer.cookies


@pytest.mark.parametrize("address", PAGES)
def test_a_sandbox_takes_nothing(address: str) -> None:
    assert Client().post(address).status_code == 405


@pytest.mark.django_db
def test_the_same_page_is_served_to_everybody() -> None:
    signed_in = Client()
    signed_in.force_login(User.objects.create_user("ada@example.com", "a-password-of-ours-1"))

    assert signed_in.get("/sandbox/artifact/").content == Client().get("/sandbox/artifact/").content


@pytest.mark.django_db
def test_pages_with_replies_frame_our_own_pages_alone_and_other_pages_frame_nothing() -> None:
    client = Client()
    client.force_login(User.objects.create_user("ada@example.com", "a-password-of-ours-1"))

    assert policy(client.get("/chat/"))["frame-src"] == ["'self'"]
    assert policy(client.get("/chat/"))["frame-ancestors"] == ["'none'"]
    assert policy(client.get("/operations/playground/"))["frame-src"] == ["'self'"]
    assert "frame-src" not in policy(client.get("/chat/settings/"))


def test_an_artifact_page_holds_its_script_and_asks_for_no_file() -> None:
    page = Client().get("/sandbox/artifact/").content.decode()

    assert not re.search(r"<(?:script|link|img)[^>]*(?:src|href)=", page)
    assert page.count("</script>") == 1
