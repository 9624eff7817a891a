"""One conversation of ChatGPT's or Claude's export, or of our own JSON. What has no place here is noted in the text."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from lib import wording
from llm_chat.portable import FORMAT, VERSION, Conversation, Said

Role = Literal["user", "assistant"]
ROLES: dict[str, Role] = {"user": "user", "human": "user", "assistant": "assistant"}
MOST_MESSAGES = 20_000


class Unreadable(Exception):
    """This conversation cannot be read; the text is for people."""


def conversation_in(value: Any) -> Conversation:
    """Return the conversation in a piece of JSON, whichever product it is of. Raises Unreadable."""
    try:
        read = _reader_of(value)
        found = read(value)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError) as error:
        raise Unreadable(_("It is not built as conversations of this kind are.")) from error
    if not found.said:
        raise Unreadable(_("It has no messages."))
    if len(found.said) > MOST_MESSAGES:
        raise Unreadable(_("It has more than %(most)s messages.") % {"most": wording.number(MOST_MESSAGES)})
    return found


def title_in(value: Any) -> str:
    """Return what a conversation that could not be read calls itself."""
    named = (value.get("title") or value.get("name")) if isinstance(value, dict) else ""
    return str(named or _("Without a title"))[:200]


def _reader_of(value: Any) -> Callable[[dict[str, Any]], Conversation]:
    if isinstance(value, dict) and isinstance(value.get("mapping"), dict):
        return _chatgpt
    if isinstance(value, dict) and isinstance(value.get("chat_messages"), list):
        return _claude
    if isinstance(value, dict) and value.get("format") == FORMAT:
        return _own
    raise Unreadable(_("It is not a conversation of ChatGPT, Claude or this product."))


def _source(product: str, id_: Any, value: Any) -> str:
    if isinstance(id_, str) and id_:
        return f"{product}:{id_}"[:200]
    return f"{product}:#{hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()}"


def _at(value: Any) -> datetime | None:
    """Return a time given as seconds or as ISO text; None for anything else."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC) if value > 0 else None
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _text(*pieces: str) -> str:
    return "\n\n".join(piece.strip() for piece in pieces if piece and piece.strip())


# --- ChatGPT: a tree of nodes, some of which nobody was shown ---------------------------------------------------------


def _chatgpt(value: dict[str, Any]) -> Conversation:
    nodes = {str(key): node for key, node in value["mapping"].items() if isinstance(node, dict)}
    shown = {key: words for key, node in nodes.items() if (words := _shown_text(node.get("message") or {}))}
    said: list[Said] = []
    for key, text in shown.items():
        message = nodes[key]["message"]
        parent, notes, reasoning = _climbed(nodes, shown, key)
        role = ROLES[message["author"]["role"]]
        if role == "user":
            notes, reasoning = [], []
        model = str((message.get("metadata") or {}).get("model_slug") or "") if role == "assistant" else ""
        at = _at(message.get("create_time"))
        said.append(Said(key, parent, role, _text(*notes, text), at, model, _text(*reasoning)))
    current = str(value.get("current_node") or "")
    if current and current not in shown:
        current = _climbed(nodes, shown, current)[0] or ""
    source = _source("chatgpt", value.get("conversation_id") or value.get("id"), value)
    return Conversation(str(value.get("title") or ""), said, current or None, source)


def _climbed(nodes: dict[str, Any], shown: dict[str, str], key: str) -> tuple[str | None, list[str], list[str]]:
    """Return the nearest shown node above one, and what the nodes between them say of tools and thoughts."""
    notes: list[str] = []
    reasoning: list[str] = []
    walked = {key}
    above = nodes[key].get("parent") if key in nodes else None
    while isinstance(above, str) and above in nodes and above not in walked:
        if above in shown:
            return above, notes[::-1], reasoning[::-1]
        walked.add(above)
        message = nodes[above].get("message") or {}
        author, content = message.get("author") or {}, message.get("content") or {}
        if author.get("role") == "tool":
            notes.append(_("[Used a tool: %(name)s]") % {"name": author.get("name") or _("without a name")})
        elif content.get("content_type") == "thoughts":
            thoughts = [one for one in content.get("thoughts") or [] if isinstance(one, dict)]
            reasoning.append(
                _text(*(_text(str(t.get("summary") or ""), str(t.get("content") or "")) for t in thoughts))
            )
        above = nodes[above].get("parent")
    return None, notes[::-1], reasoning[::-1]


def _shown_text(message: dict[str, Any]) -> str:
    """Return what a reader saw of a message: nothing of the ones that ChatGPT keeps to itself."""
    metadata, content = message.get("metadata") or {}, message.get("content") or {}
    if (message.get("author") or {}).get("role") not in ROLES or message.get("weight") == 0:
        return ""
    if metadata.get("is_visually_hidden_from_conversation") or metadata.get("is_user_system_message"):
        return ""
    match content.get("content_type"):
        case "text" | "multimodal_text":
            words = _text(*map(_part, content.get("parts") or []))
        case "code" if message.get("recipient", "all") == "all":
            words = f"```{content.get('language') or ''}\n{content.get('text') or ''}\n```"
        case _:
            return ""
    if message.get("recipient", "all") != "all":
        return ""
    files = [one.get("name") for one in metadata.get("attachments") or [] if isinstance(one, dict)]
    return _text(words, *(_("[File: %(name)s]") % {"name": name} for name in files if name))


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    kind = str(part.get("content_type") or "") if isinstance(part, dict) else ""
    if kind == "audio_transcription":
        return str(part.get("text") or "")
    for word, name in (("image", _("Picture")), ("audio", _("Recording")), ("video", _("Film"))):
        if word in kind:
            return f"[{name}]"
    return _("[Something that could not be imported]")


# --- Claude: a list of messages, with their parents in newer exports --------------------------------------------------


def _claude(value: dict[str, Any]) -> Conversation:
    rows = [row for row in value["chat_messages"] if isinstance(row, dict)]
    # Messages without words are left out; what answers them answers what they answer.
    parents: dict[str, str | None] = {}
    before: str | None = None
    said: list[Said] = []
    for number, row in enumerate(rows):
        key = str(row.get("uuid") or f"#{number}")
        parents[key] = str(row["parent_message_uuid"]) if row.get("parent_message_uuid") else before
        before = key
    known: set[str] = set()
    for number, row in enumerate(rows):
        key = str(row.get("uuid") or f"#{number}")
        words, reasoning = _blocks(row)
        if words and row.get("sender") in ROLES:
            known.add(key)
            said.append(Said(key, None, ROLES[row["sender"]], words, _at(row.get("created_at")), "", reasoning))
    linked = [
        Said(one.key, _known_above(parents, known, one.key), one.role, one.content, one.at, "", one.reasoning)
        for one in said
    ]
    leaf = str(value.get("current_leaf_message_uuid") or "")
    shown = leaf if leaf in known else None
    source = _source("claude", value.get("uuid"), value)
    return Conversation(str(value.get("name") or ""), linked, shown, source)


def _known_above(parents: dict[str, str | None], known: set[str], key: str) -> str | None:
    walked = {key}
    above = parents.get(key)
    while above and above not in known and above not in walked:
        walked.add(above)
        above = parents.get(above)
    return above if above in known else None


def _blocks(row: dict[str, Any]) -> tuple[str, str]:
    """Return the words and the reasoning of a message."""
    words: list[str] = []
    reasoning: list[str] = []
    for block in row.get("content") or []:
        match block.get("type") if isinstance(block, dict) else None:
            case "text":
                words.append(str(block.get("text") or ""))
            case "thinking":
                reasoning.append(str(block.get("thinking") or ""))
            case "tool_use":
                words.append(_("[Used a tool: %(name)s]") % {"name": block.get("name") or _("without a name")})
            case "image":
                words.append(f"[{_('Picture')}]")
            case _:
                pass  # results of tools, and what only the product itself shows
    if not _text(*words):
        words = [str(row.get("text") or "")]
    for one in (*(row.get("attachments") or []), *(row.get("files") or [])):
        if isinstance(one, dict):
            words.append(_("[File: %(name)s]") % {"name": one.get("file_name") or _("without a name")})
            words.append(str(one.get("extracted_content") or ""))
    return _text(*words), _text(*reasoning)


# --- Our own ----------------------------------------------------------------------------------------------------------


def _own(value: dict[str, Any]) -> Conversation:
    if value.get("version") != VERSION:
        raise Unreadable(_("It was exported by a newer version of this product."))
    said = []
    for row in value["messages"]:
        role, parent = ROLES.get(row["role"]), row.get("parent_id")
        files = [
            _("[File: %(name)s]") % {"name": one.get("name")} for one in row.get("attachments") or [] if one.get("name")
        ]
        words = _text(str(row.get("content") or ""), *files)
        if role and words:
            key, model, at = str(row["id"]), str(row.get("model") or ""), _at(row.get("created_at"))
            parent = str(parent) if parent else None
            said.append(Said(key, parent, role, words, at, model, str(row.get("reasoning") or "")))
    source = _source("parley", value.get("id"), value)
    shown, model = value.get("shown_up_to"), str(value.get("model") or "")
    return Conversation(str(value.get("title") or ""), said, str(shown) if shown else None, source, model)
