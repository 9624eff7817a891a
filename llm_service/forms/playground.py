"""What the playground's page sends."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from llm_service.playground.content import Content


class Wish(BaseModel):
    """Ask one model."""

    model_config = ConfigDict(extra="forbid")

    team: UUID
    model: Annotated[str, Field(min_length=1, max_length=250)]
    content: Content
    replay_of: UUID | None = None


class ToolWish(BaseModel):
    """Have a tool of ours answer a call that a model asked for."""

    model_config = ConfigDict(extra="forbid")

    team: UUID
    name: str
    arguments: str = ""


class Save(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    team: UUID
    name: str
    is_shared: bool = False
    content: Content


class Change(BaseModel):
    """What becomes of a kept one; a thing that is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    is_shared: bool | None = None
    deleted: bool = False
