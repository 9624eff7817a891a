"""Conversations to take pictures of: what a reader gets to see that a demo model does not say by itself."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread, Tag
from teams.actions import personal_team

Said = dict[str, Any]

ORDER = """This is the way of an order:

```mermaid
flowchart LR
  A[Order] --> B{In stock?}
  B -->|yes| C[Pack]
  B -->|no| D[Buy in]
  D --> C
  C --> E[Ship]
```

Most of the time goes into buying in:[^1]

| Step | Share of orders | Median | Slowest tenth |
|:-----|----------------:|-------:|--------------:|
| Pack | 100 % | 25 min | 1 h 10 min |
| Buy in | 8 % | 2 days | 6 days |
| Ship | 100 % | 1 day | 3 days |

With $n$ orders a day, $0.08\\,n$ of them wait $\\approx 2$ days longer.

[^1]: From the orders of October."""

COUNTER = """Here is a small page with a clock of its own:

```html
<!doctype html>
<title>Tea timer</title>
<style>
  body { display: grid; place-content: center; gap: 1rem; min-height: 95vh;
         font: 1.25rem system-ui; text-align: center; color: #134e4a;
         background: linear-gradient(160deg, #ecfdf5, #cffafe); }
  output { font-size: 5rem; font-variant-numeric: tabular-nums; }
  button { padding: .6rem 1.4rem; border: 0; border-radius: 99px;
           font: inherit; color: white; background: #0f766e; }
</style>
<h1>Tea timer</h1>
<output>4:00</output>
<button onclick="start()">Start</button>
<script>
  function start() {
    let left = 240;
    setInterval(() => {
      left -= 1;
      const minutes = Math.floor(left / 60), seconds = left % 60;
      document.querySelector("output").value = `${minutes}:${String(seconds).padStart(2, "0")}`;
    }, 1000);
  }
</script>
```

Press **Preview** to try it. It has no network, and sees nothing of this page."""

TOOLS = [
    {
        "call_id": "1", "name": "search", "label": "Search the handbook", "error": None,
        "arguments": '{"query": "public holidays", "year": 2026}',
        "result": '{"found": 3, "next": {"name": "All Saints", "date": "2026-11-01"}}',
    },
    {
        "call_id": "2", "name": "current_time", "label": "Look at the clock", "error": None,
        "arguments": '{"zone": "Europe/Zurich"}', "result": "2026-10-26T09:12:00+01:00",
    },
]  # fmt: skip
HOLIDAY: Said = {
    "content": "The next one is **All Saints**, on Sunday, 1 November. It is six days from now.",
    "reasoning": "They ask for the next holiday. I need today's date, and the list of the handbook.",
    "tools": TOOLS,
    "usage": {"input_tokens": 812, "output_tokens": 96, "reasoning_ms": 2300},
}
OTHERS = (
    "Plan the launch", "Rename the variables", "Trip to Lisbon", "A contract to read", "A poem for Grandma",
    "Which bicycle", "Notes from Monday", "Regex for dates", "What to cook", "Letter to the landlord",
)  # fmt: skip


def make(email: str) -> dict[str, str]:
    """Make the conversations of this person; return their ids by the names the pictures know them by."""
    person = User.objects.get(email=email)
    for place, title in enumerate(OTHERS):
        _thread(person, title, days=place + 1, said=[{"content": f"About this: {title}."}, {"content": "Gladly."}])
    work = Tag.objects.create(team=personal_team(person), user=person, name="Work", colour="accent")
    made = {
        name: _thread(person, title, [{"content": asked}, reply])
        for name, title, asked, reply in (
            ("page", "A timer for tea", "Make me a page that times tea.", {"content": COUNTER}),
            ("tools", "The next holiday", "When is the next public holiday?", HOLIDAY),
            ("order", "How an order goes through", "Draw the way of an order. Where is time lost?", {"content": ORDER}),
        )
    }
    work.threads.set(list(made.values())[1:])
    return {name: str(thread.pk) for name, thread in made.items()}


def _thread(person: User, title: str, said: list[Said], days: int = 0) -> ChatThread:
    at = timezone.now() - timedelta(days=days)
    thread = ChatThread.objects.create(
        id=uuid.uuid4(), team=personal_team(person), user=person, title=title, last_message_at=at
    )
    for place, one in enumerate(said):
        role = ChatMessage.Role.ASSISTANT if place % 2 else ChatMessage.Role.USER
        thread.leaf = ChatMessage.objects.create(
            thread=thread, parent=thread.leaf, role=role, created_at=at + timedelta(seconds=place), token_count=50,
            model="demo/parley" if place % 2 else "", **one,
        )  # fmt: skip
    thread.save(update_fields=["leaf"])
    return thread
