"""Connecting a provider: which fields a vendor needs, and what cannot be right."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.outbound import addresses
from llm_service.actions.providers import Details
from llm_service.catalogue import VENDORS
from llm_service.models import Provider

OWN_SERVER = "hosted_vllm"
# These cannot be called without an address, and these have one place in the world that cannot be changed.
NEED_AN_ADDRESS = {OWN_SERVER, "ollama_chat", "azure"}
TAKE_NO_ADDRESS = {"gemini", "cohere_chat"}
NEED_NO_KEY = {OWN_SERVER, "ollama_chat"}
MOST_MODELS = 200


def vendors() -> list[tuple[str, str]]:
    labels = {OWN_SERVER: _("Any OpenAI-compatible server (vLLM, LM Studio, ...)")}
    return [(name, labels.get(name, vendor.label)) for name, vendor in VENDORS.items()]


class ProviderForm(forms.Form):
    vendor = forms.ChoiceField(label=gettext_lazy("Vendor"))
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("What people see above its models."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    base_url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "Only for a server of your own, Azure or a gateway, such as https://models.example.com/v1."
        ),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    api_version = forms.CharField(
        label=gettext_lazy("API version"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Only for Azure, such as 2025-04-01-preview."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    key = forms.CharField(
        label=gettext_lazy("API key"),
        max_length=2_000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )
    offered = forms.CharField(
        label=gettext_lazy("Models"),
        required=False,
        help_text=gettext_lazy("One in a line, as the vendor names them. Left empty, those the vendor is known for."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, provider: Provider | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider = provider
        vendor = self.fields["vendor"]
        assert isinstance(vendor, forms.ChoiceField)  # noqa: S101  for the type checker
        vendor.choices = vendors()
        if provider:
            self.initial = {
                "vendor": provider.vendor,
                "name": provider.name,
                "base_url": provider.base_url,
                "api_version": provider.api_version,
                "offered": "\n".join(provider.offered),
            }
            if provider.locked_key:
                kept = f"…{provider.key_tail}" if provider.key_tail else "…"
                self.fields["key"].help_text = _("A key ending in %(kept)s is stored. Leave this empty to keep it.") % {
                    "kept": kept
                }

    def clean_base_url(self) -> str:
        address = str(self.cleaned_data["base_url"]).strip().rstrip("/")
        if address:
            try:
                addresses.check_url(address)
            except addresses.NotAllowed as error:
                raise ValidationError(str(error)) from None
        return address

    def clean_offered(self) -> tuple[str, ...]:
        lines = [line.strip() for line in str(self.cleaned_data["offered"]).splitlines()]
        names = tuple(dict.fromkeys(line for line in lines if line))
        if len(names) > MOST_MODELS:
            raise ValidationError(_("A provider can offer %(most)s models here.") % {"most": MOST_MODELS})
        for name in names:
            if len(name) > 150 or any(character.isspace() for character in name):
                raise ValidationError(_("“%(name)s” is not a model's name.") % {"name": name[:60]})
        return names

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        vendor, address = found.get("vendor", ""), found.get("base_url", "")
        if vendor in NEED_AN_ADDRESS and not address and "base_url" not in self.errors:
            self.add_error("base_url", _("Say where this server is."))
        if vendor in TAKE_NO_ADDRESS and address:
            self.add_error("base_url", _("This vendor is reached at its own address only. Leave this empty."))
        if vendor == "azure" and not found.get("api_version"):
            self.add_error("api_version", _("Azure needs the version of its API."))
        if vendor in NEED_AN_ADDRESS and not found.get("offered") and "offered" not in self.errors:
            self.add_error("offered", _("Name the models that this server has."))
        has_key = found.get("key") or (self.provider and self.provider.locked_key)
        if vendor not in NEED_NO_KEY and not has_key:
            self.add_error("key", _("This vendor needs a key."))
        return found

    def details(self) -> Details:
        found = self.cleaned_data
        return Details(
            vendor=found["vendor"],
            name=" ".join(found["name"].split()),
            base_url=found["base_url"],
            api_version=found["api_version"].strip(),
            key=found["key"].strip(),
            offered=found["offered"],
        )
