"""Who the customers are: the two-way segments, when customers are expected again, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from . import _html, _regulars
from ._result import Result, call, camel, day, encode, in_camel_case, options, value_of
from ._table import RowTable, Table
from ._values import Average, CustomerId, Date, Interval, Money, Rate, Ratio, customer_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._history import OrderHistory


@dataclass(frozen=True)
class NextPurchase(Result):
    """When a customer who does return is to be expected, in days since the last purchase: of those alike who had been
    silent for as long and did return, so many had by then."""

    from_day: int
    """A quarter."""
    expected_day: int
    """Half."""
    to_day: int
    """Three quarters."""


@dataclass(frozen=True)
class OutlookEstimate(Result):
    """What an `Outlook` says of a customer."""

    probability: float
    """The probability of a purchase within the horizon."""
    supported: bool
    """Whether enough gaps were watched for as long. Otherwise it is that of the last age for which they were, or, in a
    shop with too few gaps of any kind, all that can be said."""
    next: NextPurchase | None
    """When the next purchase is to be expected, if there is one. `None` where nobody like this was seen to return after
    so long."""
    rhythm: str | None
    """Where the customer stands in the rhythm of those alike; `None` where nobody alike has returned."""


@dataclass(frozen=True)
class Curve(Result):
    """How long the gaps of customers alike lasted, by days."""

    ended: tuple[int, ...]
    """How many gaps ended after so many days."""
    open: tuple[int, ...]
    """How many were still open after so many days."""


@dataclass(frozen=True)
class Stratum(Result):
    """The customers with as many purchases, split by their pace."""

    mean_gap_cuts: tuple[float, ...]
    """From which mean gap on a customer belongs to the next group."""
    groups: tuple[Curve, ...]
    """The groups, from the quickest on."""


@dataclass(frozen=True)
class Outlook(Result):
    """How likely it is that a customer buys again within the next H days, and when: what the shop's own customers did
    who had bought as often, at a like pace, and had been silent for as long."""

    observed_until: date
    """The day on which the observation of the history ended that it was estimated from."""
    horizon_days: int
    """H, in days."""
    median_gap_days: int | None
    """The median of the gaps that had ended."""
    at_risk: int
    """How many gaps an estimate has to rest on."""
    strata: tuple[Stratum, ...]
    """By k − 1, the last for 4 purchases and more."""

    def estimate(self, *, purchases: int, span_days: int, silence_days: int) -> OutlookEstimate:
        """Tell how likely a customer with so many purchases over so many days, silent for so long, is to buy again, and when."""
        asked = encode({"purchases": purchases, "span_days": span_days, "silence_days": silence_days})
        return OutlookEstimate._of(self._core().call("estimate", asked))


@dataclass(frozen=True)
class CustomerProfile(Result):
    """What is known of one customer."""

    first_purchase: date
    """The day of the first purchase."""
    last_purchase: date
    """The day of the last purchase."""
    purchases: int
    """Purchases so far."""
    revenue: Money
    """Net revenue so far."""
    mean_gap_days: float | None
    """Days between purchases, on average; `None` for a single purchase."""
    silence_days: int
    """Days from the last purchase to the last day that was observed."""
    outlook: float
    """The probability of a purchase within the horizon."""
    outlook_supported: bool
    """Whether enough customers were silent for as long to say so."""
    rhythm: str | None
    """Where the silence stands in the rhythm of customers alike; `None` where none of them has returned."""
    next_expected: date | None
    """When the next purchase is expected, if there is one: the day by which half of the customers alike who did return
    after as long had done so. `None` where none was seen to."""
    next_from: date | None
    """The same for a quarter."""
    next_to: date | None
    """The same for three quarters."""


@dataclass(frozen=True, repr=False)
class CustomerProfiles(RowTable):
    """What is known of every buyer, and when the next purchase is to be expected."""

    _ROWS = frozenset("keys rows".split())

    as_of: date
    """The day on which observation ends."""
    currency: str
    """The currency of the revenue."""
    horizon_days: int
    """H, in days."""

    def of(self, customer: CustomerId) -> CustomerProfile | None:
        """Tell of one customer; `None` for somebody without a purchase."""
        return CustomerProfile._maybe(self._core().call("of", encode({"customer": customer_text(customer)})))


@dataclass(frozen=True)
class Assessment(Result):
    """A segment with the figures that it rests on. It displays as a sentence."""

    customer: str
    """Who."""
    segment: str
    """Which of the four."""
    reason: str
    """What decided, in a word."""
    value: Money
    """x: net revenue in the window, or contribution where costs are known."""
    value_cut: Money
    """The cut: from this value on it is high."""
    value_distance: Money
    """Value less cut."""
    value_basis: str
    """Whether the value is revenue or contribution."""
    value_days: int | None
    """Over how many trailing days; `None` for all time."""
    outlook: float
    """y: the probability of a purchase within the horizon."""
    outlook_cut: float
    """The cut: from this outlook on it is high."""
    outlook_distance: float
    """Outlook less cut."""
    horizon_days: int
    """H, in days."""
    purchases: int
    """Purchases so far."""
    mean_gap_days: float | None
    """Days between purchases, on average; `None` for a single purchase."""
    silence_days: int
    """Days since the last purchase."""
    refund_share: float | None
    """In the window: what went back ÷ what was sold; `None` where nothing went back."""
    orders: int
    """Orders in the window, those paid back in full included."""
    complaints: int
    """Complaints, where they were given."""
    flags: tuple[str, ...]
    """What is to be kept in mind."""


@dataclass(frozen=True)
class Explained(Assessment):
    """An assessment of one customer, and the sentence that says it."""

    sentence: str
    """All of it in a sentence."""

    def __str__(self) -> str:
        """Give the sentence."""
        return self.sentence


@dataclass(frozen=True)
class SegmentCount(Result):
    """The customers of one segment."""

    segment: str
    """Which."""
    share: Rate
    """Its customers ÷ all buyers."""
    value: Money
    """The sum of their values: net revenue, or contribution, in the window."""
    value_share: float | None
    """That sum ÷ the sum over all buyers; `None` where that is not above 0."""
    immature: int
    """Of them, those to be kept in mind as too new to tell."""


@dataclass(frozen=True)
class Trigger(Result):
    """Who an `Action` is for: those for whom all that is named here holds. Ranges hold both their ends."""

    reasons: tuple[str, ...] | None = None
    """Any of these reasons of the segment."""
    rhythm: tuple[str, ...] | None = None
    """Anywhere here in the rhythm of customers alike."""
    purchases: tuple[int, ...] | None = None
    """So many purchases."""
    silence_days: tuple[int, ...] | None = None
    """So many days since the last purchase."""
    tenure_days: tuple[int, ...] | None = None
    """So many days since the first purchase."""
    expected_within_days: int | None = None
    """The next purchase expected within so many days."""
    returned: bool | None = None
    """Whether anything came back within the window of the value."""
    complained: bool | None = None
    """Whether there were complaints."""
    referred: bool | None = None
    """Whether they referred others."""
    steps_days: tuple[int, ...] | None = None
    """A cascade: so many days after the last purchase each step is due, until the next is. In ascending order."""
    step_within_days: int | None = None
    """The step was reached, or `rhythm` came to hold after it, within so many days; left out, until the next step is."""

    def __str__(self) -> str:
        """Say what is named, and nothing of the rest."""
        said = []
        for name in ("purchases", "silence_days", "tenure_days"):
            bounds = getattr(self, name)
            if bounds is not None:
                said.append(f"{name.replace('_', ' ')} {' to '.join(map(str, bounds))}")
        for name in ("reasons", "rhythm", "steps_days"):
            listed = getattr(self, name)
            if listed is not None:
                said.append(f"{name.replace('_', ' ')} {', '.join(map(str, listed))}")
        if self.expected_within_days is not None:
            said.append(f"expected within {self.expected_within_days} days")
        if self.step_within_days is not None:
            said.append(f"step reached within {self.step_within_days} days")
        for name in ("returned", "complained", "referred"):
            wanted = getattr(self, name)
            if wanted is not None:
                said.append(name if wanted else f"not {name}")
        return "; ".join(said) or "all of them"


@dataclass(frozen=True)
class Action(Result):
    """What a shop can do for customers, with whom it is for and how to see that it worked."""

    id: str
    """Its name in the API, in snake case."""
    title: str
    """What to do."""
    segments: tuple[str, ...] = ()
    """For which segments; for all where there is none."""
    stages: tuple[str, ...] = ()
    """At which stages of a shop it weighs most; at all where there is none."""
    trigger: Trigger = Trigger()
    """Who of these segments it is for."""
    measure: str = ""
    """The figure that would show that it worked."""

    def __str__(self) -> str:
        """Give a line for each field."""
        said = {
            "id": self.id,
            "title": self.title,
            "segments": ", ".join(self.segments) or "all",
            "stages": ", ".join(self.stages) or "all",
            "trigger": str(self.trigger),
            "measure": self.measure,
        }
        return "\n".join(["Action", *(f"  {name:<8}  {text}".rstrip() for name, text in said.items())])


@dataclass(frozen=True, repr=False)
class Audience(RowTable):
    """The customers that an `Action` is for today, those of the highest value first."""

    _ROWS = frozenset("keys segment step dueOn valueMinor outlook purchases silenceDays rhythm".split())

    action: Action
    """What to do."""
    as_of: date
    """Today: the customers are as known at the end of the day before."""
    currency: str
    """The currency of the values."""

    def why(self) -> dict[str, str]:
        """Tell of each customer why the action is for them."""
        found: dict[str, str] = value_of(self._core().call("why", ""))
        return found


@dataclass(frozen=True, repr=False)
class Segments(RowTable):
    """The segments of all buyers of a history on one day, each with the figures that led there."""

    _ROWS = frozenset("keys segment reason flagBits valueMinor outlook purchases spanDays silenceDays prospects".split())

    as_of: date
    """The day on which observation ends: the segments are those of the morning of that day."""
    rule: SegmentRule
    """The rule that was applied."""

    def explain(self, customer: CustomerId) -> Explained | None:
        """Tell why a customer is where they are; `None` for somebody without a purchase."""
        return Explained._maybe(self._core().call("explain", encode({"customer": customer_text(customer)})))

    def counts(self) -> list[SegmentCount]:
        """Count the customers of each segment, and what they are worth."""
        return [SegmentCount._from_object(count) for count in value_of(self._core().call("counts", ""))]

    def prospects(self) -> int:
        """Count who is known and has no purchase, be it that all was paid back."""
        return int(value_of(self._core().call("prospects", "")))

    def reasons(self) -> dict[str, tuple[str, str, tuple[str, ...]]]:
        """Give each customer's segment, reason and flags by name."""
        rows = value_of(self._core().call("reasons", ""))
        return {name: (segment, reason, tuple(flags)) for name, (segment, reason, flags) in rows.items()}

    def audience(self, action: str | Action) -> Audience:
        """List the customers for whom an action of the playbook is due, by its id, or one of your own."""
        return Audience._of(self._core().call("audience", encode({"action": action})))

    def __str__(self) -> str:
        """Count the segments, and show the first rows."""
        if self._outcome is None:
            return repr(self)  # It was read back, and has lost what counts them.
        title, *rows = repr(self).splitlines()
        return "\n".join([title, *(f"  {of.segment:<15}{of.share}, worth {of.value}" for of in self.counts()), *rows])

    def _repr_html_(self) -> str:
        return _html.segments(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the segments by customers and by value with matplotlib."""
        from . import _plot

        return _plot.segments(self, ax)


@dataclass(frozen=True)
class MigrationCell(Result):
    """One cell of a `Migration`."""

    to: str
    """Where they stand after."""
    share: Rate
    """Those who went there ÷ all of the row."""


@dataclass(frozen=True)
class MigrationRow(Result):
    """Where the customers of one segment went."""

    from_: str
    """Where they stood before."""
    customers: int
    """How many."""
    to: tuple[MigrationCell, ...]
    """To star, productive, question mark, problem, prospect and left."""


@dataclass(frozen=True)
class MigrationRemark(Result):
    """What to mind when reading a `Migration`."""

    kind: str
    """`short_books`: on the earlier day the books held fewer days than those of which a value is."""
    date: date
    """The earlier day."""
    books_days: int
    """How many days the books held then."""
    window_days: int
    """Of how many days a value is."""
    sentence: str
    """The same in a sentence."""

    def __str__(self) -> str:
        """Give the sentence."""
        return self.sentence


@dataclass(frozen=True, repr=False)
class Migration(Table):
    """How many customers moved from each segment to each, between two days."""

    before: date
    """The earlier day."""
    after: date
    """The later day."""
    rows: tuple[MigrationRow, ...]
    """From star, productive, question mark, problem, prospect and new."""
    remarks: tuple[MigrationRemark, ...]
    """What to mind when reading."""

    def count(self, origin: str, to: str) -> int | None:
        """Count who went from one segment to another; `None` for a name that is not in `rows`."""
        cells = (cell for row in self.rows if row.from_ == origin for cell in row.to if cell.to == to)
        return next((cell.share.numerator for cell in cells), None)

    def unchanged(self) -> Rate:
        """Tell which share of the customers of both days is in the same segment."""
        return Rate._of(self._core().call("unchanged", ""))

    def kappa(self) -> float | None:
        """Tell how far that exceeds what chance would give (Cohen)."""
        found: float | None = value_of(self._core().call("kappa", ""))
        return found

    def _facts(self) -> list[tuple[str, str]]:
        return [*super()._facts(), *(("remark", remark.sentence) for remark in self.remarks)]

    def _repr_html_(self) -> str:
        return _html.migration(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw who went where as a heat map with matplotlib."""
        from . import _plot

        return _plot.migration(self, ax)


@dataclass(frozen=True)
class BacktestSegment(Result):
    """What one segment did in a `Backtest`."""

    segment: str
    """Which."""
    share: Rate
    """Its customers ÷ all customers."""
    active: Rate
    """Of its customers, those who bought."""
    revenue: Money
    """What they brought."""
    revenue_per_customer: Average[Money]
    """Per customer of the segment, active or not."""
    revenue_per_customer_interval: Interval | None
    """The interval of that, by the bootstrap; `None` where fewer than 40 samples have a customer of the segment."""
    revenue_share: float | None
    """Their part of what all customers brought; `None` where that is not above 0."""
    revenue_share_interval: Interval | None
    """The interval of that, by the bootstrap; `None` where fewer than 40 samples have revenue."""


@dataclass(frozen=True)
class BacktestScore(Result):
    """How well one rule knew who would buy, in a `Backtest`."""

    score: str
    """`rule`, `recency`, `frequency`, `value` or `rfm`."""
    auc: float | None
    """The probability that of one customer who bought and one who did not, the first has the higher score, half for
    equal ones: .5 knows nothing, 1 all. For the rule it is the outlook's. `None` where all or none bought."""
    brier: float | None
    """The mean squared difference between the predicted probability and what happened; less is better. Scores that are
    no probabilities take the share that bought of those with a like score H days before. `None` where the books are
    no older."""
    captured: float | None
    """The part of the revenue that came from the customers with the highest score, as many as there are stars; for the
    rule the stars themselves. `None` where there was no revenue."""


@dataclass(frozen=True)
class CalibrationBin(Result):
    """One tenth of the customers by outlook."""

    tenth: int
    """Which, from 1 on. Equal outlooks are in one tenth, so that some may be missing."""
    predicted: float
    """The mean of their outlooks."""
    observed: Rate
    """Those who bought ÷ its customers."""


@dataclass(frozen=True, repr=False)
class Backtest(Table):
    """What the customers of each segment did in the H days after they were classified, beside what simpler rules would
    have known."""

    at: date
    """The day on which customers were classified, by what was known on its morning."""
    until: date
    """The day before which their purchases were counted: H days later."""
    horizon_days: int
    """H."""
    refitted: bool
    """Whether the rule was fitted anew to what was known on that day, because it had been fitted to more."""
    active: Rate
    """Customers who bought in those days ÷ customers."""
    revenue: Money
    """What the customers brought in those days."""
    segments: tuple[BacktestSegment, ...]
    """The four segments, best first."""
    scores: tuple[BacktestScore, ...]
    """The rule beside simpler ones."""
    calibration: tuple[CalibrationBin, ...]
    """The outlook against what happened, by tenths of customers from the lowest outlook to the highest."""


@dataclass(frozen=True)
class Sensitivity(Result):
    """What it changes to move one cut."""

    cut: str
    """`value` or `outlook`."""
    by: float
    """By how much it is moved: −0.1 for a cut that is a tenth lower."""
    changed: Rate
    """Customers who would be in another segment ÷ customers."""


@dataclass(frozen=True)
class Stability(Result):
    """How steady a classification is."""

    before: date
    """A month before the end of the observation."""
    unchanged: Rate
    """Of the customers with a purchase on both days, those in the same segment."""
    kappa: float | None
    """Cohen's κ of the two days; see `Migration.kappa`."""
    sensitivity: tuple[Sensitivity, ...]
    """What other cuts would change."""


@dataclass(frozen=True)
class ShopStage(Result):
    """How far a shop has come, with the figures that this follows from."""

    stage: str
    """Which."""
    weigh: str
    """What a shop of this stage should weigh most."""
    customers: int
    """Customers with a purchase."""
    days: int
    """Days from the first purchase to the end of the observation."""
    repeat_purchases: Rate
    """Of the purchases of the last 365 days, those that were not their customer's first ÷ all."""
    growth: Ratio[int] | None
    """Purchases of the last 365 days ÷ those of the 365 days before; of 182 days each, where there are not so many.
    Against how many, tells `growth_days`. `None` where there are fewer than twice 182 days."""
    growth_days: int
    """Over how many days growth is measured."""


@dataclass(frozen=True)
class SegmentRule(Result):
    """Stars, productive customers, question marks, problems: a rule that was fitted to a history and is kept."""

    version: int
    """The version of this form. It rises when a field changes its meaning."""
    options: dict[str, Any]
    """How it was fitted."""
    currency: str
    """The currency of all values."""
    value: str
    """What a value is."""
    value_cut: Money
    """From this value on it is high."""
    outlook_cut: float
    """From this outlook on it is high."""
    outlook: Outlook
    """How likely customers are to buy again, with the horizon and the day of the fit."""

    @classmethod
    def fit(
        cls,
        history: OrderHistory,
        *,
        window_days: int | None = 365,
        value: str | None = None,
        value_cut: str | Mapping[str, Any] = "mean",
        outlook_cut: str | Mapping[str, Any] = "repurchase_rate",
        horizon_days: int | None = None,
        at_risk: int = 20,
        gaps_per_fifth: int = 50,
        refund_share: float = 0.5,
        refund_orders: int = 2,
        complaints: int = 2,
        hysteresis: float = 0.0,
    ) -> SegmentRule:
        """Find the cuts between high and low value, and between high and low outlook, that fit a shop's own customers.

        Value is `revenue` or `contribution` over the last `window_days` (`None` for all time). `value_cut` is `mean`, `median`,
        or one of `{"quantile": 0.8}`, `{"revenue_share": 0.8}`, `{"absolute": 100}`; `outlook_cut` is `repurchase_rate`,
        `median`, or one of `{"quantile": 0.5}`, `{"absolute": 0.4}`. The outlook looks `horizon_days` ahead; left out, the
        80th percentile of the gaps between purchases.
        """
        asked = {
            "options": segment_options(
                window_days=window_days,
                value=value,
                value_cut=_cut(value_cut, history),
                outlook_cut=_cut(outlook_cut),
                horizon_days=horizon_days,
                at_risk=at_risk,
                gaps_per_fifth=gaps_per_fifth,
                refund_share=refund_share,
                refund_orders=refund_orders,
                complaints=complaints,
                hysteresis=hysteresis,
            )
        }
        return cls._of(core_of(history).call("segment_rule", encode(asked)))

    def _asked(self) -> dict[str, Any]:
        return {"rule": json.loads(self.to_json())}

    def classify(self, history: OrderHistory, *, after: Segments | None = None) -> Segments:
        """Put every customer of a history into a segment, by this rule.

        With `after`, customers who stood on one side of a cut before stay there within the rule's `hysteresis`.
        """
        before = None if after is None else after._core()
        return Segments._of(core_of(history).classify(self.to_json(), before))

    def backtest(self, history: OrderHistory, *, at: Date, resamples: int = 1000, seed: int = 1) -> Backtest:
        """Classify the customers as of an earlier day, and tell what they did in the time after it.

        Intervals take at least 40 `resamples`.
        """
        test = options(resamples=resamples, seed=seed)
        return Backtest._of(core_of(history).call("backtest", encode({**self._asked(), "at": day(at), "test": test})))

    def stability(self, history: OrderHistory) -> Stability:
        """Tell how much the segments changed since a month before, and would change with other cuts."""
        return Stability._of(core_of(history).call("stability", encode(self._asked())))

    def overview(self, history: OrderHistory, *, before: Date) -> SegmentOverview:
        """Give the segments on a page, beside those of an earlier day by the same cuts."""
        asked = {**self._asked(), "before": day(before)}
        return SegmentOverview._of(core_of(history).call("segment_overview", encode(asked)))


@dataclass(frozen=True, repr=False)
class SegmentOverview(Table):
    """The segments on a page, as a table with a row for each."""

    as_of: date
    """The day of the segments."""
    stage: ShopStage
    """How far the shop has come."""
    segments: tuple[SegmentCount, ...]
    """The four segments, best first."""
    before: tuple[SegmentCount, ...] | None
    """The same by the same rule on an earlier day; `None` where that is not after the first order and before today."""
    migration: Migration | None
    """Who moved since then."""
    examples: tuple[Assessment, ...]
    """One customer of each segment that has any: the one in the middle by value."""

    def _facts(self) -> list[tuple[str, str]]:
        remarks = () if self.migration is None else self.migration.remarks
        return [*super()._facts(), *(("remark", remark.sentence) for remark in remarks)]


def core_of(history: OrderHistory) -> _regulars.History:
    """Find the core of a history, which neither a frame nor a period of a history is."""
    core = getattr(history, "_history", None)
    if not isinstance(core, _regulars.History):
        kind = type(history).__name__
        raise TypeError(f"expected an OrderHistory, such as OrderHistory.from_table(…) makes, and got one of {kind}")
    return core


def _cut(cut: str | Mapping[str, Any], history: OrderHistory | None = None) -> Any:
    """Spell a cut as the core has it; an amount is one of the history's currency."""
    if not isinstance(cut, Mapping):
        return camel(cut) if isinstance(cut, str) else cut
    value = cut.get("absolute")
    if history is not None and value is not None and not isinstance(value, (Money, Mapping)):
        cut = {**cut, "absolute": Money(value, history.options["currency"])}
    return in_camel_case(cut)


def segment_options(
    *,
    horizon_days: int | None = None,
    at_risk: int = 20,
    gaps_per_fifth: int = 50,
    window_days: int | None = 365,
    **given: Any,
) -> dict[str, Any]:
    """Collect the options of a rule in the form of the core."""
    chosen = options(**given)
    # No window at all is all time, and not the default.
    chosen["windowDays"] = window_days
    chosen["outlook"] = options(horizon_days=horizon_days, at_risk=at_risk, gaps_per_fifth=gaps_per_fifth)
    return chosen


def migration(before: Segments, after: Segments) -> Migration:
    """Tell which customers went from which segment to which."""
    return Migration._of(_regulars.migration(before._core(), after._core()))


def playbook() -> list[Action]:
    """List the actions that are kept in stock, each with the customers that it is for."""
    return [Action._from_object(action) for action in value_of(call("playbook"))]


def stage_advice(stage: str) -> str:
    """Say what a shop of a stage is to weigh."""
    return str(value_of(call("shop_stage.weigh", stage=stage)))


def segment_title(segment: str) -> str:
    """Give the name of a segment for people."""
    return str(value_of(call("segment.title", segment=segment)))
