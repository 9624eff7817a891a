"""What a stranger finds at `/`, and the product as an app on a home screen."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_a_stranger_is_told_what_this_is_and_how_to_get_in(client: Client) -> None:
    page = client.get("/").content.decode()

    assert "keep every word" in page
    for name in ("account_signup", "account_login", "help"):
        assert f'href="{reverse(name)}"' in page


def test_who_is_signed_in_goes_to_their_conversations(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/").headers["Location"] == reverse("llm_chat:home")


def test_the_front_page_shows_real_pictures(client: Client) -> None:
    page = client.get("/").content.decode()

    for picture in ("landing-light.webp", "landing-dark.webp"):
        assert picture in page
        assert finders.find(picture)


def test_the_app_is_called_as_the_site_and_opens_with_the_conversations(client: Client, settings: Settings) -> None:
    settings.SITE_NAME = "Palaver"

    answer = client.get(reverse("manifest"))

    assert answer["Content-Type"] == "application/manifest+json"
    described = json.loads(answer.content)
    assert (described["name"], described["start_url"], described["display"]) == ("Palaver", "/chat/", "standalone")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in described["icons"]}
    assert all(finders.find(icon["src"].removeprefix(settings.STATIC_URL)) for icon in described["icons"])


def test_the_worker_keeps_nothing_that_is_anybodys(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.get(reverse("service_worker"))

    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/javascript", "no-cache")
    listed = re.search(r"const KEPT = (\[.*?\]);", answer.content.decode())
    assert listed
    kept = json.loads(listed[1])
    assert reverse("offline") in kept
    assert all(address.startswith("/static/") for address in kept if address != reverse("offline"))


def test_the_app_and_what_its_worker_keeps_follow_the_language(client: Client) -> None:
    def told(name: str, language: str) -> str:
        return client.get(reverse(name), headers={"Accept-Language": language}).text

    described = [json.loads(told("manifest", language)) for language in ("en", "de")]

    assert [one["lang"] for one in described] == ["en", "de"]
    assert told("service_worker", "en") != told("service_worker", "de")


def test_the_page_for_when_there_is_no_net_is_nobodys(client: Client, alice: User) -> None:
    client.force_login(alice)

    page = client.get(reverse("offline")).content.decode()

    assert "You are offline" in page
    assert alice.email not in page
