"""What all results share: typed fields from JSON and back, by the annotations alone."""

from __future__ import annotations

import datetime
import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, ClassVar, TypeVar

from . import _regulars
from ._errors import RegularsError, error
from ._json import dumps

if typing.TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R", bound="Result")


def camel(name: str) -> str:
    """Spell a name as JSON has it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Result:
    """A result with typed attributes, and the document of the core behind it.

    Results are equal where their fields are, can be pickled, and give their document as `to_json()`, the same bytes as in Rust
    and JavaScript, or as plain Python objects as `to_dict()`.
    """

    # Fields that JSON leaves out where there is nothing.
    _OPTIONAL: ClassVar[bool] = False

    # Until someone looks at a field, only this is there.
    _outcome: _regulars.Outcome | None = None
    # The result that this one was found in, and as which of its fields.
    _within: tuple[Result, str] | None = None

    def __init_subclass__(cls) -> None:
        """Let notebooks show as text what is printed: they look at a class's own `__repr__` before they look further up."""
        super().__init_subclass__()
        cls._repr_pretty_ = Result._repr_pretty_  # type: ignore[method-assign]

    @classmethod
    def _of(cls, outcome: _regulars.Outcome) -> Self:
        """Wrap the result of a call; its fields are read when they are first looked at."""
        result = object.__new__(cls)
        result.__dict__["_outcome"] = outcome
        return result

    @classmethod
    def _maybe(cls, outcome: _regulars.Outcome) -> Self | None:
        """Wrap the result of a call that may have none."""
        return None if outcome.json() == "null" else cls._of(outcome)

    @classmethod
    def _from_object(cls, value: Any) -> Self:
        """Read the fields from a JSON object."""
        result = object.__new__(cls)
        result._fill(value)
        return result

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a result back from its JSON."""
        return cls._from_object(json.loads(text))

    def _fill(self, value: Any) -> None:
        own = self.__dict__
        for name, key, convert in _plan(type(self)):
            field = convert(value.get(key) if self._OPTIONAL else value[key])
            own[name] = field
            if isinstance(field, Result):
                field.__dict__["_within"] = (self, name)

    def __getattr__(self, name: str) -> Any:
        """Read all fields when the first of them is looked at."""
        own = self.__dict__
        if own.get("_outcome") is not None and any(name == field for field, _, _ in _plan(type(self))) and name not in own:
            self._fill(json.loads(self._document()))
            return own[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        """List fields too that nobody has looked at yet, for completion."""
        return sorted({*object.__dir__(self), *(name for name, _, _ in _plan(type(self)))})

    def _document(self) -> str:
        """Give the JSON that holds the fields."""
        return self.to_json()

    def _core(self) -> _regulars.Outcome:
        """Find what the core made, for calls on it."""
        if self._outcome is None:
            if self._within is None:
                raise RegularsError(
                    f"this {type(self).__name__} was read back and has lost its history: ask the history again", "detached"
                )
            whole, name = self._within
            self.__dict__["_outcome"] = whole._core().call(name, "")
        outcome = self._outcome
        assert outcome is not None
        return outcome

    def to_json(self) -> str:
        """Give the document as JSON, the same bytes as in Rust and JavaScript."""
        return self._outcome.json() if self._outcome is not None else dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Give the document as plain Python objects, under the names that JSON has."""
        document = {key: plain(getattr(self, name)) for name, key, _ in _plan(type(self))}
        return {key: value for key, value in document.items() if value is not None} if self._OPTIONAL else document

    def __str__(self) -> str:
        """Give a line for each field, for people."""
        return "\n".join([type(self).__name__, *_lines(self)])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle the document."""
        return _read_back, (type(self), self.to_json())


def _read_back(cls: type[R], text: str) -> R:
    return cls.from_json(text)


_LISTED = 12


def _lines(result: Result) -> list[str]:
    """Show the fields of a result: short ones behind their names, those that have fields themselves below."""
    fields = {name: getattr(result, name) for name, _, _ in _plan(type(result))}
    shown = [(name, _shown(value)) for name, value in fields.items() if value is not None or not result._OPTIONAL]
    width = max((len(name) for name, _ in shown), default=0)
    lines: list[str] = []
    for name, text in shown:
        if isinstance(text, str):
            lines.append(f"  {name:<{width}}  {text}")
        else:
            lines += [f"  {name}", *(f"  {line}" for line in text)]
    return lines


def _shown(value: Any) -> str | list[str]:
    """Show a value in a line, or in several."""
    if isinstance(value, Result):
        # Where a class says no more of itself than its fields, these go below the name of the field.
        return _lines(value) if type(value).__str__ is Result.__str__ else str(value)
    if isinstance(value, (tuple, list)):
        if len(value) > _LISTED:
            return f"{len(value):,} × {type(value[0]).__name__}"
        texts = [_in_a_line(cell) for cell in value]
        return [f"  {text}" for text in texts] if any(isinstance(cell, Result) for cell in value) else ", ".join(texts) or "none"
    return _in_a_line(value)


def _in_a_line(value: Any) -> str:
    if isinstance(value, Result) and type(value).__str__ is Result.__str__:
        return ", ".join(f"{name} {_in_a_line(getattr(value, name))}" for name, _, _ in _plan(type(value)))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_a_line(cell)}" for name, cell in value.items()) or "none"
    if isinstance(value, (tuple, list)):
        shown = _shown(value)
        return shown if isinstance(shown, str) else f"{len(value):,} × {type(value[0]).__name__}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return "–" if value is None else str(value)


def plain(value: Any) -> Any:
    """Turn a value of a field into what JSON has for it."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(cell) for cell in value]
    if isinstance(value, Mapping):
        return {key: plain(cell) for key, cell in value.items()}
    if hasattr(value, "to_dict"):
        return value.to_dict()
    # Numbers of numpy.
    return value.item() if hasattr(value, "item") and not isinstance(value, (int, float)) else value


Plan = list[tuple[str, str, Callable[[Any], Any]]]


_PLANS: dict[type[Result], Plan] = {}


def _plan(cls: type[Result]) -> Plan:
    """List the fields of a class with their keys and how they are read."""
    if cls not in _PLANS:
        _PLANS[cls] = _plan_of(cls)
    return _PLANS[cls]


def _plan_of(cls: type[Result]) -> Plan:
    hints = typing.get_type_hints(cls)
    return [(field.name, camel(field.name), converter(hints[field.name])) for field in fields(cls)]  # type: ignore[arg-type]


def _same(value: Any) -> Any:
    return value


@cache
def converter(hint: Any) -> Callable[[Any], Any]:
    """Find what makes a value of a type from JSON."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [kind for kind in inner if kind is not type(None)]
        convert = converter(kinds[0]) if len(kinds) == 1 else _same
        return _same if convert is _same else lambda value: None if value is None else convert(value)
    if origin is tuple:
        convert = converter(inner[0])
        return tuple if convert is _same else lambda value: tuple(map(convert, value))
    if isinstance(origin, type) and issubclass(origin, Result):
        return origin._from_object
    if isinstance(hint, type) and issubclass(hint, datetime.date):
        return datetime.date.fromisoformat
    if isinstance(hint, type) and hasattr(hint, "_from_object"):
        return typing.cast("Callable[[Any], Any]", hint._from_object)
    return _same


def _values(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in arguments.items():
        if value is not None:
            yield camel(name), plain(value)


def encode(arguments: Mapping[str, Any]) -> str:
    """Write the arguments of a call, without those that are `None`."""
    return dumps(dict(_values(arguments)))


def options(**given: Any) -> dict[str, Any]:
    """Collect the options of a call, without those that are `None`."""
    return dict(_values(given))


def column_names(named: Mapping[str, object]) -> dict[str, object]:
    """Spell which column is what as requests have it."""
    for name, column in named.items():
        if not isinstance(column, (str, type(None))):
            raise error("invalid_option", f"{name}={column!r} is not the name of a column: names are text")
    return {camel(name): column for name, column in named.items()}


def call(name: str, /, **arguments: Any) -> _regulars.Outcome:
    """Make a call that needs no history."""
    return _regulars.call(name, encode(arguments))


def value_of(outcome: _regulars.Outcome) -> Any:
    """Give the result of a call that is a plain value."""
    return json.loads(outcome.json())


def day(value: object) -> str:
    """Spell a date, of a date, a datetime, a timestamp or a text."""
    if isinstance(value, str):
        return value
    iso = getattr(value, "isoformat", None)
    if iso is None:
        raise error("invalid_date", f"{value!r} is not a date such as `2024-05-17`")
    return str(iso())[:10]
