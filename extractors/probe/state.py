"""What one evaluation of a program's expressions remembers, and what it may cost."""

from abc import ABC, abstractmethod

from extractors.probe.javascript import (
    Branch,
    Node,
    Scope,
    Write,
)
from extractors.probe.program import Program
from extractors.probe.values import (
    Alternatives,
    Frame,
    Thunk,
)

MOST_STEPS = 400_000  # of all evaluations of a page's scripts
DEEPEST = 40  # expressions within each other


class State(ABC):
    """The work done so far; `used` names every expression that was looked at."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.used: set[int] = set()
        self.steps = 0
        self.lost_text = False  # because it was too long
        self._limit = 0
        self._depth = 0
        self._active: set[tuple[int, Frame | None]] = set()
        self._known: dict[tuple[int, Frame | None], Alternatives] = {}
        self._branches: dict[Scope, tuple[Branch, ...]] = {}
        self._groups: dict[int, dict[Scope, list[Write]]] = {}

    @property
    def is_exhausted(self) -> bool:
        """Return whether no more expressions can be evaluated."""
        return self.steps >= MOST_STEPS

    def charge(self, steps: int) -> None:
        """Count work that grows with a script."""
        self.steps += steps

    @abstractmethod
    def evaluate(self, node: Node, scope: Scope, frame: Frame | None = None) -> Alternatives:
        """Return the values of an expression that is part of another."""

    @abstractmethod
    def force(self, thunk: Thunk) -> Alternatives:
        """Return the values of an argument, element or property."""

    @abstractmethod
    def reach(self, values: Alternatives, path: tuple[str, ...]) -> Alternatives:
        """Return the part of a value that a pattern takes."""
