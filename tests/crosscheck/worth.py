"""Computes returns and what customers are worth in SQL on real orders, and compares them with those of regulars.

    python worth.py <program> cdnow <file>
    python worth.py <program> online-retail <file>

<program> is the built `figures` of this folder. The orders are real. Neither file has refunds or costs: they are made up here by
the number of the row, in two of the three books that are compared. Whole numbers and money have to be equal, floats to 1e-12.
"""

import csv
import json
import math
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import crosscheck
import duckdb
import pandas as pd
from crosscheck import DECIMALS, PERIODS, VIEWS, amount_in_minor, check, check_mean, check_rate, minor, ratio
from spending import BUYER, TENURE

Row = tuple[str | None, date, int, int, date | None, int | None]
COLUMNS = "who varchar, day date, gross bigint, refund bigint, refunded_on date, cost bigint"

# What is left of the orders, for the views and tables of the other checks; an order that was paid back in full is worth nothing.
ORDERS = "create view orders as select who, day, gross - refund as minor from books"

RETURNS = """
select count(*) filter (gross > 0), count(*) filter (refund > 0), coalesce(sum(gross) filter (gross > 0), 0)::bigint,
       sum(refund)::bigint, count(*) filter (gross < 0), coalesce(-sum(gross) filter (gross < 0), 0)::bigint
from books
"""

# Customers with an order, were it paid back in full; the day of their first return, and the first and last of their purchases.
AGAIN = """
with customer as (
    select who, min(case when refund > 0 then coalesce(refunded_on, day) when gross < 0 then day end) as returned,
           min(day) filter (gross > refund) as first, max(day) filter (gross > refund) as last
    from books where who is not null group by who having count(*) filter (gross > 0) > 0
)
select count(*) filter (returned is not null), count(*) filter (last > returned),
       count(*) filter (returned is null and first is not null), count(*) filter (returned is null and last > first)
from customer
"""

HISTORIC = """
select count(distinct who), sum(gross - refund)::bigint, count(*) filter (gross > refund),
       count(*) filter (gross > refund and cost is not null), sum(cost) filter (gross > refund)::bigint
from books where who in (select who from first_day)
"""

EVERYBODY = """
select who, sum(minor)::bigint, who in (select who from first_day) from orders where who is not null group by who
"""

SIMPLE = """
select (select count(*) from occasion where day >= $start and day < $until),
       (select count(distinct who) from occasion where day >= $start and day < $until),
       (select coalesce(sum(minor), 0)::bigint from orders where who is not null and day >= $start and day < $until)
"""


def made_up(row: int, day: date, gross: int, with_refunds: bool, cost_of: int) -> tuple[int, date | None, int | None]:
    """Refund, its day and the cost of an order: some halves, some in full, some thirds on days that nobody wrote down."""
    if gross <= 0:
        return 0, None, None
    cost = gross * 3 // 5 if cost_of and row % cost_of else None
    if not with_refunds or row % 7 not in (2, 3, 5):
        return 0, None, cost
    part, days = {2: (3, None), 3: (2, 11), 5: (1, 4)}[row % 7]
    refund = gross // part
    return refund, day + timedelta(days=days) if refund and days else None, cost


def decimal(value: int | None, decimals: int) -> str:
    return "" if value is None else str(Decimal(value).scaleb(-decimals))


def figures(program: str, kind: str, header: list[str], given: list[list[str]], rows: list[Row]) -> dict[str, Any]:
    """What regulars says of these books."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([*header, "refunded", "refunded_on", "cost"])
            for cells, (*_, refund, refunded_on, cost) in zip(given, rows, strict=True):
                amounts = [decimal(amount, DECIMALS[kind]) for amount in (refund or None, cost)]
                writer.writerow([*cells, amounts[0], refunded_on or "", amounts[1]])
        output = subprocess.run([program, kind, str(path)], check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def check_returns(at: str, base: duckdb.DuckDBPyConnection, found: dict[str, Any], decimals: int) -> None:
    orders, returned, sold, back, notes, credited = base.execute(RETURNS).fetchone() or ()
    check_rate(f"{at}.byOrders", returned, orders, found["byOrders"])
    check(f"{at}.creditNotes", notes, found["creditNotes"])
    for key, part in [("byValue", back), ("byValueWithCreditNotes", back + credited)]:
        check(f"{at}.{key}", (part, sold), (minor(found[key]["numerator"], decimals), minor(found[key]["denominator"], decimals)))
        check(f"{at}.{key}.value", part / sold, found[key]["value"])
    after, again, without, twice = base.execute(AGAIN).fetchone() or ()
    check_rate(f"{at}.after", again, after, found["boughtAgainAfterReturn"])
    check_rate(f"{at}.without", twice, without, found["boughtAgainWithoutReturn"])


def check_historic(at: str, base: duckdb.DuckDBPyConnection, found: dict[str, Any], decimals: int) -> None:
    customers, net, orders, known, cost = base.execute(HISTORIC).fetchone() or ()
    historic = found["historic"]
    check_mean(f"{at}.revenue", net, customers, historic["revenue"], 10**decimals, decimals)
    check_rate(f"{at}.ordersWithCost", known, orders, historic["ordersWithCost"])
    if known == orders:
        check_mean(f"{at}.margin", net - cost, customers, historic["margin"], 10**decimals, decimals)
    else:
        check(f"{at}.margin", None, historic["margin"])
    values = {who: total if bought else None for who, total, bought in base.execute(EVERYBODY).fetchall()}
    theirs = {who: value and minor(value, decimals) for who, value in found["customers"].items()}
    check(f"{at}.customers", values, theirs)


def against(value: float, months: float, cost: float) -> dict[str, Any]:
    if cost == 0:
        return {"kind": "month", "month": 0}
    return {"kind": "month", "month": math.ceil(months * cost / value)} if value >= cost else {"kind": "never"}


def check_simple(at: str, base: duckdb.DuckDBPyConnection, kind: str, until: date, found: list[Any]) -> None:
    """Over two years, each of 12 months or 365.2425 days."""
    for (start, end), got in zip(PERIODS[kind], found, strict=True):
        purchases, customers, net = base.execute(SIMPLE, {"start": start, "until": end}).fetchone() or ()
        in_months = start.day == end.day == 1
        length = (end.year - start.year) * 12 + end.month - start.month if in_months else (end - start).days
        times, lifespan = purchases / customers / length, 24 if in_months else 2 * 365.2425
        order_value = net / 10 ** DECIMALS[kind] / purchases
        simple = got["simple"]
        bought = times * lifespan
        check(f"{at} {start}.per", "month" if in_months else "day", simple["frequency"]["per"])
        check(f"{at} {start}.times", times, simple["frequency"]["times"])
        check(f"{at} {start}.complete", end <= until, simple["complete"])
        for key, value in [("averageOrderValue", order_value), ("purchases", bought), ("value", order_value * bought)]:
            check(f"{at} {start}.{key}", value, simple[key])
        margin = order_value * bought * 0.4
        check(f"{at} {start}.margin", margin, got["margin"]["value"])
        for cost, beside in zip([0.0, 5.0, 40.0, 1e6], got["against"], strict=True):
            check(f"{at} {start}.ratio {cost}", ratio(margin, cost) if cost else None, beside["ratio"])
            check(f"{at} {start}.payback {cost}", against(margin, 24, cost), beside["payback"])


def check_payback(at: str, base: duckdb.DuckDBPyConnection, until: date, scale: int, found: list[Any]) -> None:
    months = base.execute(TENURE, {"width": 1, "until": until}).fetchall()
    per_customer = [net / scale / observed for _, observed, _, _, net in months]
    for (cost, margin), got in zip([(5, 0.4), (20, 0.4), (100, 0.4), (1e6, 0.4), (20, -0.1), (0, 0.4)], found, strict=True):
        so_far = [sum(per_customer[: month + 1]) * margin for month in range(len(per_customer))]
        check(f"{at} {cost}.months", len(so_far), len(got["cumulative"]))
        for month, (ours, theirs) in enumerate(zip(so_far, got["cumulative"], strict=True), 1):
            check(f"{at} {cost}.month {month}", ours, theirs)
        reached = [month for month, sum_ in enumerate(so_far, 1) if sum_ >= cost]
        if cost == 0 or reached:
            expected = {"kind": "month", "month": reached[0] if cost else 0}
        else:
            expected = {"kind": "not_yet", "observedMonths": len(so_far)} if margin > 0 else {"kind": "never"}
        check(f"{at} {cost}", expected, got["payback"])


def check_discounted(found: list[Any]) -> None:
    """The series itself: 100 a period, of which 80 % stay, at 10 % a year."""
    for (first, per_year), got in zip([(0, 1), (0, 12), (1, 1)], [found[0], found[2], found[1]], strict=True):
        factor = 0.8 / 1.1 ** (1 / per_year)
        check(f"discounted {first} {per_year}", math.fsum(100 * factor**t for t in range(1 - first, 2000)), got["value"])


def main() -> None:
    program, kind, path = sys.argv[1:]
    decimals = DECIMALS[kind]
    with open(path, newline="", encoding="utf-8") as file:
        header, *given = list(csv.reader(file))
    who, amount = header.index("customer_id"), header.index("amount")
    when = header.index("ts" if "ts" in header else "date")
    days = [date.fromisoformat(cells[when][:10]) for cells in given]
    amounts = [amount_in_minor(cells[amount], decimals) for cells in given]
    until = max(days) + timedelta(days=1)
    # As they are; with refunds and every cost; with refunds and most costs.
    for name, refunds, cost_of in [("plain", False, 0), ("refunds", True, 10**9), ("some costs", True, 10)]:
        rows: list[Row] = [
            (cells[who] or None, day, gross, *made_up(row, day, gross, refunds, cost_of))
            for row, (cells, day, gross) in enumerate(zip(given, days, amounts, strict=True), 1)
        ]
        base = duckdb.connect()
        base.execute(f"create table books ({COLUMNS})")
        frame = pd.DataFrame(rows, columns=["who", "day", "gross", "refund", "refunded_on", "cost"]).astype({"cost": "Int64"})
        base.execute("insert into books select * from frame")
        base.execute(ORDERS + ";" + VIEWS + BUYER)
        found = figures(program, kind, header, given, rows)
        check_returns(f"{name} returns", base, found["returns"], decimals)
        check_historic(f"{name} historic", base, found, decimals)
        check_simple(f"{name} simple", base, kind, until, found["simple"])
        check_payback(f"{name} payback", base, until, 10**decimals, found["payback"])
        check_discounted(found["discounted"])
    print(f"{kind}: {crosscheck.compared} figures of returns and values agree with DuckDB {duckdb.__version__}")


if __name__ == "__main__":
    main()
