import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

CREDENTIALS = {"login": "alice@example.com", "password": "alice-password-1"}


def test_a_person_signs_in_by_address_in_any_spelling(client: Client, alice: User) -> None:
    answer = client.post("/accounts/login/", {**CREDENTIALS, "login": "Alice@Example.com"})

    assert answer["Location"] == reverse("llm_chat:home")
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(client: Client, alice: User) -> None:
    wrong = client.post("/accounts/login/", {**CREDENTIALS, "password": "guess"})
    unknown = client.post("/accounts/login/", {**CREDENTIALS, "login": "nobody@example.com"})

    sentence = "This e-mail address and password do not belong together."
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert "_auth_user_id" not in client.session


def test_too_many_tries_are_stopped_even_with_the_right_password(client: Client, alice: User) -> None:
    for _ in range(5):
        client.post("/accounts/login/", {**CREDENTIALS, "password": "guess"})

    assert "That was one try too many." in client.post("/accounts/login/", CREDENTIALS).text


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_sign_in_never_leads_to_another_site(client: Client, alice: User, there: str) -> None:
    answer = client.post("/accounts/login/", {**CREDENTIALS, "next": there})

    assert answer["Location"] == reverse("llm_chat:home")


def test_sign_in_leads_back_to_the_page_that_asked_for_it(client: Client, alice: User) -> None:
    asked = client.get("/accounts/settings/")

    assert asked["Location"] == "/accounts/login/?next=/accounts/settings/"
    assert client.post(asked["Location"], CREDENTIALS)["Location"] == "/accounts/settings/"


def test_a_closed_account_is_told_so(client: Client, alice: User) -> None:
    alice.is_active = False
    alice.save()

    answer = client.post("/accounts/login/", CREDENTIALS, follow=True)

    assert "This account is closed" in answer.text


def test_signing_out_takes_a_press_of_the_button(client: Client, alice: User) -> None:
    client.force_login(alice)

    asked = client.get("/accounts/logout/")
    still_in = "_auth_user_id" in client.session
    done = client.post("/accounts/logout/")

    assert "Sign out?" in asked.text
    assert still_in
    assert done["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in client.session


def test_a_person_who_is_signed_in_is_sent_past_the_sign_in_page(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/accounts/login/")["Location"] == reverse("llm_chat:home")
