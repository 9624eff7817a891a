"""What every call must know: read once, and anew after a change."""

import threading
from collections.abc import Iterator

import pytest

from llm_service import memory
from llm_service.memory import Memory


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    before = list(memory._all)
    yield
    memory._all[:] = before


def test_a_change_during_a_look_is_seen_by_the_next_one_who_asks():
    stored = ["old"]

    def read() -> str:
        found = stored[0]
        if found == "old":
            stored[0] = "new"
            mine.outdate()  # as another thread's commit does
        return found

    mine = Memory(read, "", "A test's")

    assert mine.for_threads() == "old"
    assert mine.for_threads() == "new"


def test_those_who_ask_while_somebody_looks_are_answered_by_that_look():
    reads: list[int] = []
    everybody = threading.Barrier(5)
    is_read = threading.Event()

    def read() -> str:
        reads.append(1)
        is_read.wait(5)
        return "found"

    mine = Memory(read, "", "A test's")
    found: list[str] = []

    def ask() -> None:
        everybody.wait(5)
        found.append(mine.for_threads())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    everybody.wait(5)
    threading.Timer(0.2, is_read.set).start()
    for thread in threads:
        thread.join(10)

    assert found == ["found"] * 4
    assert len(reads) == 1
