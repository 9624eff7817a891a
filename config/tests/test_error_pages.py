import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path

from accounts.models import User
from config.urls import urlpatterns as real_urls


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("connection refused by 10.0.0.1")


urlpatterns = [*real_urls, path("broken/", broken), path("away/", away)]
handler500 = "config.errors.server_error"


@pytest.mark.urls(__name__)
def test_a_failure_is_told_in_a_sentence_with_the_id_that_finds_it_in_the_logs() -> None:
    answer = Client(raise_request_exception=False).get("/broken/")

    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert answer["X-Request-ID"] in answer.text
    assert "a secret detail" not in answer.text
    assert "Parley" in answer.text


@pytest.mark.urls(__name__)
async def test_a_database_that_is_away_is_told_as_a_short_pause() -> None:
    answer = await AsyncClient(raise_request_exception=False).get("/away/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert b"looks again by itself" in answer.content
    assert b"10.0.0.1" not in answer.content


def test_a_missing_page_says_so(client: Client, db: None) -> None:
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_a_form_without_its_token_is_refused_with_a_way_on(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    answer = client.post("/accounts/settings/theme/", {"theme": "dark"})

    assert answer.status_code == 403
    assert "This page waited too long" in answer.text


def test_too_many_requests_are_answered_in_our_words(client: Client, db: None) -> None:
    for _ in range(20):
        client.post("/accounts/password_reset/", {"email": "nobody@example.com"})

    answer = client.post("/accounts/password_reset/", {"email": "nobody@example.com"})

    assert answer.status_code == 429
    assert "A little too fast" in answer.text
