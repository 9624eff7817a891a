from typing import Any

import pytest
from django.test import RequestFactory

from lib import visitor


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "nonsense", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_a_proxy_is_believed_about_the_address_and_a_client_is_not(
    rf: RequestFactory, settings: Any, hops: int, forwarded: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = hops

    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})

    assert visitor.address_of(request) == address


def test_a_request_over_a_socket_file_has_no_address(rf: RequestFactory) -> None:
    assert visitor.address_of(rf.get("/", REMOTE_ADDR="")) is None


def test_a_long_user_agent_is_cut(rf: RequestFactory) -> None:
    assert len(visitor.of(rf.get("/", headers={"User-Agent": "x" * 5000})).user_agent) == visitor.MOST_OF_A_USER_AGENT
