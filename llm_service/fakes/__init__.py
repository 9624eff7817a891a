"""A scripted model server that speaks the real wire formats over HTTP: no key, no network, every fault on request.

`python -m llm_service.fakes --port 0` prints `http://127.0.0.1:<port>/v1`; use it as `OPENAI_API_BASE` (models
`openai/fake-...`, `hosted_vllm/fake-...`, `openai/responses/fake-...`) or without `/v1` as `ANTHROPIC_API_BASE`
(`anthropic/fake-...`). `GET /__requests` tells what was asked, `DELETE /__requests` forgets it. In tests:
`with running() as server`.

What it does is written in the model name, words joined by `-`, or in the last user message as `[[fake ...]]` with
spaces, which wins. `fake-200t-20r` is 200 tokens at 20 tokens a second.

| word | meaning |
|---|---|
| `<N>t` / `<R>r` | N tokens (20), all different words / R tokens a second (0 = at once) |
| `first<MS>` | wait MS milliseconds before the first token |
| `status<CODE>` / `status<CODE>x<K>` | answer with this status always / only to the first K requests of this name |
| `after<S>` | with a status: `Retry-After: S` |
| `html` | with a status: an HTML page as body; alone: HTML with status 200 |
| `echokey` | 401 with a sentence that quotes the key it was given |
| `badkey`, `nomodel`, `toolong`, `quota`, `policy` | a vendor's body: bad key, no such model, context, credit, safety |
| `hang` / `hush` / `stall` | never answer / headers, then nothing / half of the tokens, then nothing |
| `held` | half of the tokens, the others once a test calls `go_on()` |
| `cut` / `cut0` | close the connection after half of the tokens / before the first |
| `end` | end the response properly after half of the tokens, without finish reason |
| `garbage` | bytes that are no event stream (status 200) |
| `oops` / `oops0` | an error event after half of the tokens / before the first |
| `tools` | two parallel tool calls, arguments in pieces, after the text |
| `early` / `once` | with `tools`: before the text (chat completions) / only until a tool has answered |
| `json` / `wrong<K>` | an object with `message` and `number` as text / with `json`: one that does not fit, K times |
| `reason` | reasoning before the text (`reason2`: under the name `reasoning`) |
| `odd` | characters that careless readers lose: U+2028, U+2029, U+0085, `[DONE]`, `data:`, emoji |
| `bytes` | every byte its own write |
| `echo` | the last user message as text |
| `length`, `filtered` | finish reason |
| `nousage` / `nooptions` / `nodone` / `noschema` | no usage / refuse `stream_options` / no `[DONE]` / refuse schemas |
| `cost` / `cached` | usage has a cost / cached tokens |
"""

from llm_service.fakes.server import FakeServer, Seen, running

__all__ = ["FakeServer", "Seen", "running"]
