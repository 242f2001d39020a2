"""Exceptions, by what the caller should mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RegularsError(ValueError):
    """What every error of this package is.

    `code` is a stable name of the kind of error, the same in Rust, Python and JavaScript; `message` is one line of prose, which
    `str()` completes by the `remedy` where there is one. `row` is counted from 0, `line` (of a file) from 1; both are `None`
    where the error has no place, and so is `column`.
    """

    code: str
    message: str
    row: int | None
    line: int | None
    column: str | None
    remedy: str | None

    def __init__(
        self,
        message: str,
        code: str = "regulars",
        row: int | None = None,
        line: int | None = None,
        column: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """Make an error with its place and what helps against it."""
        super().__init__(message if remedy is None else f"{message}. {remedy}")
        self.code, self.message, self.row, self.line, self.column, self.remedy = code, message, row, line, column, remedy

    def __reduce__(self) -> tuple[type[RegularsError], tuple[object, ...]]:
        """Pickle with all that it knows."""
        return type(self), (self.message, self.code, self.row, self.line, self.column, self.remedy)


class OptionError(RegularsError):
    """An argument of a call has a value that it cannot have."""


class ColumnError(RegularsError):
    """A column is missing, is there twice, or is of a type that cannot be read."""


class DataError(RegularsError):
    """A cell, or the orders together, cannot be right."""


class FileError(RegularsError):
    """A file cannot be read as a file of orders."""


# What is in neither list is an argument's.
_COLUMN = """
    ambiguous_column arrow incomplete_export invalid_dictionary_code missing_amount_unit missing_columns missing_customer
    unequal_columns unknown_column unsupported_type
"""
_DATA = """
    amount_out_of_range amount_too_fine date_out_of_range duplicate_customer duplicate_order invalid_amount invalid_date
    missing_value mixed_currencies mixed_zones negative_amount no_orders sum_out_of_range too_many_orders unknown_event_kind
    unknown_status
"""
_FILE = """
    empty_file io not_csv not_utf8 orphan_line record_too_long unclosed_quote unequal_fields utf16 woocommerce_analytics
"""
_CLASSES: dict[str, type[RegularsError]] = {
    **dict.fromkeys(_COLUMN.split(), ColumnError),
    **dict.fromkeys(_DATA.split(), DataError),
    **dict.fromkeys(_FILE.split(), FileError),
}

# What to do where the message alone does not say it.
_REMEDIES = {
    "missing_value": "Drop the rows without it, or fill it in, before the table is handed over.",
    "no_orders": "The table or file has no rows: look at how it was filtered.",
    "arrow": "Hand over a table, and of it only the columns that are needed, each of one usual type.",
}


# Tracebacks name them as they are imported.
for _kind in (RegularsError, OptionError, ColumnError, DataError, FileError):
    _kind.__module__ = "regulars"


def error(
    code: str,
    message: str,
    row: int | None = None,
    line: int | None = None,
    column: str | None = None,
) -> RegularsError:
    """Make the exception of a code. The extension module calls this."""
    return _CLASSES.get(code, OptionError)(message, code, row, line, column, _REMEDIES.get(code))


def near(name: str, known: Iterable[str]) -> str | None:
    """Ask whether a name was meant that is like the one given; `None` where none is."""
    spelt = {_bare(one): one for one in known}
    found = difflib.get_close_matches(_bare(name), spelt, n=1, cutoff=0.7)
    return f"Did you mean `{spelt[found[0]]}`?" if found else None


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
