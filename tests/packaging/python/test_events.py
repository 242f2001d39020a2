"""Events from tables give what the same events give in a list, and bad ones are named."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

import fixtures
import pytest
import regulars as rg

FIELDS = ("happened", "kind", "customer", "campaign", "value")
CASES = {place: of for place, of in fixtures.cases().items() if of[1]["call"] == "during.engagement" and "expected" in of[1]}

EVENTS: dict[str, list[Any]] = {
    "who": ["00004", "00004", "00018", None, "nobody"],
    "what": ["Opened Email", "visit", "visit", "visit", "share"],
    "ts": ["1997-03-01", "1997-03-02", "1997-03-02", "1997-03-05", "1997-03-31"],
    "seconds": [None, 30.0, 45.5, 10.0, 2.0],
}
NAMED = {"customer": "who", "kind": "what", "happened_at": "ts", "value": "seconds"}


@pytest.mark.parametrize("place", CASES)
def test_a_log_gives_what_a_list_gives(place: str) -> None:
    file, case = CASES[place]
    expected = fixtures.run(file, case)
    events = case["arguments"]["events"]
    table = {name: [event.get(name) for event in events] for name in FIELDS}
    table = {name: cells for name, cells in table.items() if name in ("happened", "kind") or any(cells)}
    options = {fixtures.snake(key): value for key, value in case["arguments"].get("options", {}).items()}
    unnamed = {} if "customer" in table else {"customer": "kind"}
    log = rg.EventLog.from_table(table, happened_at="happened", **options, **unnamed)
    history = fixtures.history_of(file, case)
    assert history.during(case["arguments"]["period"]).engagement(log).to_json() == expected.to_json()


def plain(history: rg.OrderHistory) -> str:
    events = [
        rg.Event(ts, what, customer=who, value=seconds)
        for who, what, ts, seconds in zip(*(EVENTS[name] for name in ("who", "what", "ts", "seconds")), strict=True)
    ]
    return history.during("1997-03").engagement(events).to_json()


def days(cells: list[str]) -> list[datetime.date]:
    return [datetime.date.fromisoformat(cell) for cell in cells]


@pytest.mark.parametrize("library", ["dict", "pandas", "polars", "pyarrow", "categories", "dictionaries", "batches"])
def test_every_kind_of_table_gives_the_same_log(history: rg.OrderHistory, library: str) -> None:
    table: Any = {**EVENTS, "ts": days(EVENTS["ts"])}
    if library == "pandas":
        table = pytest.importorskip("pandas").DataFrame(table)
    elif library == "polars":
        table = pytest.importorskip("polars").DataFrame(table)
    elif library == "categories":
        polars = pytest.importorskip("polars")
        table = polars.DataFrame(table).with_columns(polars.col("who", "what").cast(polars.Categorical))
    elif library in ("pyarrow", "dictionaries", "batches"):
        pyarrow = pytest.importorskip("pyarrow")
        table = pyarrow.table(table)
        if library == "dictionaries":
            for name in ("who", "what"):
                table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
        if library == "batches":
            table = table.to_reader(2)
    log = rg.EventLog.from_table(table, **NAMED)
    assert (len(log), log.unidentified) == (5, 1)
    assert history.during("1997-03").engagement(log).to_json() == plain(history)


def test_columns_of_the_keywords_names_need_not_be_named() -> None:
    table = {"customer": [1, 2], "kind": ["visit", "visit"], "happened_at": ["2024-01-01", "2024-01-02"], "note": ["", ""]}
    log = rg.EventLog.from_table(table)
    assert repr(log) == "EventLog(2 events, 0 of nobody)"
    assert str(log.columns) == (
        "happened_at from `happened_at` (guessed)\nkind from `kind` (guessed)\ncustomer from `customer` (guessed)\n"
        "not used: `note`"
    )


def test_times_become_days_of_the_zone(history: rg.OrderHistory) -> None:
    # Three in the morning of 1 April in UTC is still March in New York.
    table = {"customer": ["00004"], "kind": ["visit"], "happened_at": ["1997-04-01T03:00:00Z"]}
    here = rg.EventLog.from_table(table, zone="America/New_York")
    assert history.during("1997-03").engagement(here).counted == 1
    assert history.during("1997-03").engagement(rg.EventLog.from_table(table)).counted == 0


def test_unknown_kinds_may_be_left_out() -> None:
    log = rg.EventLog.from_table({**EVENTS, "what": ["visit"] * 4 + ["purred"]}, **NAMED, unknown_kinds="leave_out")
    assert [(left.kind, left.events) for left in log.unknown_kinds] == [("purred", 1)]


GOOD = {"customer": ["ann", "bob"], "kind": ["visit", "visit"], "happened_at": ["2024-01-01", "2024-01-02"]}
BAD: dict[str, tuple[dict[str, Any], dict[str, Any], type[rg.RegularsError], str, int | None, str | None, str]] = {
    "a misnamed column": (
        GOOD, {"customer": "custommer"}, rg.ColumnError, "unknown_column", None, "custommer", "did you mean `customer`?",
    ),
    "no kind": (
        {name: GOOD[name] for name in ("customer", "happened_at")}, {}, rg.ColumnError, "missing_columns", None, "kind",
        'kind="…"',
    ),
    "nobody to count": (
        {name: GOOD[name] for name in ("kind", "happened_at")}, {}, rg.ColumnError, "missing_customer", None, "customer",
        "email=",
    ),
    "a kind that is none": (
        {**GOOD, "kind": ["visit", "purred"]}, {}, rg.DataError, "unknown_event_kind", 1, "kind", "`purred`",
    ),
    "a missing moment": (
        {**GOOD, "happened_at": ["2024-01-01", None]}, {}, rg.DataError, "missing_value", 1, "happened_at", "row 1",
    ),
    "a date that is none": (
        {**GOOD, "happened_at": ["2024-01-01", "01/02/2024"]}, {}, rg.DataError, "invalid_date", 1, "happened_at", "date_format",
    ),
    "values that are no numbers": (
        {**GOOD, "value": ["long", "short"]}, {}, rg.ColumnError, "unsupported_type", None, "value", "cast it to a number",
    ),
    "a column twice": (
        {**GOOD, " kind": ["visit", "visit"]}, {}, rg.ColumnError, "ambiguous_column", None, "kind", "twice",
    ),
    "an unknown zone": (GOOD, {"zone": "Europe/Berlim"}, rg.OptionError, "unknown_zone", None, None, "Berlim"),
    "an unknown choice": (GOOD, {"unknown_kinds": "drop"}, rg.OptionError, "invalid_option", None, None, "leave_out"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_events(name: str) -> None:
    table, keywords, kind, code, row, column, words = BAD[name]
    with pytest.raises(rg.RegularsError) as caught:
        rg.EventLog.from_table(table, **keywords)
    error = caught.value
    assert (type(error), error.code, error.row, error.column) == (kind, code, row, column), error
    assert words in str(error)


def test_a_log_is_asked_with_what_it_was_told(history: rg.OrderHistory) -> None:
    log = rg.EventLog.from_table(GOOD)
    with pytest.raises(rg.OptionError, match="already"):
        history.during("1997").engagement(log, zone="UTC")
    with pytest.raises(TypeError, match="from_table"):
        rg.EventLog()
    with pytest.raises(TypeError, match="again"):
        pickle.dumps(log)
