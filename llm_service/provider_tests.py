"""A try of a connected provider: one real call, and in words why it failed."""

from django.utils.translation import gettext as _

from accounts.models import User
from llm_service import catalogue, client, errors
from llm_service.actions import providers
from llm_service.models import Provider

QUESTION = "Answer with the one word: hello"
SECONDS = 20.0
MOST_SAID = 300


def tried(*, by: User, provider: Provider) -> str:
    """Ask the first model of a provider something short; return what is wrong, empty where it answered."""
    offered = catalogue.offered_by(provider)
    if not offered:
        return _("No model is named here, so there is nothing to ask.")
    try:
        client.completion(
            model=offered[0],
            messages=[{"role": "user", "content": QUESTION}],
            wishes={"max_output_tokens": 64},
            timeout=SECONDS,
            user=by,
            team=provider.team_id,
            metadata={"feature": "provider_test"},
        )
        problem = ""
    except errors.LLMError as error:
        problem = explained(error)
    providers.note_test(provider=provider, problem=problem)
    return problem


def explained(error: errors.LLMError) -> str:
    """Say to whoever connected a provider why a try failed: our sentence, and the vendor's own words."""
    if isinstance(error, errors.AddressNotAllowed):
        return _("This address leads into a private network. An administrator can allow that network for this site.")
    said = " ".join(error.detail.split())[:MOST_SAID]
    return f"{error.user_message} ({said})" if said else str(error.user_message)
