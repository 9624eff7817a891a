"""Guards round every call: dotted paths in LLM_PRE_CALL_HOOKS and LLM_POST_CALL_HOOKS, run in order.

A pre-call hook gets the LLMRequest, a post-call hook the LLMResult; each may return a changed one, or raise
`llm_service.errors.Blocked("why")`. A hook is a plain function (run where it may use the database) or a
coroutine function. A post-call hook of a stream runs when the text is complete and has already been shown; one with
the attribute `before_delivery = True` makes streams wait, so that it can change or block the text unseen.
"""

import inspect
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from llm_service.requests import LLMRequest, LLMResult
from realtime.bridge import in_db

Hook = Callable[[Any], Any]


async def before(request: LLMRequest) -> LLMRequest:
    for path in settings.LLM_PRE_CALL_HOOKS:
        request = await _run(import_string(path), request) or request
    return request


async def after(result: LLMResult) -> LLMResult:
    for path in settings.LLM_POST_CALL_HOOKS:
        result = await _run(import_string(path), result) or result
    return result


def hold_the_text() -> bool:
    """Whether a stream may be shown only after the post-call hooks have seen all of it."""
    return any(getattr(import_string(path), "before_delivery", False) for path in settings.LLM_POST_CALL_HOOKS)


async def _run(hook: Hook, value: Any) -> Any:
    if inspect.iscoroutinefunction(hook):
        return await hook(value)
    return await in_db(hook, value)
