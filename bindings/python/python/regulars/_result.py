"""What all results share: typed fields from JSON and back, by the annotations alone."""

from __future__ import annotations

import datetime
import json
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
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


def snake(name: str) -> str:
    """Spell a name of JSON as Python has it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


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
        try:
            result = cls._from_object(json.loads(text))
            # Every field is read, so that what is wrong with the text is told here.
            Result.to_dict(result)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as wrong:
            raise error("invalid_option", f"the text is not the JSON of a {cls.__name__}") from wrong
        return result

    def _fill(self, value: Any) -> None:
        """Take the fields from a JSON object: those of a large result are many, so each is made when it is looked at."""
        own = self.__dict__
        own["_raw"] = value
        for name in fields_of(type(self)):
            # What the class has by itself, or the object already, would be found instead.
            if name in own or hasattr(type(self), name):
                own[name] = self._made(name, value)

    def _made(self, name: str, value: Any) -> Any:
        """Make a field of what the JSON object has."""
        key, convert = fields_of(type(self))[name]
        field = convert(value.get(key) if self._OPTIONAL else value[key])
        if isinstance(field, Result):
            field.__dict__["_within"] = (self, name)
        return field

    def _read(self, name: str) -> Any:
        """Make a field in the place of what it is made of, which would take as much memory again."""
        own = self.__dict__
        try:
            field = self._made(name, own["_raw"])
        except KeyError:
            if name not in own:
                raise
            return own[name]  # Another thread was first.
        field = own.setdefault(name, field)
        own["_raw"].pop(fields_of(type(self))[name][0], None)
        return field

    def __getattr__(self, name: str) -> Any:
        """Read a field when it is first looked at."""
        own = self.__dict__
        if name in fields_of(type(self)):
            if "_raw" not in own and own.get("_outcome") is not None:
                self._fill(json.loads(self._document()))
            if "_raw" in own:
                return self._read(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        """List fields too that nobody has looked at yet, for completion."""
        return sorted({*object.__dir__(self), *fields_of(type(self))})

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
        document = {key: plain(getattr(self, name)) for name, (key, _) in fields_of(type(self)).items()}
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
    return cls._from_object(json.loads(text))


_LISTED = 12


def _lines(result: Result) -> list[str]:
    """Show the fields of a result: short ones behind their names, those that have fields themselves below."""
    fields = {name: getattr(result, name) for name in fields_of(type(result))}
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
        texts = [in_a_line(cell) for cell in value]
        return [f"  {text}" for text in texts] if any(isinstance(cell, Result) for cell in value) else ", ".join(texts) or "none"
    return in_a_line(value)


def in_a_line(value: Any) -> str:
    """Show a value in a line, unless it shows itself in several."""
    if isinstance(value, Result) and type(value).__str__ is Result.__str__:
        return ", ".join(f"{name} {in_a_line(getattr(value, name))}" for name in fields_of(type(value)))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_a_line(cell)}" for name, cell in value.items()) or "none"
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


Plan = dict[str, tuple[str, Callable[[Any], Any]]]
"""The fields of a class, each with its key in JSON and what makes it of the value there."""

_PLANS: dict[type[Result], Plan] = {}


def fields_of(cls: type[Result]) -> Plan:
    """List the fields of a class."""
    if cls not in _PLANS:
        _PLANS[cls] = _plan_of(cls)
    return _PLANS[cls]


def _plan_of(cls: type[Result]) -> Plan:
    hints = typing.get_type_hints(cls)
    return {field.name: (camel(field.name), converter(hints[field.name])) for field in fields(cls)}  # type: ignore[arg-type]


def _same(value: Any) -> Any:
    return value


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise error("date_out_of_range", f"{text} lies outside the years 1 to 9999, which are all that Python has") from None


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
        return _date
    if isinstance(hint, type) and hasattr(hint, "_from_object"):
        return typing.cast("Callable[[Any], Any]", hint._from_object)
    return _same


def _values(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in arguments.items():
        if value is not None:
            yield camel(name), plain(value)


def encode(arguments: Mapping[str, Any]) -> str:
    """Write the arguments of a call, without those that are `None`."""
    given = dict(_values(arguments))
    try:
        return dumps(given)
    except (TypeError, RegularsError):
        for name, value in {**given, **given.get("options", {})}.items():
            if name != "options":
                _check(name, value)
        raise


def _check(name: str, value: Any) -> None:
    """Tell which argument it is that cannot be written."""
    try:
        dumps(value)
    except RegularsError as wrong:
        raise error(wrong.code, f"`{snake(name)}`: {wrong.message}") from None
    except TypeError:
        raise error("invalid_option", f"`{snake(name)}`: {type(value).__name__} is no type that an option can have") from None


def options(**given: Any) -> dict[str, Any]:
    """Collect the options of a call, without those that are `None`."""
    return dict(_values(given))


def column_names(named: Mapping[str, object]) -> dict[str, object]:
    """Spell which column is what as requests have it."""
    for name, column in named.items():
        if not isinstance(column, (str, type(None))):
            raise error("invalid_option", f"{name}={column!r} is not the name of a column: names are text")
    return {camel(name): column for name, column in named.items()}


def in_camel_case(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Spell a dictionary of fields as JSON has it."""
    return {camel(str(name)): plain(value) for name, value in fields.items()}


def listed(name: str, of: str, given: object) -> list[Any]:
    """Take what is given as a list."""
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        shown = repr(given) if given is None or isinstance(given, (str, bool, int, float)) else f"a {type(given).__name__}"
        raise error("invalid_option", f"`{name}`: expected a list of {of}, not {shown}")
    return list(given)


class Frame(typing.Protocol):
    """A table of pandas, polars or pyarrow."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand the columns over."""


def is_missing(cell: object) -> bool:
    """Tell whether nothing is there: NaN, and pandas' NaT and NA, are not equal to themselves, or not sure of it."""
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or (isinstance(cell, float) and cell != cell)


def _rows(frame: Any) -> Any:
    """Give the rows of a table as dictionaries."""
    for name, arguments in (("to_dicts", ()), ("to_pylist", ()), ("to_dict", ("records",))):
        if hasattr(frame, "__arrow_c_stream__") and hasattr(frame, name):
            return getattr(frame, name)(*arguments)
    return frame


def records(name: str, kind: type[Result], given: object) -> list[dict[str, Any]]:
    """Spell what is given as a list: objects of a kind, or dictionaries with its fields, or a table with a column for each."""
    given = _rows(given)
    spelt = []
    for at, one in enumerate(listed(name, kind.__name__, given)):
        if isinstance(one, kind):
            spelt.append(one.to_dict())
        elif isinstance(one, Mapping):
            spelt.append(in_camel_case({key: cell for key, cell in one.items() if not is_missing(cell)}))
        else:
            expected = f"expected a {kind.__name__} or a dictionary with its fields"
            raise error("invalid_option", f"`{name}[{at}]`: {expected}, not {one!r}")
    return spelt


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
