"""Messages in the vendors' form: their texts, the texts of their documents, and which pictures are to be shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.db.models.functions import Substr

from llm_chat.models import Attachment, ChatMessage
from llm_service import tokens


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in its place among texts. Its bytes are read once it is known that the model sees pictures."""

    name: str
    key: str
    mime: str


EXCERPT = 800
"""Characters of a document that a summary is made from; the model has read it whole when it was sent."""

Part = str | Picture
Told = dict[str, Any]
"""`role`, and as `content` a text, or texts and pictures in their order."""


class Row(Protocol):
    @property
    def id(self) -> Any: ...
    @property
    def role(self) -> str: ...
    @property
    def content(self) -> str | None: ...
    @property
    def attachments(self) -> str | list[dict[str, Any]]: ...


def in_vendors_form(rows: Sequence[Row], *, room: int) -> list[Told]:
    """Return the messages, the oldest first. Documents of the last one are cut to the `room` there is, in tokens.

    Empty replies are left out and neighbouring messages of one role are merged: some vendors refuse both.
    """
    attached = [_ids(row.attachments) for row in rows]
    files = _files(
        {id_ for ids in attached for id_ in ids}, [row.id for row, ids in zip(rows, attached, strict=True) if ids]
    )
    messages: list[Told] = []
    for place, (row, ids) in enumerate(zip(rows, attached, strict=True)):
        here = [files[id_] for id_ in ids if id_ in files]
        is_last = place == len(rows) - 1
        left = room - tokens.stored_count(row.content or "") - _pictures_tokens(here) if is_last and here else None
        parts: list[Part] = [*_parts(here, left), *([row.content] if row.content else [])]
        if not parts or row.role not in (ChatMessage.Role.USER, ChatMessage.Role.ASSISTANT):
            continue
        if messages and messages[-1]["role"] == row.role:
            messages[-1]["content"] += parts
        else:
            messages.append({"role": row.role, "content": parts})
    return [{**message, "content": _plain(message["content"])} for message in messages]


def _ids(attachments: str | list[dict[str, Any]]) -> list[UUID]:
    if attachments in ("[]", []):
        return []
    values = json.loads(attachments) if isinstance(attachments, str) else attachments
    return [UUID(value["id"]) for value in values if "id" in value]


def _files(ids: set[UUID], message_ids: list[Any]) -> dict[UUID, Attachment]:
    """Ask for the files of all messages at once, and not at all where there are none.

    What a message says of its files is a copy: only the tie to a message makes a file its own.
    """
    if not ids:
        return {}
    return {row.id: row for row in Attachment.objects.filter(id__in=ids, messages__in=message_ids).distinct()}


def _pictures_tokens(files: Sequence[Attachment]) -> int:
    return sum(file.token_count for file in files if file.kind == Attachment.Kind.IMAGE)


def _parts(files: Sequence[Attachment], left: int | None) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        if file.kind == Attachment.Kind.IMAGE:
            moves = file.about.get("animated")  # of a moving one the first picture: some vendors refuse it whole
            key, mime = (file.thumbnail_key, "image/webp") if moves else (file.file_key, file.mime)
            parts.append(Picture(file.name, key, mime))
            continue
        text = file.text
        if left is not None:
            text = _cut(text, file.token_count, max(0, left))
            left -= file.token_count
        parts.append(f'<file name="{file.name.replace('"', "'")}">\n{text}\n</file>')
    return parts


def _cut(text: str, text_tokens: int, left: int) -> str:
    if text_tokens <= left:
        return text
    shown = len(text) * left // max(1, text_tokens)
    return f"{text[:shown]}\n[Cut here: {shown:,} of {len(text):,} characters are shown.]"


def _plain(parts: list[Part]) -> str | list[Part]:
    return parts if any(isinstance(part, Picture) for part in parts) else "\n\n".join(map(str, parts))


def with_excerpts(said: Sequence[tuple[UUID, str, list[dict[str, Any]]]]) -> dict[UUID, str]:
    """Return the texts of messages with the names and beginnings of their files, for who is not to read these whole."""
    ids = {id_: _ids(attachments) for id_, _, attachments in said if attachments}
    named = {one for some in ids.values() for one in some}
    files = Attachment.objects.filter(id__in=named, messages__in=ids).distinct() if named else Attachment.objects.none()
    rows = files.values_list("id", "name", Substr("text", 1, EXCERPT + 1))
    excerpts = {id_: _excerpt(name, text) for id_, name, text in rows}
    return {
        id_: "\n".join([*([content] if content else []), *(_about(value, excerpts) for value in attachments)])
        for id_, content, attachments in said
    }


def _about(value: dict[str, Any], excerpts: dict[UUID, str]) -> str:
    known = excerpts.get(UUID(value["id"])) if "id" in value else None
    return known or f"[Attached: {value.get('name', '')}]"


def _excerpt(name: str, text: str) -> str:
    if not text:
        return f"[Attached: {name}]"
    return f"[Attached: {name}, which begins:\n{text[:EXCERPT]}{'…' if len(text) > EXCERPT else ''}]"
