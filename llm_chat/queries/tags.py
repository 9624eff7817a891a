"""A person's tags, and which threads carry them."""

import json
from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from llm_chat.models import ChatThread, Tag
from llm_chat.queries.ids import from_row

_On = ChatThread.tags.through
_THREADS, _TAGS, _ON = (connection.ops.quote_name(model._meta.db_table) for model in (ChatThread, Tag, _On))


def tags_of(user_id: int, team_id: UUID) -> list[Tag]:
    return list(Tag.objects.of(team_id).filter(user_id=user_id).order_by("created_at", "id"))


def tag_value(tag: Tag) -> dict[str, str]:
    return {"id": str(tag.id), "name": tag.name, "colour": tag.colour}


def tags_on(thread_ids: Collection[UUID]) -> dict[UUID, list[Tag]]:
    """Return the tags of each of these threads, in the order they were put on."""
    found: dict[UUID, list[Tag]] = defaultdict(list)
    for one in _On.objects.filter(chatthread__in=thread_ids).order_by("id").select_related("tag"):
        found[one.chatthread_id].append(one.tag)
    return found


_ALL, _ONE = (
    ("json_agg(one)::text", "json_build_object")
    if connection.vendor == "postgresql"
    else ("json_group_array(json(one))", "json_object")
)
# In the same query as the threads: a list of them costs no further one.
_LISTED = f"""(SELECT {_ALL} FROM (
    SELECT {_ONE}('id', tag.id, 'name', tag.name, 'colour', tag.colour) AS one
    FROM {_ON} carried JOIN {_TAGS} tag ON tag.id = carried.tag_id
    WHERE carried.chatthread_id = {_THREADS}.id ORDER BY carried.id
) listed)"""  # noqa: S608  the only names in it are the tables'


def with_tags(threads: QuerySet[ChatThread]) -> QuerySet[ChatThread]:
    return threads.annotate(listed_tags=RawSQL(_LISTED, (), output_field=TextField()))  # noqa: S611


def listed_tags(thread: ChatThread) -> list[Tag]:
    """Return the tags of a thread that was read `with_tags`."""
    rows: list[dict[str, Any]] = json.loads(getattr(thread, "listed_tags", None) or "[]")
    return [Tag(id=from_row(row["id"]), name=row["name"], colour=row["colour"]) for row in rows]
