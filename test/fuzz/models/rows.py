"""The table of operators: a row is a function that adds one node to a builder, or raises Skip."""
import dataclasses
from typing import Callable

TABLE = {}


@dataclasses.dataclass
class Row:
    op: str
    since: int
    add: Callable
    until: int = 1000
    weight: float = 1.0


def row(op, since=7, until=1000, weight=1.0):
    """Registers a function for `op` from opset `since` to `until`."""
    def register(add):
        TABLE[op] = Row(op, since, add, until, weight)
        return add
    return register


def possible(opset):
    return [r for r in TABLE.values() if r.since <= opset <= r.until]
