"""What a call asks for and what came of it: the values that hooks receive."""

from dataclasses import dataclass, field
from typing import Any, Literal

from llm_service.parts import CallUsage

Kind = Literal["chat", "embedding", "transcription", "speech"]


@dataclass(slots=True)
class LLMRequest:
    """One call before it is sent. A pre-call hook may change it or return another one."""

    model: str
    messages: list[dict[str, Any]]
    params: dict[str, Any] = field(default_factory=dict)
    """Everything else that goes to LiteLLM: tools, temperature, response_format, ..."""
    is_stream: bool = False
    kind: Kind = "chat"
    sound: bytes = b""
    """What is to be transcribed; never kept."""
    sound_name: str = ""
    user_id: int | None = None
    team_id: Any = None
    metadata: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    asks_usage: bool = True
    """Whether the stream is asked for its token counts; off for a server that refuses the question."""
    timeout: float | None = None
    retries: int | None = None
    """How often it may be tried again, where not as often as any other call."""
    asked_model: str = ""
    """The model by the name people chose it by, where another one or another name is sent."""
    wishes: dict[str, Any] = field(default_factory=dict)
    """Parameters by our own names (`abilities.PARAMETERS`); those the model does not take are left out."""

    @classmethod
    def of(cls, **kwargs: Any) -> "LLMRequest":
        """Sort LiteLLM's keyword arguments from ours. Raises TypeError without a model or messages."""
        missing = [name for name in ("model", "messages") if kwargs.get(name) is None]
        if missing:
            raise TypeError(f"A completion needs {' and '.join(missing)}.")
        metadata = dict(kwargs.pop("metadata", None) or {})
        user, team = kwargs.pop("user", None), kwargs.pop("team", None)
        timeout, retries = kwargs.pop("timeout", None), kwargs.pop("retries", None)
        # A limit given here wins over one retry owner and asks LiteLLM for none.
        for name in ("max_retries", "num_retries"):
            kwargs.pop(name, None)
        return cls(
            model=kwargs.pop("model"),
            messages=list(kwargs.pop("messages")),
            request_id=str(kwargs.pop("request_id", None) or metadata.get("request_id") or ""),
            is_stream=bool(kwargs.pop("stream", False)),
            user_id=getattr(user, "pk", user),
            team_id=getattr(team, "pk", team),
            metadata=metadata,
            wishes=dict(kwargs.pop("wishes", None) or {}),
            params=kwargs,
            timeout=float(timeout) if isinstance(timeout, int | float) else None,
            retries=retries if isinstance(retries, int) else None,
        )


@dataclass(slots=True)
class ToolCall:
    """A tool call as the model finished writing it; `arguments` is JSON text."""

    call_id: str
    name: str
    arguments: str


@dataclass(slots=True)
class LLMResult:
    """One answer. A post-call hook may change `text` where the answer has not been delivered yet."""

    request: LLMRequest
    text: str
    reasoning: str
    tool_calls: list[ToolCall]
    finish_reason: str
    usage: CallUsage
    response: Any = None
    """LiteLLM's own response object; None for streams."""
