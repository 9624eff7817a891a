"""Ids between Python and SQL written by hand."""

from uuid import UUID

from django.db import connection

from llm_chat.models import ChatMessage


def as_parameter(id_: UUID | None) -> str | None:
    """Return an id as SQL written by hand takes it."""
    value: str | None = ChatMessage._meta.pk.get_db_prep_value(id_, connection)  # on Postgres a UUID, which will do
    return value


def from_row(id_: UUID | str) -> UUID:
    """Return an id as the driver has it: SQLite keeps it as text."""
    return id_ if isinstance(id_, UUID) else UUID(id_)
