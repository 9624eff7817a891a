"""What the demo model says: plain text rules, no I/O. It says what it is and shows what the page can draw."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from llm_service import demo_samples
from llm_service.requests import ToolCall

HOW_TO_ADD_A_KEY = (
    "To talk to a real model, put a key such as `OPENAI_API_KEY`, `ANTHROPIC_API_KEY` or `GEMINI_API_KEY` into the "
    "`.env` file (or the base URL of an OpenAI-compatible server as `OPENAI_API_BASE`) and start Parley again."
)
MENU = """You can ask me to show:

- **markdown**: headings, lists, quotes and links
- **code**: a few lines of Python or JavaScript
- a **table**
- **maths**, set with LaTeX
- a **long** reply, to try Stop
- **reasoning**: write *think about ...*
- a **tool** call: ask for the time
- an **error**

Ask for several at once, and they come in that order."""

MARKDOWN = """## A heading

A paragraph with **bold**, *italic*, ~~struck~~ and `inline code`.

1. First, a numbered list
2. with a second entry
   - and one inside it

> A quote, for the record.

- [x] a finished task
- [ ] an open one

A [link](https://www.djangoproject.com/) and a rule:

---

That is most of what a reply is made of."""

PYTHON = '''Here is a small Python program:

```python
from collections import Counter


def most_common_words(text: str, limit: int = 3) -> list[tuple[str, int]]:
    """Return the most frequent words of a text."""
    words = (word.strip(".,!?").lower() for word in text.split())
    return Counter(word for word in words if word).most_common(limit)


print(most_common_words("the cat saw the other cat"))
```

It prints `[('the', 2), ('cat', 2), ('saw', 1)]`.'''

JAVASCRIPT = """Here is a small JavaScript function:

```js
export function debounce(action, wait = 200) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), wait);
  };
}

addEventListener("resize", debounce(() => console.log(innerWidth)));
```

It runs the action once things have been quiet for 200 ms."""

TABLE = """Three planets, side by side:

| Planet | Diameter (km) | Day (hours) | Moons |
|:-------|--------------:|------------:|------:|
| Earth  | 12,756 | 23.9 | 1 |
| Mars   | 6,792 | 24.6 | 2 |
| Jupiter | 142,984 | 9.9 | 97 |

The numbers are aligned to the right, as they should be."""

MATHS = r"""The roots of $ax^2 + bx + c = 0$ are

$$
x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
$$

and the area under a bell curve is

$$
\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}.
$$

Inline, Euler's identity reads $e^{i\pi} + 1 = 0$."""

STEPS = (
    "A reply does not come all at once. The model writes it a few letters at a time, and each piece travels through a "
    "socket that stays open between this page and the server.",
    "Meanwhile the server keeps what has been written. If this tab is closed, or the connection breaks, the reply goes "
    "on being written and is here when you come back.",
    "A second tab on the same chat shows the same words at the same time, because both of them listen to one turn.",
    "The Stop button ends the turn for everybody, keeps the words that were shown, and hangs up on the model, so that "
    "nothing more is paid for.",
    "When the reply is complete, its tokens, its cost and the time to its first word are written into a log that an "
    "administrator can read.",
)


ANY_CODE = r"\b(code|program|function|script)\b"
CLOCK = r"\b(time|date|clock)\b"
THINK = re.compile(
    r"\b(?:think(?:ing)?|reason(?:ing)?)\b\s*(?:hard\s*)?(?:about\s*)?"
    r"(?P<topic>.*?)(?=,|;|\band (?:then|show|write)\b|\bthen\b|[.?!]\s|$)",
    re.IGNORECASE,
)
CONTINUE = re.compile(r"answer was cut off\b.*\bgo on\b", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class Reply:
    text: str = ""
    reasoning: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)
    fails: bool = False
    is_cut: bool = False

    @property
    def finish_reason(self) -> str:
        if self.is_cut:
            return "length"
        return "tool_calls" if self.tool_calls else "stop"


def reply_to(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Reply:
    """Return the scripted answer to a conversation."""
    prompt = _last_text(messages, "user")
    # What was said since the last answer comes as one message: only the newest part counts.
    newest = prompt.rpartition("\n\n")[2]
    words = newest.lower()
    wanted = _wanted(newest, tools)
    called = next((n for n, one in enumerate(wanted) if one.tool), None)
    results = _results_after_prompt(messages)
    if results:
        later = _together(wanted[called + 1 :]) if called is not None else Reply()
        return Reply(f"{_told(results)}\n\n{later.text}".rstrip(), later.reasoning)
    if served := _for_the_server(messages, prompt):
        return served
    if CONTINUE.search(prompt):
        return _rest(messages, tools)
    if re.search(r"\b(error|fail|crash)\b", words) and re.search(r"\b(show|raise|make|simulate|fail|an)\b", words):
        return Reply(fails=True)
    if called is not None:
        before = _together(wanted[:called])
        text = f"{before.text}\n\n" if before.text else ""
        call = ToolCall(f"call_{uuid.uuid4().hex[:12]}", wanted[called].tool, "{}")
        return Reply(text, before.reasoning, [call])
    if wanted:
        return _together(wanted)
    for pattern, answer in RULES:
        if re.search(pattern, words):
            return answer(prompt)
    return _anything(prompt, messages)


def _for_the_server(messages: list[dict[str, Any]], prompt: str) -> Reply | None:
    """Answer what no person asks: JSON, a summary, a title."""
    if schema := demo_samples.schema_in(_last_text(messages, "system")):
        return Reply(json.dumps(demo_samples.sample_of(schema), indent=2, ensure_ascii=False))
    if _asks_for_summary(messages):
        return Reply(_summary(prompt))
    return Reply(title_of(prompt)) if _asks_for_title(messages) else None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One thing asked for, and where in the prompt."""

    at: int
    show: Callable[[str], Reply]
    prompt: str
    tool: str = ""


def _wanted(prompt: str, tools: list[dict[str, Any]]) -> list[_Wanted]:
    """Return what a prompt asks to see, each once, in the order asked."""
    words = prompt.lower()
    thought = THINK.search(prompt)
    if thought and thought["topic"]:  # what is thought about is not asked for
        words = words[: thought.start("topic")] + " " * len(thought["topic"]) + words[thought.end("topic") :]
    wanted = [_Wanted(found.start(), show, prompt) for pattern, show in SHOWN if (found := re.search(pattern, words))]
    if not any(one.show in (_python, _javascript) for one in wanted) and (found := re.search(ANY_CODE, words)):
        wanted.append(_Wanted(found.start(), _python, prompt))
    if tool := _tool_for(words, tools):
        clock = re.search(CLOCK, words) if tool == "current_time" else None
        at = clock.start() if clock else max(words.find(tool.lower()), words.find("tool"))
        wanted.append(_Wanted(at, _no_clock, prompt, tool))
    elif found := re.search(CLOCK, words):
        wanted.append(_Wanted(found.start(), _no_clock, prompt))
    return sorted(wanted, key=lambda one: one.at)


def _together(wanted: list[_Wanted]) -> Reply:
    replies = [one.show(one.prompt) for one in wanted if not one.tool]
    return Reply(
        "\n\n".join(reply.text for reply in replies), "\n\n".join(filter(None, (r.reasoning for r in replies)))
    )


def _told(results: str) -> str:
    clock = " The clock is the server's and keeps UTC: I do not know your time zone." if "UTC" in results else ""
    return f"The tool answered: **{results}**\n\nThat was a real tool call; only I am scripted.{clock}"


def _rest(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Reply:
    """Go on where the last answer was broken off."""
    begun = _last_text(messages, "assistant")
    until = max((n for n, message in enumerate(messages) if message.get("role") == "assistant"), default=0)
    whole = reply_to(messages[:until], tools).text
    return Reply(whole.removeprefix(begun) if whole.startswith(begun) else " ... and that is where this script ends.")


def pieces(text: str) -> Iterator[str]:
    """Cut a text as a model would: a word with the space before it, long words in parts."""
    for word in re.findall(r"\s*\S+|\s+$", text):
        for start in range(0, len(word), 8):
            yield word[start : start + 8]


def cut(reply: Reply, most: int) -> Reply:
    """Return as much of a reply as a limit on its tokens leaves."""
    written = list(pieces(reply.text))
    if len(written) <= most:
        return reply
    return Reply("".join(written[:most]), reply.reasoning, is_cut=True)


def title_of(text: str) -> str:
    """Return a short title made of the first words of a text."""
    # A title request may quote the conversation; its first line of speech is what it is about.
    quoted = re.search(r"(?:user|message|conversation)\s*:\s*(.+)", text, re.IGNORECASE)
    line = (quoted[1] if quoted else text).strip().splitlines()
    found = re.findall(r"[^\W_][\w'\u2019-]*", line[0] if line else "")[:6]
    title = " ".join(found) or "New chat"
    return title[:1].upper() + title[1:60]


def _thinking(prompt: str) -> Reply:
    thought = THINK.search(prompt)
    topic = (thought["topic"] if thought else "").strip(" .?!") or "that"
    return Reply(
        text=f"I have thought about {topic}. A scripted model comes to no conclusions, but this is how reasoning "
        "looks: folded away above the answer, and there for whoever wants to read it.",
        reasoning=f"The question is about {topic}. First I look at what is being asked. Then I weigh what a model "
        "could say against what a script can. A script cannot know anything new, so the honest answer is to say so, "
        "and to show how reasoning is displayed while it arrives.",
    )


def _long(prompt: str) -> Reply:
    sections = [f"### {number}. Step\n\n{STEPS[(number - 1) % len(STEPS)]}" for number in range(1, 21)]
    return Reply("Here is a long reply. Press Stop whenever you have seen enough.\n\n" + "\n\n".join(sections))


def _introduction(prompt: str) -> Reply:
    return Reply(
        "Hello! I am **Parley's demo model**: a script that runs inside this server, with no network and no real "
        f"intelligence. I am here so that you can try everything before you add a key.\n\n{MENU}\n\n{HOW_TO_ADD_A_KEY}"
    )


def _says(text: str) -> Callable[[str], Reply]:
    return lambda prompt: Reply(text)


_python, _javascript = _says(PYTHON), _says(JAVASCRIPT)
_no_clock = _says("I would call a tool to tell the time, but none was offered to me in this chat.")
SHOWN: tuple[tuple[str, Callable[[str], Reply]], ...] = (
    (r"\bthink|\breason", _thinking),
    (r"\b(table|tabular|spreadsheet)\b", _says(TABLE)),
    (r"\b(javascript|typescript|js)\b", _javascript),
    (r"\bpython\b", _python),
    (r"\b(maths?|latex|equation|formula|integral)\b", _says(MATHS)),
    (r"\b(markdown|formatting)\b", _says(MARKDOWN)),
    (r"\b(long|essay|story|article)\b", _long),
)
RULES: tuple[tuple[str, Callable[[str], Reply]], ...] = (
    (r"\b(key|api key|real model|configure|set ?up)\b", _says(HOW_TO_ADD_A_KEY)),
    (r"\b(thanks?|thank you|cheers)\b", _says("You are welcome! Ask me to *show a table* or to *think about tea*.")),
    (r"^\W*(hi|hello|hey|good (morning|evening|day)|help|what can you do|who are you|what are you)\b", _introduction),
)


def _anything(prompt: str, messages: list[dict[str, Any]]) -> Reply:
    turns = sum(message.get("role") == "user" for message in messages)
    quoted = " ".join(prompt.split())
    if not quoted:
        return _introduction(prompt)
    quoted = quoted if len(quoted) <= 160 else f"{quoted[:157]}..."
    count = len(prompt.split())
    words = "one word" if count == 1 else f"{count} words"
    if turns > 1:
        return Reply(
            f"That is message {turns} of this chat, {words} long:\n\n> {quoted}\n\nI am the offline demo model, so I "
            f"can only show things. Try *show a table*, *write some code* or *show an error*. {HOW_TO_ADD_A_KEY}"
        )
    return Reply(
        f"You wrote {words}:\n\n> {quoted}\n\nI am **Parley's offline demo model**, a script: I cannot answer that, "
        f"but I can show you what a reply looks like here.\n\n{MENU}\n\n{HOW_TO_ADD_A_KEY}"
    )


def _tool_for(words: str, tools: list[dict[str, Any]]) -> str:
    """The time is the tool the demo knows; any other one is called when it is asked for by name."""
    names = [str((tool.get("function") or {}).get("name") or "") for tool in tools]
    if "current_time" in names and re.search(r"\b(time|clock|date|tool)\b", words):
        return "current_time"
    return next((name for name in names if name and name.lower() in words), "")


def _asks_for_summary(messages: list[dict[str, Any]]) -> bool:
    return _last_text(messages, "system").startswith("You summarise")


def _summary(prompt: str) -> str:
    """The first words of what was said: more a script cannot do, and it says so."""
    before = [line for line in prompt.splitlines() if line.startswith("- ")]
    asked = [part.removeprefix("User:") for part in prompt.split("\n\n") if part.startswith("User:")]
    said = "\n".join([*before, *(f"- {' '.join(words.split())[:80]}" for words in asked)][-12:])
    return f"A script made this summary: it lists the first words of what was asked.\n\n{said}"


def _asks_for_title(messages: list[dict[str, Any]]) -> bool:
    instructions = _last_text(messages, "system").lower()
    prompt = _last_text(messages, "user").lower()
    return ("title" in instructions and bool(re.search(r"\b(chat|conversation)\b", instructions))) or bool(
        re.search(r"\b(short|brief|concise) title\b", prompt)
    )


def _results_after_prompt(messages: list[dict[str, Any]]) -> str:
    """What tools have said since the last user message."""
    results: list[str] = []
    for message in reversed(messages):
        if message.get("role") == "user":
            break
        if message.get("role") == "tool":
            results.append(_text(message))
    return "; ".join(reversed(results))


def _last_text(messages: list[dict[str, Any]], role: str) -> str:
    return next((_text(message) for message in reversed(messages) if message.get("role") == role), "")


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(str(block.get("text") or "") for block in content if isinstance(block, dict))
    return str(content or "")
