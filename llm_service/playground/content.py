"""What stands in a playground, and in words what is wrong with it. JSON stays as typed until a model is asked."""

import json
import re
from typing import Annotated, Any, Literal

import orjson
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from llm_service import schemas, structured
from llm_service.parameters import Invalid, checked_parameters

MOST_MODELS = 4
MOST_MESSAGES = 500
MOST_TOOLS = 128
LONGEST = 1_500_000
"""Characters of a whole playground: more than any model reads at once."""
LONGEST_KEPT = 400_000
"""Characters of one that is kept under a name."""
A_SCHEMA = '{"type": "object", "properties": {}}'
A_TOOL = '{"name": "…", "description": "…", "parameters": {}}'
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

Role = Literal["system", "user", "assistant", "tool"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Asked(_Strict):
    """A tool call that stands in a message of the model."""

    id: str = ""
    name: str
    arguments: str = ""


class Message(_Strict):
    role: Role
    text: str = ""
    tool_calls: list[Asked] = []
    answers: str = ""
    """The id of the tool call whose result this is."""


class Content(_Strict):
    system: str = ""
    messages: Annotated[list[Message], Field(max_length=MOST_MESSAGES)] = []
    parameters: dict[str, Any] = {}
    tools: str = ""
    answer_schema: str = ""
    models: Annotated[list[Annotated[str, Field(max_length=250)]], Field(max_length=MOST_MODELS)] = []


class Question:
    """A content that can be sent. Raises Invalid, with a sentence for each place that must be changed."""

    def __init__(self, content: Content) -> None:
        faults: dict[str, str] = {}
        self.messages = _messages(content, faults)
        self.schema: dict[str, Any] | None = None
        self.name = "answer"
        self.tools: list[dict[str, Any]] = []
        self.parameters: dict[str, Any] = {}
        try:
            self.tools = tools_of(content.tools)
        except Invalid as invalid:
            faults |= {"tools": str(invalid)}
        try:
            self.schema, self.name = schema_of(content.answer_schema)
        except Invalid as invalid:
            faults |= {"answer_schema": str(invalid)}
        try:
            self.parameters = checked_parameters(content.parameters)
        except Invalid as invalid:
            faults |= invalid.faults
        if faults:
            raise Invalid(faults)

    def arguments(self, model: str) -> dict[str, Any]:
        """Return what the client is told beside who asks. The first call may load LiteLLM: not on the loop."""
        told: dict[str, Any] = {"model": model, "messages": self.messages, "wishes": self.parameters}
        if self.tools:
            told["tools"] = self.tools
        if self.schema is not None:
            form = structured.form_of(model, self.schema, self.name, has_tools=bool(self.tools))
            told |= form or {"messages": structured.with_words(self.messages, self.schema)}
        return told


def tools_of(text: str) -> list[dict[str, Any]]:
    """Read definitions of tools, in the form of OpenAI, of Anthropic, or bare. Raises Invalid."""
    if not text.strip():
        return []
    read = _json(text, _("The tools cannot be read as JSON: look at line %(line)s, column %(column)s."))
    entries = read if isinstance(read, list) else [read]
    if len(entries) > MOST_TOOLS:
        raise _invalid(_("%(most)s tools are the most that fit here.") % {"most": MOST_TOOLS})
    tools = [_tool(entry, number) for number, entry in enumerate(entries, start=1)]
    names = [tool["function"]["name"] for tool in tools]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise _invalid(_("Two tools are called “%(name)s”. Give one of them another name.") % {"name": twice})
    return tools


def schema_of(text: str) -> tuple[dict[str, Any] | None, str]:
    """Read the schema of an answer, bare or as OpenAI wraps it. Raises Invalid."""
    if not text.strip():
        return None, "answer"
    read = _json(text, _("The schema cannot be read as JSON: look at line %(line)s, column %(column)s."))
    if not isinstance(read, dict):
        raise _invalid(_("A schema is a JSON object, such as %(sample)s.") % {"sample": A_SCHEMA})
    inner = read.get("json_schema") if read.get("type") == "json_schema" else read
    inner = inner if isinstance(inner, dict) else read
    name = "answer"
    if isinstance(inner.get("schema"), dict) and "type" not in inner:
        name, inner = str(inner.get("name") or name), inner["schema"]
    if not NAME.fullmatch(name):
        raise _invalid(_("A schema's name has letters, digits, - and _ alone."))
    if problem := _fault_of_schema(inner):
        raise _invalid(problem)
    return inner, name


def what_does_not_fit(text: str, schema: dict[str, Any]) -> str:
    """Say why an answer is not what the schema asks for; empty where it is. May take a while: not on the loop."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return _("The answer is not JSON.")
    complaint = schemas.complaint(schema, answer)
    return _("The answer does not follow the schema. %(problem)s") % {"problem": complaint} if complaint else ""


def _messages(content: Content, faults: dict[str, str]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    if content.system.strip():
        told.append({"role": "system", "content": content.system})
    for place, message in enumerate(content.messages):
        if not message.text.strip() and not message.tool_calls and message.role != "tool":
            faults[f"messages.{place}"] = _("Write something here, or remove the message.")
        elif message.role == "tool" and not message.answers:
            faults[f"messages.{place}"] = _("Say which tool call this is the result of.")
        told.append(_told(message))
    if not any(message.role != "system" for message in content.messages):
        faults["messages"] = _("Write a message first.")
    if sum(len(orjson.dumps(message)) for message in told) > LONGEST:
        faults["messages"] = _("This is longer than any model reads. Shorten it.")
    return told


def _told(message: Message) -> dict[str, Any]:
    text = message.text.replace("\0", "").encode("utf-8", "replace").decode()
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.answers, "content": text}
    if message.role == "assistant" and message.tool_calls:
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
        return {"role": "assistant", "content": text or None, "tool_calls": calls}
    return {"role": message.role, "content": text}


def _tool(entry: Any, number: int) -> dict[str, Any]:
    inner = entry.get("function") if isinstance(entry, dict) and isinstance(entry.get("function"), dict) else entry
    if not isinstance(inner, dict) or not inner.get("name"):
        raise _invalid(_("Tool %(number)s has no name. A tool is %(sample)s.") % {"number": number, "sample": A_TOOL})
    name = str(inner["name"])
    if not NAME.fullmatch(name):
        raise _invalid(_("Tool %(number)s: a name has at most 64 letters, digits, - and _.") % {"number": number})
    parameters = inner.get("parameters", inner.get("input_schema", {"type": "object", "properties": {}}))
    if not isinstance(parameters, dict):
        raise _invalid(_("The parameters of %(name)s are no JSON object.") % {"name": name})
    if problem := _fault_of_schema(parameters):
        raise _invalid(_("The parameters of %(name)s: %(problem)s") % {"name": name, "problem": problem})
    function: dict[str, Any] = {"name": name, "parameters": parameters}
    if inner.get("description"):
        function["description"] = str(inner["description"])
    if inner.get("strict") is True:
        function["strict"] = True
    return {"type": "function", "function": function}


def _fault_of_schema(schema: dict[str, Any]) -> str:
    try:
        schemas.check(schema)
    except schemas.SchemaInvalid as error:
        return str(error)
    except RecursionError:
        return _("It is nested too deeply.")
    return ""


def _json(text: str, sentence: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _invalid(sentence % {"line": error.lineno, "column": error.colno}) from None
    except (ValueError, RecursionError):
        raise _invalid(sentence % {"line": 1, "column": 1}) from None


def _invalid(sentence: str) -> Invalid:
    return Invalid({"": sentence})
