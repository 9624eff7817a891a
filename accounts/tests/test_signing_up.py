from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User

GOOD = {"email": "Ada@Example.com", "password1": "engine-of-1843"}


def test_a_new_person_is_signed_in_and_lands_in_the_chat(client: Client, db: None) -> None:
    answer = client.post("/accounts/signup/", GOOD)

    assert answer.status_code == 302
    assert answer["Location"] == reverse("llm_chat:home")
    assert client.session["_auth_user_id"] == str(User.objects.get(email="ada@example.com").pk)


def test_signing_up_needs_no_mail_server(client: Client, db: None) -> None:
    client.post("/accounts/signup/", GOOD)

    assert mail.outbox == []


def test_the_page_shows_what_is_wrong_beside_the_field(client: Client, db: None) -> None:
    answer = client.post("/accounts/signup/", {"email": "nobody", "password1": "123"})

    assert answer.status_code == 200
    assert 'id="id_email_error"' in answer.text
    assert "This password is too short" in answer.text
    assert not User.objects.exists()


def test_an_address_is_taken_in_any_spelling(client: Client, alice: User) -> None:
    answer = client.post("/accounts/signup/", {**GOOD, "email": "ALICE@example.com"})

    assert "There is an account with this e-mail address already." in answer.text
    assert User.objects.count() == 1


def test_a_safe_next_address_is_followed_and_a_foreign_one_is_not(client: Client, db: None) -> None:
    foreign = client.post("/accounts/signup/?next=https://evil.example/", GOOD)
    client.logout()
    safe = client.post("/accounts/signup/", {**GOOD, "email": "b@example.com", "next": "/accounts/settings/"})

    assert foreign["Location"] == reverse("llm_chat:home")
    assert safe["Location"] == "/accounts/settings/"


def test_where_addresses_must_be_confirmed_a_link_is_sent_and_opens_the_account(client: Client, db: None) -> None:
    with override_settings(ACCOUNT_EMAIL_VERIFICATION="mandatory"):
        page = client.post("/accounts/signup/", GOOD, follow=True)
        link = next(word for word in mail.outbox[0].body.split() if "/accounts/verify-email/" in word)
        confirmed = client.post(link.removeprefix("http://testserver"))

    assert page.request["PATH_INFO"] == "/accounts/verify-email/sent/"
    assert "Confirm your e-mail address" in page.text
    assert confirmed["Location"] == reverse("llm_chat:home")
    assert EmailAddress.objects.get().verified
