"""The same orders from every kind of table give the same history, and results go out as tables."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import regulars as rg
from conftest import CDNOW

OPTIONS: dict[str, Any] = {"currency": "USD", "zone": "America/New_York"}


def columns(rows: int = 3000) -> dict[str, list[Any]]:
    """Orders of the sample, as plain Python objects."""
    with open(CDNOW) as file:
        found = list(csv.DictReader(file))[:rows]
    return {
        "customer_id": [row["customer_id"] for row in found],
        "date": [datetime.date.fromisoformat(row["date"]) for row in found],
        "amount": [Decimal(row["amount"]) for row in found],
    }


PLAIN = columns()
EXPECTED = rg.OrderHistory.from_table(PLAIN, **OPTIONS)


def with_pandas(make: Callable[[Any, Any], Any]) -> Callable[[], Any]:
    def table() -> Any:
        pandas = pytest.importorskip("pandas")
        return make(pandas, pandas.DataFrame(PLAIN))

    return table


def with_polars(make: Callable[[Any, Any], Any]) -> Callable[[], Any]:
    def table() -> Any:
        polars = pytest.importorskip("polars")
        return make(polars, polars.DataFrame(PLAIN))

    return table


def with_arrow(make: Callable[[Any, Any], Any]) -> Callable[[], Any]:
    def table() -> Any:
        pyarrow = pytest.importorskip("pyarrow")
        return make(pyarrow, pyarrow.table(PLAIN))

    return table


def with_foreign_codes(pl: Any, frame: Any, kind: Any) -> Any:
    """Categories whose codes have gaps and do not begin at 0, in several chunks."""
    others = pl.concat([pl.Series(["nobody", "here"]), frame["customer_id"].shuffle(seed=1)], rechunk=False)
    coded = pl.DataFrame({"customer_id": others.cast(kind)})
    keep.append(coded)
    half = len(frame) // 2
    column = pl.concat([frame["customer_id"][:half].cast(kind), frame["customer_id"][half:].cast(kind)], rechunk=False)
    assert column.to_physical().min() > 1
    return frame.with_columns(column.alias("customer_id"))


keep: list[Any] = []


def cast(pa: Any, table: Any, name: str, kind: Any) -> Any:
    at = table.column_names.index(name)
    return table.set_column(at, name, table[name].cast(kind))


def cents(pa: Any, table: Any, kind: Any) -> Any:
    at = table.column_names.index("amount")
    return table.set_column(at, "amount", pa.array([int(cell.as_py() * 100) for cell in table["amount"]], kind))


def duckdb_of(sql: str) -> Callable[[], Any]:
    def table() -> Any:
        duckdb = pytest.importorskip("duckdb")
        return duckdb.sql(sql.format(f"read_csv('{CDNOW}', all_varchar = true) LIMIT 3000"))

    return table


TABLES: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "a list of dictionaries": (
        lambda: [dict(zip(PLAIN, row, strict=True)) for row in zip(*PLAIN.values(), strict=True)],
        {},
    ),
    "text alone": (lambda: {name: list(map(str, cells)) for name, cells in PLAIN.items()}, {}),
    "floats": (lambda: {**PLAIN, "amount": [float(cell) for cell in PLAIN["amount"]]}, {}),
    "cents": (lambda: {**PLAIN, "amount": [int(cell * 100) for cell in PLAIN["amount"]]}, {"amount_unit": "minor"}),
    "times at noon": (
        lambda: {**PLAIN, "date": [datetime.datetime.combine(day, datetime.time(12)) for day in PLAIN["date"]]},
        {},
    ),
    "instants": (
        lambda: {
            **PLAIN,
            "date": [
                # 3 in the morning of UTC is still the day before in New York.
                datetime.datetime.fromisoformat(f"{day + datetime.timedelta(1)}T03:00:00+00:00")
                for day in PLAIN["date"]
            ],
        },
        {},
    ),
    "pandas": (with_pandas(lambda pd, df: df), {}),
    "pandas, dates as text": (with_pandas(lambda pd, df: df.assign(date=df.date.astype(str))), {}),
    "pandas, times": (with_pandas(lambda pd, df: df.assign(date=pd.to_datetime(df.date))), {}),
    "pandas, a zone": (
        with_pandas(lambda pd, df: df.assign(date=pd.to_datetime(df.date).dt.tz_localize("America/New_York"))),
        {},
    ),
    "pandas, floats": (with_pandas(lambda pd, df: df.assign(amount=df.amount.astype(float))), {}),
    "pandas, categories": (with_pandas(lambda pd, df: df.assign(customer_id=df.customer_id.astype("category"))), {}),
    "pandas, another index": (with_pandas(lambda pd, df: df.set_index(df.index[::-1])), {}),
    "polars": (with_polars(lambda pl, df: df), {}),
    "polars, categories among others": (with_polars(lambda pl, df: with_foreign_codes(pl, df, pl.Categorical)), {}),
    "polars, named categories": (
        with_polars(lambda pl, df: with_foreign_codes(pl, df, pl.Categorical(pl.Categories("shop", physical=pl.UInt16)))), {},
    ),
    "polars, categories under a name that reads as a pattern": (
        with_polars(lambda pl, df: df.with_columns(df["customer_id"].cast(pl.Categorical)).rename({"customer_id": "^.*$"})),
        {"customer": "^.*$"},
    ),
    "polars, enum": (
        with_polars(lambda pl, df: df.with_columns(df["customer_id"].cast(pl.Enum(df["customer_id"].unique())))), {},
    ),
    "polars, categories": (with_polars(lambda pl, df: df.with_columns(pl.col("customer_id").cast(pl.Categorical))), {}),
    "polars, times": (with_polars(lambda pl, df: df.with_columns(pl.col("date").cast(pl.Datetime("ms")))), {}),
    "polars, chunks": (with_polars(lambda pl, df: pl.concat([df[:7], df[7:7], df[7:2000], df[2000:]], rechunk=False)), {}),
    "polars, sliced": (with_polars(lambda pl, df: pl.concat([df[:1], df])[1:]), {}),
    "pyarrow": (with_arrow(lambda pa, table: table), {}),
    "pyarrow, batches": (with_arrow(lambda pa, table: pa.Table.from_batches(table.to_batches(max_chunksize=100))), {}),
    "pyarrow, a reader": (with_arrow(lambda pa, table: table.to_reader(100)), {}),
    "pyarrow, views": (with_arrow(lambda pa, table: cast(pa, table, "customer_id", pa.string_view())), {}),
    "pyarrow, large text": (with_arrow(lambda pa, table: cast(pa, table, "customer_id", pa.large_string())), {}),
    "pyarrow, a dictionary": (
        with_arrow(lambda pa, table: cast(pa, table, "customer_id", pa.dictionary(pa.int16(), pa.string()))),
        {},
    ),
    "pyarrow, seconds": (with_arrow(lambda pa, table: cast(pa, table, "date", pa.timestamp("s"))), {}),
    "pyarrow, nanoseconds": (with_arrow(lambda pa, table: cast(pa, table, "date", pa.timestamp("ns"))), {}),
    "pyarrow, date64": (with_arrow(lambda pa, table: cast(pa, table, "date", pa.date64())), {}),
    "pyarrow, a wide decimal": (with_arrow(lambda pa, table: cast(pa, table, "amount", pa.decimal128(38, 9))), {}),
    "pyarrow, a narrow decimal": (with_arrow(lambda pa, table: cast(pa, table, "amount", pa.decimal64(12, 2))), {}),
    "pyarrow, floats": (with_arrow(lambda pa, table: cast(pa, table, "amount", pa.float64())), {}),
    "pyarrow, narrow floats": (
        with_arrow(lambda pa, table: cast(pa, cast(pa, table, "amount", pa.float64()), "amount", pa.float32())),
        {},
    ),
    "pyarrow, cents": (with_arrow(lambda pa, table: cents(pa, table, pa.int32())), {"amount_unit": "minor"}),
    "pyarrow, cents as decimals": (
        with_arrow(lambda pa, table: cents(pa, table, pa.decimal128(38, 0))),
        {"amount_unit": "minor"},
    ),
    "pyarrow, cents as floats": (with_arrow(lambda pa, table: cents(pa, table, pa.float64())), {"amount_unit": "minor"}),
    "duckdb": (duckdb_of("SELECT customer_id, date::DATE AS date, amount::DECIMAL(12, 2) AS amount FROM {}"), {}),
    "duckdb, other types": (
        duckdb_of("SELECT customer_id, date::TIMESTAMP AS date, amount::DOUBLE AS amount FROM {}"),
        {},
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_gives_the_same_history(kind: str) -> None:
    make, keywords = TABLES[kind]
    history = rg.OrderHistory.from_table(make(), **OPTIONS, **keywords)
    assert history.report().to_json() == EXPECTED.report().to_json()
    assert [history.historic_value_of(name) for name in ("00004", "nobody")] == [
        EXPECTED.historic_value_of(name) for name in ("00004", "nobody")
    ]


def test_a_file_is_its_table() -> None:
    with open(CDNOW, "rb") as file:
        content = file.read()
    histories = [rg.OrderHistory.from_csv(source, currency="USD") for source in (CDNOW, str(CDNOW), content)]
    with open(CDNOW) as file:
        histories.append(rg.OrderHistory.from_csv(file, currency="USD"))
    assert all(history == histories[0] for history in histories)
    assert histories[0] == rg.OrderHistory.from_table(columns(10_000), currency="USD")


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_numbers_with_gaps_are_keys(library: str) -> None:
    """A gap makes floats of whole numbers in pandas; nobody is nobody all the same."""
    pytest.importorskip(library)
    orders = {"customer": [7, None, 7, 8], "date": ["2024-01-01"] * 4, "amount": [1.0, 2.0, 3.0, 4.0]}
    frame: Any = orders
    if library == "pandas":
        frame = pytest.importorskip("pandas").DataFrame(orders)
    elif library == "polars":
        frame = pytest.importorskip("polars").DataFrame(orders)
    else:
        frame = pytest.importorskip("pyarrow").table(orders)
    history = rg.OrderHistory.from_table(frame, currency="EUR")
    assert (history.summary.customers, history.summary.unidentified.numerator) == (2, 1)
    assert history.historic_value_of(7) == rg.Money("4.00", "EUR")


def test_numpy_columns() -> None:
    numpy = pytest.importorskip("numpy")
    orders = {
        "customer": numpy.array([1, 2, 1]),
        "date": numpy.array(["2024-01-01", "2024-01-02", "2024-01-03"], "datetime64[D]"),
        "amount": numpy.array([1.5, 2.0, 3.0]),
    }
    history = rg.OrderHistory.from_table(orders, currency="EUR")
    assert str(history.summary.revenue) == "6.50 EUR"


def test_named_and_guessed_columns_are_told() -> None:
    orders = {"who": ["ann"], "Order Date": ["2024-01-01"], "Total": [1.5], "note": ["x"]}
    history = rg.OrderHistory.from_table(orders, customer="who", currency="EUR")
    assert str(history.columns) == (
        "customer from `who` (named)\nplaced_at from `Order Date` (guessed)\namount from `Total` (guessed)\nnot used: `note`"
    )
    assert any("`Total`" in note for note in history.notes)


def test_the_currency_may_come_with_the_table() -> None:
    orders = {"customer": ["ann"], "date": ["2024-01-01"], "amount": ["1.50"], "currency": ["CHF"]}
    history = rg.OrderHistory.from_table(orders)
    assert str(history.summary.revenue) == "1.50 CHF"
    assert any("CHF" in note for note in history.notes)
    assert rg.OrderHistory.from_table({**orders, "coin": ["CHF"]}, currency="coin") == history


def test_appended_rows_are_the_same_as_all_at_once() -> None:
    first, rest = ({name: cells[part] for name, cells in PLAIN.items()} for part in (slice(0, 1000), slice(1000, None)))
    one = rg.OrderHistory.from_table(first, **OPTIONS)
    assert one.append(rest) == EXPECTED
    assert one.merge(rg.OrderHistory.from_table(rest, **OPTIONS)) == EXPECTED


def test_the_order_of_rows_does_not_matter() -> None:
    rows = list(zip(*PLAIN.values(), strict=True))
    random.Random(1).shuffle(rows)
    shuffled = dict(zip(PLAIN, map(list, zip(*rows, strict=True)), strict=True))
    assert rg.OrderHistory.from_table(shuffled, **OPTIONS) == EXPECTED


# --- tables out ---


def tables() -> list[rg.Table]:
    rule = rg.SegmentRule.fit(EXPECTED)
    return [
        EXPECTED.timeline(),
        EXPECTED.rfm(),
        EXPECTED.cohorts(),
        EXPECTED.cohorts().table("returned_by"),
        EXPECTED.customers(),
        EXPECTED.concentration(),
        EXPECTED.report().timeline,
        EXPECTED.time_between_purchases().curve,
        rule.classify(EXPECTED),
        rule.classify(EXPECTED).audience("win_back"),
    ]


@pytest.mark.parametrize("table", tables(), ids=lambda table: type(table).__name__)
def test_a_table_has_the_same_cells_everywhere(table: rg.Table) -> None:
    lists = {name: table[name] for name in table.columns}
    assert {len(cells) for cells in lists.values()} == {len(table)}
    assert list(table) == table.to_rows()
    assert table.to_polars().to_dict(as_series=False) == lists
    assert table.to_arrow().to_pydict() == lists
    frame = table.to_pandas()
    assert list(frame.columns) == table.columns and len(frame) == len(table)
    dates = [name for name, kind in table._frame().schema() if kind == "date"]
    assert all(str(frame[name].dtype).startswith("datetime64") for name in dates)
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.from_arrow(table.to_arrow()).fetchall() == [tuple(row.values()) for row in table]


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(KeyError, match="no column `nothing`: the columns are `start`"):
        EXPECTED.timeline()["nothing"]
    with pytest.raises(KeyError, match="Did you mean `new_customers`"):
        EXPECTED.timeline()["newCustomers"]


def test_a_column_is_no_attribute() -> None:
    timeline = rg.OrderHistory.from_table(PLAIN, currency="USD").timeline()
    with pytest.raises(AttributeError, match=r'table\["revenue_minor"\]'):
        timeline.revenue_minor  # noqa: B018
    with pytest.raises(AttributeError, match="'Timeline' object has no attribute 'revenu'"):
        timeline.revenu  # noqa: B018
    assert not hasattr(rg.Timeline.from_json(timeline.to_json()), "revenue")


def test_rows_are_had_by_their_numbers() -> None:
    table = EXPECTED.rfm()
    rows = table.to_rows()
    assert (table[0], table[-1], table[len(rows) - 1]) == (rows[0], rows[-1], rows[-1])
    for asked in (slice(3), slice(2, 9, 3), slice(None, None, -400), slice(5, 5), slice(-2, None), slice(7, 3)):
        assert table[asked] == rows[asked]
    for beyond in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError, match="there is no row"):
            table[beyond]


def test_money_is_there_as_a_float_and_exact() -> None:
    for table in tables():
        exact = [name for name in table.columns if name.endswith("_minor")]
        for name in exact:
            units = table[name.removesuffix("_minor")]
            assert units == [None if cell is None else float(Decimal(cell) / 100) for cell in table[name]]
            assert table.columns.index(name) == table.columns.index(name.removesuffix("_minor")) + 1
    assert [len([name for name in table.columns if name.endswith("_minor")]) for table in tables()][:2] == [6, 1]


def test_fields_beside_the_rows_are_those_of_the_document() -> None:
    """They are had without the rows."""
    rule = rg.SegmentRule.fit(EXPECTED)
    segments = rule.classify(EXPECTED)
    for table in (EXPECTED.rfm(), EXPECTED.customers(), segments, segments.audience("win_back")):
        whole = type(table).from_json(table.to_json())
        names = [field.name for field in dataclasses.fields(table)]
        assert names and set(names) < set(dir(table))
        assert [getattr(table, name) for name in names] == [getattr(whole, name) for name in names]
