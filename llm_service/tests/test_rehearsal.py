import threading

from llm_service import library


def test_calls_wait_until_the_rehearsal_has_closed_its_connections():
    begun, may_end = threading.Event(), threading.Event()
    order: list[str] = []

    def rehearsal() -> None:
        begun.set()
        may_end.wait(10)
        order.append("rehearsal ended")

    def call() -> None:
        library.litellm()
        order.append("call began")

    warm_up = threading.Thread(target=library.rehearse, args=[rehearsal])
    warm_up.start()
    assert begun.wait(60)
    assert not library.is_loaded()
    caller = threading.Thread(target=call)
    caller.start()
    caller.join(0.2)
    may_end.set()
    warm_up.join(10)
    caller.join(10)

    assert order == ["rehearsal ended", "call began"]
    assert library.is_loaded()
