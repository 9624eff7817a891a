"""`python -m benchmarks threads`: what lists and search cost with 100 threads and with 10,000, as ratios."""

from benchmarks.people import Row, side_by_side, table_of
from tests.servers import Kind

SMALL, LARGE = (100,), (10_000,)

_MAKE = """
import dataclasses, json, sys, django
django.setup()
from benchmarks import hoard
print(json.dumps(dataclasses.asdict(hoard.make(threads=int(sys.argv[1])))))
"""


def bench(kinds: list[Kind]) -> dict[Kind, list[Row]]:
    return {kind: side_by_side(kind, _MAKE, SMALL, LARGE) for kind in kinds}


def table(results: dict[Kind, list[Row]]) -> str:
    return table_of(results, f"{SMALL[0]:,} threads against {LARGE[0]:,}")
