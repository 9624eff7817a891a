"""What the database holds, read past the server: the truth every tab is measured by."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.servers import Deployment


def path(at: Deployment, thread_id: str) -> list[tuple[str, str, str, str]]:
    """Return id, role, status and text of the messages that lead to the thread's leaf."""
    rows = at.rows(
        "SELECT id, parent_id, role, status, content FROM llm_chat_chatmessage WHERE thread_id = ?", UUID(thread_id)
    )
    by_id = {row[0]: row for row in rows}
    ((leaf,),) = at.rows("SELECT leaf_id FROM llm_chat_chatthread WHERE id = ?", UUID(thread_id))
    found: list[tuple[str, str, str, str]] = []
    while leaf:
        id_, leaf, role, status, content = by_id[leaf]
        found.insert(0, (str(id_), role, status, content))
    return found


def title(at: Deployment, thread_id: str) -> str:
    ((said,),) = at.rows("SELECT title FROM llm_chat_chatthread WHERE id = ?", UUID(thread_id))
    return str(said)


@dataclass(frozen=True)
class StoredTurn:
    status: str
    seq: int
    text: str
    process_id: Any


def turn(at: Deployment, turn_id: str) -> StoredTurn:
    ((status, seq, text, process_id),) = at.rows(
        "SELECT turn.status, turn.seq, message.content, turn.process_id FROM llm_chat_turn turn"
        " JOIN llm_chat_chatmessage message ON message.id = turn.assistant_message_id WHERE turn.id = ?",
        UUID(turn_id),
    )
    return StoredTurn(status, seq, text, process_id)


def copies(at: Deployment, message_id: str) -> int:
    """Return how often a message of the user is stored, counting the turns that answer it."""
    ((count,),) = at.rows("SELECT count(*) FROM llm_chat_turn WHERE user_message_id = ?", UUID(message_id))
    return int(count)


def unfinished(at: Deployment) -> int:
    ((count,),) = at.rows("SELECT count(*) FROM llm_chat_turn WHERE status IN ('queued', 'running')")
    return int(count)


def chat_calls(at: Deployment, turn_id: str) -> list[str]:
    """Return the states of the call logs of one turn."""
    rows = at.rows("SELECT status FROM llm_service_llmcalllog WHERE turn_id = ? AND feature = 'chat'", UUID(turn_id))
    return [str(row[0]) for row in rows]
