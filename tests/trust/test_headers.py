"""What every answer tells the browser: pages, errors, redirects and files alike, in production's settings."""

import re

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from tests.trust.conftest import boss

YEAR = 31_536_000
SANDBOX = {"sandbox_artifact", "sandbox_diagram"}
"""Pages for script that is not ours have a policy of their own: `config/tests/test_sandbox.py`."""


def missing(answer: HttpResponseBase) -> list[str]:
    """Name what an answer lacks of what every one of them must have."""
    policy = csp(answer)
    own = [] if "sandbox" in policy else ["'self'"]  # a file people sent is no page: nothing at all runs in it
    promises = {
        "a policy that starts from nothing": policy.get("default-src") == ["'none'"],
        "scripts of our own alone": sorted(set(plain(policy.get("script-src", [])))) == own,
        "styles of our own alone": sorted(set(plain(policy.get("style-src", [])))) == own,
        "nothing from elsewhere": not re.search(r"https?:|\*|unsafe-eval", answer.get("Content-Security-Policy", "*")),
        "frame-ancestors": policy.get("frame-ancestors") == ["'none'"] and answer.get("X-Frame-Options") == "DENY",
        "base-uri": policy.get("base-uri") == ["'none'"],
        "form-action": policy.get("form-action") == (own or ["'none'"]),
        "HSTS": answer.get("Strict-Transport-Security") == f"max-age={YEAR}; includeSubDomains",
        "referrer": answer.get("Referrer-Policy") in {"same-origin", "no-referrer"},
        "nosniff": answer.get("X-Content-Type-Options") == "nosniff",
        "opener": answer.get("Cross-Origin-Opener-Policy") == "same-origin",
        "permissions": "camera=()" in answer.get("Permissions-Policy", ""),
    }
    return [promise for promise, is_kept in promises.items() if not is_kept]


def csp(answer: HttpResponseBase) -> dict[str, list[str]]:
    directives = (directive.split() for directive in answer.get("Content-Security-Policy", "").split(";"))
    return {name: sources for name, *sources in filter(None, directives)}


def plain(sources: list[str]) -> list[str]:
    return [source for source in sources if not source.startswith("'nonce-")]


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "a stranger"])
def test_every_address_answers_with_all_headers(addresses: dict[str, str], signed_in: bool) -> None:
    browser = boss if signed_in else Client

    ordinary = {name: address for name, address in addresses.items() if name not in SANDBOX}

    lacking = {name: missing(browser().get(address, secure=True)) for name, address in ordinary.items()}

    assert {name: promises for name, promises in lacking.items() if promises} == {}


@pytest.mark.usefixtures("production", "db")
@pytest.mark.parametrize(
    ("address", "status"),
    [("/no/such/page/", 404), ("/static/theme.js", 200), ("/static/no-such-file.js", 404), ("/chat", 301)],
)
def test_errors_redirects_and_files_carry_them_too(address: str, status: int) -> None:
    answer = Client().get(address, secure=True)
    answer.close()  # a file

    assert (answer.status_code, missing(answer)) == (status, [])


@pytest.mark.usefixtures("production", "db")
def test_a_form_without_its_token_and_a_foreign_host_name_are_refused_with_them() -> None:
    client = Client(enforce_csrf_checks=True)

    without_token = client.post("/accounts/login/", secure=True)
    foreign = client.get("/accounts/login/", secure=True, headers={"host": "elsewhere.example"})

    assert (without_token.status_code, missing(without_token)) == (403, [])
    assert (foreign.status_code, missing(foreign)) == (400, [])


@pytest.mark.urls("config.tests.test_error_pages")
@pytest.mark.usefixtures("production", "db")
def test_a_failure_carries_them_too() -> None:
    answer = Client(raise_request_exception=False).get("/broken/", secure=True)

    assert (answer.status_code, missing(answer)) == (500, [])


@pytest.mark.usefixtures("production", "db")
def test_a_nonce_is_never_used_twice() -> None:
    nonces = {"".join(csp(Client().get("/accounts/login/", secure=True))["script-src"]) for _ in range(3)}

    assert len(nonces) == 3


@pytest.mark.usefixtures("production", "db")
def test_a_page_asked_for_without_tls_is_sent_to_it_and_cookies_stay_on_it() -> None:
    plainly = Client().get("/accounts/login/")
    securely = Client().get("/accounts/login/", secure=True)

    assert (plainly.status_code, plainly["Location"]) == (301, "https://testserver/accounts/login/")
    assert securely.cookies["csrftoken"]["secure"]
    assert securely.cookies["csrftoken"]["samesite"] == "Lax"


def test_the_probe_measures_nothing_as_a_promise() -> None:
    assert len(missing(HttpResponse())) == 12
