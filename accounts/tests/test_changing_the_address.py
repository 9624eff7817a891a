import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User

ADDRESS = "/accounts/settings/email/"
NEW = "alice.new@example.com"


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    sign_in(client, alice)
    return client


def sign_in(client: Client, user: User) -> None:
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": "alice-password-1"})


def ask(client: Client, email: str = NEW) -> str:
    return client.post(ADDRESS, {"email": email}, follow=True).text


def link() -> str:
    [sent] = [sent for sent in mail.outbox if sent.to == [NEW]]
    return next(word for word in str(sent.body).split() if "/accounts/verify-email/" in word)


def test_a_new_address_counts_once_its_link_is_confirmed(signed_in: Client, alice: User) -> None:
    page = ask(signed_in)
    alice.refresh_from_db()
    before = alice.email

    looked_at = signed_in.get(link())
    alice.refresh_from_db()
    still = alice.email
    signed_in.post(link())
    alice.refresh_from_db()

    assert f"A link is on its way to {NEW}." in page
    assert "Is this your address?" in looked_at.text
    assert (before, still, alice.email) == ("alice@example.com", "alice@example.com", NEW)
    assert [(row.email, row.verified, row.primary) for row in EmailAddress.objects.filter(user=alice)] == [
        (NEW, True, True)
    ]


def test_the_old_address_is_told(signed_in: Client) -> None:
    ask(signed_in)
    signed_in.post(link())

    (told,) = [sent for sent in mail.outbox if sent.to == ["alice@example.com"]]
    assert f"From now on you sign in with {NEW}." in str(told.body)


def test_the_page_says_what_is_waited_for_and_the_old_address_can_be_kept(signed_in: Client, alice: User) -> None:
    ask(signed_in)
    waiting = signed_in.get("/accounts/settings/account/").text
    address = link()

    signed_in.post("/accounts/settings/email/cancel/")

    assert f"the link we sent to {NEW}" in waiting
    assert NEW not in signed_in.get("/accounts/settings/account/").text
    assert "Is this your address?" not in signed_in.get(address).text
    assert EmailAddress.objects.get(user=alice).email == "alice@example.com"


def test_the_second_wish_replaces_the_first(signed_in: Client, alice: User) -> None:
    ask(signed_in, "first@example.com")
    ask(signed_in)

    assert list(EmailAddress.objects.filter(user=alice, verified=False).values_list("email", flat=True)) == [NEW]


def test_an_account_whose_own_address_was_never_confirmed_keeps_it_meanwhile(client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=False)
    sign_in(client, alice)

    ask(client)

    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert EmailAddress.objects.filter(user=alice).count() == 2


def test_somebody_elses_address_looks_the_same_and_changes_nothing(signed_in: Client, alice: User, bob: User) -> None:
    page = ask(signed_in, "Bob@example.com")

    assert "A link is on its way to bob@example.com." in page
    assert mail.outbox[-1].to == ["bob@example.com"]
    assert "/accounts/verify-email/" not in str(mail.outbox[-1].body)
    assert not EmailAddress.objects.filter(email="bob@example.com").exists()


def test_an_address_somebody_signed_up_with_meanwhile_is_not_taken_from_them(signed_in: Client, alice: User) -> None:
    ask(signed_in)
    User.objects.create_user(NEW, "another-password-1")

    answer = signed_in.post(link(), follow=True)

    alice.refresh_from_db()
    assert answer.status_code == 200
    assert alice.email == "alice@example.com"


def test_ones_own_address_is_refused_in_a_sentence(signed_in: Client) -> None:
    assert "That is your address already." in ask(signed_in, "ALICE@example.com")


def test_the_page_asks_who_it_is_first(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get(ADDRESS)["Location"].startswith("/accounts/reauthenticate/?next=")
