"""No address takes a post from a form that is not ours."""

from django.test import Client

from accounts.models import User
from tests import scene

SIGNED_WEBHOOKS: set[str] = set()
"""Routes that check a signature over the body instead of a token."""


def test_every_address_refuses_a_post_without_the_token(addresses: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(email=scene.EMAIL))
    people = User.objects.count()

    answers = {name: client.post(address) for name, address in addresses.items() if name not in SIGNED_WEBHOOKS}

    taken = {name: answer.status_code for name, answer in answers.items() if answer.status_code != 403}
    assert taken == {}
    assert [name for name, answer in answers.items() if "This page waited too long" not in answer.text] == []
    assert User.objects.count() == people
    assert client.session["_auth_user_id"]  # nobody was signed out
