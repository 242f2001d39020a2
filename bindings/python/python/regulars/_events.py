"""What customers did beside buying, as a log that several periods are asked about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from . import _regulars
from ._errors import error, near
from ._progress import bar
from ._result import column_names, encode, options, records
from ._results import ColumnReport, Event, UnknownKind
from ._table import stream_of
from ._values import Zone, known_zone


class EventLog:
    """E-mails, visits and shares, from a table with a row per event. It does not change.

    >>> log = EventLog.from_table(
    ...     {"who": ["ann", "ann", None], "kind": ["visit"] * 3, "ts": ["2024-01-09", "2024-01-30", "2024-03-02"]},
    ...     customer="who",
    ...     happened_at="ts",
    ... )
    >>> log
    EventLog(3 events, 1 of nobody)
    """

    _log: _regulars.Log
    columns: ColumnReport
    """What the columns were taken for."""
    unidentified: int
    """Events of nobody. They are in no figure, since there is no customer whose they were."""
    unknown_kinds: tuple[UnknownKind, ...]
    """The events that were left out for their kind, by its name."""
    _given: int

    def __init__(self) -> None:
        """Point to the way to make one."""
        raise TypeError("EventLog is made by EventLog.from_table(…)")

    @classmethod
    def from_table(
        cls,
        table: object,
        *,
        customer: str | None = None,
        happened_at: str | None = None,
        kind: str | None = None,
        email: str | None = None,
        campaign: str | None = None,
        value: str | None = None,
        date_format: str | None = None,
        zone: str | Zone | None = None,
        unknown_kinds: Literal["refuse", "leave_out"] = "refuse",
        progress: bool | None = None,
    ) -> EventLog:
        """Take events from a table with a row per event, of any kind that `OrderHistory.from_table` takes.

        A column that is left out is the one of the keyword's own name, if there is one; `""` is no column at all. `customer`
        (or else `email`) is who it was, under the key that the orders carry; `happened_at` when, as a date, a time or text;
        `kind` what, in any word that `event_kind` reads; `campaign` which e-mail it is about; `value` of a visit how many
        seconds it lasted, of shares how many they were.

        Times with a zone become days of `zone`, the shop's. `unknown_kinds="leave_out"` leaves out what no kind has as a word.
        """
        named = {
            "customer": customer,
            "happened_at": happened_at,
            "kind": kind,
            "email": email,
            "campaign": campaign,
            "value": value,
        }
        chosen = options(zone=known_zone(zone), unknown_kinds=unknown_kinds)
        return cls._read(table, named, date_format, chosen, progress)

    @classmethod
    def _of_events(cls, events: Iterable[Event | Mapping[str, Any]], chosen: Mapping[str, Any]) -> EventLog:
        names = ("happened", "kind", "customer", "campaign", "value")
        given = records("events", Event, events)
        for at, event in enumerate(given):
            for name in set(event).difference(names):
                meant = near(name, names)
                raise error("invalid_option", f"there is no `events[{at}].{name}`: {meant or 'an event has ' + ', '.join(names)}")
        table = {name: [event.get(name) for event in given] for name in names}
        named = {"happened_at" if name == "happened" else name: name for name in names}
        return cls._read(table, named, None, chosen, False)

    @classmethod
    def _read(
        cls,
        table: object,
        named: Mapping[str, str | None],
        date_format: str | None,
        chosen: Mapping[str, Any],
        progress: bool | None,
    ) -> EventLog:
        request = encode({"columns": column_names(named), "date_format": date_format})
        with bar("events", None, progress) as report, stream_of(table) as stream:
            log, text = _regulars.Log.from_stream(stream, request, encode(chosen), report)
        told: dict[str, Any] = json.loads(text)
        made = object.__new__(cls)
        made._log, made._given, made.unidentified = log, told["events"], told["unidentified"]
        made.columns = ColumnReport._from_object(told["columns"])
        left: Sequence[Any] = told["unknownKinds"]
        made.unknown_kinds = tuple(map(UnknownKind._from_object, left))
        return made

    def __len__(self) -> int:
        """Count the events, those of nobody and of unknown kinds included."""
        return self._given

    def __repr__(self) -> str:
        """Say what it holds."""
        return f"EventLog({len(self):,} events, {self.unidentified:,} of nobody)"

    def __reduce__(self) -> Any:
        """Refuse: a log is as large as its table."""
        raise TypeError("an EventLog is not pickled: build it again from its table")
