"""What one measured stream yields, and the figures of many."""

from dataclasses import dataclass, field
from statistics import median


@dataclass(slots=True)
class Stream:
    """Arrival times of one reply's text, in seconds of a monotonic clock."""

    asked_at: float
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """When some text came, and how many tokens had come by then."""
    text: str = ""
    error: str = ""

    def arrived(self, at: float, text: str) -> None:
        self.text += text
        # Every token of the model server ends in one space.
        tokens = (self.arrivals[-1][1] if self.arrivals else 0) + text.count(" ")
        self.arrivals.append((at, tokens))

    @property
    def first_token_ms(self) -> float:
        return (self.arrivals[0][0] - self.asked_at) * 1000

    def lateness_ms(self, rate: float) -> list[float]:
        """Return each token's delay against the steadiest schedule this stream itself shows."""
        at_token: list[float] = []
        for at, tokens in self.arrivals:
            at_token.extend([at] * (tokens - len(at_token)))
        start = min(at - number / rate for number, at in enumerate(at_token))
        return [(at - start - number / rate) * 1000 for number, at in enumerate(at_token)]


@dataclass(slots=True)
class Figures:
    streams: int
    tokens: int
    first_token_p50_ms: float
    first_token_p99_ms: float
    token_p50_ms: float
    token_p99_ms: float
    cpu_per_1k_tokens: float
    wrong: int
    memory_mb: float = 0.0
    others_cpu_per_1k_tokens: float = 0.0
    """CPU of the database and Redis, where they are processes of their own."""

    def as_dict(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in self.__slots__}


def figures(streams: list[Stream], expected: str, rate: float, cpu_seconds: float, **more: float) -> Figures:
    """Sum up; a stream that failed or whose text is not byte for byte the expected one counts as wrong."""
    right = [stream for stream in streams if not stream.error and stream.text == expected]
    tokens = sum(stream.arrivals[-1][1] for stream in streams if stream.arrivals)
    lateness = sorted(late for stream in right for late in stream.lateness_ms(rate)) if rate else [0.0]
    firsts = sorted(stream.first_token_ms for stream in right)
    return Figures(
        streams=len(streams),
        tokens=tokens,
        first_token_p50_ms=median(firsts) if firsts else float("nan"),
        first_token_p99_ms=percentile(firsts, 99),
        token_p50_ms=percentile(lateness, 50),
        token_p99_ms=percentile(lateness, 99),
        cpu_per_1k_tokens=cpu_seconds / max(1, tokens) * 1000,
        wrong=len(streams) - len(right),
        **more,
    )


def percentile(ordered: list[float], percent: float) -> float:
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]
