"""`python -m benchmarks gateway`: our client beside LiteLLM's own proxy, in one run and before the same scripted model.

Who calls a model through the proxy waits for one more hop and pays two processes; our client does in the caller's
process what the proxy is there for: policy, tries, budgets, cost and a log. The proxy is installed from the package
registry into `var/litellm-proxy`, at the version the project uses, and has neither a database nor a key to look up.
"""

import importlib.metadata
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contenders import ROOT, Run, Yardstick, cpu_seconds, pin
from benchmarks.streams import Figures, figures
from llm_service.fakes.script import WORDS
from tests import services
from tests.servers import deployment

HOME = ROOT / "var" / "litellm-proxy"
MODEL = "openai/fake-20t"
LOADS = {
    "one stream": {"streams": 1, "tokens": 60, "rate": 50, "within": 0.0},
    "5 streams": {"streams": 5, "tokens": 100, "rate": 50, "within": 0.5},
}
REPETITIONS = {"one stream": 6, "5 streams": 3}
START_SECONDS = 120


class Proxied(Yardstick):
    """The raw reader before the proxy; its bill holds both processes."""

    def __init__(self, url: str, pid: int) -> None:
        super().__init__("LiteLLM's proxy", url, MODEL, kind="raw")
        self._pid = pid

    async def run(self, *, streams: int, prompt: str, within: float, wait: float) -> Run:
        before = cpu_seconds([self._pid])
        done = await super().run(streams=streams, prompt=prompt, within=within, wait=wait)
        proxy = cpu_seconds([self._pid]) - before
        return Run(done.streams, done.cpu + proxy, proxy)


async def bench() -> dict[str, Any]:
    program = _installed()
    report: dict[str, Any] = {"litellm": importlib.metadata.version("litellm")}
    with ExitStack() as stack:
        server = stack.enter_context(deployment("sqlite", 0))
        pin(server.model.pid, 1)
        proxy = stack.enter_context(_proxy(program, server.model.url, server.directory))
        ours = {**server.variables, "DJANGO_SETTINGS_MODULE": "config.settings", "LLM_ALLOWED_MODELS": MODEL}
        contenders = [
            Yardstick("nothing in between", server.model.url, MODEL, kind="raw"),
            Yardstick("our client, parts", server.model.url, MODEL, kind="parts", variables=ours),
            Yardstick("our client, LiteLLM's chunks", server.model.url, MODEL, kind="chunks", variables=ours),
            Yardstick("LiteLLM in process", server.model.url, MODEL, kind="litellm"),
            Proxied(*proxy),
        ]
        for contender in contenders:
            stack.callback(contender.close)
        for title, load in LOADS.items():
            report[title] = await _side_by_side(contenders, REPETITIONS[title], load)
        ((report["logs"],),) = server.rows("SELECT count(*) FROM llm_service_llmcalllog WHERE status = 'success'")
    return report


async def _side_by_side(contenders: list[Yardstick], repetitions: int, load: Any) -> dict[str, list[Figures]]:
    found: dict[str, list[Figures]] = {contender.name: [] for contender in contenders}
    expected = "".join(f"{WORDS[number % len(WORDS)]}{number} " for number in range(load["tokens"]))
    prompt = f"[[fake {load['tokens']}t {load['rate']}r]] Go on."
    for number in range(repetitions):
        for contender in contenders[number % 2 :] + contenders[: number % 2]:
            run = await contender.run(streams=load["streams"], prompt=prompt, within=load["within"], wait=60)
            made = figures(run.streams, expected, load["rate"], run.cpu)
            made.others_cpu_per_1k_tokens = run.others_cpu / max(1, made.tokens) * 1000
            found[contender.name].append(made)
            print(
                f"  {number + 1} {contender.name:30} first {made.first_token_p50_ms:.1f} ms  "
                f"CPU {made.cpu_per_1k_tokens:.3f} s/1k  wrong {made.wrong}",
                file=sys.stderr,
                flush=True,
            )
    return found


def _installed() -> Path:
    """Return the proxy's program; install it where it is not there."""
    program, version = HOME / "bin" / "litellm", importlib.metadata.version("litellm")
    if not program.exists():
        print(f"  installing litellm[proxy]=={version} into {HOME}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True, timeout=120)
        install = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", f"litellm[proxy]=={version}"]
        subprocess.run(install, check=True, timeout=900)
    return program


@contextmanager
def _proxy(program: Path, model_url: str, directory: Path) -> Iterator[tuple[str, int]]:
    """Run the proxy; give its address and its process."""
    port, config = services.free_port(), directory / "proxy.json"
    upstream = {"model": MODEL, "api_base": model_url, "api_key": "x"}
    listed = {"model_name": MODEL.partition("/")[2], "litellm_params": upstream}
    config.write_text(json.dumps({"model_list": [listed], "litellm_settings": {"telemetry": False}}))
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(directory),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # on loopback, and one look-up less for it
    }
    command = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    log = directory / "proxy.log"
    with log.open("wb") as written:
        running = subprocess.Popen(command, cwd=directory, env=environment, stdout=written, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/liveliness", running, log)
        pin(running.pid, 0)
        yield f"http://127.0.0.1:{port}/v1", running.pid
    finally:
        running.terminate()
        running.wait(20)


def _wait_for(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310  loopback
            return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"The proxy did not start.\n{log.read_text(errors='replace')[-2000:]}")


def as_json(report: dict[str, Any]) -> dict[str, Any]:
    return {
        title: {name: [made.as_dict() for made in runs] for name, runs in part.items()}
        if isinstance(part, dict)
        else part
        for title, part in report.items()
    }


def table(report: dict[str, Any]) -> str:
    lines = [f"LiteLLM {report['litellm']}; {report['logs']} logs of our client's calls were written meanwhile."]
    for title, load in LOADS.items():
        bare = median(made.first_token_p50_ms for made in report[title]["nothing in between"])
        how = f"{load['tokens']} tokens at {load['rate']} a second, {REPETITIONS[title]} times"
        lines += [
            "",
            f"**{title.capitalize()}** ({how})",
            "",
            "| | first token p50 | more than the bare model | CPU of a chunk | of that the proxy | wrong texts |",
            "|---|---|---|---|---|---|",
        ]
        for name, runs in report[title].items():
            first = median(made.first_token_p50_ms for made in runs)
            cpu, proxy = (
                median(getattr(made, column) for made in runs)
                for column in ("cpu_per_1k_tokens", "others_cpu_per_1k_tokens")
            )
            lines.append(
                f"| {name} | {first:.1f} ms | {first - bare:.1f} ms | {cpu * 1000:.0f} µs | {proxy * 1000:.0f} µs | "
                f"{sum(made.wrong for made in runs)} |"
            )
    return "\n".join(lines)
