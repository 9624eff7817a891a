"""A turn from the send to its one terminal event."""

import pytest

from accounts.models import User
from llm_chat.models import ChatMessage, Status
from llm_chat.tests.conftest import Tab
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_message_is_accepted_then_streamed_then_ended_once(server: None, alice: User) -> None:
    tab = Tab(alice)
    assert await tab.open()

    accepted = await tab.send("hello")
    final = await tab.until("final")

    assert accepted["status"] == "queued"
    seqs = [frame["seq"] for frame in tab.of(accepted["turn_id"]) if "seq" in frame]
    assert seqs == list(range(1, len(seqs) + 1))
    assert final["message"]["content"] == tab.text_of(accepted["turn_id"])
    stored = await in_db(ChatMessage.objects.get, id=accepted["assistant_message_id"])
    assert (stored.content, stored.status) == (final["message"]["content"], Status.COMPLETE)
    await tab.silent()
    assert tab.of(accepted["turn_id"])[-1] == final
    await tab.close()
