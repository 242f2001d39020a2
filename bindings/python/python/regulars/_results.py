"""What calls give, as typed values. The names are those of JSON in snake case; every field says what it is."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from . import _html, _regulars
from ._errors import RegularsError
from ._result import Result, call, encode, options, value_of
from ._table import RowTable, Table
from ._values import (
    Average,
    Interval,
    Money,
    Period,
    Rate,
    Ratio,
    RfmGrid,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class CohortCell(Result):
    """What the customers of a cohort did in one period. `Cohorts.table` makes a reading of it."""

    complete: bool
    """Whether every customer of the cohort was observed through the whole of the period. What stands in a cell that is
    incomplete will grow, and is left out of tables and averages."""
    returned_in: int
    """Customers who bought in it."""
    returned_by: int
    """Customers whose second purchase lies in it or before."""
    returned_from: int
    """Customers who bought in it or later."""
    active_every: int
    """Customers who bought in it and in every period before."""
    purchases: int
    """Purchases in it."""
    orders: int
    """Orders in it."""
    revenue: Money
    """Net revenue in it, credit notes of its days included. A credit note from before the first purchase stands in index
    0."""


@dataclass(frozen=True)
class Cohort(Result):
    """The customers who first bought in one period."""

    period: Period
    """The period of the first purchase."""
    complete: bool
    """Whether observation lasted to its end; new customers may still join a cohort that is incomplete."""
    size: int
    """How many customers. No denominator is ever smaller than this."""
    cells: tuple[CohortCell, ...]
    """What they did by index; index 0 is the period of acquisition."""


@dataclass(frozen=True, repr=False)
class Cohorts(Table):
    """What customers do after their first purchase, by the period of that: all counts of which every reading is made."""

    grain: str
    """The size of cohorts and periods."""
    currency: str
    """The currency of all amounts."""
    observed_until: date
    """The day on which observation ends, itself no longer observed."""
    cohorts: tuple[Cohort, ...]
    """The cohorts, in time."""
    warm_up_customers: int
    """Customers in no cohort: their first known purchase falls into the warm-up (`history_starts`), so that nobody knows
    when they first bought."""
    warm_up_revenue: Money
    """Their net revenue."""

    def table(self, reading: str = "returned_in", measure: str = "rate") -> CohortTable:
        """Read the cohorts one way.

        `reading` is `returned_in`, `returned_by`, `returned_from` or `active_every`; `measure` is `rate`, `customers`,
        `rate_of_previous`, `purchases`, `revenue`, `revenue_per_customer` or `average_order_value`.
        """
        return CohortTable._of(self._core().call("table", encode({"reading": reading, "measure": measure})))

    def _repr_html_(self) -> str:
        return _html.cohort_table(self.table())

    def plot(self, reading: str = "returned_in", measure: str = "rate", ax: Axes | None = None) -> Axes:
        """Draw the heat map of a reading with matplotlib."""
        return self.table(reading, measure).plot(ax)


CohortValue = int | Money | Rate | Average[int] | Average[Money]
"""A cell of a table of cohorts: a count, an amount, a share or a mean, as the measure has it."""


def _cohort_value(value: Any) -> CohortValue | None:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "amount" in value:
        return Money._from_object(value)
    return Rate._from_object(value) if "interval" in value else Average._from_object(value)


@dataclass(frozen=True)
class CohortRow(Result):
    """One cohort of a `CohortTable`."""

    period: Period
    """The period of the first purchase."""
    complete: bool
    """Whether observation lasted to its end."""
    size: int
    """How many customers."""
    cells: tuple[CohortValue | None, ...]
    """By index. `None` where the cell is not complete: never 0 for what has not happened yet."""

    def _fill(self, value: Any) -> None:
        super()._fill(value)
        self.__dict__["cells"] = tuple(map(_cohort_value, value["cells"]))


@dataclass(frozen=True, repr=False)
class CohortTable(Table):
    """One reading of cohorts by one measure. It prints with a row per cohort and a column per index, as `rows` and `values()`
    have it; as a table it has a row per cell."""

    reading: str
    """Which customers are counted."""
    measure: str
    """What is said of them."""
    grain: str
    """The size of cohorts and periods."""
    rows: tuple[CohortRow, ...]
    """The cohorts, in time."""
    pooled: tuple[CohortValue | None, ...]
    """The mean of each index over the cohorts whose cell there is complete: numerators and denominators summed, then
    divided. Counts and revenue are averaged per cohort. `None` where no cell is complete."""

    def _fill(self, value: Any) -> None:
        super()._fill(value)
        self.__dict__["pooled"] = tuple(map(_cohort_value, value["pooled"]))

    def values(self) -> list[list[float | None]]:
        """Give the cells as numbers, row by row."""
        found: list[list[float | None]] = value_of(self._core().call("values", ""))
        return found

    def __str__(self) -> str:
        """Give the cells with a row per cohort and a column per index, as far as a line holds them."""
        try:
            return str(value_of(self._core().call("text", "")))
        except RegularsError:
            return repr(self)  # It was read back.

    def _repr_html_(self) -> str:
        return _html.cohort_table(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the heat map with matplotlib."""
        from . import _plot

        return _plot.cohort_table(self, ax)


@dataclass(frozen=True)
class RevenuePart(Result):
    """Revenue and orders of one part of a `RevenueSplit`."""

    revenue: Money
    """Net revenue."""
    orders: int
    """Orders."""
    share: float | None
    """Its share of the total revenue; `None` where that is not positive."""


@dataclass(frozen=True)
class RevenueSplit(Result):
    """Where the revenue and the orders of a period came from. The parts sum to the whole."""

    first: RevenuePart
    """Customers' first purchases ever."""
    warm_up: RevenuePart
    """The first purchases in the books of customers who may have bought before the books begin (`history_starts`)."""
    later: RevenuePart
    """Customers' later purchases."""
    unidentified: RevenuePart
    """Orders of nobody."""
    credits: RevenuePart
    """Money of customers that belongs to no purchase: credit notes, and orders that were paid back in full on another
    day."""
    total: RevenuePart
    """All of it."""


@dataclass(frozen=True)
class Buying(Result):
    """The metrics of buying in one period."""

    period: Period
    """The period."""
    complete: bool
    """Whether observation lasted to its end. Figures of an incomplete period are not comparable with others."""
    reaches_back: bool
    """Whether the books reach back to the start of the equally long period before. Where not, customers who had bought
    before the books begin count as new, and figures that depend on the past (new and returning customers) cannot be compared
    with those of later periods."""
    customers: int
    """Customers with a purchase in the period."""
    new_customers: int | None
    """Of these, those whose first purchase ever lies in the period; `None` where there are `warm_up_customers`."""
    warm_up_customers: int
    """Of these, those whose first purchase in the books lies in the period, while the books were warming up
    (`history_starts`): whether it is their first, nobody knows."""
    purchases: int
    """Purchases: a customer's orders of one day are one."""
    orders: int
    """Orders, those of nobody included."""
    revenue: Money
    """Net revenue: orders less refunds and credit notes."""
    repeat_customer_rate: Rate
    """Customers with at least two purchases in the period ÷ customers."""
    returning_customer_rate: Rate
    """Customers with at least two purchases up to the period's end, whenever the first was ÷ customers; without a value
    where there are `warm_up_customers`."""
    existing_customer_share: Rate
    """Customers whose first purchase precedes the period ÷ customers; without a value where there are
    `warm_up_customers`."""
    purchase_frequency: Average[int]
    """Purchases ÷ customers."""
    average_order_value: Average[Money]
    """Net revenue ÷ orders, refunds taken off their orders whenever they were paid: money that comes and goes by the
    date of a refund is not that of the orders counted here."""
    average_revenue_per_customer: Average[Money]
    """Net revenue of identified customers ÷ customers, refunds taken off their orders likewise. Revenue of nobody has no
    customer to be divided by."""
    revenue_split: RevenueSplit
    """Where revenue and orders came from."""


@dataclass(frozen=True, repr=False)
class Timeline(Table):
    """The metrics of buying, period by period."""

    grain: str
    """The size of the periods."""
    periods: tuple[Buying, ...]
    """The periods, which follow each other without a gap."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw customers and revenue by period with matplotlib."""
        from . import _plot

        return _plot.timeline(self, ax)


@dataclass(frozen=True)
class TopCustomers(Result):
    """Some of the best customers, and what they bring."""

    asked: float
    """The share that was asked for: of customers in `Concentration.top`, of revenue in `Concentration.fewest`."""
    customers: int
    """How many they are."""
    customer_share: float | None
    """Their share of the customers; `None` where there are none."""
    revenue: Money
    """Their revenue."""
    revenue_share: float | None
    """Their share of the revenue; `None` where there is none."""


@dataclass(frozen=True)
class LorenzPoint(Result):
    """A point of a Lorenz curve."""

    customer_share: float
    """This share of the customers, those who bring least first …"""
    revenue_share: float
    """… brings this share of the revenue."""


@dataclass(frozen=True, repr=False)
class Concentration(Table):
    """How much of the revenue comes from how few customers."""

    customers: int
    """Customers with a purchase."""
    revenue: Money
    """Their revenue, totals below 0 taken as 0: the whole of which all shares here are parts."""
    floored: int
    """Customers whose total is below 0."""
    floored_revenue: Money
    """What these come to, 0 or less: `revenue` + `floored_revenue` is the customers' net revenue."""
    top: tuple[TopCustomers, ...]
    """The best customers, a group for each share that was asked for (`top`): ⌈n·p⌉ of n customers."""
    fewest: TopCustomers | None
    """The fewest customers who make at least the share asked for (`revenue_share`) of the revenue; `None` where there is
    no revenue."""
    gini: float | None
    """The coefficient of Gini: 0 where all customers bring the same, near 1 where one brings it all; `None` where there
    is no revenue."""
    lorenz: tuple[LorenzPoint, ...]
    """The Lorenz curve, from (0, 0) to (1, 1): every customer up to 100 of them, beyond that the 101 points at ⌊n·k ÷
    100⌋ customers, exact at each; empty where there is no revenue."""

    def _facts(self) -> list[tuple[str, str]]:
        best = [
            (f"best {100 * top.asked:g} %", f"{top.customers:,} customers bring {100 * top.revenue_share:.1f} % of the revenue")
            for top in self.top
            if top.revenue_share is not None
        ]
        return [*super()._facts(), *best]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the Lorenz curve with matplotlib."""
        from . import _plot

        return _plot.concentration(self, ax)


@dataclass(frozen=True)
class CustomerFlow(Result):
    """How the active customers of the start of a period became those of its end."""

    period: Period
    """The period."""
    complete: bool
    """Whether observation lasted to its end."""
    until: date
    """The day at whose start the end is counted: the period's end, or that of the observation where it is earlier.
    Whoever may still buy in the rest of the period is not yet called lapsed."""
    reaches_back: bool
    """Whether the books reach back as far as `lapse_after` before the period. Where not, customers who bought before the
    books began are missing in `at_start`, and nobody can have lapsed yet."""
    lapse_after: dict[str, int] | str
    """What was taken for active, in days where it came from the rhythm."""
    at_start: int
    """Customers active at the start."""
    new: int
    """Active at the end, whose first purchase ever lies in the period."""
    reactivated: int
    """Lapsed at the start and active at the end."""
    churned: int
    """Active at the start and lapsed at the end."""
    at_end: int
    """Customers active at the end."""
    lapsed_at_start: int
    """Customers who had bought before the start and were no longer active there."""
    new_and_gone: int
    """First purchase ever in the period, and lapsed by its end. Not in `new`, nor in `churned`."""
    back_and_gone: int
    """Lapsed at the start, bought in the period and lapsed again by its end. Not in `reactivated`."""
    lapsed_and_back: int
    """Of those active at the start and at the end, those who had lapsed in between. Not in `churned`, nor in
    `reactivated`."""
    reactivated_in_warm_up: int
    """Of the `reactivated`, those whose first known purchase lies in the period but who are not called new because the
    books were warming up (`history_starts`)."""
    retention_rate: Rate
    """Of the customers active at the start, those active at the end ÷ `at_start`."""
    retention_rate_by_headcount: Ratio[int]
    """(`at_end` − `new`) ÷ `at_start`, the textbook formula on headcounts. Reactivated customers inflate it: it may
    exceed 1. Prefer `retention_rate`."""
    churn_rate: Rate
    """`churned` ÷ `at_start` = 1 − `retention_rate`."""
    reactivation_rate: Rate
    """Of the customers lapsed at the start, those active at the end ÷ `lapsed_at_start`. Those of the warm-up are not
    among them."""

    def _repr_html_(self) -> str:
        return _html.flow(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how the customers of the start became those of the end, with matplotlib."""
        from . import _plot

        return _plot.flow(self, ax)


@dataclass(frozen=True, repr=False)
class FlowTimeline(Table):
    """The flow of customers, period by period: what is `at_end` of one is `at_start` of the next."""

    grain: str
    """The size of the periods."""
    periods: tuple[CustomerFlow, ...]
    """The periods, which follow each other without a gap."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw who came, stayed and left by period with matplotlib."""
        from . import _plot

        return _plot.flow_timeline(self, ax)


@dataclass(frozen=True)
class RepurchaseRetention(Result):
    """How many of the buyers of one period buy in the next, equally long one."""

    period: Period
    """The period."""
    previous: Period
    """The one before it, `Period.before`."""
    complete: bool
    """Whether observation lasted to the period's end. Before that the rate is too low."""
    reaches_back: bool
    """Whether the books reach back to the start of the previous period."""
    rate: Rate
    """Buyers of the previous period who buy in this one ÷ buyers of the previous period."""


@dataclass(frozen=True)
class Returns(Result):
    """What comes back of what was sold, and whether customers with a return buy again."""

    by_orders: Rate
    """Orders of which money was paid back ÷ orders. Both hold the orders that were paid back in full, which are no
    purchases, and the orders of nobody. Credit notes name no order and are not in it."""
    by_value: Ratio[Money]
    """What was paid back on orders ÷ the amounts of all orders before refunds."""
    credit_notes: int
    """Credit notes, those of nobody included."""
    by_value_with_credit_notes: Ratio[Money]
    """What was paid back on orders and by credit notes ÷ the amounts of all orders before refunds. It can exceed 1,
    where credit notes are for orders before the books begin."""
    bought_again_after_return: Rate
    """Customers with a return who bought on a day after their first one ÷ customers with a return. The day of a return
    is that of the refund, of its order where that is not known, or of the credit note. Who has credit notes but never
    an order is no customer."""
    bought_again_without_return: Rate
    """Customers without a return who bought on at least two days ÷ customers without a return."""


@dataclass(frozen=True)
class RevenueMovements(Result):
    """How customers' revenue of one period became that of the next, equally long one."""

    period: Period
    """The period."""
    previous: Period
    """The one before it, `Period.before`."""
    complete: bool
    """Whether observation lasted to the period's end. Before that, revenue yet to come is missing in `now` and counts as
    lost."""
    reaches_back: bool
    """Whether the books reach back to the start of the previous period."""
    before: Money
    """Revenue of the previous period."""
    now: Money
    """Revenue of the period."""
    change: Money
    """`now` − `before`."""
    new: Money
    """Of customers whose first purchase ever lies in the period and who were not worth anything before it."""
    expansion: Money
    """What customers with revenue in both periods spend more."""
    contraction: Money
    """What customers with revenue in both periods spend less, as a positive amount."""
    churned: Money
    """What customers with revenue before and none now spend less, as a positive amount. It exceeds what they spent where
    more goes back to them now than they pay."""
    reactivated: Money
    """Of all other customers without revenue in the previous period: they had bought earlier, or are first seen in the
    warm-up and may have. Credit notes to customers with revenue in neither period are in it, so it may be negative."""
    gross_revenue_retention: Ratio[Money]
    """Σ min(now, before) ÷ Σ before, over the customers with revenue before. At most 1; negative only where more goes
    back to them than they pay."""
    net_revenue_retention: Ratio[Money]
    """Σ now ÷ Σ before, over the same customers. Above 1 where those who stay spend more than those who leave took away.
    """
    revenue_churn_rate: Ratio[Money]
    """(`churned` + `contraction`) ÷ Σ before = 1 − `gross_revenue_retention`."""
    quick_ratio: Ratio[Money]
    """(`new` + `expansion` + `reactivated`) ÷ (`churned` + `contraction`)."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how the revenue before became that of now, with matplotlib."""
        from . import _plot

        return _plot.movements(self, ax)


@dataclass(frozen=True, repr=False)
class MovementTimeline(Table):
    """The movements of revenue, period by period, each beside the one before."""

    grain: str
    """The size of the periods."""
    periods: tuple[RevenueMovements, ...]
    """The periods, which follow each other without a gap."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the movements of revenue by period with matplotlib."""
        from . import _plot

        return _plot.movement_timeline(self, ax)


@dataclass(frozen=True)
class TenureBand(Result):
    """What customers spend in a band of months since their first purchase."""

    first_month: int
    """Its first month; 1 begins with the first purchase."""
    last_month: int
    """Its last month."""
    active: Rate
    """Those of the customers observed through the whole band who bought in it ÷ these customers."""
    purchases: int
    """Purchases in it."""
    revenue: Money
    """Net revenue in it; credit notes count on their date."""
    revenue_per_active_customer: Average[Money]
    """Revenue ÷ customers who bought in it; `None` where none did, or credit notes outweigh what they bought."""
    revenue_per_original_customer: Average[Money]
    """Revenue ÷ customers observed through the whole band, whether or not they still buy: it never shrinks to the
    survivors. `None` where credit notes outweigh it."""


@dataclass(frozen=True, repr=False)
class SpendByTenure(Table):
    """What customers spend by months since their first purchase."""

    bands: tuple[TenureBand, ...]
    """The bands, from month 1 to the last that a customer was observed through."""
    customers: int
    """Customers whose first purchase is believed to be one."""
    unknown_tenure: int
    """Customers who are left out, because their first known purchase falls into the warm-up of the books
    (`history_starts`): nobody knows how long they have been customers."""
    outside: Money
    """Net revenue of identified customers that lies in no band: of bands not yet observed to their end, of customers of
    unknown tenure or without a purchase, and credit notes before a first purchase. With the bands it sums to the net
    revenue of all customers."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw revenue per original customer by months since the first purchase with matplotlib."""
        from . import _plot

        return _plot.spend_by_tenure(self, ax)


@dataclass(frozen=True)
class TenureRatio(Result):
    """What the same customers spend in two bands of months since their first purchase."""

    band: TenureBand
    """The one band."""
    base: TenureBand
    """The other, of the same customers: those observed through both."""
    per_active_customer: float | None
    """Revenue per active customer in the one ÷ in the other; `None` where either has no value or the latter is not
    positive."""
    per_original_customer: float | None
    """The same of revenue per original customer."""


@dataclass(frozen=True)
class GapBin(Result):
    """One bar of the histogram of `TimeBetweenPurchases`."""

    start: int
    """The shortest gap in it, in days."""
    end: int
    """The shortest gap that is no longer in it."""
    gaps: int
    """How many gaps."""


@dataclass(frozen=True)
class SurvivalStep(Result):
    """One day of a `KaplanMeier` estimate."""

    day: int
    """The day, counted from the start of each subject's watch."""
    at_risk: int
    """Subjects that were watched for at least so many days and without the event before."""
    events: int
    """Events on this day."""
    censored: int
    """Subjects whose watch ended after this day without the event."""
    survival: float
    """The share without the event through this day, which holds until the next step."""
    interval: Interval | None
    """The interval of that share. `None` where it is 0 or 1: Greenwood's variance says nothing there."""


@dataclass(frozen=True, repr=False)
class KaplanMeier(Table):
    """The estimate of Kaplan and Meier (1958): the share for whom the event has not happened by a day, counting those
    who were watched for a while only for as long as they were watched."""

    subjects: int
    """How many were watched."""
    events: int
    """For how many of them the event happened."""
    steps: tuple[SurvivalStep, ...]
    """The days on which an event happened or a watch ended, in ascending order."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve with its band with matplotlib."""
        from . import _plot

        return _plot.kaplan_meier(self, ax)

    def _core(self) -> _regulars.Outcome:
        # What a curve says on a day follows from its steps alone.
        if self._outcome is None:
            last = self.steps[-1].day if self.steps else 0
            events, censored = [0] * (last + 1), [0] * (last + 1)
            for step in self.steps:
                events[step.day], censored[step.day] = step.events, step.censored
            levels = [step.interval.level for step in self.steps if step.interval is not None]
            durations = {"events": events, "censored": censored}
            self.__dict__["_outcome"] = call("kaplan_meier", durations=durations, level=next(iter(levels), None))
        assert self._outcome is not None
        return self._outcome

    def _ask(self, name: str, /, **arguments: Any) -> Any:
        return value_of(self._core().call(name, encode(arguments)))

    def survival(self, day: int) -> float | None:
        """Give the share without the event through a day; `None` beyond what was watched."""
        found: float | None = self._ask("survival", day=day)
        return found

    def interval(self, day: int) -> Interval | None:
        """Give the interval of that share; `None` where it is 0 or 1."""
        found = self._ask("interval", day=day)
        return None if found is None else Interval._from_object(found)

    def at_risk(self, day: int) -> int:
        """Count who was watched for at least so many days without the event before."""
        return int(self._ask("at_risk", day=day))

    def quantile(self, p: float) -> int | None:
        """Give the first day by which the event has happened for a share; `None` where it has not for so many."""
        found: int | None = self._ask("quantile", p=p)
        return found

    def median(self) -> int | None:
        """Give the first day by which the event has happened for half."""
        found: int | None = self._ask("median")
        return found


@dataclass(frozen=True, repr=False)
class TimeBetweenPurchases(Table):
    """The gaps in days between consecutive purchases, and what they say of those who are still waiting."""

    customers: int
    """Customers with a purchase. Each has one open gap: the days of silence since the last."""
    one_time_customers: int
    """Customers with exactly one purchase. They have no gap, which is not a gap of 0."""
    gaps: int
    """Gaps between two purchases: purchases − customers."""
    mean: Average[int]
    """Days between purchases ÷ gaps. Of the gaps that have ended, so that it is too short where customers are young."""
    median: int | None
    """The median of the gaps that have ended."""
    p80: int | None
    """Their 80th percentile."""
    p90: int | None
    """Their 90th percentile."""
    corrected_median: int | None
    """The median with those who still wait: the first day by which half of all purchases have been followed by another,
    by Kaplan–Meier. `None` where that many have not been."""
    corrected_p80: int | None
    """The same for 80 %: the shop's rhythm."""
    corrected_p90: int | None
    """The same for 90 %."""
    histogram: tuple[GapBin, ...]
    """The gaps that have ended, by their length, from 1 day to the longest."""
    curve: KaplanMeier
    """The share of purchases that no other has followed, by the days since; open gaps are censored."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the gaps between purchases with matplotlib."""
        from . import _plot

        return _plot.time_between_purchases(self, ax)


@dataclass(frozen=True)
class FunnelStep(Result):
    """One step of a `PurchaseFunnel`."""

    purchases: int
    """k, the number of purchases."""
    next: Rate
    """Customers with at least k + 1 purchases ÷ customers with at least k. It rises as time passes, and is low for
    purchases that few had the time to follow."""
    next_within: Rate
    """Of the customers observed for all of the days asked for after their k-th purchase, those whose next followed
    within them ÷ all of these. It does not depend on how long ago the purchases are."""


@dataclass(frozen=True, repr=False)
class PurchaseFunnel(Table):
    """How many customers go on from one purchase to the next."""

    within_days: int
    """How soon the next purchase had to follow in `FunnelStep.next_within`, in days."""
    steps: tuple[FunnelStep, ...]
    """One for each number of purchases that a customer has reached, up to the number asked for."""
    left_out: int
    """Customers left out because their first known purchase falls into the warm-up, so that their k-th purchase may not
    be the k-th."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw which share goes on from purchase to purchase with matplotlib."""
        from . import _plot

        return _plot.funnel(self, ax)

    def _repr_html_(self) -> str:
        return _html.funnel(self)


@dataclass(frozen=True)
class ReturnedBy(Result):
    """The share of customers that has returned by a day."""

    days: int
    """Days since the first purchase."""
    share: float | None
    """The share, 1 − S(days); `None` where nobody has been observed for as long."""
    interval: Interval | None
    """Its interval; `None` where the share is 0 or 1 as well, of which Greenwood's variance says nothing."""
    at_risk: int
    """Customers who were observed for at least so many days and had not returned before: how many the last bit of the
    share rests on."""


@dataclass(frozen=True, repr=False)
class TimeToSecondPurchase(Table):
    """How soon after their first purchase customers make the second, by Kaplan–Meier."""

    customers: int
    """Customers whose first purchase is believed to be one."""
    returned: int
    """Of these, those who have made a second purchase."""
    left_out: int
    """Customers left out because their first known purchase falls into the warm-up."""
    returned_by: tuple[ReturnedBy, ...]
    """The share that has returned by each of the days asked for."""
    median: int | None
    """The first day by which half of the customers have returned; `None` where that many have not."""
    curve: KaplanMeier
    """The share that has not returned, by the days since the first purchase; who has not yet is censored."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw which share has returned by which day with matplotlib."""
        from . import _plot

        return _plot.time_to_second_purchase(self, ax)


@dataclass(frozen=True)
class Customer(Result):
    """What a shop knows of a customer beside the orders. Every fact is optional."""

    key: str
    """Who it is, under the key that the orders carry."""
    acquired_on: date | None = None
    """The day on which the customer was won, such as the day of signing up."""
    acquisition_cost: Money | None = None
    """What it cost to win the customer."""
    channel: str | None = None
    """Through which channel the customer came."""
    referred_by: str | None = None
    """The customer who referred this one."""
    complaints: int = 0
    """How many times the customer has complained."""


@dataclass(frozen=True)
class RecordedOrder(Result):
    """An order as a history keeps it."""

    id: str | None
    """The shop's number of the order, where it was given."""
    placed_on: date
    """The day on which it was placed."""
    net: Money
    """Its amount less refunds."""
    is_purchase: bool
    """Whether it is a purchase and not a credit note."""


@dataclass(frozen=True)
class LeftOutOrder(Result):
    """An order that does not count, kept so that nothing is lost without a trace."""

    reason: str
    """Why it does not count."""
    id: str | None
    """The shop's number of the order."""
    customer: str | None
    """Who placed it."""
    placed_on: date
    """The day on which it was placed."""
    amount: Money
    """Its amount before refunds."""
    refunded: Money
    """How much of it was paid back."""
    refunded_on: date | None
    """On which day it was paid back, where that is known."""


@dataclass(frozen=True)
class Inference(Result):
    """Something that was inferred because it was not said."""

    _OPTIONAL = True

    kind: str
    """What: `observed_until`, `zone_is_utc`, `refunded_in_full`, `refunds_capped`, `refunds_after_observation`,
    `refunds_not_yet_made` or `refunds_without_date`."""
    date: str | None = None
    """The day, where it is one."""
    orders: int | None = None
    """How many orders, where it is about orders."""
    sentence: str = field(kw_only=True)
    """The same in a sentence."""

    def __str__(self) -> str:
        """Give the sentence."""
        return self.sentence


@dataclass(frozen=True)
class LeftOutCount(Result):
    """How many orders were left out for one reason."""

    reason: str
    """The reason."""
    orders: int
    """How many orders."""


@dataclass(frozen=True)
class Summary(Result):
    """What a history holds, what it left out and why, and what was inferred."""

    currency: str
    """The currency of all amounts."""
    policy: str
    """The preset of the policy, or `custom`."""
    zone: str | None
    """The time zone in which instants became days, where one was named."""
    span: Period
    """From the day of the first order given to the end of the observation."""
    warm_up: Period | None
    """The days whose first purchases are not believed to be first ones, where the shop is older than its books
    (`history_starts`)."""
    given: int
    """Orders that were given."""
    orders: int
    """Orders that count."""
    purchases: int
    """Orders that count, merged by customer and day; those of nobody are not merged and not among them."""
    customers: int
    """Customers with a purchase."""
    prospects: int
    """Everybody else who is known: by orders that do not count, by credit notes, or by facts."""
    credit_notes: int
    """Negative amounts that name no order."""
    repeated: int
    """Orders that came again with the same id and content, and were counted once."""
    superseded: int
    """Orders that came again later with the same id, and count as they came last (`repeated_ids="keep_last"`)."""
    left_out: tuple[LeftOutCount, ...]
    """Orders that do not count, by reason."""
    unidentified: Rate
    """Orders of nobody, out of the orders that count. They are in orders and revenue, never in a number of customers.
    """
    revenue: Money
    """Net revenue: the amounts that count, less refunds and credit notes."""
    inferences: tuple[Inference, ...]
    """What was inferred because it was not said."""


@dataclass(frozen=True)
class RfmSegment(Result):
    """The customers of one segment."""

    name: str
    """Its name."""
    share: Rate
    """Customers in it ÷ all buyers."""
    revenue: Money
    """The net revenue of its customers."""


@dataclass(frozen=True)
class Headline(Result):
    """A figure beside that of the period before."""

    name: str
    """The name of its definition."""
    now: CohortValue | None
    """The figure, with its sample and, where it is a rate, its interval; `None` for what nobody can know."""
    before: CohortValue | None
    """That of the period before; `None` where the history does not hold all that it takes."""
    change: float | None
    """Of a rate `now` − `before`, where 0.01 is a point; of all others `now` ÷ `before` − 1. `None` where either has no
    value, where there is nothing to divide by, and where the period is not complete: a part of a period is not compared with
    a whole one."""

    def _fill(self, value: Any) -> None:
        super()._fill(value)
        self.__dict__.update(now=_cohort_value(value["now"]), before=_cohort_value(value["before"]))


@dataclass(frozen=True)
class Headlines(Result):
    """The ten figures that a report begins with, and the periods that they are of."""

    period: Period
    """The period."""
    complete: bool
    """Whether observation lasted to its end."""
    previous: Period | None
    """The equally long period before it; `None` where the history does not hold all of it."""
    figures: tuple[Headline, ...]
    """Revenue, orders, average order value, customers, new customers, purchase frequency, repeat customer rate, returning
    customer rate, repurchase retention, retention rate."""


@dataclass(frozen=True)
class Remark(Result):
    """What to mind when reading a report."""

    kind: str
    """`long_silence`: no orders for a year or longer, and then some again. `no_orders`: none in the period of the headlines.
    `incomplete`: observation ends before that period does. `warm_up`: it begins while the books were warming up."""
    period: Period
    """The period; of `warm_up`, the days whose first purchases are not believed to be first ones."""
    sentence: str
    """The same in a sentence."""

    def __str__(self) -> str:
        """Give the sentence."""
        return self.sentence


@dataclass(frozen=True)
class RfmGroups(Result):
    """The buyers by segment and by score."""

    period: Period
    """The days whose purchases count."""
    complete: bool
    """Whether observation lasted to the period's end. Recency is as of the end of what was observed."""
    as_of: date
    """The day from which recency is counted back: the first that no longer counts."""
    bins: int
    """The number of scores."""
    currency: str
    """The currency of all amounts."""
    breaks: RfmBreaks
    """The thresholds that were used."""
    grid: RfmGrid
    """The names of the segments by scores."""
    segments: tuple[RfmSegment, ...]
    """The segments, best first, those without customers included."""
    cells: tuple[RfmCell, ...]
    """Customers by the three scores, in ascending order of them; only combinations that occur."""


@dataclass(frozen=True, repr=False)
class Report(Result):
    """What a history has to say: what it holds and what it left out, ten headline figures beside those of the period before,
    timelines, who stays, who comes back and when, cohorts, the best customers and those that slip away, returns and value.
    It displays as text for a terminal and serialises as the JSON that pages are made from."""

    version: int
    """The version of this form. It rises when a field changes its meaning or goes away."""
    summary: Summary
    """What the history holds and what it left out."""
    headlines: Headlines
    """Ten figures of the period of the headlines, beside those of the period before."""
    remarks: tuple[Remark, ...]
    """What to mind when reading."""
    current: Buying
    """The metrics of buying in the period of the headlines."""
    previous: Buying | None
    """The same in as many months, or days, before it, where the history holds all of them."""
    timeline: Timeline
    """The same, period by period; by year, where the history is longer than a century."""
    flow: CustomerFlow
    """Who came, stayed and left in the period of the headlines."""
    flow_timeline: FlowTimeline
    """The same, period by period."""
    repurchase: RepurchaseRetention
    """Buyers of the period before who bought again in that of the headlines."""
    movements: RevenueMovements
    """What their revenue did from the period before to that of the headlines."""
    movement_timeline: MovementTimeline
    """The same, period by period."""
    second_purchase: TimeToSecondPurchase
    """How soon a first purchase is followed by a second."""
    gaps: TimeBetweenPurchases
    """How long customers take from purchase to purchase."""
    funnel: PurchaseFunnel
    """How many customers go on to the next purchase."""
    cohorts: CohortTable
    """Customers by the month of their first purchase: the share that bought again in each month since. By year, where
    the history is longer than a century."""
    cohort_values: CohortTable
    """The same cohorts: net revenue so far ÷ all who ever joined, by months since the first purchase."""
    concentration: Concentration
    """How much of the revenue few customers bring."""
    rfm: RfmGroups
    """Customers by recency, frequency and monetary value."""
    returns: Returns
    """What comes back, and whether the customers do."""
    value: HistoricValue
    """What customers have been worth so far."""
    definitions: dict[str, dict[str, dict[str, str]]]
    """Which definition each figure has: `figures` by section and key, `texts` by name."""

    def __str__(self) -> str:
        """Give the report as text for a terminal."""
        if "_text" not in self.__dict__:
            self.__dict__["_text"] = value_of(self._core().call("text", ""))
        text: str = self.__dict__["_text"]
        return text

    def __repr__(self) -> str:
        """Give the report as text for a terminal."""
        return str(self)

    def _repr_html_(self) -> str:
        return _html.report(self)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Make one page that can be opened, sent and printed, with nothing beside it; written to a file where one is named."""
        page = _html.page(self)
        if path is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(page)
        return page

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle the document and its text."""
        return _report_again, (self.to_json(), str(self))


def _report_again(text: str, shown: str) -> Report:
    report = Report.from_json(text)
    report.__dict__["_text"] = shown
    return report


@dataclass(frozen=True)
class RfmBreaks(Result):
    """From which value on a customer has which score."""

    recency: tuple[int, ...]
    """Score s takes at most so many days since the last purchase; descending."""
    frequency: tuple[int, ...]
    """Score s takes at least so many purchases; ascending."""
    monetary: tuple[Money, ...]
    """Score s takes at least so much net revenue; ascending."""


@dataclass(frozen=True)
class RfmCell(Result):
    """The customers with the same three scores."""

    r: int
    """The score of recency."""
    f: int
    """The score of frequency."""
    m: int
    """The score of monetary value."""
    customers: int
    """How many customers."""


@dataclass(frozen=True, repr=False)
class Rfm(RowTable):
    """Every buyer's recency, frequency and monetary value, scored from 1 to `bins`, the best."""

    _ROWS = frozenset({"customers"})

    period: Period
    """The days whose purchases count."""
    complete: bool
    """Whether observation lasted to the period's end. Recency is as of the end of what was observed."""
    as_of: date
    """The day from which recency is counted back: the first that no longer counts."""
    bins: int
    """The number of scores."""
    currency: str
    """The currency of all amounts."""
    breaks: RfmBreaks
    """The thresholds that were used."""
    grid: RfmGrid
    """The names of the segments by scores."""
    segments: tuple[RfmSegment, ...]
    """The segments, best first, those without customers included."""
    cells: tuple[RfmCell, ...]
    """Customers by the three scores, in ascending order of them; only combinations that occur."""

    def _facts(self) -> list[tuple[str, str]]:
        return [*super()._facts(), *((of.name, f"{of.share}, revenue {of.revenue}") for of in self.segments)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the segments by customers and revenue with matplotlib."""
        from . import _plot

        return _plot.rfm(self, ax)

    def _repr_html_(self) -> str:
        return _html.rfm(self)


@dataclass(frozen=True)
class Scenario(Result):
    """The assumptions of a simulation."""

    customers: float
    """How many customers there are at the start."""
    spend: float
    """What each spends in a period, in units of the currency."""
    retention_rate: float
    """The share that stays from one period to the next."""
    acquired: float = 0.0
    """How many come in every period."""

    def _arguments(self) -> dict[str, Any]:
        return {
            "customers": self.customers,
            "spend": self.spend,
            "retention_rate": self.retention_rate,
            "acquiring": self.acquired or None,
        }

    def simulate(self, periods: int) -> Simulation:
        """Give customers and revenue period by period."""
        return Simulation._of(call("simulate", scenario=options(**self._arguments()), periods=periods))

    def compare(self, other: Scenario, periods: int) -> Comparison:
        """Set another scenario beside this one."""
        base, other_scenario = options(**self._arguments()), options(**other._arguments())
        return Comparison._of(call("compare", base=base, other=other_scenario, periods=periods))


@dataclass(frozen=True)
class SimulatedPeriod(Result):
    """One period of a `Simulation`. All of it are expectations: there are fractions of customers."""

    period: int
    """Its number. All customers of the start spend in period 1; who stays and who comes shows from period 2 on."""
    customers: float
    """Customers in it: those kept from the period before, and those who came."""
    revenue: float
    """What they spend."""
    cumulative_revenue: float
    """The same from period 1 on."""


@dataclass(frozen=True, repr=False)
class Simulation(Table):
    """A scenario period by period."""

    scenario: Scenario
    """The assumptions."""
    periods: tuple[SimulatedPeriod, ...]
    """The periods, from 1 on."""

    def _core(self) -> _regulars.Outcome:
        # It follows from its assumptions alone.
        if self._outcome is None:
            self.__dict__["_outcome"] = self.scenario.simulate(len(self.periods))._outcome
        return super()._core()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw revenue by period with matplotlib."""
        from . import _plot

        return _plot.simulation(self, ax)


@dataclass(frozen=True, repr=False)
class Comparison(Table):
    """Two scenarios over the same periods."""

    base: Simulation
    """The one."""
    other: Simulation
    """The other."""
    difference: float
    """Revenue of the other over all periods less that of the one."""
    lift: float | None
    """The same ÷ revenue of the one; `None` where that is 0."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the revenue of both by period with matplotlib."""
        from . import _plot

        return _plot.comparison(self, ax)


@dataclass(frozen=True)
class ProfitFigures(Result):
    """What a customer brings and costs, from which `lift` tells what a change of retention would do."""

    margin: float
    """Margin that a customer brings in a period."""
    retention_rate: float
    """The share of customers kept from one period to the next."""
    acquisition_cost: float = 0.0
    """What it costs to win a customer."""
    discount_rate: float = 0.0
    """The discount for one period."""

    def lift(self, change: float) -> ProfitLift:
        """Tell what a change of the retention rate would do, such as 0.05 for 5 points."""
        return ProfitLift._of(
            call(
                "profit_lift",
                margin=self.margin,
                retention_rate=self.retention_rate,
                acquisition_cost=self.acquisition_cost or None,
                discount_rate=self.discount_rate or None,
                change=change,
            )
        )


@dataclass(frozen=True)
class ProfitLift(Result):
    """Profit per customer won, before and after a change of retention."""

    retention_change: float
    """The change, in points of the retention rate: 0.05 for 5 points."""
    before: float | None
    """Profit per customer as it is; `None` where nobody leaves and nothing is discounted."""
    after: float | None
    """Profit per customer after the change; `None` likewise."""
    lift: float | None
    """After ÷ before − 1; `None` where either has no value or there is no profit before."""


@dataclass(frozen=True)
class LogRankGroup(Result):
    """One group of a `LogRank` test."""

    subjects: int
    """How many were watched."""
    observed: int
    """For how many of them the event happened."""
    expected: float
    """For how many it would have, had each day's events been shared out among those at risk."""


@dataclass(frozen=True)
class LogRank(Result):
    """Whether several groups wait equally long, by the log-rank test."""

    statistic: float
    """χ², the larger the more the groups differ."""
    degrees_of_freedom: int
    """Of χ²: groups − 1, fewer where some cannot be compared."""
    p_value: float
    """How probable a statistic of at least this size is if the groups do not differ."""
    groups: tuple[LogRankGroup, ...]
    """What each group had, in the order given."""


@dataclass(frozen=True)
class HistoricValue(Result):
    """What customers have brought so far: no forecast."""

    revenue: Average[Money]
    """Net revenue so far ÷ customers with a purchase. Credit notes of these customers are taken off; revenue of nobody
    is no customer's."""
    margin: Average[Money] | None
    """Net revenue less the cost of goods ÷ the same customers; `None` unless the cost of every order of theirs is known.
    """
    orders_with_cost: Rate
    """Orders of identified customers whose cost is known ÷ all of them."""


@dataclass(frozen=True)
class Lifespan(Result):
    """For how long a customer stays one: a length of time with its unit.

    >>> Lifespan(3, "year").in_units("month")
    36.0
    """

    length: float
    """How many of the unit."""
    unit: str
    """`day`, `week`, `month`, `quarter` or `year`."""

    def __post_init__(self) -> None:
        """Refuse what is no length of time."""
        self._fill(value_of(call("lifespan", lifespan={"length": self.length, "unit": self.unit})))

    @classmethod
    def of(cls, period: Period | str) -> Lifespan:
        """Take the length of a period."""
        return cls._from_object(value_of(call("lifespan.of", period=str(period))))

    def in_units(self, unit: str) -> float:
        """Give the same length in another unit."""
        return float(value_of(call("lifespan.in_units", lifespan=self, unit=unit)))


@dataclass(frozen=True)
class Frequency(Result):
    """How often something happens in a time.

    >>> Frequency(2, "month").over(Lifespan(3, "year"))
    72.0
    """

    times: float
    """How many times."""
    per: str
    """In which time: `day`, `week`, `month`, `quarter` or `year`."""

    def __post_init__(self) -> None:
        """Refuse what is no frequency."""
        self._fill(value_of(call("frequency", frequency={"times": self.times, "per": self.per})))

    def over(self, lifespan: Lifespan) -> float:
        """Give how often it happens over a lifespan."""
        return float(value_of(call("frequency.over", frequency=self, lifespan=lifespan)))


@dataclass(frozen=True)
class SimpleValue(Result):
    """Average order value × purchases per customer and unit of time × lifespan."""

    average_order_value: float
    """What a purchase brings, in units of the currency."""
    frequency: Frequency
    """How often a customer buys."""
    lifespan: Lifespan
    """For how long."""
    purchases: float
    """Purchases over the lifespan."""
    value: float
    """Average order value × purchases, in units of the currency."""
    complete: bool
    """Whether the period that it was taken from was observed to its end; always so for plain numbers."""

    def _arguments(self) -> dict[str, Any]:
        return {
            "average_order_value": self.average_order_value,
            "frequency": self.frequency,
            "lifespan": self.lifespan,
        }

    def with_margin(self, margin: float) -> MarginValue:
        """Give the value on contribution margin, which is a share of revenue."""
        return MarginValue._of(call("margin_value", margin=margin, **self._arguments()))

    def against(self, acquisition_cost: float, margin: float) -> ValueToCost:
        """Set the value on contribution margin against what it costs to win a customer (LTV : CAC)."""
        return ValueToCost._of(call("value_to_cost", margin=margin, acquisition_cost=acquisition_cost, **self._arguments()))


@dataclass(frozen=True)
class MarginValue(Result):
    """The simple value on contribution margin."""

    margin: float
    """What is left of revenue after the costs that come with it, as a share of revenue."""
    lifespan: Lifespan
    """Over which time it comes in, evenly."""
    value: float
    """Simple value × margin, in units of the currency."""


@dataclass(frozen=True)
class Payback(Result):
    """When the cost to acquire a customer is paid back."""

    _OPTIONAL = True

    kind: str
    """`month`, `not_yet` or `never`."""
    month: int | None = None
    """By the end of which month, 1 being the one that begins with the first purchase."""
    observed_months: int | None = None
    """How many months were observed, where it is not paid back yet."""


@dataclass(frozen=True)
class ValueToCost(Result):
    """Lifetime value against the cost to acquire a customer."""

    value: float
    """The value on contribution margin, in units of the currency."""
    acquisition_cost: float
    """What it cost to win the customer, in the same units."""
    ratio: float | None
    """Value ÷ cost (LTV : CAC); `None` where the cost is 0."""
    payback: Payback
    """When the margin has paid for it."""


@dataclass(frozen=True)
class ObservedPayback(Result):
    """What the average customer has brought by month since the first purchase, against what it cost to win one."""

    acquisition_cost: float
    """What it cost to win a customer, in units of the currency."""
    margin: float
    """The margin as a share of revenue."""
    cumulative: tuple[float, ...]
    """Margin per original customer by the end of each month, 1 being the one that begins with the first purchase: the
    sum of the months of `spend_by_tenure`."""
    payback: Payback
    """The first month by whose end it reaches the cost."""


@dataclass(frozen=True)
class DiscountedValue(Result):
    """The present value of a margin that comes back as long as the customer is kept: m·r ÷ (1 + d − r)."""

    margin: float
    """m: what a customer brings in a period, in units of the currency."""
    retention_rate: float
    """r: the share of customers kept from one period to the next."""
    every: str
    """The length of a period."""
    discount_rate: float
    """d: the discount for one period, (1 + rate)^(period ÷ time of the rate) − 1."""
    first_margin: bool
    """Whether the first margin is in it."""
    value: float | None
    """The value in units of the currency; `None` where nobody leaves and nothing is discounted, for then it is without
    bound."""


@dataclass(frozen=True)
class RateDifference(Result):
    """How far one rate lies above another, with both and how sure that is."""

    rate: Rate
    """The one rate."""
    other: Rate
    """The rate that it is compared with."""
    value: float | None
    """The one less the other; `None` where either has no value."""
    interval: Interval | None
    """Newcombe's interval, `None` where there is no value. Its level is that of the rates' intervals."""

    @classmethod
    def between(cls, rate: Rate | tuple[int, int], other: Rate | tuple[int, int], level: float | None = None) -> RateDifference:
        """Tell how far one rate lies above another; each is a `Rate`, or a numerator with its denominator."""
        pairs = [[of.numerator, of.denominator] if isinstance(of, Rate) else list(of) for of in (rate, other)]
        return cls._of(call("rate_difference", rate=pairs[0], other=pairs[1], level=level))

    def __float__(self) -> float:
        """Give the difference, or `nan` where there is none."""
        return math.nan if self.value is None else self.value


@dataclass(frozen=True)
class ChannelAcquisition(Result):
    """The new customers of one channel."""

    channel: str | None
    """The channel; `None` for customers whose channel is not known."""
    share_of_new_customers: Rate
    """New customers who came through it ÷ all new customers."""
    cost_per_new_customer: Average[Money] | None
    """What was spent on it ÷ new customers who came through it: no value where nobody came. `None` where no cost was
    given for it."""


@dataclass(frozen=True, repr=False)
class Acquisition(Table):
    """New customers of a period by the channel through which they came, and what they cost."""

    period: Period
    """The period."""
    complete: bool
    """Whether it was observed to its end. The costs of an incomplete period count in full all the same."""
    new_customers: int | None
    """Customers whose first purchase ever lies in the period; `None` where there are `warm_up_customers`, and nobody knows
    who is new: then nothing that is divided by new or existing customers has a value."""
    cost: Money | None
    """What was spent on winning customers; `None` where no such cost was given, which is not 0."""
    cost_per_new_customer: Average[Money] | None
    """All that was spent on winning ÷ all new customers, those who came by themselves included."""
    channels: tuple[ChannelAcquisition, ...]
    """Every channel with a new customer or a cost, by name; new customers whose channel is not known come last. Where
    it is not known who is new, those with a cost."""
    unallocated_cost: Money | None
    """What was spent on winning through no channel in particular. It is in the whole, and in no channel."""
    cost_per_existing_customer: Average[Money] | None
    """What was spent on keeping customers ÷ buyers of the period who had bought before; `None` where no such cost was
    given."""
    winning_to_keeping: float | None
    """How many times as much it costs to win a customer as to keep one: cost per new ÷ cost per existing customer.
    `None` where either has no value, or keeping cost nothing."""
    cost_outside: Money
    """Costs that were given but fall on days outside the period."""


@dataclass(frozen=True)
class Referrals(Result):
    """New customers of a period who came by a customer's referral, as the facts on them say.

    Where there are `warm_up_customers`, nobody knows who is new, and nothing that counts new customers has a value.
    """

    period: Period
    """The period."""
    complete: bool
    """Whether it was observed to its end."""
    referral_share: Rate
    """New customers who came by a customer's referral ÷ new customers."""
    by_later_customer: int | None
    """New customers by whose name the one stands who first bought on a later day."""
    by_unknown: int | None
    """New customers by whose name a key stands that has no purchase in the books: somebody who never bought, or bought
    before the books begin, or is known to them under another key."""
    by_themselves: int | None
    """New customers who are said to have referred themselves."""
    referring_share: Rate
    """Customers who referred a new one ÷ customers with a purchase before the period's end."""
    referrals_per_customer: Average[int]
    """New customers who came by a referral ÷ customers with a purchase before the period's end."""
    conversions_per_day: Average[int]
    """New customers who came by a referral ÷ days of the period that lie in the books."""
    invitations_per_customer: Average[int] | None
    """Invitations ÷ customers with a purchase before the period's end."""
    conversion: Rate | None
    """New customers who came by a referral ÷ invitations."""
    growth_factor: float | None
    """k = invitations per customer × conversion: new customers whom a customer brings. Above 1 each brings more than
    one. The invitations cancel out, so that it is `referrals_per_customer`; what they add is which of the two factors
    is low."""


@dataclass(frozen=True)
class EmailEngagement(Result):
    """What became of the e-mails to customers in a period."""

    base: str
    """Of which e-mails the rates are shares: those delivered, or all sent where the log says nothing of delivery."""
    email_open_rate: Rate
    """E-mails that were opened ÷ e-mails. One that was clicked was opened, though programs that show no pictures do not
    tell."""
    email_click_rate: Rate
    """E-mails of which a link was clicked ÷ e-mails."""
    click_to_open_rate: Rate
    """E-mails of which a link was clicked ÷ e-mails that were opened."""
    without_sending: int
    """E-mails opened or clicked in the period that the log does not know to have gone out. They are in no rate."""


@dataclass(frozen=True)
class Activity(Result):
    """How many customers were active, and whether they buy again more than the others."""

    active_share: Rate
    """Customers with such an event in the period ÷ customers."""
    repeat_customer_rate: RateDifference
    """The repeat customer rate of the period's buyers with such an event in it, against that of the buyers without one.
    The two groups make up all buyers of the period."""


@dataclass(frozen=True)
class KindActivity(Result):
    """The activity of one kind of event."""

    kind: str
    """The kind."""
    events: int
    """Customers' events of the kind in the period; shares count as often as they say."""
    active_share: Rate
    """Customers with such an event in the period ÷ customers."""
    repeat_customer_rate: RateDifference
    """The repeat customer rate of the period's buyers with such an event in it, against that of the buyers without one."""


@dataclass(frozen=True)
class ReadColumn(Result):
    """A column that was read, and what for."""

    field: str
    """What it says about the order."""
    column: str
    """Its name."""
    why: str
    """`named`, `guessed` by its name, or `export` where the exports of the shop system have it so."""


@dataclass(frozen=True)
class ColumnReport(Result):
    """What the columns of a table or file were taken for."""

    read: tuple[ReadColumn, ...]
    """The columns that were read."""
    unused: tuple[str, ...]
    """The names of the others."""

    def __str__(self) -> str:
        """Give a line for each column."""
        lines = [f"{of.field} from `{of.column}` ({of.why})" for of in self.read]
        unused = ", ".join(f"`{name}`" for name in self.unused)
        return "\n".join([*lines, f"not used: {unused}"] if unused else lines)


@dataclass(frozen=True)
class UnknownKind(Result):
    """Events of a kind that is not known here, which were left out."""

    kind: str
    """The kind as it was given."""
    events: int
    """How many events."""


@dataclass(frozen=True, repr=False)
class Engagement(Table):
    """What customers did in a period beside buying, from a log of events."""

    period: Period
    """The period."""
    complete: bool
    """Whether it was observed to its end."""
    customers: int
    """Customers with a purchase before the period's end."""
    email: EmailEngagement
    """E-mails."""
    visits_per_customer: Average[int]
    """Visits ÷ customers."""
    visits_per_visitor: Average[int]
    """Visits ÷ customers with a visit."""
    visit_length: Average[int]
    """Seconds ÷ visits whose length is known."""
    visits_without_length: int
    """Visits whose length is not known, which are in no average of lengths."""
    social_shares_per_customer: Average[int]
    """Shares on social networks ÷ customers."""
    any: Activity
    """Customers who opened or clicked an e-mail, visited or shared, and what they buy."""
    by_kind: tuple[KindActivity, ...]
    """The same by kind of event. What the shop sends is no act of a customer, and not among them."""
    given: int
    """Events that were given."""
    counted: int
    """Events of customers in the period."""
    outside_period: int
    """Events of the observed time before or after the period, whose soever they are."""
    after_observation: int
    """Events on or after the end of the observation."""
    not_customers: int
    """Events in the period of people without a purchase before its end."""
    unidentified: int
    """Events of nobody, whenever they were."""
    unknown_kinds: tuple[UnknownKind, ...]
    """Events that were left out for their kind, whenever they were."""


@dataclass(frozen=True)
class Benchmark(Result):
    """A published figure of other shops: context, never a verdict."""

    figure: str
    """The `Definition` that it stands beside."""
    low: float | None
    """The lower end of the published range, where there is one."""
    typical: float | None
    """The published average or median, where there is one."""
    high: float | None
    """The upper end of the published range, where there is one."""
    counted: str
    """What was counted, and what the ends of the range are."""
    differs: str
    """In which way that is not what is computed here."""
    source: str
    """Who published it, and where."""
    year: int | None
    """When; `None` where the source does not say."""
    url: str
    """Where it can be read."""


@dataclass(frozen=True)
class MarketingCost(Result):
    """Money that was spent on marketing in a period.

    >>> MarketingCost("2024-02", Money("60.00", "USD"), channel="web").aim
    'winning'
    """

    period: Period | str
    """When it was spent, evenly over the days."""
    cost: Money
    """How much."""
    channel: str | None = None
    """For which channel, in the spelling of the orders; `None` for all of them together."""
    aim: str = "winning"
    """What for: `winning` customers, or `keeping` them."""

    def to_dict(self) -> dict[str, Any]:
        """Give the document as plain Python objects."""
        return {**super().to_dict(), "period": str(self.period)}


@dataclass(frozen=True)
class Event(Result):
    """Something that happened between a customer and the shop."""

    happened: str
    """When: a day, or an instant such as `2024-02-02T09:00:00Z`."""
    kind: str
    """What: `email_sent`, `email_delivered`, `email_opened`, `email_clicked`, `visit`, `social_share`, or a word for it."""
    customer: str | None = None
    """Who, under the key that the orders carry."""
    campaign: str | None = None
    """Which e-mail it is about."""
    value: float | None = None
    """Of a visit how many seconds it lasted; of shares how many they were."""


def benchmarks(figure: str) -> list[Benchmark]:
    """List published figures of other shops beside one of this library's, each with its source."""
    return [Benchmark._from_object(found) for found in value_of(call("benchmarks", figure=figure))]


def event_kind(text: str) -> str:
    """Read the kind of an event, in any of the words of mail and web analytics.

    >>> event_kind("Opened Email")
    'email_opened'
    """
    return str(value_of(call("event_kind", text=text)))
