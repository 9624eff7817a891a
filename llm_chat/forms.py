from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from accounts.models import MOST_OF_INSTRUCTIONS, UserSettings
from lib import wording
from llm_chat.actions.attaching import Upload
from llm_chat.actions.tags import MOST_ON_A_THREAD, MOST_TAGS
from llm_chat.actions.threads import MOST_AT_ONCE
from llm_service import catalogue


def _in_one_line(title: object) -> object:
    return " ".join(title.replace("\x00", "").split()) if isinstance(title, str) else title


class ThreadsChange(BaseModel):
    """What the page asks to become of threads; a thing that is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)
    title: Annotated[str, BeforeValidator(_in_one_line), Field(min_length=1, max_length=200)] | None = None
    pinned: bool | None = None
    archived: bool | None = None
    deleted: bool | None = None
    tagged: list[UUID] = Field(default=[], max_length=MOST_ON_A_THREAD)
    untagged: list[UUID] = Field(default=[], max_length=MOST_TAGS)

    @model_validator(mode="after")
    def asks_for_something(self) -> Self:
        if self.title is not None and len(self.ids) > 1:
            raise ValueError(_("A title is for one conversation"))
        if self.model_fields_set == {"ids"}:
            raise ValueError(_("Nothing is to be changed"))
        return self


class BranchChoice(BaseModel):
    """Which message of a thread its person turns to."""

    model_config = ConfigDict(extra="forbid")

    message_id: UUID


class Fork(BranchChoice):
    """The message a new thread ends with at first, and the id the page chose for that thread."""

    id: UUID


class SettingsWish(BaseModel):
    """What the page asks to hold in a thread; a thing that is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = None
    instructions: str | None = None
    parameters: dict[str, Any] | None = None


class PresetWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    model: str = ""
    instructions: str = ""
    parameters: dict[str, Any] = {}
    shared: bool = False
    is_default: bool = False


class PresetChange(BaseModel):
    """What the page asks to become of a preset; without `values` it goes."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    team_id: UUID | None = None
    values: PresetWish | None = None
    is_default: bool | None = None
    """Alone: whether the person's new conversations begin with it."""


class TagWish(BaseModel):
    """What the page asks to become of a tag, which is made if it is not there; `id` is of the page's choice."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    team: UUID
    name: Annotated[str, BeforeValidator(_in_one_line), Field(min_length=1, max_length=40)] | None = None
    colour: Literal["neutral", "accent", "success", "warning", "danger"] | None = None
    deleted: bool = False


class PreferencesForm(forms.Form):
    model = forms.ChoiceField(
        label=gettext_lazy("Default model"),
        required=False,
        help_text=gettext_lazy(
            "New conversations start with it. Another one you choose for a new conversation takes its place."
        ),
    )
    custom_instructions = forms.CharField(
        label=gettext_lazy("Custom instructions"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, chosen: UserSettings, team_id: UUID, **kwargs: Any) -> None:
        offered = _by_provider(team_id)
        known = catalogue.is_allowed(chosen.chat_model, team_id)
        kwargs["initial"] = {
            "model": chosen.chat_model if known else "",
            "custom_instructions": chosen.custom_instructions,
        }
        super().__init__(*args, **kwargs)
        self.fields["custom_instructions"].help_text = _(
            "Who you are, how answers should be. Every model reads it before each conversation. "
            "At most %(most)s characters."
        ) % {"most": wording.number(MOST_OF_INSTRUCTIONS)}
        names = {name for models in offered.values() for name, _ in models}
        if known and chosen.chat_model not in names:  # one of hundreds that an open vendor serves
            described = catalogue.describe(chosen.chat_model)
            offered[catalogue.provider_label(described.provider)].append((described.id, described.label))
        default = catalogue.describe(catalogue.default_model(team_id)).label
        model = self.fields["model"]
        assert isinstance(model, forms.ChoiceField)  # noqa: S101  for the type checker
        model.choices = [("", _("The server's default: %(default)s") % {"default": default}), *offered.items()]

    def clean_custom_instructions(self) -> str:
        # Forms send line ends as two characters; a person counts one.
        text: str = self.cleaned_data["custom_instructions"].replace("\r\n", "\n")
        if len(text) > MOST_OF_INSTRUCTIONS:
            raise ValidationError(
                _("These are %(count)s characters, and %(most)s is the most. Shorten them a little.")
                % {"count": wording.number(len(text)), "most": wording.number(MOST_OF_INSTRUCTIONS)}
            )
        return text


def _by_provider(team_id: UUID) -> dict[str, list[tuple[str, str]]]:
    offered: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for model in catalogue.available_models(team_id):
        offered[catalogue.group_of(model)].append((model.id, model.label))
    return offered


class AttachmentForm(forms.Form):
    """One file of a message, with the id its sender gave it."""

    id = forms.UUIDField()
    team = forms.UUIDField(required=False)
    file = forms.FileField(allow_empty_file=True)

    def upload(self) -> Upload:
        file: TemporaryUploadedFile = self.cleaned_data["file"]
        return Upload(
            id=self.cleaned_data["id"],
            team_id=self.cleaned_data["team"],
            name=file.name or "",
            path=Path(file.temporary_file_path()),
            size=file.size or 0,
        )

    def fault(self) -> str:
        if "id" in self.errors or "team" in self.errors:
            return _("A file needs an `id`, which is a UUID.")
        return _("There is no file in this request.")

    def too_large(self) -> str:
        return _("This file is too large: %(most)s MB are the most. Attach a smaller one.") % {
            "most": settings.ATTACHMENT_MAX_MB
        }


class PromptWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    text: str
    shared: bool = False


class PromptChange(BaseModel):
    """What the page asks to become of a prompt; without `values` it goes."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    team_id: UUID | None = None
    values: PromptWish | None = None
