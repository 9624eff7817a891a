"""What may be set in one conversation, and in words what is wrong with it."""

from django.utils.translation import gettext as _

from accounts.models import MOST_OF_INSTRUCTIONS
from lib import wording
from llm_service.parameters import Invalid


def checked_instructions(text: str) -> str:
    """Return instructions as they are kept. Raises Invalid."""
    text = text.replace("\r\n", "\n").strip()
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid({"instructions": _("The instructions hold a character that cannot be kept. Type them anew.")})
    if len(text) > MOST_OF_INSTRUCTIONS:
        fault = _("These are %(count)s characters, and %(most)s is the most. Shorten them a little.") % {
            "count": wording.number(len(text)),
            "most": wording.number(MOST_OF_INSTRUCTIONS),
        }
        raise Invalid({"instructions": fault})
    return text
