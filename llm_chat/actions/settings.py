"""What a person sets in one conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from lib import wording
from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.actions.starting import Refused
from llm_chat.models import ChatThread
from llm_chat.thread_settings import checked_instructions
from llm_service import catalogue
from llm_service.parameters import Invalid, checked_parameters
from realtime.publish import publish


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """None leaves a thing as it is; `parameters` take the place of all there were."""

    model: str | None = None
    instructions: str | None = None
    parameters: Mapping[str, Any] | None = None


def change_settings(*, by: User, thread_id: UUID, change: SettingsChange) -> ChatThread:
    """Change what holds in one thread from its next reply on. Raises Refused and Invalid."""
    instructions = None if change.instructions is None else checked_instructions(change.instructions)
    parameters = None if change.parameters is None else checked_parameters(change.parameters)
    with writing():
        thread = queries.threads_of(by.pk).filter(id=thread_id).select_for_update(of=("self",)).first()
        if thread is None:
            raise Refused("not_found", _("There is no such conversation any more."))
        if change.model is not None and not catalogue.is_allowed(change.model, thread.team_id):
            raise Invalid(
                {
                    "model": _("The model '%(model)s' is not available here. Choose another one.")
                    % {"model": wording.shown(change.model)}
                }
            )
        before = (thread.model, thread.instructions, thread.parameters)
        if change.model is not None:
            thread.model = change.model
        if instructions is not None:
            thread.instructions = instructions
        if parameters is not None:
            thread.parameters = parameters
        if (thread.model, thread.instructions, thread.parameters) == before:
            return thread
        thread.rev += 1
        thread.save(update_fields=["model", "instructions", "parameters", "rev"])
        topic = wire.topic_of_changes(thread)
        event = wire.thread_updated(thread).model_copy(update={"settings": wire.thread_settings(thread)})
        transaction.on_commit(lambda: publish(topic, event))
    return thread
