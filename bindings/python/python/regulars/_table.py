"""Tables out, as Arrow streams; and tables in, from whatever holds columns."""

from __future__ import annotations

import datetime
import importlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, overload

from . import _html, _regulars
from ._errors import ColumnError, DataError, RegularsError, error, near
from ._result import Result, fields_of, in_a_line, is_missing

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow
    from typing_extensions import Self

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_SHOWN = 10


class Table(Result):
    """A result with rows and columns: `table["revenue"]` is a column, `table[0]` a row, and so is each in a loop.

    Anything that reads Arrow streams takes it as it is: `polars.DataFrame(table)`, `pyarrow.table(table)`, DuckDB's
    `from_arrow(table)`. Money is there twice: `revenue` as a float in units of the
    currency, for charts, and `revenue_minor` in exact minor units (cents).
    """

    # The table of a result that was read back.
    _kept: _regulars.Frame | None = None

    def _frame(self) -> _regulars.Frame:
        if self._kept is None:
            frame = self._core().frame()
            assert frame is not None, "what has rows has a table"
            self.__dict__["_kept"] = frame
        assert self._kept is not None
        return self._kept

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _ in self._frame().schema()]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._frame())

    @overload
    def __getitem__(self, at: str) -> list[Any]: ...

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, at: str | int | slice) -> list[Any] | dict[str, Any]:
        """Give the cells of a column by its name, `None` where there is nothing; or rows by their numbers."""
        if isinstance(at, str):
            return self._cells(at, 0, None)
        if isinstance(at, slice):
            asked = range(*at.indices(len(self)))
            first, last = (min(asked), max(asked)) if asked else (0, -1)
            found = self.to_rows(first, last + 1)
            return [found[row - first] for row in asked]
        rows = len(self)
        row = at + rows if at < 0 else at
        if not 0 <= row < rows:
            raise IndexError(f"there is no row {at}: there are {rows:,}")
        return self.to_rows(row, row + 1)[0]

    def __getattr__(self, name: str) -> Any:
        """Read a field; of a column, say how it is asked for."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_") or self._outcome is None or name not in self.columns:
                raise
        raise AttributeError(f'{name} is a column: ask for it as table["{name}"]')

    def _cells(self, column: str, start: int, stop: int | None) -> list[Any]:
        kinds = dict(self._frame().schema())
        if column not in kinds:
            names = ", ".join(f"`{name}`" for name in kinds)
            meant = near(column, kinds)
            raise KeyError(f"there is no column `{column}`: the columns are {names}{'' if meant is None else f'. {meant}'}")
        cells = self._frame().cells(column, start, stop)
        if kinds[column] == "date":
            return [None if cell is None else datetime.date.fromordinal(_EPOCH + cell) for cell in cells]
        return cells

    def to_rows(self, start: int = 0, stop: int | None = None) -> list[dict[str, Any]]:
        """Give rows as dictionaries, all of them or those from `start` to before `stop`."""
        names = self.columns
        return [
            dict(zip(names, cells, strict=True))
            for cells in zip(*(self._cells(name, start, stop) for name in names), strict=True)
        ]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Go through the rows, each a dictionary."""
        for start in range(0, len(self), 4096):
            yield from self.to_rows(start, start + 4096)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table as an Arrow stream."""
        return self._frame().__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        """Give the names and types of the columns as an Arrow schema."""
        return self._frame().__arrow_c_schema__()

    def to_arrow(self) -> pyarrow.Table:
        """Make a table of pyarrow."""
        return _library("pyarrow").table(self._frame())

    def to_polars(self) -> polars.DataFrame:
        """Make a data frame of polars."""
        frame: polars.DataFrame = _library("polars").DataFrame(self._frame())
        return frame

    def to_pandas(self) -> pandas.DataFrame:
        """Make a data frame of pandas, with dates as `datetime64`."""
        made: pandas.DataFrame
        try:
            importlib.import_module("pyarrow")
        except ImportError:
            library = _library("pandas")
            made = library.DataFrame({name: self[name] for name in self.columns})
            dates = [name for name, kind in self._frame().schema() if kind == "date"]
            made = made.assign(**{name: library.to_datetime(made[name]).astype("datetime64[ms]") for name in dates})
        else:
            made = self.to_arrow().to_pandas(date_as_object=False)
        return made

    def _shown(self, rows: int) -> tuple[list[str], list[list[Any]]]:
        """Give the first rows as people read them: money once, with the decimals of its currency."""
        found = self.to_rows(0, rows)
        names = [name for name in self.columns if not name.endswith("_minor")]
        cells = {name: [row[name] for row in found] for name in self.columns}
        for name in set(self.columns).difference(names):
            amounts = name.removesuffix("_minor")
            pairs = [(amount, exact) for amount, exact in zip(cells[amounts], cells[name], strict=True) if amount]
            fits = (places for places in range(13) if pairs and round(pairs[0][0] * 10**places) == pairs[0][1])
            places = next(fits, 2)
            cells[amounts] = [None if amount is None else f"{amount:,.{places}f}" for amount in cells[amounts]]
        return names, [list(row) for row in zip(*(cells[name] for name in names), strict=True)]

    def _facts(self) -> list[tuple[str, str]]:
        """Say what the document has beside the rows, as far as a line holds it."""
        fields = ((name, getattr(self, name)) for name in fields_of(type(self)))
        short = ((name, str(value) if isinstance(value, Result) else in_a_line(value)) for name, value in fields
                 if value is not None and not isinstance(value, (tuple, Table)))  # fmt: skip
        return [(name, text) for name, text in short if "\n" not in text]

    def _size(self) -> str:
        rows, columns = len(self), len(self.columns)
        return f"{rows:,} row{'' if rows == 1 else 's'} × {columns} column{'' if columns == 1 else 's'}"

    def __repr__(self) -> str:
        """Show the first rows."""
        return _text(type(self).__name__, self)

    def __str__(self) -> str:
        """Show the first rows."""
        return repr(self)

    def _repr_html_(self) -> str:
        return _html.table(self)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle the document and the table."""
        return _read_back, (type(self), self.to_json(), self._frame())


class RowTable(Table):
    """A table with a row per customer, whose document holds the rows too: they are read from the table alone."""

    # The keys of the document that hold the rows.
    _ROWS: ClassVar[frozenset[str]] = frozenset()

    def _document(self) -> str:
        # What it says beside the rows can be had without them.
        return self.to_json() if self._outcome is None else self._outcome.call("head", "").json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a result back from its JSON, without its table."""
        result = super().from_json(text)
        result.__dict__["_text"] = text
        return result

    def to_json(self) -> str:
        """Give the document as JSON, the same bytes as in Rust and JavaScript."""
        return self._outcome.json() if self._outcome is not None else str(self.__dict__["_text"])

    def to_dict(self) -> dict[str, Any]:
        """Give the document as plain Python objects, under the names that JSON has."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document

    def __eq__(self, other: object) -> bool:
        """Tell whether two results are the same in every row."""
        return type(self) is type(other) and isinstance(other, RowTable) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]


def _read_back(cls: type[Table], text: str, frame: _regulars.Frame) -> Table:
    table = cls._from_object(json.loads(text))
    table.__dict__["_text"] = text
    table.__dict__["_kept"] = frame
    return table


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        raise ImportError(f"{name} is not installed: `pip install {name}`") from missing


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.4g}" if abs(cell) < 1000 else f"{cell:,.2f}"
    return "" if cell is None else str(cell)


def _text(title: str, table: Table) -> str:
    rows = len(table)
    names, first = table._shown(_SHOWN)
    shown = [list(map(_cell, row)) for row in first]
    widths = [min(24, max(len(name), *(len(row[at]) for row in shown), 0)) for at, name in enumerate(names)]
    fitting = max(1, next((at for at in range(len(names)) if sum(widths[: at + 1]) + 2 * at > 118), len(names)))
    more = "" if fitting == len(names) else " …"

    def line(cells: Sequence[str]) -> str:
        parts = (cell if len(cell) <= width else cell[: width - 1] + "…" for cell, width in zip(cells, widths, strict=True))
        padded = [f"{part:>{width}}" for part, width in zip(parts, widths, strict=True)]
        return "  " + "  ".join(padded[:fitting]) + more

    said = table._facts()
    width = max((len(name) for name, _ in said), default=0)
    lines = [f"{title}: {table._size()}", *(f"  {name:<{width}}  {text}" for name, text in said), line(names), *map(line, shown)]
    return "\n".join([*lines, "  …"] if rows > _SHOWN else lines)


# --- tables in ---


@contextmanager
def stream_of(table: object) -> Iterator[Any]:
    """Get an Arrow stream of a table, whatever it is.

    A column that cannot be read does no harm until it is asked for: `False` stands in for its cells, which no column of orders
    or events can be, and the error about that gives way to the one that says what is wrong.
    """
    stream, unreadable = _stream_of(table)
    try:
        yield stream
    except RegularsError as refused:
        why = unreadable.get(refused.column or "")
        if why is None:
            raise
        raise why from None


def _stream_of(table: object) -> tuple[Any, dict[str, RegularsError]]:
    """Get a stream, and why some of the columns cannot be read."""
    kind = _kind(table)
    if kind.endswith(".Series"):
        raise ColumnError(f"a {kind} is one column and no table", "unsupported_type", remedy="Hand over the frame.")
    if not hasattr(table, "__arrow_c_stream__"):
        frame, unreadable = from_plain(table)
        return frame.__arrow_c_stream__(), unreadable
    unreadable = _mixed_zones(table) if kind == "pandas.DataFrame" else {}
    if kind == "polars.DataFrame":
        return _of_polars(table), unreadable
    try:
        stream = _with_stand_ins(table, unreadable).__arrow_c_stream__()
    except ImportError:
        # pandas without pyarrow: its columns one by one, which takes longer.
        frame, unreadable = from_plain(table)
        return frame.__arrow_c_stream__(), unreadable
    except _UNREADABLE as failure:
        if kind == "pandas.DataFrame" and table.columns.is_unique:  # type: ignore[attr-defined]
            readable, unreadable = _apart(table)
            return readable.__arrow_c_stream__(), unreadable
        raise error("arrow", f"{kind} cannot hand its columns over: {failure}") from failure
    if type(stream).__name__ != "PyCapsule":
        raise error("arrow", f"{kind} hands over {stream!r} and no Arrow stream")
    return stream, unreadable


def _of_polars(frame: Any) -> Any:
    """Get a stream of a polars frame. Of a `Categorical`, polars would number the texts anew on the way out, row by row, which
    takes longer than all that follows: its own codes and the text of each are there already."""
    polars = importlib.import_module("polars")
    names = [name for name, kind in frame.schema.items() if isinstance(kind, polars.Categorical)]
    if not names:
        return frame.__arrow_c_stream__()
    codes = frame.with_columns(frame[name].to_physical().cast(polars.UInt32) for name in names)
    texts = []
    for name in names:
        distinct = frame[name].unique().drop_nulls().alias("text")
        listed = [distinct.to_physical().cast(polars.UInt32).alias("code"), distinct.cast(polars.String)]
        texts.append((name, polars.DataFrame(listed).rechunk().__arrow_c_stream__()))
    return _regulars.with_texts(codes.__arrow_c_stream__(), texts)


# What libraries raise at a column that Arrow has no type for.
_UNREADABLE = (TypeError, ValueError, ArithmeticError, NotImplementedError)


def _with_stand_ins(frame: Any, unreadable: Iterable[str]) -> Any:
    stands_in = dict.fromkeys(unreadable, False)
    return frame.rename(columns=str).assign(**stands_in) if stands_in else frame


def _mixed_zones(frame: Any) -> dict[str, RegularsError]:
    """Find columns of a pandas frame with times with and without a zone, which pyarrow takes for the same."""
    unreadable: dict[str, RegularsError] = {}
    for at, (name, kind) in enumerate(frame.dtypes.items()):
        cells = frame.iloc[:, at] if str(kind) == "object" else ()
        if isinstance(next((cell for cell in cells if not is_missing(cell)), None), datetime.datetime):
            zoned = {cell.tzinfo is not None for cell in cells if isinstance(cell, datetime.datetime) and not is_missing(cell)}
            if len(zoned) == 2:
                try:
                    _typed(str(name), list(cells))
                except RegularsError as why:
                    unreadable[str(name)] = why
    return unreadable


def _apart(frame: Any) -> tuple[Any, dict[str, RegularsError]]:
    """Find which columns of a pandas frame cannot be read, since pyarrow refuses the whole for one of them."""
    unreadable = _mixed_zones(frame)
    frame = frame.rename(columns=str)
    read: dict[str, Any] = {}
    for name in frame.columns:
        try:
            frame[[name]].__arrow_c_stream__()
        except _UNREADABLE as failure:
            try:
                # Numbers and decimals in one column are text from here on, and times counts, which are no column of times.
                _, read[name] = _typed(name, frame[name].tolist())
            except RegularsError as why:
                why.__cause__ = failure
                unreadable[name] = why
    return _with_stand_ins(frame.assign(**read), unreadable), unreadable


def _kind(table: object) -> str:
    return f"{type(table).__module__.partition('.')[0]}.{type(table).__name__}"


def from_plain(table: object) -> tuple[_regulars.Frame, dict[str, RegularsError]]:
    """Read a dictionary of columns, or a list of dictionaries; and tell why some of the columns cannot be read."""
    kind = _kind(table)
    if kind == "pandas.DataFrame":
        frame: Any = table
        return _frame_of({str(name): _listed(str(name), frame[name]) for name in frame.columns})
    if hasattr(table, "collect") and kind.startswith("polars."):
        raise ColumnError("a lazy frame has no rows yet", "unsupported_type", remedy="Hand over frame.collect().")
    if isinstance(table, Mapping):
        return _frame_of({str(name): _listed(str(name), cells) for name, cells in table.items()})
    if isinstance(table, Iterable) and not isinstance(table, (str, bytes)):
        rows = list(table)
        if all(isinstance(row, Mapping) for row in rows):
            names = {str(name): None for row in rows for name in row}
            return _frame_of({name: [row.get(name) for row in rows] for name in names})
    raise ColumnError(
        f"{kind.removeprefix('builtins.')} is not a table that can be read",
        "unsupported_type",
        remedy="OrderHistory.from_csv reads files."
        if isinstance(table, (str, bytes, os.PathLike))
        else "Hand over what has __arrow_c_stream__ (pandas, polars, pyarrow, duckdb), a dictionary of lists, or a list of "
        "dictionaries.",
    )


def _listed(name: str, cells: Any) -> list[Any]:
    kind = str(getattr(cells, "dtype", ""))
    # With a zone, it knows its own times.
    if kind.startswith("datetime64") and "," not in kind:
        cells = cells.astype("datetime64[us]")
    if hasattr(cells, "tolist"):
        cells = cells.tolist()
    if isinstance(cells, (str, bytes)) or not isinstance(cells, Iterable):
        raise ColumnError(f"column `{name}` is no list of cells", "unsupported_type", column=name)
    return list(cells)


def _frame_of(columns: dict[str, list[Any]]) -> tuple[_regulars.Frame, dict[str, RegularsError]]:
    lengths = {name: len(cells) for name, cells in columns.items()}
    rows = next(iter(lengths.values()), 0)
    for name, length in lengths.items():
        if length != rows:
            raise error("unequal_columns", f"column `{name}` has {length} rows where the others have {rows}", column=name)
    typed: list[tuple[str, str, list[Any]]] = []
    unreadable: dict[str, RegularsError] = {}
    for name, cells in columns.items():
        try:
            typed.append((name, *_typed(name, cells)))
        except RegularsError as why:
            unreadable[name] = why
            typed.append((name, "bool", [False] * rows))
    return _regulars.Frame(typed, rows), unreadable


def _typed(name: str, cells: list[Any]) -> tuple[str, list[Any]]:
    """Find the one type that the cells of a column have."""
    cells = [None if is_missing(cell) else cell.item() if hasattr(cell, "item") else cell for cell in cells]
    kinds: dict[str, int] = {}
    for row, cell in enumerate(cells):
        if cell is not None:
            kinds.setdefault(_kind_of(name, row, cell), row)
    if set(kinds) == {"int64", "double"}:
        return "double", [None if cell is None else float(cell) for cell in cells]
    if set(kinds) <= {"int64", "double", "decimal"} and "decimal" in kinds:
        return "string", [None if cell is None else repr(cell) if isinstance(cell, float) else str(cell) for cell in cells]
    if len(kinds) > 1:
        zones = set(kinds) == {"timestamp", "timestamp_utc"}
        (one, _), (_, row) = list(kinds.items())[:2]
        raise DataError(
            f"row {row}, column `{name}`: "
            + ("times with and without a zone are in one column" if zones else f"{cells[row]!r} stands among {_WORDS[one]}"),
            "mixed_zones" if zones else "unsupported_type",
            row=row,
            column=name,
            remedy="Bring all cells of the column to one type.",
        )
    kind = next(iter(kinds), "null")
    convert = _CONVERTERS.get(kind)
    if convert is None:
        return kind, cells
    return ("string" if kind == "decimal" else kind), [None if cell is None else convert(cell) for cell in cells]


def _kind_of(name: str, row: int, cell: object) -> str:
    for kind, types in _KINDS:
        if isinstance(cell, types):
            if kind == "timestamp" and getattr(cell, "tzinfo", None) is not None:
                return "timestamp_utc"
            if kind == "int64" and not -(2**63) <= int(cell) < 2**63:  # type: ignore[call-overload]
                break
            return kind
    raise ColumnError(
        f"row {row}, column `{name}`: {cell!r} is not a number, a text, a date or a time",
        "unsupported_type",
        row=row,
        column=name,
    )


_KINDS: list[tuple[str, type]] = [
    ("bool", bool),
    ("int64", int),
    ("double", float),
    ("string", str),
    ("decimal", Decimal),
    ("timestamp", datetime.datetime),
    ("date", datetime.date),
]

_WORDS = {
    "bool": "truth values",
    "int64": "whole numbers",
    "double": "numbers",
    "string": "text",
    "decimal": "decimals",
    "timestamp": "times",
    "timestamp_utc": "times with a zone",
    "date": "dates",
}

_MICROSECOND = datetime.timedelta(microseconds=1)
_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "decimal": str,
    "date": lambda cell: cell.toordinal() - _EPOCH,
    "timestamp": lambda cell: (cell - datetime.datetime(1970, 1, 1)) // _MICROSECOND,
    "timestamp_utc": lambda cell: (cell - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // _MICROSECOND,
}
