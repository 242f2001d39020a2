"""The history of a shop's orders, and a period of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any, Literal

from . import _regulars
from ._errors import ColumnError, error
from ._events import EventLog
from ._json import dumps
from ._progress import bar
from ._result import Frame, call, column_names, day, encode, in_camel_case, listed, options, plain, records, value_of
from ._results import (
    Acquisition,
    Buying,
    Cohorts,
    ColumnReport,
    Concentration,
    Customer,
    CustomerFlow,
    Engagement,
    Event,
    FlowTimeline,
    HistoricValue,
    LeftOutOrder,
    Lifespan,
    MarketingCost,
    MovementTimeline,
    ObservedPayback,
    ProfitFigures,
    PurchaseFunnel,
    RecordedOrder,
    Referrals,
    Report,
    RepurchaseRetention,
    Returns,
    RevenueMovements,
    RevenueSplit,
    Rfm,
    RfmBreaks,
    SimpleValue,
    SpendByTenure,
    Summary,
    TenureRatio,
    TimeBetweenPurchases,
    Timeline,
    TimeToSecondPurchase,
)
from ._segments import CustomerProfiles, Outlook, ShopStage, core_of
from ._table import stream_of
from ._values import (
    Amount,
    Average,
    Currency,
    CustomerId,
    Date,
    LapseAfter,
    Money,
    OrderPolicy,
    Period,
    PeriodLike,
    Rate,
    RfmGrid,
    Zone,
    as_period,
    currency_text,
    customer_text,
    known_zone,
    lapse_after_json,
)

GrainName = Literal["day", "week", "week-sun", "month", "quarter", "year"] | str
Columns = Mapping[str, str | None]


class OrderHistory:
    """A shop's orders, from which everything is computed. It does not change; what adds to it gives another.

    >>> history = OrderHistory.from_table(
    ...     {"customer": ["ann", "bob", "ann"], "date": ["2024-01-09", "2024-01-30", "2024-03-02"], "amount": [35.2, 12, 48]},
    ...     currency="USD",
    ... )
    >>> history.summary.customers
    2
    >>> print(history.during("2024-Q1").repeat_customer_rate())
    50.0 % (1 of 2, 95 % interval 9.5–90.5 %)
    """

    _history: _regulars.History
    source: str
    """Whose export it was read from: `shopify`, `woo_commerce` or `csv`; `table` for a table."""
    columns: ColumnReport
    """What the columns were taken for."""
    notes: tuple[str, ...]
    """What was taken from the file or table, assumed or merged on the way, in sentences."""

    def __init__(self) -> None:
        """Point to the ways to make one."""
        raise TypeError("OrderHistory is made by OrderHistory.from_table(…) or OrderHistory.from_csv(…)")

    @classmethod
    def _of(cls, history: _regulars.History, source: str, columns: ColumnReport, notes: Sequence[str]) -> OrderHistory:
        made = object.__new__(cls)
        made._history, made.source, made.columns, made.notes = history, source, columns, tuple(notes)
        return made

    @classmethod
    def _built(cls, built: tuple[_regulars.History, str], before: Sequence[str] = ()) -> OrderHistory:
        history, text = built
        told = json.loads(text)
        return cls._of(history, told["source"], ColumnReport._from_object(told["columns"]), [*before, *told["notes"]])

    @classmethod
    def from_table(
        cls,
        table: object,
        *,
        customer: str | None = None,
        placed_at: str | None = None,
        amount: str | None = None,
        email: str | None = None,
        order_id: str | None = None,
        refunded: str | None = None,
        refunded_on: str | None = None,
        status: str | None = None,
        cost: str | None = None,
        discount: str | None = None,
        channel: str | None = None,
        currency: str | Currency | None = None,
        currency_column: str | None = None,
        decimals: int | None = None,
        amount_unit: Literal["minor", "major"] | None = None,
        date_format: str | None = None,
        zone: str | Zone | None = None,
        policy: str | OrderPolicy | Mapping[str, Any] = "strict",
        observed_until: Date | None = None,
        history_starts: Date | None = None,
        warm_up_days: int = 365,
        other_currencies: Literal["refuse", "leave_out"] = "refuse",
        repeated_ids: Literal["refuse", "keep_last"] = "refuse",
        progress: bool | None = None,
    ) -> OrderHistory:
        """Take orders from a table with a row per order.

        `table` is anything that hands its columns over by Arrow (pandas, polars, pyarrow, duckdb: nothing is copied through
        Python), a dictionary of columns, or a list of dictionaries. The names of columns that are left out are guessed as in
        files, which `notes` tells; `""` is no column at all. An export with a row per item, such as Shopify's, is no such
        table: `from_csv` reads it.

        Amounts are net sales before refunds: decimals, text, floats (of as many `decimals` as the currency has), or whole
        numbers with `amount_unit="minor"` for cents, `"major"` for whole units. `currency` is a code of ISO 4217; left out, it
        is that of the first row of the column of currencies. Times with a zone become days of `zone`, the shop's; dates as
        text begin with the year, or follow `date_format`.

        `policy` says which orders count: `strict`, `shopify`, `woocommerce`, an `OrderPolicy`, or a dictionary of those of its
        fields that differ from `strict`. `observed_until` is the day after the last that was observed. Where the shop is older
        than its books, `history_starts` says on which day they begin: whoever first buys in the `warm_up_days` after it is not
        called new. `repeated_ids="keep_last"` takes the last of several orders with one id, as in exports made night after
        night.

        `progress` shows a bar while a large table comes in; left out, only in a notebook.
        """
        named = {
            "customer": customer,
            "placed_at": placed_at,
            "amount": amount,
            "email": email,
            "order_id": order_id,
            "refunded": refunded,
            "refunded_on": refunded_on,
            "status": status,
            "cost": cost,
            "discount": discount,
            "channel": channel,
            "currency": currency_column,
        }
        chosen = _history_options(
            currency=currency,
            zone=zone,
            policy=policy,
            observed_until=observed_until,
            history_starts=history_starts,
            warm_up_days=warm_up_days,
            other_currencies=other_currencies,
            repeated_ids=repeated_ids,
        )
        request = _request(named, amount_unit, decimals, date_format)
        with bar("orders", None, progress) as report, stream_of(table) as stream:
            return cls._built(_regulars.History.from_stream(stream, request, encode(chosen), report))

    @classmethod
    def from_csv(
        cls,
        source: str | os.PathLike[str] | bytes | IO[Any],
        *,
        currency: str | Currency | None = None,
        decimals: int | None = None,
        zone: str | Zone | None = None,
        policy: str | OrderPolicy | Mapping[str, Any] = "strict",
        observed_until: Date | None = None,
        history_starts: Date | None = None,
        warm_up_days: int = 365,
        other_currencies: Literal["refuse", "leave_out"] = "refuse",
        repeated_ids: Literal["refuse", "keep_last"] = "refuse",
        customer: str | None = None,
        placed_at: str | None = None,
        amount: str | None = None,
        email: str | None = None,
        order_id: str | None = None,
        refunded: str | None = None,
        refunded_on: str | None = None,
        status: str | None = None,
        currency_column: str | None = None,
        cost: str | None = None,
        discount: str | None = None,
        channel: str | None = None,
        guest: str | None = None,
        date_format: str | None = None,
        decimal_comma: bool | None = None,
        amount_basis: Literal["net_sales", "total"] = "net_sales",
        progress: bool | None = None,
    ) -> OrderHistory:
        """Read a file of orders: Shopify's `orders_export.csv`, an order export of WooCommerce, or any CSV with a row per order.

        `source` is a path, the bytes of a file, or a file that is open. Shop systems are recognised by the header, and the
        names of columns are guessed; where one is named here, the file is read as a plain CSV. `guest` is the value in the
        customer column that means nobody. `amount_basis` says what the amount of a Shopify order is: goods before tax and
        shipping, or the total. The rest is as in `from_table`.
        """
        named = {
            "customer": customer,
            "placed_at": placed_at,
            "amount": amount,
            "email": email,
            "order_id": order_id,
            "refunded": refunded,
            "refunded_on": refunded_on,
            "status": status,
            "currency": currency_column,
            "cost": cost,
            "discount": discount,
            "channel": channel,
            "guest": guest,
        }
        given = {name: value for name, value in named.items() if value is not None}
        chosen = {
            **_history_options(
                currency=currency,
                zone=zone,
                policy=policy,
                observed_until=observed_until,
                history_starts=history_starts,
                warm_up_days=warm_up_days,
                other_currencies=other_currencies,
                repeated_ids=repeated_ids,
            ),
            **options(
                decimals=decimals,
                mapping=column_names(given) or None,
                date_format=date_format,
                decimal_comma=decimal_comma,
                amount=amount_basis,
            ),
        }
        if currency is not None:
            call("currency", currency=currency_text(currency).partition(":")[0])
        if amount_basis not in ("net_sales", "total"):
            raise error("invalid_option", f"`amount_basis`: expected one of `net_sales`, `total`, not {amount_basis!r}")
        file, size = _source(source)
        with bar("B", size, progress) as report:
            return cls._built(_regulars.History.from_csv(file, encode(chosen), report))

    def append(
        self,
        table: object,
        *,
        customer: str | None = None,
        placed_at: str | None = None,
        amount: str | None = None,
        email: str | None = None,
        order_id: str | None = None,
        refunded: str | None = None,
        refunded_on: str | None = None,
        status: str | None = None,
        cost: str | None = None,
        discount: str | None = None,
        channel: str | None = None,
        currency_column: str | None = None,
        decimals: int | None = None,
        amount_unit: Literal["minor", "major"] | None = None,
        date_format: str | None = None,
        progress: bool | None = None,
    ) -> OrderHistory:
        """Give the same history with more orders, under the same options. The columns are as in `from_table`.

        An order whose id is known counts once if it is the same, and is an error if it differs.
        """
        named = {
            "customer": customer,
            "placed_at": placed_at,
            "amount": amount,
            "email": email,
            "order_id": order_id,
            "refunded": refunded,
            "refunded_on": refunded_on,
            "status": status,
            "cost": cost,
            "discount": discount,
            "channel": channel,
            "currency": currency_column,
        }
        request = _request(named, amount_unit, decimals, date_format)
        with bar("orders", None, progress) as report, stream_of(table) as stream:
            return self._built(self._history.append(stream, request, report), self.notes)

    def merge(self, other: OrderHistory) -> OrderHistory:
        """Give one history of the orders of two. Where both name the end of their observation, the later one holds."""
        core = self._history.merge(core_of(other))
        notes = [*self.notes, *(note for note in other.notes if note not in self.notes)]
        return self._of(core, self.source, self.columns, notes)

    def observe_until(self, end: Date | None) -> OrderHistory:
        """Give the history as it was known on a day; `None` for the day after the last order."""
        history = self._history.observe_until(None if end is None else day(end))
        return self._of(history, self.source, self.columns, self.notes)

    def with_customers(self, customers: Iterable[Customer | Mapping[str, Any]] | Frame) -> OrderHistory:
        """Give the same history with facts on customers. Those without an order become prospects.

        A fact is a `Customer`, or a dictionary with its fields: `key`, `acquired_on`, `acquisition_cost`, `channel`,
        `referred_by`, `complaints`; or they are a table of pandas, polars or pyarrow with columns of these names. A cost that is
        a number is one of the history's currency.
        """
        facts = records("customers", Customer, customers)
        for at, fact in enumerate(facts):
            for name in ("key", "referredBy"):
                given = fact.get(name)
                # As in a column of orders.
                if isinstance(given, float) and not (given.is_integer() and abs(given) <= 2**53):
                    what = f"{float(given)!r} is no whole number: cast the column to text or to int64"
                    raise error("unsupported_type", f"`customers[{at}].{name}`: {what}")
                if isinstance(given, (int, float)):
                    fact[name] = customer_text(given)
            # What pandas makes of whole numbers of which some are missing.
            complaints = fact.get("complaints")
            if isinstance(complaints, float) and complaints.is_integer():
                fact["complaints"] = int(complaints)
            if isinstance(fact.get("acquiredOn"), str):
                fact["acquiredOn"] = fact["acquiredOn"].removesuffix("T00:00:00")
            self._price(fact, "acquisitionCost")
        history = self._history.with_customers(dumps(facts))
        return self._of(history, self.source, self.columns, self.notes)

    def _price(self, record: dict[str, Any], name: str) -> None:
        """Make a plain number of a record money of the history's currency."""
        if isinstance(record.get(name), (int, float, Decimal)):
            record[name] = Money(record[name], self.options["currency"]).to_dict()

    # --- what it holds ---

    def _call(self, name: str, /, **arguments: Any) -> _regulars.Outcome:
        return self._history.call(name, encode(arguments))

    def _value(self, name: str, /, **arguments: Any) -> Any:
        return value_of(self._call(name, **arguments))

    @property
    def summary(self) -> Summary:
        """What it holds, what it left out and why, and what was inferred."""
        return Summary._of(self._call("history.summary"))

    @property
    def span(self) -> Period:
        """From the day of the first order to the end of the observation."""
        return Period._from_object(self._value("history.span"))

    @property
    def observed_until(self) -> date:
        """The day on which observation ends, itself no longer observed."""
        return date.fromisoformat(self._value("history.observed_until"))

    @property
    def left_out(self) -> list[LeftOutOrder]:
        """The orders that do not count, each with its reason."""
        return [LeftOutOrder._from_object(order) for order in self._value("history.left_out")]

    @property
    def customer_facts(self) -> list[Customer]:
        """The facts on customers that were given."""
        return [Customer._from_object(fact) for fact in self._value("history.customers")]

    @property
    def options(self) -> dict[str, Any]:
        """The rules under which orders became this history."""
        chosen: dict[str, Any] = self._value("history.options")
        return chosen

    def orders_of(self, customer: CustomerId) -> list[RecordedOrder]:
        """List the orders of one customer; none where nobody is known by the name."""
        return [RecordedOrder._from_object(order) for order in self._value("history.orders_of", customer=customer_text(customer))]

    def __eq__(self, other: object) -> bool:
        """Tell whether two histories hold the same."""
        return isinstance(other, OrderHistory) and self._history == other._history

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Say what it holds."""
        summary = self.summary
        return (
            f"OrderHistory({summary.orders:,} orders of {summary.customers:,} customers, "
            f"{summary.span.start} to before {summary.span.end}, {summary.revenue})"
        )

    def __reduce__(self) -> Any:
        """Refuse: a history is as large as its table."""
        raise TypeError("an OrderHistory is not pickled: build it again from its table, or pickle its results")

    def __sizeof__(self) -> int:
        """Count the bytes of memory."""
        return self._history.__sizeof__()

    # --- metrics ---

    def during(self, start: PeriodLike | Date, end: Date | None = None) -> Window:
        """Look at one period: `during(2024)`, `during("2024-Q3")`, `during("2024-05")`, or from a day to before another."""
        period = as_period(day(start) if isinstance(start, date) else start) if end is None else _between(start, end)
        window = Window(self, period)
        # A period that nothing can be asked about is refused here and not at the first question.
        self._call("during.period", period=str(period))
        return window

    def timeline(self, grain: GrainName = "month") -> Timeline:
        """Give the metrics of buying, period by period."""
        return Timeline._of(self._call("timeline", grain=grain))

    def flow_timeline(self, grain: GrainName = "month", *, lapse_after: LapseAfter = 90) -> FlowTimeline:
        """Give who came, stayed and left, period by period."""
        chosen = options(lapse_after=lapse_after_json(lapse_after))
        return FlowTimeline._of(self._call("flow_timeline", grain=grain, options=chosen))

    def movement_timeline(self, grain: GrainName = "month") -> MovementTimeline:
        """Give what became of customers' revenue, period by period."""
        return MovementTimeline._of(self._call("movement_timeline", grain=grain))

    def time_between_purchases(self, *, bin_days: int = 7) -> TimeBetweenPurchases:
        """Tell how long customers take from purchase to purchase, with those who are still waiting."""
        return TimeBetweenPurchases._of(self._call("time_between_purchases", options=options(bin_days=bin_days)))

    def purchase_funnel(self, *, steps: int = 10, within_days: int = 90) -> PurchaseFunnel:
        """Tell how many customers go on from one purchase to the next."""
        chosen = options(steps=steps, within_days=within_days)
        return PurchaseFunnel._of(self._call("purchase_funnel", options=chosen))

    def time_to_second_purchase(
        self, *, days: Iterable[int] = (30, 60, 90, 180, 365), level: float = 0.95
    ) -> TimeToSecondPurchase:
        """Tell how soon a first purchase is followed by a second, by Kaplan–Meier."""
        chosen = options(days=listed("days", "whole numbers", days), level=level)
        return TimeToSecondPurchase._of(self._call("time_to_second_purchase", options=chosen))

    def concentration(self, *, top: Iterable[float] = (0.01, 0.05, 0.1, 0.2), revenue_share: float = 0.8) -> Concentration:
        """Tell how much of the revenue few customers bring."""
        chosen = options(top=listed("top", "shares", top), revenue_share=revenue_share)
        return Concentration._of(self._call("history.concentration", options=chosen))

    def spend_by_tenure(self, *, months_per_band: int = 1) -> SpendByTenure:
        """Tell what customers spend by months since their first purchase."""
        return SpendByTenure._of(self._call("spend_by_tenure", options=options(months_per_band=months_per_band)))

    def tenure_ratio(self, band: tuple[int, int], base: tuple[int, int]) -> TenureRatio:
        """Set what customers spend in one band of months since their first purchase against another."""
        return TenureRatio._of(self._call("tenure_ratio", band=band, base=base))

    def cohorts(self, grain: GrainName = "month", *, max_index: int | None = None) -> Cohorts:
        """Follow customers by the period of their first purchase, up to the index `max_index`."""
        return Cohorts._of(self._call("cohorts", options=options(grain=grain, max_index=max_index)))

    def rfm(
        self,
        *,
        bins: int = 5,
        days: int | None = None,
        period: PeriodLike | None = None,
        recency_breaks: Sequence[int] | None = None,
        frequency_breaks: Sequence[int] | None = None,
        monetary_breaks: Sequence[Money | Amount] | None = None,
        breaks: RfmBreaks | None = None,
        grid: RfmGrid | Iterable[Iterable[str]] | None = None,
    ) -> Rfm:
        """Score every buyer's recency, frequency and monetary value from 1 to `bins`, the best.

        Of all purchases, or those of the last `days` or of a `period`. Customers are ranked, or scored by fixed breaks: those
        of an earlier analysis as `breaks=earlier.breaks`.
        """
        if days is not None and (isinstance(days, bool) or not hasattr(days, "__index__")):
            raise error("invalid_option", f"`days`: expected a whole number, not {days!r}")
        _either(days=days, period=period)
        for name, given in (
            ("recency_breaks", recency_breaks),
            ("frequency_breaks", frequency_breaks),
            ("monetary_breaks", monetary_breaks),
        ):
            _either(breaks=breaks, **{name: given})
        window = {"days": days} if days is not None else {"period": as_period(period)} if period is not None else "all"
        if breaks is not None:
            if not isinstance(breaks, RfmBreaks):
                raise error("invalid_option", f"`breaks`: expected RfmBreaks, such as rfm.breaks, not {breaks!r}")
            recency_breaks, frequency_breaks, monetary_breaks = breaks.recency, breaks.frequency, breaks.monetary
        money = None
        if monetary_breaks is not None:
            code = self.options["currency"]
            amounts = listed("monetary_breaks", "amounts", monetary_breaks)
            money = [at if isinstance(at, Money) else Money(at, code) for at in amounts]
        names = None
        if grid is not None:
            rows = grid.rows if isinstance(grid, RfmGrid) else listed("grid", "lists of names", grid)
            names = [listed("grid", "names", row) for row in rows]
        chosen = options(
            bins=bins,
            window=plain(window),
            recency_breaks=None if recency_breaks is None else listed("recency_breaks", "days", recency_breaks),
            frequency_breaks=None if frequency_breaks is None else listed("frequency_breaks", "numbers", frequency_breaks),
            monetary_breaks=money,
            grid=names,
        )
        return Rfm._of(self._call("rfm", options=chosen))

    def customers(self, *, horizon_days: int | None = None, at_risk: int = 20, gaps_per_fifth: int = 50) -> CustomerProfiles:
        """Give a table of what is known of every customer: purchases, revenue, pace, and when the next one is expected."""
        chosen = options(horizon_days=horizon_days, at_risk=at_risk, gaps_per_fifth=gaps_per_fifth)
        return CustomerProfiles._of(self._call("customer_profiles", options=chosen))

    def outlook(self, *, horizon_days: int | None = None, at_risk: int = 20, gaps_per_fifth: int = 50) -> Outlook:
        """Tell how likely it is that a customer buys again: what those did who had bought as often and waited as long."""
        chosen = options(horizon_days=horizon_days, at_risk=at_risk, gaps_per_fifth=gaps_per_fifth)
        return Outlook._of(self._call("outlook", options=chosen))

    def stage(self) -> ShopStage:
        """Tell how far the shop has come, and what to weigh at that."""
        return ShopStage._of(self._call("stage"))

    def returns(self) -> Returns:
        """Tell what comes back of what was sold, and whether customers with a return buy again."""
        return Returns._of(self._call("returns"))

    def historic_value(self) -> HistoricValue:
        """Tell what customers have brought so far: no forecast."""
        return HistoricValue._of(self._call("historic_value"))

    def historic_value_of(self, customer: CustomerId) -> Money | None:
        """Tell what one customer has brought so far; `None` where nobody is known by the name."""
        found = self._value("historic_value_of", customer=customer_text(customer))
        return None if found is None else Money._from_object(found)

    def payback(self, *, acquisition_cost: float, margin: float) -> ObservedPayback:
        """Tell in which month the average customer has brought what it cost to win one."""
        return ObservedPayback._of(self._call("payback", acquisition_cost=acquisition_cost, margin=margin))

    def report(
        self,
        *,
        period: PeriodLike | None = None,
        grain: GrainName = "month",
        lapse_after: LapseAfter = 90,
        cohort_index: int = 12,
    ) -> Report:
        """Give everything at once.

        Headline figures are those of `period`, beside the one before; left out, the last 12, 6, 3 or 1 complete months, the
        most of which the history holds twice.
        """
        chosen = options(
            period=None if period is None else as_period(period),
            grain=grain,
            lapse_after=lapse_after_json(lapse_after),
            cohort_index=cohort_index,
        )
        return Report._of(self._call("history.report", options=chosen))


class Window:
    """One period of a history: `history.during("2024")`."""

    period: Period
    """The period."""
    _history: OrderHistory

    def __init__(self, history: OrderHistory, period: Period) -> None:
        """Look at a period of a history."""
        self._history, self.period = history, period

    def __repr__(self) -> str:
        """Say which period it is."""
        return f"Window({self.period.start} to before {self.period.end})"

    def _call(self, name: str, /, **arguments: Any) -> _regulars.Outcome:
        return self._history._call(f"during.{name}", period=str(self.period), **arguments)

    def buying(self) -> Buying:
        """Give all metrics of buying."""
        return Buying._of(self._call("buying"))

    def repeat_customer_rate(self) -> Rate:
        """Give customers with at least two purchases in the period ÷ customers."""
        return Rate._of(self._call("repeat_customer_rate"))

    def returning_customer_rate(self) -> Rate:
        """Give customers with at least two purchases up to the period's end, whenever the first was ÷ customers."""
        return Rate._of(self._call("returning_customer_rate"))

    def existing_customer_share(self) -> Rate:
        """Give customers whose first purchase precedes the period ÷ customers."""
        return Rate._of(self._call("existing_customer_share"))

    def purchase_frequency(self) -> Average[int]:
        """Give purchases ÷ customers."""
        return Average._of(self._call("purchase_frequency"))

    def average_order_value(self) -> Average[Money]:
        """Give net revenue ÷ orders."""
        return Average._of(self._call("average_order_value"))

    def average_revenue_per_customer(self) -> Average[Money]:
        """Give net revenue of identified customers ÷ customers."""
        return Average._of(self._call("average_revenue_per_customer"))

    def revenue_split(self) -> RevenueSplit:
        """Tell where revenue and orders came from: first purchases, later ones, orders of nobody."""
        return RevenueSplit._of(self._call("revenue_split"))

    def customer_flow(self, *, lapse_after: LapseAfter = 90) -> CustomerFlow:
        """Tell how the active customers of the start became those of the end.

        `lapse_after` is how long after their last purchase customers are still called active: days, months as `"3 months"`,
        or `"from_rhythm"` to take it from the gaps between purchases.
        """
        chosen = options(lapse_after=lapse_after_json(lapse_after))
        return CustomerFlow._of(self._call("customer_flow", options=chosen))

    def repurchase_retention(self) -> RepurchaseRetention:
        """Tell how many of the buyers of the period before buy in this one."""
        return RepurchaseRetention._of(self._call("repurchase_retention"))

    def revenue_movements(self) -> RevenueMovements:
        """Tell what became of the revenue of the period before: expansion, contraction, churn, and the retention of revenue."""
        return RevenueMovements._of(self._call("revenue_movements"))

    def acquisition(self, costs: Iterable[MarketingCost | Mapping[str, Any]] | Frame = ()) -> Acquisition:
        """Tell through which channels new customers came, and what winning and keeping customers cost.

        A cost is a `MarketingCost`, or a dictionary with its fields; or they are a table of pandas, polars or pyarrow with
        columns of these names. One that is a number is one of the history's currency.
        """
        spent = records("costs", MarketingCost, costs)
        for cost in spent:
            self._history._price(cost, "cost")
        return Acquisition._of(self._call("acquisition", costs=spent))

    def referrals(self, *, invitations: int | None = None) -> Referrals:
        """Tell how many new customers came by a customer's referral; facts on customers say who referred whom."""
        return Referrals._of(self._call("referrals", options=options(invitations=invitations)))

    def engagement(
        self,
        events: EventLog | Iterable[Event | Mapping[str, Any]],
        *,
        zone: str | Zone | None = None,
        unknown_kinds: Literal["refuse", "leave_out"] | None = None,
    ) -> Engagement:
        """Tell what customers did beside buying: e-mails, visits, shares.

        `events` are an `EventLog`, or some in a list, each an `Event` or a dictionary with its fields. Of a list, times become
        days of `zone`, left out that of the history, and `unknown_kinds` are refused unless it says `"leave_out"`; a log was
        told both when it was made.
        """
        if not isinstance(events, EventLog):
            where = self._history.options["zone"] if zone is None else known_zone(zone)
            events = EventLog._of_events(events, options(zone=where, unknown_kinds=unknown_kinds))
        elif zone is not None or unknown_kinds is not None:
            raise error("invalid_option", "an EventLog has its zone and unknown_kinds already: EventLog.from_table takes them")
        return Engagement._of(self._history._history.engagement(str(self.period), events._log))

    def simple_value(self, lifespan: Lifespan) -> SimpleValue | None:
        """Give average order value × purchases per customer × lifespan, of the figures of the period; `None` of nobody."""
        return SimpleValue._maybe(self._call("simple_value", lifespan=lifespan))

    def profit_figures(self, *, margin: float, retention_rate: float) -> ProfitFigures | None:
        """Take what a customer brings in the period, to tell what a change of retention would do; `None` of nobody."""
        return ProfitFigures._maybe(self._call("profit_figures", margin=margin, retention_rate=retention_rate))


def _either(**given: object) -> None:
    """Refuse two options of which only one can hold."""
    if all(value is not None for value in given.values()):
        raise error("invalid_option", f"{' and '.join(f'`{name}`' for name in given)} exclude one another: give one of them")


def _between(start: PeriodLike | Date, end: Date) -> Period:
    if isinstance(start, Period):
        raise error("invalid_period", "a period already has its end")
    return Period(start, end)  # type: ignore[arg-type]


def _history_options(
    *,
    currency: str | Currency | None,
    zone: str | Zone | None,
    policy: str | OrderPolicy | Mapping[str, Any],
    observed_until: Date | None,
    history_starts: Date | None,
    warm_up_days: int,
    other_currencies: str,
    repeated_ids: str,
) -> dict[str, Any]:
    return options(
        currency=None if currency is None else currency_text(currency),
        zone=known_zone(zone),
        policy=in_camel_case(policy) if isinstance(policy, Mapping) else policy,
        observed_until=None if observed_until is None else day(observed_until),
        history_starts=None if history_starts is None else day(history_starts),
        warm_up_days=warm_up_days,
        other_currencies=other_currencies,
        repeated_ids=repeated_ids,
    )


def _request(named: Mapping[str, str | None], amount_unit: str | None, decimals: int | None, date_format: str | None) -> str:
    return encode(
        {
            "columns": column_names(named),
            "amount_unit": amount_unit,
            "decimals": decimals,
            "date_format": date_format,
        }
    )


def _source(source: str | os.PathLike[str] | bytes | IO[Any]) -> tuple[str | bytes, int | None]:
    if isinstance(source, bytes):
        return source, len(source)
    if isinstance(source, (str, os.PathLike)):
        # A file that is not there is Python's own error.
        return os.fspath(source), os.stat(source).st_size
    if not hasattr(source, "read"):
        raise ColumnError(
            f"a {type(source).__name__} is no file",
            "unsupported_type",
            remedy="Name the path of a file, or hand over its bytes; OrderHistory.from_table takes frames.",
        )
    content = source.read()
    content = content.encode() if isinstance(content, str) else content
    return content, len(content)
