"""The small values that results are made of, and the ones that are handed to calls."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Generic, TypeVar

from . import _regulars
from ._errors import RegularsError, error
from ._result import Result, call, day, plain, value_of

T = TypeVar("T")

Date = datetime.date | str
"""A day: a `date`, a `datetime`, or text such as `"2024-05-17"`."""

Amount = Decimal | int | float | str
"""An amount of money in units of its currency: never rounded silently."""


def amount_text(amount: Amount) -> str:
    """Write an amount as decimal text."""
    # The floats of numpy are floats, and print their type.
    return repr(float(amount)) if isinstance(amount, float) else str(amount)


@dataclass(frozen=True)
class Currency(Result):
    """A currency of ISO 4217, and how many decimals its amounts have.

    >>> Currency("EUR")
    Currency(code='EUR', decimals=2)
    """

    code: str
    """The three letters of ISO 4217."""
    decimals: int = -1
    """The decimals of its amounts; left out, those of ISO 4217."""

    def __post_init__(self) -> None:
        """Look the currency up."""
        wanted = None if self.decimals == -1 else self.decimals
        self._fill(value_of(call("currency", currency=self.code, decimals=wanted)))

    def __str__(self) -> str:
        """Give the text that stands for it in JSON."""
        return self.code if Currency(self.code).decimals == self.decimals else f"{self.code}:{self.decimals}"


def currency_code(currency: str) -> str:
    """Give the three letters of a currency, whatever the decimals of its amounts."""
    return currency.partition(":")[0]


def currency_text(currency: str | Currency) -> str:
    """Give the text that stands for a currency in JSON."""
    return str(currency)


@dataclass(frozen=True)
class Money(Result):
    """An exact amount of a currency.

    >>> Money.parse("35.2", "USD")
    Money(amount=Decimal('35.20'), currency='USD')
    >>> float(Money.from_minor(3520, "USD"))
    35.2
    """

    amount: Decimal
    """The amount, with all decimals of the currency."""
    currency: str
    """The currency; `"USD:3"` where its amounts are kept with other decimals than those of ISO 4217."""

    def __post_init__(self) -> None:
        """Take an amount of any kind, if it is exact."""
        self._fill(value_of(call("money.parse", text=amount_text(self.amount), **_currency(self.currency))))

    @classmethod
    def _from_object(cls, value: Any) -> Money:
        money = object.__new__(cls)
        money.__dict__.update(amount=Decimal(value["amount"]), currency=value["currency"])
        return money

    def _fill(self, value: Any) -> None:
        self.__dict__.update(amount=Decimal(value["amount"]), currency=value["currency"])

    @classmethod
    def parse(cls, text: str, currency: str | Currency, decimals: int | None = None) -> Money:
        """Read decimal text such as `1234.50`."""
        return cls._of_call("money.parse", text=text, **_currency(currency, decimals))

    @classmethod
    def from_float(cls, value: float, currency: str | Currency, decimals: int | None = None) -> Money:
        """Take a float that stands for an amount; one that is finer than the currency is an error."""
        return cls._of_call("money.from_float", value=value, **_currency(currency, decimals))

    @classmethod
    def from_minor(cls, minor: int, currency: str | Currency, decimals: int | None = None) -> Money:
        """Take so many minor units, such as cents."""
        return cls._of_call("money.from_minor", minor=minor, **_currency(currency, decimals))

    @classmethod
    def _of_call(cls, name: str, **arguments: Any) -> Money:
        return cls._from_object(value_of(call(name, **arguments)))

    @property
    def minor(self) -> int:
        """The amount in minor units, such as cents."""
        return int(self.amount.scaleb(-int(self.amount.as_tuple().exponent)))

    def __float__(self) -> float:
        """Give the nearest float."""
        return float(self.amount)

    def __str__(self) -> str:
        """Give the amount with its currency."""
        return f"{self.amount:,f} {currency_code(self.currency)}"

    def to_dict(self) -> dict[str, Any]:
        """Give the amount as text, since a number of JSON loses digits."""
        return {"amount": f"{self.amount:f}", "currency": self.currency}


def _currency(currency: str | Currency, decimals: int | None = None) -> dict[str, Any]:
    code, _, own = str(currency).partition(":")
    return {"currency": code, "decimals": decimals if decimals is not None else int(own) if own else None}


@dataclass(frozen=True)
class Period(Result):
    """Days from `start` to before `end`: the end is the day after the last.

    >>> Period.parse("2024-Q1")
    Period(start=datetime.date(2024, 1, 1), end=datetime.date(2024, 4, 1))
    """

    start: datetime.date
    """The first day."""
    end: datetime.date
    """The day after the last."""

    def __post_init__(self) -> None:
        """Refuse a period without days."""
        self._fill(value_of(call("period.new", start=day(self.start), end=day(self.end))))

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `2024`, `2024-Q3`, `2024-05`, `2024-W07`, `2024-05-17` or `2024-01-01/2024-07-01`."""
        return cls._from_object(value_of(call("period.parse", text=text)))

    def before(self) -> Period | None:
        """Give the period before it: as many months where it is whole months, else as many days; `None` before year 1."""
        found = value_of(call("period.before", text=str(self)))
        return None if found is None else Period._from_object(found)

    def days(self) -> int:
        """Count the days."""
        return int(value_of(call("period.days", text=str(self))))

    def contains(self, date: Date) -> bool:
        """Tell whether a day lies in it."""
        return bool(value_of(call("period.contains", text=str(self), date=day(date))))

    def __contains__(self, date: Date) -> bool:
        """Tell whether a day lies in it."""
        return self.contains(date)

    def __str__(self) -> str:
        """Give a text that every call takes for the period."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def days_shown(start: datetime.date, end: datetime.date) -> str:
    """Name the first and the last day of a period, whose end is the day after."""
    return f"{start} to {end - datetime.timedelta(days=1)}"


PeriodLike = Period | str | int
"""A period, text such as `"2024-Q3"`, or a year; pandas' periods are taken too."""


def as_period(period: PeriodLike) -> Period:
    """Read a period where it is text, a year, or one of pandas."""
    if isinstance(period, int) and 1000 <= period <= 9999:
        period = str(period)
    first, last = getattr(period, "start_time", None), getattr(period, "end_time", None)
    if isinstance(first, datetime.datetime) and isinstance(last, datetime.datetime):
        return Period(first, last + datetime.timedelta(days=1))
    if not isinstance(period, (Period, str)):
        raise error("invalid_period", f'`period`: {period!r} is not a period such as "2024", "2024-Q3" or "2024-05"')
    try:
        return period if isinstance(period, Period) else Period.parse(period)
    except RegularsError as wrong:
        raise error(wrong.code, f"`period`: {wrong.message}") from None


class Grain(str):
    """The size of periods: `day`, `week`, `week-sun`, `month`, `quarter` or `year`. Calls take the plain text as well."""

    def period_of(self, date: Date) -> Period:
        """Give the period of this size in which a day lies."""
        return Period._from_object(value_of(call("grain.period_of", grain=str(self), date=day(date))))

    def periods(self, span: PeriodLike) -> list[Period]:
        """List the periods of this size that a span touches."""
        found = value_of(call("grain.periods", grain=str(self), span=str(span)))
        return [Period._from_object(period) for period in found]


class CohortGrain(str):
    """The size of cohorts: a `Grain`, or a number of days such as `30-days`. Calls take the plain text as well."""

    @classmethod
    def parse(cls, text: str) -> CohortGrain:
        """Read a size."""
        return cls(value_of(call("cohort_grain.parse", text=text)))

    @classmethod
    def days(cls, days: int) -> CohortGrain | None:
        """Make cohorts and periods of so many days; `None` of no days."""
        found = value_of(call("cohort_grain.days", days=days))
        return None if found is None else cls(found)


@dataclass(frozen=True)
class Zone:
    """A time zone: an IANA name, an offset such as `+02:00`, or a table of changes of the clock.

    >>> Zone("Europe/Berlin").date("2024-05-17T23:30:00Z")
    datetime.date(2024, 5, 18)
    """

    zone: str
    """Its name."""
    transitions: Sequence[tuple[int, int]] | None = None
    """Instants in seconds since 1970, each with the offset from UTC in seconds that holds from then on."""

    @property
    def name(self) -> str:
        """The name, as the library spells it."""
        return str(value_of(call("zone.name", **self._arguments())))

    def date(self, instant: datetime.datetime | str) -> datetime.date:
        """Give the day on which an instant falls."""
        text = instant if isinstance(instant, str) else instant.isoformat()
        return datetime.date.fromisoformat(value_of(call("zone.date", instant=text, **self._arguments())))

    def date_of(self, value: int, unit: str) -> datetime.date:
        """Give the day of a count since 1970: of a `second`, `millisecond`, `microsecond` or `nanosecond`."""
        return datetime.date.fromisoformat(value_of(call("clock.date", value=value, unit=unit, **self._arguments())))

    def _arguments(self) -> dict[str, Any]:
        return {"zone": self.zone, "transitions": self.transitions}

    def to_dict(self) -> Any:
        """Give what stands for it in options."""
        return self.zone if self.transitions is None else {"name": self.zone, "transitions": plain(self.transitions)}


def known_zone(zone: str | Zone | None) -> str | Zone | None:
    """Refuse a name that no zone has under its own code, and not as an option that cannot be read."""
    if isinstance(zone, str):
        call("zone.name", zone=zone)
    return zone


@dataclass(frozen=True)
class Interval(Result):
    """The range in which a quantity lies at a level of confidence."""

    low: float
    """The lower end."""
    high: float
    """The upper end."""
    level: float
    """The level of confidence."""

    @classmethod
    def wilson(cls, numerator: int, denominator: int, level: float = 0.95) -> Interval | None:
        """Give Wilson's interval of a share; `None` of nothing."""
        found = value_of(call("interval.wilson", numerator=numerator, denominator=denominator, level=level))
        return None if found is None else cls._from_object(found)


@dataclass(frozen=True)
class Rate(Result):
    """A share of a count: so many out of so many, and how sure that is.

    >>> rate = Rate.of(3, 4)
    >>> float(rate), round(rate.low, 3), round(rate.high, 3), rate.small_n
    (0.75, 0.301, 0.954, True)
    """

    numerator: int
    """How many of them."""
    denominator: int
    """Of how many."""
    value: float | None
    """Numerator ÷ denominator, `None` where the denominator is 0."""
    interval: Interval | None
    """Wilson's interval, `None` where the denominator is 0."""
    small_n: bool
    """Whether the denominator is under 30, too few to build on."""

    @classmethod
    def of(cls, numerator: int, denominator: int, level: float = 0.95) -> Rate:
        """Make the rate of two counts."""
        return cls._of(call("rate", numerator=numerator, denominator=denominator, level=level))

    @property
    def low(self) -> float | None:
        """The lower end of the interval."""
        return self.interval.low if self.interval else None

    @property
    def high(self) -> float | None:
        """The upper end of the interval."""
        return self.interval.high if self.interval else None

    def __float__(self) -> float:
        """Give the value, or `nan` where there is none."""
        return math.nan if self.value is None else self.value

    def __str__(self) -> str:
        """Give the share with its counts and its interval."""
        if self.value is None or self.interval is None:
            return f"no value ({self.numerator} of {self.denominator})"
        low, high, level = (100 * part for part in (self.interval.low, self.interval.high, self.interval.level))
        tenths = self._tenths()
        share = f"{tenths // 10}.{tenths % 10} %"
        return f"{share} ({self.numerator} of {self.denominator}, {level:g} % interval {low:.1f}–{high:.1f} %)"

    def _tenths(self) -> int:
        """Tenths of a percent, from the counts as in a report: 100 × the nearest float to 0.6375 is under 63.75. Half to even."""
        return round(Fraction(1000 * self.numerator, self.denominator))


def _number_or_money(value: Any) -> Any:
    return Money._from_object(value) if isinstance(value, dict) else value


@dataclass(frozen=True)
class Average(Result, Generic[T]):
    """A mean with what it is made of: a total of so many."""

    total: T
    """The sum."""
    count: int
    """Of how many."""
    value: float | None
    """Total ÷ count, `None` where the count is 0."""

    @classmethod
    def of(cls, total: int | Amount, count: int, currency: str | None = None) -> Average[Any]:
        """Make the average of a total; an amount of money where a currency is named."""
        if currency is not None:
            return Average._of(call("average", total=amount_text(total), count=count, currency=currency))
        return Average._of(call("average", total=total, count=count))

    def _fill(self, value: Any) -> None:
        super()._fill(value)
        self.__dict__["total"] = _number_or_money(value["total"])

    def __float__(self) -> float:
        """Give the value, or `nan` where there is none."""
        return math.nan if self.value is None else self.value

    def __str__(self) -> str:
        """Give the mean with its count."""
        return f"{'no value' if self.value is None else format(self.value, '.2f')} (mean of {self.count})"


@dataclass(frozen=True)
class Ratio(Result, Generic[T]):
    """One amount against another: no share of a count, so that it may exceed 1 or be negative and has no interval."""

    numerator: T
    """What is compared."""
    denominator: T
    """What it is compared with."""
    value: float | None
    """Numerator ÷ denominator, `None` where the denominator is not positive."""

    @classmethod
    def of(cls, numerator: int, denominator: int) -> Ratio[int]:
        """Make the ratio of two whole numbers."""
        return Ratio._of(call("ratio", numerator=numerator, denominator=denominator))

    def _fill(self, value: Any) -> None:
        super()._fill(value)
        self.__dict__.update({name: _number_or_money(value[name]) for name in ("numerator", "denominator")})

    def __float__(self) -> float:
        """Give the value, or `nan` where there is none."""
        return math.nan if self.value is None else self.value

    def __str__(self) -> str:
        """Give the ratio with its parts."""
        value = "no value" if self.value is None else format(self.value, ".3f")
        return f"{value} ({self.numerator} against {self.denominator})"


@dataclass(frozen=True)
class OrderPolicy(Result):
    """Which orders count. Where a policy is asked for, the name of a preset will do: `strict`, `shopify`, `woocommerce`.

    >>> "pending" in OrderPolicy.preset("strict").counting("pending").leave_out
    False
    """

    leave_out: tuple[str, ...] = ("pending", "authorized", "on_hold", "cancelled", "voided", "failed")
    """The statuses whose orders are left out; test, draft and deleted always are."""
    count_zero_amount: bool = False
    """Whether an order over nothing (a sample, an exchange, a warranty case) is a purchase."""
    count_fully_refunded: bool = False
    """Whether an order that was paid back in full is a purchase."""
    refunds_in_periods: str = "refund"
    """To which day a period's revenue books a refund whose date is known: `refund` or `order`."""

    @classmethod
    def preset(cls, name: str) -> OrderPolicy:
        """Give the policy of a name."""
        return cls._from_object(value_of(call("policy", name=name)))

    @property
    def name(self) -> str:
        """The name of the preset, or `custom`."""
        return str(value_of(call("policy.name", policy=self.to_dict())))

    def counting(self, status: str) -> OrderPolicy:
        """Give the same policy, but with the orders of a status."""
        known = order_status(status)
        return replace(self, leave_out=tuple(out for out in self.leave_out if out != known))


def order_status(text: str) -> str:
    """Read what became of an order, in any of the words of shop systems.

    >>> order_status("wc-on-hold")
    'on_hold'
    """
    return str(value_of(call("status", text=text)))


CustomerId = str | int | float
"""A customer as the column of customers has them: pandas makes whole numbers floats where some are missing."""


def customer_text(customer: CustomerId) -> str:
    """Write a customer as columns are read: a whole number is one, whatever its type."""
    if customer is None or isinstance(customer, bool):
        raise error("invalid_option", f"`customer`: expected text or a whole number, not {customer!r}")
    return str(int(customer) if isinstance(customer, float) and customer.is_integer() else customer)


def customer_key(customer: CustomerId | None = None, email: str | None = None) -> str | None:
    """Give the key by which the library knows a customer; `None` is nobody.

    >>> customer_key(" Ann@Example.com ")
    'ann@example.com'
    """
    if email is None:
        return None if customer is None else _text(value_of(call("customer_key", text=customer_text(customer))))
    given = None if customer is None else customer_text(customer)
    return _text(value_of(call("order.key", customer=given, email=email)))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class Definition(Result):
    """What a figure means, to be printed beside it."""

    name: str
    """The name of the figure in the API."""
    title: str
    """Its name for people."""
    formula: str
    """How it is computed."""


def definition(name: str) -> Definition | None:
    """Say what a figure means; `None` where there is none of the name.

    >>> definition("repeat_customer_rate").formula
    'customers with ≥ 2 purchases in the period ÷ customers'
    """
    found = value_of(call("definition", name=name))
    return None if found is None else Definition._from_object(found)


def definitions() -> list[Definition]:
    """List what every figure means."""
    return [Definition._from_object(found) for found in value_of(call("definitions"))]


def error_codes() -> list[str]:
    """List the codes that an error of the core can have."""
    return [str(code) for code in value_of(call("error.codes"))]


ERROR_CODES: frozenset[str] = frozenset(_regulars.ERROR_CODES)
"""Every `code` that an exception of this package can have."""


@dataclass(frozen=True)
class RfmGrid:
    """The names of RFM segments: a row for every score of recency, in it a name for every score of frequency and money."""

    rows: tuple[tuple[str, ...], ...]
    """The names, both scores from 1 on."""

    def __init__(self, rows: Iterable[Iterable[str]]) -> None:
        """Take the rows, from the worst score of recency to the best."""
        object.__setattr__(self, "rows", tuple(map(tuple, rows)))

    @classmethod
    def standard(cls, bins: int = 5) -> RfmGrid:
        """Give the usual names."""
        return cls(value_of(call("rfm_grid", bins=bins)))

    @classmethod
    def _from_object(cls, value: Any) -> RfmGrid:
        return cls(value)

    def name(self, recency: int, frequency_monetary: int) -> str | None:
        """Name the segment of two scores, from 1 on."""
        found = value_of(call("rfm_grid.name", rows=self.to_dict(), recency=recency, frequency_monetary=frequency_monetary))
        return _text(found)

    def to_dict(self) -> list[list[str]]:
        """Give the rows as lists."""
        return [list(row) for row in self.rows]

    def __str__(self) -> str:
        """Show the grid, the best recency on top."""
        scores = [str(score) for score in range(1, len(self.rows) + 1)]
        lines = [["recency", *scores], *([score, *row] for score, row in reversed(list(zip(scores, self.rows, strict=True))))]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join(["RfmGrid: a column for each score of frequency and money", *(f"  {line}" for line in shown)])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


LapseAfter = int | str | datetime.timedelta | Mapping[str, int]
"""How long after their last purchase customers are still called active: days, or `from_rhythm`, or months as `"3 months"`, or
what a result says it took, such as `{"days": 90}`."""


def lapse_after_json(after: LapseAfter) -> Any:
    """Write what is taken for active as options have it."""
    if after == "from_rhythm":
        return after
    if isinstance(after, Mapping):
        return dict(after)
    if isinstance(after, datetime.timedelta):
        days, rest = divmod(after, datetime.timedelta(days=1))
        after = repr(after) if rest else days
    number, _, unit = after.partition(" ") if isinstance(after, str) else (str(after), "", "days")
    if not number.isdecimal() or unit not in ("day", "days", "month", "months"):
        raise error("invalid_option", f'lapse_after={after!r} is neither days, such as 90, nor "3 months" nor "from_rhythm"')
    return {"months" if unit.startswith("month") else "days": int(number)}
