"""Naming a thread beside its first reply: a cheap model call, or the message's own first words where that fails."""

import asyncio
import logging
import re

from django.conf import settings
from django.utils.translation import gettext as _

from lib.plain_text import storable
from llm_chat import actions
from llm_chat.actions.running import Claim
from llm_service import catalogue, client
from llm_service.errors import LLMError
from realtime.bridge import in_db

logger = logging.getLogger(__name__)

SECONDS = 15
MAX_LENGTH = 60
INSTRUCTION = (
    "Write a title of two to six words for a conversation that begins with the following message, in its language. "
    "Answer with the title only: no quotes, no full stop, no explanation."
)


async def give_title(claim: Claim, *, once: asyncio.Event) -> None:
    await once.wait()  # the reply's first word goes before
    text = claim.untitled_text or ""
    title = await _from_model(claim, text) or plain_title(text)
    await in_db(actions.set_title, thread_id=claim.thread_id, title=title)


def plain_title(text: str) -> str:
    """Return the first words of a message, as a title."""
    line = next((line for line in text.splitlines() if line.strip("#>*-` \t")), text)
    line = " ".join(re.sub(r"[#>*`_]+", " ", line).split())
    if len(line) <= MAX_LENGTH:
        return line or _("New chat")
    return line[:MAX_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + "…"


async def _from_model(claim: Claim, text: str) -> str:
    model = settings.LLM_TITLE_MODEL or claim.model
    if not await in_db(catalogue.is_allowed, model, claim.team_id):
        return ""
    try:
        async with asyncio.timeout(SECONDS):
            response = await client.acompletion(
                model=model,
                messages=[{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text[:2_000]}],
                user=claim.user_id,
                team=claim.team_id,
                metadata={"feature": "title", "thread_id": str(claim.thread_id)},
            )
    except (LLMError, TimeoutError, ValueError) as error:
        logger.info("No title from the model (%s); the first words will do.", error)
        return ""
    return clean_title(storable(response.choices[0].message.content or "")) if response.choices else ""


def clean_title(said: str) -> str:
    """Return what a model said as a title, or nothing if it is none."""
    title = " ".join(said.strip().splitlines()[0].split()).strip("\"'“”«»*#.` ") if said.strip() else ""
    return title if 0 < len(title) <= 2 * MAX_LENGTH else ""
