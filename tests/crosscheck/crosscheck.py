"""Computes all figures of buying in SQL on real orders, and compares them with those of regulars.

    python crosscheck.py <program> cdnow <file>
    python crosscheck.py <program> online-retail <file>

<program> is the built `figures` of this folder. Whole numbers and money have to be equal, floats to 1e-12.
"""

import csv
import json
import math
import re
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import duckdb
from spending import check_spending

DECIMALS = {"cdnow": 2, "online-retail": 3}

# One row per order, as the file has it: who is null for nobody, minor is the amount in minor units.
# A purchase is a day on which a customer ordered something for money; a negative amount is a credit note.
VIEWS = """
create view paid as select * from orders where minor > 0;
create view occasion as select distinct who, day from paid where who is not null;
create view first_day as select who, min(day) as day from occasion group by who;
"""

# Customers by period, with how often they bought in it and up to its end.
BUYERS = """
with buyer as (
    select p.number, o.who, f.day >= p.first and f.day < p.until as is_new,
           count(*) filter (o.day >= p.first) as here, count(*) as so_far
    from period p join occasion o on o.day < p.until join first_day f on f.who = o.who
    group by all
)
select p.number, count(b.who), coalesce(sum(b.is_new::int), 0), coalesce(sum(b.here), 0),
       count(*) filter (b.here >= 2), count(*) filter (b.so_far >= 2)
from period p left join buyer b on b.number = p.number and b.here > 0
group by p.number order by p.number
"""

# Money and orders by period and by where they came from.
MONEY = """
select p.number, coalesce(sum(o.minor) filter (part = 'first'), 0), count(*) filter (part = 'first'),
       coalesce(sum(o.minor) filter (part = 'later'), 0), count(*) filter (part = 'later'),
       coalesce(sum(o.minor) filter (part = 'unidentified'), 0), count(*) filter (part = 'unidentified' and minor > 0),
       coalesce(sum(o.minor) filter (part = 'credits'), 0)
from period p left join (
    select o.day, o.minor, case when o.who is null then 'unidentified' when o.minor < 0 then 'credits'
                                when o.day = f.day then 'first' else 'later' end as part
    from orders o left join first_day f on f.who = o.who where o.minor <> 0
) o on o.day >= p.first and o.day < p.until
group by p.number order by p.number
"""

compared = 0


def check(place: str, ours: Any, theirs: Any) -> None:
    """Stops at the first difference between a figure computed here and the one of regulars."""
    global compared
    compared += 1
    if isinstance(ours, float) and isinstance(theirs, float):
        same = math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-12)
    else:
        same = ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
    if not same:
        sys.exit(f"{place}: computed {ours!r}, regulars says {theirs!r}")


def minor(money: dict[str, str], decimals: int) -> int:
    return int(Decimal(money["amount"]).scaleb(decimals))


def ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def check_rate(place: str, part: int, whole: int, rate: dict[str, Any]) -> None:
    check(f"{place}.numerator", part, rate["numerator"])
    check(f"{place}.denominator", whole, rate["denominator"])
    check(f"{place}.value", ratio(part, whole), rate["value"])
    check(f"{place}.smallN", whole < 30, rate["smallN"])
    if whole == 0:
        check(f"{place}.interval", None, rate["interval"])
        return
    # Wilson (1927), by solving (p - x)^2 = z^2 x (1 - x) / n for x.
    z, p = NormalDist().inv_cdf(0.975), part / whole
    a, b, c = 1 + z * z / whole, -(2 * p + z * z / whole), p * p
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    check(f"{place}.low", (-b - root) / (2 * a), rate["interval"]["low"])
    check(f"{place}.high", (-b + root) / (2 * a), rate["interval"]["high"])


def check_mean(place: str, total: int, count: int, mean: dict[str, Any], scale: int, decimals: int) -> None:
    given = minor(mean["total"], decimals) if isinstance(mean["total"], dict) else mean["total"]
    check(f"{place}.total", total, given)
    check(f"{place}.count", count, mean["count"])
    check(f"{place}.value", ratio(total / scale, count), mean["value"])


def check_periods(
    base: duckdb.DuckDBPyConnection, name: str, spans: list[tuple[date, date]], until: date, found: list[Any], decimals: int
) -> None:
    check(f"{name}.length", len(spans), len(found))
    base.execute("create or replace table period (number int, first date, until date)")
    base.executemany("insert into period values (?, ?, ?)", [(i, *span) for i, span in enumerate(spans)])
    buyers, money = base.execute(BUYERS).fetchall(), base.execute(MONEY).fetchall()
    scale = 10**decimals
    for (start, end), buyer, row, got in zip(spans, buyers, money, found, strict=True):
        _, n, new, purchases, repeat, returning = buyer
        _, first, firsts, later, laters, nobody, nobodies, credits = row
        at = f"{name} {start}"
        check(f"{at}.period", {"start": str(start), "end": str(end)}, got["period"])
        check(f"{at}.complete", end <= until, got["complete"])
        revenue, orders = int(first + later + nobody + credits), firsts + laters + nobodies
        for key, value in [("customers", n), ("newCustomers", int(new)), ("purchases", int(purchases)), ("orders", orders)]:
            check(f"{at}.{key}", value, got[key])
        check(f"{at}.revenue", revenue, minor(got["revenue"], decimals))
        check_rate(f"{at}.repeat", repeat, n, got["repeatCustomerRate"])
        check_rate(f"{at}.returning", returning, n, got["returningCustomerRate"])
        check_rate(f"{at}.existing", n - int(new), n, got["existingCustomerShare"])
        check_mean(f"{at}.frequency", int(purchases), n, got["purchaseFrequency"], 1, decimals)
        check_mean(f"{at}.orderValue", revenue, orders, got["averageOrderValue"], scale, decimals)
        check_mean(f"{at}.perCustomer", revenue - int(nobody), n, got["averageRevenuePerCustomer"], scale, decimals)
        parts = [("first", first, firsts), ("later", later, laters), ("unidentified", nobody, nobodies), ("credits", credits, 0)]
        for part, amount, count in [*parts, ("total", revenue, orders)]:
            split = got["revenueSplit"][part]
            check(f"{at}.{part}.revenue", int(amount), minor(split["revenue"], decimals))
            check(f"{at}.{part}.orders", count, split["orders"])
            check(f"{at}.{part}.share", int(amount) / revenue if revenue > 0 else None, split["share"])


def check_summary(base: duckdb.DuckDBPyConnection, until: date, summary: dict[str, Any], decimals: int) -> None:
    query = """select count(*), count(*) filter (minor > 0), count(*) filter (minor < 0), count(*) filter (minor = 0),
               count(*) filter (minor > 0 and who is null), sum(minor), min(day) from orders"""
    row = base.execute(query).fetchone()
    assert row is not None
    given, orders, credits, free, nobody, revenue, first = row
    purchases, customers = base.execute("select count(*), count(distinct who) from occasion").fetchone() or (0, 0)
    (named,) = base.execute("select count(distinct who) from orders").fetchone() or (0,)
    counts = {"given": given, "orders": orders, "creditNotes": credits, "purchases": purchases, "customers": customers}
    for key, value in {**counts, "repeated": 0, "prospects": named - customers}.items():
        check(f"summary.{key}", value, summary[key])
    check("summary.leftOut", [{"orders": free, "reason": "zero_amount"}] if free else [], summary["leftOut"])
    check("summary.revenue", int(revenue), minor(summary["revenue"], decimals))
    check("summary.span", {"start": str(first), "end": str(until)}, summary["span"])
    check_rate("summary.unidentified", nobody, orders, summary["unidentified"])


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def spans(first: date, until: date, grain: str) -> list[tuple[date, date]]:
    start = {"days": first, "weeks": first - timedelta(days=first.weekday()), "months": first.replace(day=1)}[grain]
    out = []
    while start < until:
        end = next_month(start) if grain == "months" else start + timedelta(days=7 if grain == "weeks" else 1)
        out.append((start, end))
        start = end
    return out


PERIODS = {
    "cdnow": [
        (date(1997, 1, 1), date(1998, 1, 1)),
        (date(1997, 1, 1), date(1997, 4, 1)),
        (date(1998, 1, 1), date(1999, 1, 1)),
        (date(1997, 2, 10), date(1998, 5, 3)),
    ],
    "online-retail": [
        (date(2011, 1, 1), date(2012, 1, 1)),
        (date(2011, 10, 1), date(2012, 1, 1)),
        (date(2010, 12, 1), date(2011, 1, 1)),
        (date(2011, 2, 10), date(2011, 5, 3)),
    ],
}


def amount_in_minor(text: str, decimals: int) -> int:
    """The amount without the noise of binary floats, exactly."""
    value = Decimal(text).scaleb(decimals)
    whole = value.to_integral_value()
    assert abs(value - whole) < Decimal("0.001"), text
    return int(whole)


def books(path: str, decimals: int) -> tuple[duckdb.DuckDBPyConnection, date, date]:
    """The orders of a file as tables, their first day, and the day after the last."""
    with open(path, newline="", encoding="utf-8") as file:
        orders = [
            (row["customer_id"] or None, (row.get("ts") or row["date"])[:10], amount_in_minor(row["amount"], decimals))
            for row in csv.DictReader(file)
        ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for _, day, _ in orders)
    base = duckdb.connect()
    base.execute("create table orders (who varchar, day date, minor bigint)")
    base.executemany("insert into orders values (?, ?, ?)", orders)
    base.execute(VIEWS)
    days = [date.fromisoformat(day) for _, day, _ in orders]
    return base, min(days), max(days) + timedelta(days=1)


def main() -> None:
    program, kind, path = sys.argv[1:]
    decimals = DECIMALS[kind]
    found = json.loads(subprocess.run([program, kind, path], check=True, capture_output=True, text=True).stdout)
    base, first, until = books(path, decimals)

    check_summary(base, until, found["summary"], decimals)
    check_periods(base, "periods", PERIODS[kind], until, found["periods"], decimals)
    for grain in ["months", "weeks", "days"]:
        check_periods(base, grain, spans(first, until, grain), until, found[grain], decimals)
    check_spending(base, until, found, decimals, check)
    [(count,)] = base.execute("select count(*) from orders").fetchall()
    print(f"{kind}: {compared} figures of {count} orders agree with DuckDB {duckdb.__version__}")


if __name__ == "__main__":
    main()
