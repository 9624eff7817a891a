"""Two installations that are used by every scenario and repaired before each: the laptop and the real thing."""

from collections.abc import Iterator

import pytest

from tests.servers import Deployment, deployment

SECONDS = 240  # a scenario waits for leases and time limits of the product, and for servers to warm up


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chaos" in item.path.parts:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def _laptop() -> Iterator[Deployment]:
    with deployment("sqlite", CHAT_DRAIN_SECONDS="20") as made:
        yield made


@pytest.fixture(scope="session")
def _services() -> Iterator[Deployment]:
    with deployment("services", 2, CHAT_DRAIN_SECONDS="6") as made:
        yield made
        assert made.postgres and "deadlock detected" not in made.postgres.log_text()


@pytest.fixture
def laptop(_laptop: Deployment) -> Deployment:
    """One process on SQLite."""
    _laptop.heal()
    return _laptop


@pytest.fixture
def pair(_services: Deployment) -> Deployment:
    """Two processes on one Postgres and one Redis."""
    _services.heal()
    return _services


@pytest.fixture(params=["sqlite", "services"])
def either(request: pytest.FixtureRequest) -> Deployment:
    """First the one, then the other."""
    made = request.getfixturevalue("_laptop" if request.param == "sqlite" else "_services")
    assert isinstance(made, Deployment)
    made.heal()
    return made
