"""What a server must have before it serves."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import serving
from config.settings import UNSET_SECRET_KEY


@pytest.mark.parametrize("secret", [UNSET_SECRET_KEY, "your-secret-key-here", "changeme", "django-insecure-abc123"])
def test_without_a_secret_of_its_own_a_production_server_says_so_and_does_not_serve(settings: Any, secret: str) -> None:
    settings.DEBUG = False
    settings.SECRET_KEY = secret

    with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY is missing or a known example") as refused:
        serving.check_secret()

    assert secret not in str(refused.value)


def test_a_known_example_is_refused_as_a_secret_of_before_too(settings: Any) -> None:
    settings.DEBUG = False
    settings.SECRET_KEY = "a-long-random-string-that-nobody-published"
    settings.SECRET_KEY_FALLBACKS = ["one-of-before-that-nobody-published", "changeme"]

    with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY_FALLBACKS holds a known example"):
        serving.check_secret()


def test_with_a_secret_it_serves(settings: Any) -> None:
    settings.DEBUG = False
    settings.SECRET_KEY = "a-long-random-string-that-nobody-published"

    serving.check_secret()


def test_a_laptop_serves_with_the_secret_kept_in_the_checkout(settings: Any) -> None:
    settings.DEBUG = True
    settings.SECRET_KEY = UNSET_SECRET_KEY

    serving.check_secret()
