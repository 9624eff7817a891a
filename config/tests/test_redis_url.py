import pytest

from config.redis_url import normalised


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", ""),
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("rediss://:secret@host:6380", "rediss://:secret@host:6380?ssl_cert_reqs=none"),
        ("rediss://host/1?ssl_cert_reqs=CERT_REQUIRED", "rediss://host/1?ssl_cert_reqs=required"),
        ("rediss://host?ssl_cert_reqs=none", "rediss://host?ssl_cert_reqs=none"),
    ],
)
def test_address_is_one_that_all_redis_clients_accept(given: str, used: str) -> None:
    assert normalised(given) == used
