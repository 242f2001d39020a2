"""Calls on plain numbers: what a customer is worth, what if, how long until."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._result import call, listed, options
from ._results import (
    Comparison,
    Concentration,
    DiscountedValue,
    Frequency,
    KaplanMeier,
    Lifespan,
    LogRank,
    Scenario,
    SimpleValue,
    Simulation,
)

Durations = Iterable[tuple[int, bool]]
"""Pairs of a number of days and whether the event happened then (`False`: watched so long without it)."""


def simulate(
    *,
    customers: float,
    spend: float,
    retention_rate: float,
    acquired: float = 0.0,
    periods: int = 12,
) -> Simulation:
    """Tell what a shop with so many customers would sell, period by period.

    >>> simulate(customers=100, spend=10, retention_rate=0.5, periods=2)["customers"]
    [100.0, 50.0]
    """
    return Scenario(customers, spend, retention_rate, acquired).simulate(periods)


def compare(base: Scenario, other: Scenario, *, periods: int = 12) -> Comparison:
    """Set two scenarios side by side.

    >>> compare(Scenario(100, 10, 0.05), Scenario(100, 10, 0.10), periods=2).difference
    50.0
    """
    return base.compare(other, periods)


def simple_value(*, average_order_value: float, frequency: Frequency, lifespan: Lifespan) -> SimpleValue:
    """Give average order value × purchases per customer and time × lifespan.

    >>> value = simple_value(average_order_value=40, frequency=Frequency(0.5, "month"), lifespan=Lifespan(3, "year"))
    >>> value.value, value.with_margin(0.25).value
    (720.0, 180.0)
    """
    return SimpleValue._of(call("simple_value", average_order_value=average_order_value, frequency=frequency, lifespan=lifespan))


def discounted_value(
    *,
    margin: float,
    retention_rate: float,
    every: str,
    rate: float = 0.1,
    per: str = "year",
    first_margin: bool = False,
) -> DiscountedValue:
    """Give the present value of a margin that comes back as long as the customer is kept: m·r ÷ (1 + d − r).

    >>> round(discounted_value(margin=100, retention_rate=0.8, every="year").value, 2)
    266.67
    """
    chosen = options(rate=rate, per=per, first_margin=first_margin)
    return DiscountedValue._of(
        call("discounted_value", margin=margin, retention_rate=retention_rate, every=every, options=chosen)
    )


def concentration(
    totals: Iterable[int],
    *,
    currency: str,
    top: Iterable[float] = (0.01, 0.05, 0.1, 0.2),
    revenue_share: float = 0.8,
) -> Concentration:
    """Tell how much of the revenue few customers bring, of totals in minor units (cents)."""
    chosen = options(top=listed("top", "shares", top), revenue_share=revenue_share)
    return Concentration._of(
        call("concentration", totals=listed("totals", "amounts in minor units", totals), currency=currency, options=chosen)
    )


def kaplan_meier(
    durations: Durations | None = None,
    *,
    events: Iterable[int] | None = None,
    censored: Iterable[int] | None = None,
    level: float = 0.95,
) -> KaplanMeier:
    """Estimate the share for whom an event has not happened by a day, with those who are still waiting.

    Durations are pairs of a day and whether the event happened then, or counts by day as `events` and `censored`.

    >>> kaplan_meier([(5, True), (8, False), (12, True)]).survival(6)
    0.6666666666666666
    """
    return KaplanMeier._of(call("kaplan_meier", durations=_durations(durations, events, censored), level=level))


def log_rank(groups: Iterable[Durations | dict[str, Iterable[int]]]) -> LogRank | None:
    """Test whether several groups wait equally long; `None` where nothing can be compared."""
    given = [_durations(None, **group) if isinstance(group, dict) else _durations(group) for group in groups]
    return LogRank._maybe(call("log_rank", groups=given))


def _durations(durations: Durations | None, events: Iterable[int] | None = None, censored: Iterable[int] | None = None) -> Any:
    if durations is not None:
        return [[int(days), bool(happened)] for days, happened in durations]
    return {"events": list(events or ()), "censored": list(censored or ())}
