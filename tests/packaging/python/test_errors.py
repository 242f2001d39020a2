"""Bad input: an exception that names column, row and remedy, of the class that says what to mend."""

from __future__ import annotations

import datetime
import math
import pickle
from typing import Any

import pytest
import regulars as rg

GOOD: dict[str, list[Any]] = {
    "customer": ["ann", "bob", "ann"],
    "date": ["2024-01-09", "2024-01-30", "2024-03-02"],
    "amount": ["35.20", "12.00", "48.00"],
}


def error_of(columns: dict[str, Any] | Any, **keywords: Any) -> rg.RegularsError:
    with pytest.raises(rg.RegularsError) as caught:
        rg.OrderHistory.from_table(columns, **{"currency": "USD", **keywords})
    return caught.value


# Columns, keywords, class, code, row, column, and words that have to be in what is said.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], type[rg.RegularsError], str, int | None, str | None, list[str]]] = {
    "a missing column": (
        {"customer": ["ann"], "date": ["2024-01-01"]}, {}, rg.ColumnError, "missing_columns", None, "amount",
        ['amount="…"', "`customer`, `date`"],
    ),
    "a misnamed column": (
        GOOD, {"amount": "price"}, rg.ColumnError, "unknown_column", None, "price", ["`price`", "`customer`, `date`, `amount`"],
    ),
    "a misspelt column": (
        GOOD, {"amount": "Amuont"}, rg.ColumnError, "unknown_column", None, "Amuont", ["did you mean `amount`?"],
    ),
    "nobody to count": (
        {"date": ["2024-01-01"], "amount": ["1"]}, {}, rg.ColumnError, "missing_customer", None, "customer", ["email="],
    ),
    "a wrong type": (
        {**GOOD, "amount": [True, False, True]}, {}, rg.ColumnError, "unsupported_type", None, "amount",
        ["`amount`", "Boolean", "cast it to decimal"],
    ),
    "a guessed column of a wrong type": (
        {**GOOD, "refund": [True, False, True]}, {}, rg.ColumnError, "unsupported_type", None, "refund", ['refunded=""'],
    ),
    "whole numbers without their unit": (
        {**GOOD, "amount": [3520, 1200, 4800]}, {}, rg.ColumnError, "missing_amount_unit", None, "amount",
        ['amount_unit="minor"', "cents"],
    ),
    "times as numbers": (
        {**GOOD, "date": [1, 2, 3]}, {}, rg.ColumnError, "unsupported_type", None, "date", ["timestamp"],
    ),
    "a null in the amount": (
        {**GOOD, "amount": ["35.20", None, "48.00"]}, {}, rg.DataError, "missing_value", 1, "amount", ["row 1", "Drop the rows"],
    ),
    "NaN in the amount": (
        {**GOOD, "amount": [35.2, math.nan, 48.0]}, {}, rg.DataError, "missing_value", 1, "amount", ["row 1"],
    ),
    "a null in a column of another name": (
        {"customer": ["ann", "bob"], "when": ["2024-01-01", None], "amount": ["1", "2"]}, {"placed_at": "when"},
        rg.DataError, "missing_value", 1, "when", ["row 1, column `when`"],
    ),
    "an amount that is too fine": (
        {**GOOD, "amount": [35.2, 12.005, 48.0]}, {}, rg.DataError, "amount_too_fine", 1, "amount", ["name more in `decimals`"],
    ),
    "a date that is none": (
        {**GOOD, "date": ["2024-01-09", "09/01/2024", "2024-03-02"]}, {}, rg.DataError, "invalid_date", 1, "date",
        ["row 1", "date_format"],
    ),
    "mixed zones": (
        {**GOOD, "date": [__import__("datetime").datetime(2024, 1, 1), __import__("datetime").datetime(
            2024, 1, 2, tzinfo=__import__("datetime").timezone.utc), None]},
        {}, rg.DataError, "mixed_zones", 1, "date", ["with and without a zone", "one type"],
    ),
    "mixed types": (
        {**GOOD, "customer": ["ann", 7, "bob"]}, {}, rg.DataError, "unsupported_type", 1, "customer", ["row 1"],
    ),
    "mixed currencies": (
        {**GOOD, "coin": ["USD", "EUR", "USD"]}, {"currency_column": "coin"}, rg.DataError, "mixed_currencies", 1, "coin",
        ["EUR", "row 1"],
    ),
    "an unknown status": (
        {**GOOD, "status": ["paid", "lost", "paid"]}, {}, rg.DataError, "unknown_status", 1, "status", ["`lost`", "on_hold"],
    ),
    "a column that is taken": (
        GOOD, {"placed_at": "amount"}, rg.ColumnError, "missing_columns", None, "amount",
        ["amount, since `amount` is named as placed_at"],
    ),
    "no columns": ({}, {}, rg.ColumnError, "missing_columns", None, None, ["the table has no columns"]),
    "a date in another order": (
        {**GOOD, "date": ["01/09/2024", "01/30/2024", "03/02/2024"]}, {"date_format": "%d/%m/%Y"}, rg.DataError,
        "invalid_date", 1, "date", ["does not follow the date_format `%d/%m/%Y`, but `%m/%d/%Y`"],
    ),
    "a format of no date": (GOOD, {"date_format": "%q"}, rg.OptionError, "invalid_date_format", None, None, ["`%q`"]),
    "an end before the beginning": (
        GOOD, {"observed_until": "2009-01-01"}, rg.OptionError, "nothing_observed", None, None,
        ["`observed_until` is 2009-01-01", "2024-01-09"],
    ),
    "no rows": ({name: [] for name in GOOD}, {}, rg.DataError, "no_orders", None, None, ["no rows"]),
    "unequal columns": (
        {**GOOD, "amount": ["1"]}, {}, rg.ColumnError, "unequal_columns", None, "amount", ["1 rows where the others have 3"],
    ),
    "an unknown currency": (GOOD, {"currency": "EURO"}, rg.OptionError, "unknown_currency", None, None, ["`EURO`"]),
    "no currency": (GOOD, {"currency": None}, rg.OptionError, "missing_currency", None, None, ['currency="EUR"']),
    "an unknown zone": (GOOD, {"zone": "Europe/Berlim"}, rg.OptionError, "unknown_zone", None, None, ["Berlim"]),
    "an unknown policy": (GOOD, {"policy": "lenient"}, rg.OptionError, "unknown_policy", None, None, ["strict"]),
    "a unit that is none": (GOOD, {"amount_unit": "pence"}, rg.OptionError, "invalid_option", None, None, ["minor"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_input(name: str) -> None:
    columns, keywords, kind, code, row, column, words = CASES[name]
    error = error_of(columns, **keywords)
    assert (type(error), error.code, error.row, error.column) == (kind, code, row, column), str(error)
    for word in words:
        assert word in str(error)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.row, again.column) == (str(error), error.code, error.row, error.column)


def test_a_missing_cell_is_named_in_arrow_too() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({**GOOD, "amount": pyarrow.array([1, None, 3], pyarrow.int64())})
    chunks = pyarrow.concat_tables([table.slice(0, 1), table.slice(1)])
    error = error_of(chunks, amount_unit="minor")
    assert (error.code, error.row, error.column) == ("missing_value", 1, "amount")


@pytest.mark.parametrize("table", [7, "orders", None, [1, 2], {"a": 1}], ids=repr)
def test_what_is_no_table(table: Any) -> None:
    assert isinstance(error_of(table), rg.ColumnError)


def test_a_wrong_thing_is_told_what_it_is() -> None:
    assert "from_csv" in str(error_of("orders.csv"))
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(GOOD)
    for series in (frame["amount"], pytest.importorskip("polars").Series([1])):
        assert "Hand over the frame" in str(error_of(series))
    with pytest.raises(rg.ColumnError) as caught:
        rg.OrderHistory.from_csv(frame)
    assert "from_table" in str(caught.value)
    for named in (0, frame["amount"]):
        error = error_of(frame, amount=named)
        assert error.code == "invalid_option" and "amount=" in str(error) and "name of a column" in str(error)


def test_only_an_order_history_is_segmented(history: rg.OrderHistory) -> None:
    rule = rg.SegmentRule.fit(history)
    for wrong in (pytest.importorskip("pandas").DataFrame(GOOD), history.during("1998"), None):
        for ask in (rg.SegmentRule.fit, rule.classify, rule.stability, lambda it: rule.backtest(it, at="1998-01-01")):
            with pytest.raises(TypeError, match=f"expected an OrderHistory, .* got one of {type(wrong).__name__}"):
                ask(wrong)


MIXED = {"zip": [10115, "75001", None], "things": [{"a": 1}, [2], "x"], "odd": [object(), None, 1j]}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("library", ["plain", "pandas", "pandas, columns by number"])
def test_a_column_that_nobody_asks_for_does_no_harm(name: str, library: str) -> None:
    columns: Any = {**GOOD, name: MIXED[name]}
    named = {"customer": "customer", "placed_at": "date", "amount": "amount"}
    expected = rg.OrderHistory.from_table(GOOD, currency="USD")
    if library != "plain":
        columns = pytest.importorskip("pandas").DataFrame(columns)
    if "number" in library:
        columns.columns = range(4)
        named = {field: str(at) for at, field in enumerate(named)}
        name = "3"
    history = rg.OrderHistory.from_table(columns, currency="USD", **named)
    assert history == expected and history.columns.unused == (name,)
    # Asked for, by name or by guess, it is what the exception is about.
    error = error_of(columns, **{**named, "amount": name})
    assert error.column == name and error.code == "unsupported_type" and error.row in (0, 1), str(error)


def test_a_guessed_column_of_several_types_is_refused() -> None:
    for table in ({**GOOD, "email": [1, "b", None]}, pytest.importorskip("pandas").DataFrame({**GOOD, "email": [1, "b", None]})):
        error = error_of(table)
        assert (type(error), error.row, error.column) == (rg.DataError, 1, "email"), str(error)
        assert "'b' stands among whole numbers" in str(error)


def test_mixed_zones_are_refused_in_frames_too() -> None:
    pandas = pytest.importorskip("pandas")
    zone = datetime.UTC
    mixed = [datetime.datetime(2024, 1, 1), None, datetime.datetime(2024, 1, 2, tzinfo=zone)]
    frame = pandas.DataFrame({**GOOD, "date": pandas.Series(mixed, dtype=object)})
    error = error_of(frame)
    assert (type(error), error.code, error.row, error.column) == (rg.DataError, "mixed_zones", 2, "date")
    # Of several zones, every time is an instant.
    east = datetime.timezone(datetime.timedelta(hours=9))
    times = [datetime.datetime(2024, 1, 1, 3, tzinfo=east), *[datetime.datetime(2024, 1, 2, tzinfo=zone)] * 2]
    history = rg.OrderHistory.from_table(frame.assign(date=pandas.Series(times, dtype=object)), currency="USD", zone="UTC")
    assert history.span.start == datetime.date(2023, 12, 31)


def test_a_stream_is_read_once() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    reader = pyarrow.table(GOOD).to_reader()
    rg.OrderHistory.from_table(reader, currency="USD")
    assert isinstance(error_of(reader), rg.RegularsError)


class Odd:
    """Something that claims to be a table."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self.stream


def test_odd_streams_are_refused() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(GOOD)
    used = table.__arrow_c_stream__()
    rg.OrderHistory.from_table(Odd(used), currency="USD")
    for odd in (7, used, table.schema.__arrow_c_schema__()):
        assert error_of(Odd(odd)).code == "arrow"
    # A column is no table.
    assert isinstance(error_of(table["amount"]), rg.ColumnError)
    assert isinstance(error_of(pytest.importorskip("polars").Series([1])), rg.ColumnError)


def test_a_lazy_frame_has_to_be_collected() -> None:
    polars = pytest.importorskip("polars")
    assert "collect()" in str(error_of(polars.LazyFrame(GOOD)))


def test_unknown_keywords_are_pythons_own_error(history: rg.OrderHistory) -> None:
    with pytest.raises(TypeError, match="curency"):
        rg.OrderHistory.from_table(GOOD, curency="USD")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="binz"):
        history.rfm(binz=3)  # type: ignore[call-arg]


def test_options_say_what_they_can_be(history: rg.OrderHistory) -> None:
    for ask, code in [
        (lambda: history.during("spring"), "invalid_period"),
        (lambda: history.during(1998.0), "invalid_period"),  # type: ignore[arg-type]
        (lambda: history.during(-1), "invalid_period"),
        (lambda: history.timeline("fortnight"), "invalid_grain"),
        (lambda: history.flow_timeline(lapse_after="90"), "invalid_option"),
        (lambda: history.flow_timeline(lapse_after=-1), "invalid_option"),
        (lambda: history.cohorts().table("retained"), "unknown_cohort_reading"),
        (lambda: history.rfm(bins=1), "invalid_rfm_bins"),
        (lambda: history.rfm(days=90, period="2024-Q1"), "invalid_option"),
        (lambda: history.during("2024").customer_flow(lapse_after=0), "invalid_argument"),
        (lambda: rg.SegmentRule.fit(history, value="contribution"), "no_costs"),
        (lambda: history.rfm(bins=1.5), "invalid_option"),  # type: ignore[arg-type]
        (lambda: rg.formula.retention_rate(at_start=1, at_end=9, new=2), "invalid_rate"),
        (lambda: rg.simulate(customers=math.nan, spend=1, retention_rate=0.5), "invalid_argument"),
    ]:
        with pytest.raises(rg.OptionError) as caught:
            ask()
        assert caught.value.code == code
    # A date of Python has no day after the year 9999.
    with pytest.raises(rg.RegularsError) as caught_of_dates:
        history.during("9999")
    assert caught_of_dates.value.code == "date_out_of_range"


def test_the_option_is_named_with_its_value_and_what_is_expected(history: rg.OrderHistory) -> None:
    year = history.during("1997")
    fit = rg.SegmentRule.fit
    count = "expected a whole number from 0 to 4294967295, not"
    build = rg.OrderHistory.from_table
    names = "`period`, `cost`, `channel`, `aim`"
    for ask, said_of_it in [
        (lambda: history.rfm(bins="5"), "`bins`: expected a whole number from 0 to 255, not \"5\""),
        (lambda: history.rfm(bins=300), "`bins`: expected a whole number from 0 to 255, not 300"),
        (lambda: history.rfm(bins=object()), "`bins`: object is no type that an option can have"),
        (lambda: history.rfm(breaks=[1, 2]), "`breaks`: expected RfmBreaks, such as rfm.breaks, not [1, 2]"),
        (lambda: history.rfm(days=90, period="2024-Q1"), "`days` and `period` exclude one another: give one of them"),
        (
            lambda: history.rfm(breaks=history.rfm().breaks, recency_breaks=[1]),
            "`breaks` and `recency_breaks` exclude one another: give one of them",
        ),
        (lambda: history.rfm(recency_breaks=[1, "x"]), f"`recency_breaks[1]`: {count} \"x\""),
        (lambda: history.cohorts(grain=3), "`grain`: expected a grain such as `month`, or days such as `30-days`, not 3"),
        (lambda: history.timeline(3), "`grain`: `3` is not one of day, week, week-sun, month, quarter, year"),
        (lambda: history.tenure_ratio(band=3, base=(1, 2)), "`band`: expected a list of 2, not 3"),
        (lambda: history.outlook(horizon_days="x"), f"`horizon_days`: {count} \"x\""),
        (lambda: fit(history, horizon_days=-1), f"`horizon_days`: {count} -1"),
        (lambda: fit(history).backtest(history, at="1998", resamples="x"), "`at`: `1998` is not a date such as `2024-05-17`"),
        (
            lambda: fit(history).backtest(history, at="1998-01-01", resamples="x"),
            f"`resamples`: {count} \"x\"",
        ),
        (lambda: rg.simulate(customers="x", spend=1, retention_rate=0.5), "`customers`: expected a number, not \"x\""),
        (
            lambda: rg.formula.retention_rate(at_start="x", at_end=9, new=2),
            "`at_start`: expected a whole number from 0 on, not \"x\"",
        ),
        (
            lambda: year.acquisition([{"chanel": "ads"}]),
            f"there is no option `costs[0].chanel` here: did you mean `channel`? There are {names}",
        ),
        (lambda: year.acquisition([7]), "`costs[0]`: expected a MarketingCost or a dictionary with its fields, not 7"),
        (lambda: year.acquisition("ads"), "`costs`: expected a list of MarketingCost, not 'ads'"),
        (lambda: year.engagement([{"kinds": "visit"}]), "there is no `events[0].kinds`: Did you mean `kind`?"),
        (
            lambda: history.with_customers([{"key": "a"}, {"key": "b", "aquired_on": "2024-01-01"}]),
            "there is no option `customers[1].aquired_on` here: did you mean `acquired_on`? There are `key`, `acquired_on`, "
            "`acquisition_cost`, `channel`, `referred_by`, `complaints`",
        ),
        (
            lambda: history.with_customers([{"key": "a", "acquired_on": "spring"}]),
            "`customers[0].acquired_on`: `spring` is not a date such as `2024-05-17`",
        ),
        (lambda: build(GOOD, currency="USD", decimals="x"), "`decimals`: expected a whole number from 0 to 255, not \"x\""),
        (
            lambda: build(GOOD, currency="USD", zone=5),
            "`zone`: expected a time zone such as `Europe/Berlin` or `+02:00`, or an object with its name and its transitions, "
            "not 5",
        ),
        (lambda: history.concentration(top=3), "`top`: expected a list of shares, not 3"),
        (lambda: history.time_to_second_purchase(days="30"), "`days`: expected a list of whole numbers, not '30'"),
        (lambda: history.rfm(monetary_breaks=3), "`monetary_breaks`: expected a list of amounts, not 3"),
        (lambda: history.rfm(grid=["Lost"]), "`grid`: expected a list of names, not 'Lost'"),
        (lambda: history.rfm(days="x"), "`days`: expected a whole number, not 'x'"),
        (lambda: history.report(period=3), '`period`: 3 is not a period such as "2024", "2024-Q3" or "2024-05"'),
        (
            lambda: build(GOOD, currency="USD", policy={"leave_out": ["lost"]}),
            "`policy.leave_out[0]`: expected one of `paid`, `refunded`, `pending`, `authorized`, `on_hold`, `cancelled`, "
            "`voided`, `failed`, `test`, `draft`, `deleted`, not \"lost\"",
        ),
        (
            lambda: rg.OrderHistory.from_csv(b"", amount_basis="gross"),
            "`amount_basis`: expected one of `net_sales`, `total`, not 'gross'",
        ),
        (lambda: history.orders_of(None), "`customer`: expected text or a whole number, not None"),
        (lambda: rg.Rate.from_json("{}"), "the text is not the JSON of a Rate"),
        (lambda: rg.SegmentRule.from_json("["), "the text is not the JSON of a SegmentRule"),
    ]:
        with pytest.raises(rg.OptionError) as caught:
            ask()
        assert str(caught.value) == said_of_it
        assert caught.value.code in ("invalid_option", "invalid_grain", "invalid_period")


def test_files() -> None:
    with pytest.raises(FileNotFoundError):
        rg.OrderHistory.from_csv("nowhere.csv")
    for content, kind, code in [
        (b"", rg.FileError, "empty_file"),
        (b"PK\x03\x04" + bytes(100), rg.FileError, "not_csv"),
        (b"customer,date,amount\nann,2024-01-01\n", rg.FileError, "unequal_fields"),
        (b"who,date,amount\nann,2024-01-01,1\n", rg.ColumnError, "missing_customer"),
    ]:
        with pytest.raises(kind) as caught:
            rg.OrderHistory.from_csv(content, currency="USD")
        assert caught.value.code == code
    with pytest.raises(rg.ColumnError) as meant:
        rg.OrderHistory.from_csv(b"customer,date,amount\nann,2024-01-01,1\n", currency="USD", customer="Costumer")
    assert "did you mean `customer`?" in str(meant.value)
    with pytest.raises(rg.DataError) as cell:
        rg.OrderHistory.from_csv(b"customer,date,amount\nann,2024-01-01,1.005\n", currency="USD")
    assert (cell.value.line, cell.value.column, cell.value.row) == (2, "amount", None)


def test_every_code_has_a_class() -> None:
    from regulars import _errors

    listed = set(_errors._CLASSES)
    own = {"mixed_zones"}  # Told before the extension sees the table.
    assert listed - own <= rg.ERROR_CODES
    assert set(_errors._REMEDIES) <= rg.ERROR_CODES
    assert {error_of(GOOD, currency="EURO").code, "no_orders"} <= set(rg.error_codes())


def test_a_history_is_not_pickled(history: rg.OrderHistory) -> None:
    with pytest.raises(TypeError, match="pickle its results"):
        pickle.dumps(history)
    with pytest.raises(TypeError, match="from_table"):
        rg.OrderHistory()
