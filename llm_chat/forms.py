from collections import defaultdict
from typing import Annotated, Any, Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from accounts.models import MOST_OF_INSTRUCTIONS, UserSettings
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

    @model_validator(mode="after")
    def asks_for_something(self) -> Self:
        if self.title is not None and len(self.ids) > 1:
            raise ValueError("A title is for one conversation")
        if self.model_fields_set == {"ids"}:
            raise ValueError("Nothing is to be changed")
        return self


class PreferencesForm(forms.Form):
    model = forms.ChoiceField(
        label="Default model",
        required=False,
        help_text="New conversations start with it. Another one you choose for a new conversation takes its place.",
    )
    custom_instructions = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Who you are, how answers should be. Every model reads it before each conversation. "
        f"At most {MOST_OF_INSTRUCTIONS:,} characters.",
    )

    def __init__(self, *args: Any, chosen: UserSettings, **kwargs: Any) -> None:
        offered = _by_provider()
        known = catalogue.is_allowed(chosen.chat_model)
        kwargs["initial"] = {
            "model": chosen.chat_model if known else "",
            "custom_instructions": chosen.custom_instructions,
        }
        super().__init__(*args, **kwargs)
        names = {name for models in offered.values() for name, _ in models}
        if known and chosen.chat_model not in names:  # one of hundreds that an open vendor serves
            described = catalogue.describe(chosen.chat_model)
            offered[catalogue.provider_label(described.provider)].append((described.id, described.label))
        default = catalogue.describe(catalogue.default_model()).label
        model = self.fields["model"]
        assert isinstance(model, forms.ChoiceField)  # noqa: S101  for the type checker
        model.choices = [("", f"The server's default: {default}"), *offered.items()]

    def clean_custom_instructions(self) -> str:
        # Forms send line ends as two characters; a person counts one.
        text: str = self.cleaned_data["custom_instructions"].replace("\r\n", "\n")
        if len(text) > MOST_OF_INSTRUCTIONS:
            raise ValidationError(
                f"These are {len(text):,} characters, and {MOST_OF_INSTRUCTIONS:,} is the most. Shorten them a little."
            )
        return text


def _by_provider() -> dict[str, list[tuple[str, str]]]:
    offered: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for model in catalogue.available_models():
        offered[catalogue.provider_label(model.provider)].append((model.id, model.label))
    return offered
