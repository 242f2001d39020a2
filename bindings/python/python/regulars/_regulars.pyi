from collections.abc import Callable
from os import PathLike
from typing import Any, final

__all__ = ["ERROR_CODES", "Frame", "History", "Log", "Outcome", "__version__", "call", "migration", "with_texts"]

__version__: str
ERROR_CODES: list[str]

@final
class Frame:
    """A table in Arrow's memory."""

    def __new__(cls, columns: list[tuple[str, str, list[Any]]], rows: int) -> Frame:
        """A table of columns, each with its name, its type and its cells, of which `None` is missing."""
    def schema(self) -> list[tuple[str, str]]:
        """The names of the columns, each with its type."""
    def cells(self, name: str, start: int = 0, stop: int | None = None) -> list[Any]:
        """The cells of a column from one row to before another; dates as days and times as microseconds since 1970."""
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]:
        """What makes the same table in another process."""
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class History:
    """A shop's orders."""

    @staticmethod
    def from_stream(
        stream: object, request: str, options: str, report: Callable[[int], None] | None = None
    ) -> tuple[History, str]:
        """The history of the orders in an Arrow stream."""
    @staticmethod
    def from_csv(
        source: str | PathLike[str] | bytes, options: str, report: Callable[[int], None] | None = None
    ) -> tuple[History, str]:
        """The history of the orders in a file, or in its bytes."""
    def append(self, stream: object, request: str, report: Callable[[int], None] | None = None) -> tuple[History, str]:
        """The same history with the orders in an Arrow stream."""
    def merge(self, other: History) -> History:
        """One history of the orders of two."""
    def observe_until(self, end: str | None) -> History:
        """The same orders, observed until another day."""
    def with_customers(self, customers: str) -> History:
        """The same history with facts on customers, which come as JSON."""
    def call(self, name: str, arguments: str) -> Outcome:
        """A call about the history, or on the result of one."""
    def engagement(self, period: str, log: Log) -> Outcome:
        """What customers did in a period beside buying."""
    def classify(self, rule: str, before: Outcome | None = None) -> Outcome:
        """The customers in the segments of a rule, which comes as JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __sizeof__(self) -> int:
        """How many bytes of memory it takes."""

@final
class Log:
    """What customers did beside buying."""

    @staticmethod
    def from_stream(stream: object, request: str, options: str, report: Callable[[int], None] | None = None) -> tuple[Log, str]:
        """The log of the events in an Arrow stream, and what its columns were taken for, as JSON."""

@final
class Outcome:
    """The result of a call, kept as the core made it."""

    def json(self) -> str:
        """Its JSON, the same bytes in every language."""
    def frame(self) -> Frame | None:
        """Its table, where it is one."""
    def call(self, name: str, arguments: str) -> Outcome:
        """A call on the result."""

def call(name: str, arguments: str) -> Outcome:
    """A call that needs no history."""

def with_texts(stream: object, texts: list[tuple[str, object]]) -> object:
    """A stream whose columns of codes, each named with a table of its codes and their texts, are columns of these texts."""

def migration(before: Outcome, after: Outcome) -> Outcome:
    """Which customers went from which segment to which."""
