from django.test import Client

from accounts.models import User, UserSettings


def test_the_right_password_removes_the_person_and_what_is_theirs(client: Client, alice: User, bob: User) -> None:
    UserSettings.objects.create(user=alice)
    client.force_login(alice)

    answer = client.post("/accounts/delete/", {"password": "alice-password-1"}, follow=True)

    assert list(User.objects.all()) == [bob]
    assert not UserSettings.objects.exists()
    assert "_auth_user_id" not in client.session
    assert "is deleted" in answer.text


def test_a_wrong_password_deletes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.post("/accounts/delete/", {"password": "guess"})

    assert "That is not your password. Nothing was deleted." in answer.text
    assert User.objects.filter(pk=alice.pk).exists()


def test_looking_at_the_page_deletes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.get("/accounts/delete/")

    assert "alice@example.com" in answer.text
    assert User.objects.filter(pk=alice.pk).exists()


def test_a_stranger_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.post("/accounts/delete/")["Location"].startswith("/accounts/login/")
