"""Whatever one caller does to a thread's connection, the next one finds it whole."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from realtime.bridge import in_pool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()  # the thread's own, not ours


async def test_a_write_that_was_cut_off_takes_nothing_from_the_next_one(
    one_thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def write() -> None:
        with transaction.atomic():
            transaction.on_commit(lambda: told.append("written"))

    def cut_off() -> None:
        with monkeypatch.context() as patch, transaction.atomic():
            # As when tests end under a thread that still writes: the database may not be used any more.
            patch.setattr(connection, "ensure_connection", _refused)

    with pytest.raises(RuntimeError):
        await in_pool(one_thread, cut_off)
    await in_pool(one_thread, write)

    assert told == ["written"]


def _refused() -> None:
    raise RuntimeError("Database access not allowed")
