"""What the scripted server is asked to do, read from a model name or a prompt."""

import re
from dataclasses import dataclass, field

ODD_TEXT = 'a\u2028b\u2029c\u0085d [DONE] data: [DONE] e\x0bf\x0cg\x1ch 👩‍👩‍👧 é \\n "q" 汉字 \ud7ff end'
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "island", "juniper")
TOOL_CALLS = (
    ("call_1", "current_time", ('{"zone"', ': "Europe/', 'Zürich"}')),
    ("call_2", "search", ('{"query": ', '"tea"}')),
)
PAGE = """## What a cache is for

A cache keeps what was dear to make, so that the next one who asks need not wait.
It is **small**, it is *fast*, and it may be wrong: `ttl` says for how long.

- reads are many and writes are few
- an old answer does no harm
- the same thing is asked for again

```python
def get(key):
    if key not in cache:
        cache[key] = make(key)
    return cache[key]
```

| store | reads | writes |
|---|---|---|
| memory | quick | quick |
| disk | slow | slow |

1. Look in the cache.
2. If it is there, take it.
3. Else make it, keep it, and hand it on.

> Two things are hard: names, and knowing when to forget.

"""
"""What a model writes, over and over: `page` in a script."""
RIGHT_JSON, WRONG_JSON = '{"message": "hello", "number": 7}', '{"message": "hello", "number": "seven"}'
REASONING = ("First, ", "look at ", "the question. ")

_AMOUNT = re.compile(r"^(\d+)([tr])$")
_STATUS = re.compile(r"^status(\d{3})(?:x(\d+))?$")
_NUMBERED = re.compile(r"^(first|after|wrong)(\d+)$")
_IN_PROMPT = re.compile(r"\[\[fake ([^\]]*)\]\]")


@dataclass(slots=True)
class Script:
    tokens: int = 20
    rate: float = 0
    first_ms: int = 0
    status: int = 0
    status_times: int = 0
    """How many requests fail; 0 means all of them."""
    retry_after: int | None = None
    wrong_times: int = 0
    words: set[str] = field(default_factory=set)
    echo: str = ""

    def has(self, word: str) -> bool:
        return word in self.words

    def pieces(self) -> list[str]:
        """The text, token by token."""
        if self.has("odd"):
            return [ODD_TEXT[start : start + 3] for start in range(0, len(ODD_TEXT), 3)]
        if self.has("echo"):
            return re.findall(r"\S+\s*|\s+", self.echo)
        if self.has("json"):
            return re.findall(r"\S+\s*", WRONG_JSON if self.has("wrong") else RIGHT_JSON)
        if self.has("page"):
            words = re.findall(r"\S+\s*", PAGE)
            return [words[number % len(words)] for number in range(self.tokens)]
        return [f"{WORDS[number % 10]}{number} " for number in range(self.tokens)]

    @property
    def reasoning(self) -> tuple[str, ...]:
        return REASONING if self.words & {"reason", "reason2"} else ()

    @property
    def finish_reason(self) -> str:
        if self.has("tools"):
            return "tool_calls"
        if self.has("filtered"):
            return "content_filter"
        return "length" if self.has("length") else "stop"


def read(model: str, prompt: str) -> Script:
    in_prompt = _IN_PROMPT.search(prompt)
    script = Script(echo=prompt)
    for word in in_prompt[1].split() if in_prompt else model.rsplit("/", 1)[-1].split("-"):
        if amount := _AMOUNT.match(word):
            if amount[2] == "t":
                script.tokens = int(amount[1])
            else:
                script.rate = float(amount[1])
        elif status := _STATUS.match(word):
            script.status, script.status_times = int(status[1]), int(status[2] or 0)
        elif numbered := _NUMBERED.match(word):
            if numbered[1] == "first":
                script.first_ms = int(numbered[2])
            elif numbered[1] == "wrong":
                script.wrong_times = int(numbered[2])
            else:
                script.retry_after = int(numbered[2])
        else:
            script.words.add(word)
    return script
