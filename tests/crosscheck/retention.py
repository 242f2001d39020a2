"""Computes customer flow, revenue movements and repurchases in SQL on real orders, and compares them with those of regulars.

    python retention.py <program> cdnow <file>
    python retention.py <program> online-retail <file>

<program> is the built `figures` of this folder. Whole numbers and money have to be equal, floats to 1e-12.
"""

import json
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import crosscheck
import duckdb
from crosscheck import DECIMALS, books, check, check_rate, minor, spans

# Customers who have bought before each boundary, with their last purchase; active where it is on or after `back`.
STATE = """
create or replace table state as
select b.number, o.who, max(o.day) >= any_value(b.back) as active, max(o.day) as last
from boundary b join occasion o on o.day < b.day group by b.number, o.who
"""

# A purchase at which the customer was no longer active.
COMEBACK = """
create or replace table comeback as
select who, day from (select who, day, lag(day) over (partition by who order by day) as before from occasion)
where before < (day - {lapse})::date
"""

FLOW = """
with pair as (
    select n.number - 1 as number, p.day as start, n.who, s.who is not null as known, coalesce(s.active, false) as was,
           n.active as is_now, n.last >= p.day as bought,
           exists (select 1 from comeback c where c.who = n.who and c.day >= p.day and c.day < e.day) as lapsed
    from state n join boundary p on p.number = n.number - 1 join boundary e on e.number = n.number
    left join state s on s.who = n.who and s.number = n.number - 1
)
select b.number, count(*) filter (was), count(*) filter (not known and is_now), count(*) filter (known and not was and is_now),
       count(*) filter (was and not is_now), count(*) filter (is_now), count(*) filter (known and not was),
       count(*) filter (not known and not is_now), count(*) filter (known and not was and bought and not is_now),
       count(*) filter (was and is_now and lapsed)
from boundary b left join pair on pair.number = b.number
where b.number < (select max(number) from boundary) group by b.number order by b.number
"""

# Each customer's net amount in a period and in the one before; credit notes included, orders of nobody not.
MOVEMENTS = """
with spent as (
    select p.number, o.who, sum(o.minor)::bigint as net
    from period p join orders o on o.day >= p.first and o.day < p.until
    where o.who is not null and o.minor <> 0 group by p.number, o.who
), pair as (
    select coalesce(n.number, b.number + 1) as number, coalesce(n.who, b.who) as who,
           coalesce(n.net, 0) as now, coalesce(b.net, 0) as was
    from spent n full join spent b on b.who = n.who and b.number = n.number - 1
), kind as (
    select pair.*, case when was > 0 and now <= 0 then 'churned' when was > 0 and now < was then 'contraction'
                        when was > 0 then 'expansion' when f.day >= p.first and f.day < p.until then 'new'
                        else 'reactivated' end as kind
    from pair join period p on p.number = pair.number left join first_day f on f.who = pair.who
)
select p.number, coalesce(sum(was), 0), coalesce(sum(now), 0), coalesce(sum(now - was) filter (kind = 'new'), 0),
       coalesce(sum(now - was) filter (kind = 'expansion'), 0), coalesce(sum(was - now) filter (kind = 'contraction'), 0),
       coalesce(sum(was - now) filter (kind = 'churned'), 0), coalesce(sum(now - was) filter (kind = 'reactivated'), 0),
       coalesce(sum(was) filter (was > 0), 0), coalesce(sum(least(now, was)) filter (was > 0), 0),
       coalesce(sum(now) filter (was > 0), 0)
from period p left join kind on kind.number = p.number where p.number >= 0 group by p.number order by p.number
"""

REPURCHASE = """
with buyer as (select distinct p.number, o.who from period p join occasion o on o.day >= p.first and o.day < p.until)
select p.number, count(n.who), count(b.who)
from period p left join buyer b on b.number = p.number - 1 left join buyer n on n.number = p.number and n.who = b.who
where p.number >= 0 group by p.number order by p.number
"""

Base = duckdb.DuckDBPyConnection


def check_flows(base: Base, place: str, lapse: str, periods: list[tuple[date, date]], until: date, found: list[Any]) -> None:
    check(f"{place}.length", len(periods), len(found))
    days = [min(day, until) for day in [periods[0][0], *(end for _, end in periods)]]
    base.execute("create or replace table boundary (number int, day date, back date)")
    base.executemany(f"insert into boundary select n, d, (d - {lapse})::date from (select ? as n, ?::date as d)", enumerate(days))
    base.execute(STATE)
    base.execute(COMEBACK.format(lapse=lapse))
    keys = ["atStart", "new", "reactivated", "churned", "atEnd", "lapsedAtStart", "newAndGone", "backAndGone", "lapsedAndBack"]
    for row, (start, end), got in zip(base.execute(FLOW).fetchall(), periods, found, strict=True):
        at = f"{place} {start}"
        check(f"{at}.period", {"start": str(start), "end": str(end)}, got["period"])
        check(f"{at}.complete", end <= until, got["complete"])
        check(f"{at}.until", str(min(end, until)), got["until"])
        for key, value in zip(keys, row[1:], strict=True):
            check(f"{at}.{key}", value, got[key])
        _, at_start, new, back, churned, at_end, lapsed, *_ = row
        check_rate(f"{at}.retention", at_start - churned, at_start, got["retentionRate"])
        check_rate(f"{at}.churn", churned, at_start, got["churnRate"])
        check_rate(f"{at}.reactivation", back, lapsed, got["reactivationRate"])
        headcount = (at_end - new) / at_start if at_start else None
        check(f"{at}.headcount", headcount, got["retentionRateByHeadcount"]["value"])


def check_movements(base: Base, place: str, found: list[Any], decimals: int) -> None:
    rows = base.execute(MOVEMENTS).fetchall()
    check(f"{place}.length", len(rows), len(found))
    for row, got in zip(rows, found, strict=True):
        before, now, new, expansion, contraction, churned, reactivated, base_before, kept, net = map(int, row[1:])
        at = f"{place} {got['period']['start']}"
        amounts = {"before": before, "now": now, "change": now - before, "new": new, "expansion": expansion}
        amounts |= {"contraction": contraction, "churned": churned, "reactivated": reactivated}
        for key, value in amounts.items():
            check(f"{at}.{key}", value, minor(got[key], decimals))
        ratios = {"grossRevenueRetention": (kept, base_before), "netRevenueRetention": (net, base_before)}
        ratios["revenueChurnRate"] = (base_before - kept, base_before)
        ratios["quickRatio"] = (new + expansion + reactivated, churned + contraction)
        for key, (part, whole) in ratios.items():
            check(f"{at}.{key}.numerator", part, minor(got[key]["numerator"], decimals))
            check(f"{at}.{key}.denominator", whole, minor(got[key]["denominator"], decimals))
            check(f"{at}.{key}.value", part / whole if whole > 0 else None, got[key]["value"])


def check_repurchases(base: Base, place: str, found: list[Any]) -> None:
    for (_, again, before), got in zip(base.execute(REPURCHASE).fetchall(), found, strict=True):
        check_rate(f"{place} {got['period']['start']}", again, before, got["rate"])


def quarters(months: list[tuple[date, date]]) -> list[tuple[date, date]]:
    starts = sorted({date(start.year, (start.month - 1) // 3 * 3 + 1, 1) for start, _ in months})
    following = [date(day.year + (day.month + 2) // 12, (day.month + 2) % 12 + 1, 1) for day in starts]
    return list(zip(starts, following, strict=True))


def main() -> None:
    program, kind, path = sys.argv[1:]
    decimals = DECIMALS[kind]
    output = subprocess.run([program, kind, path], check=True, capture_output=True, text=True).stdout
    found = json.loads(output)["retention"]
    base, first, until = books(path, decimals)
    months, weeks = spans(first, until, "months"), spans(first, until, "weeks")
    grains = {"month": months, "week": weeks, "quarter": quarters(months)}

    for lapse, sql in {"days": "to_days(90)", "short": "to_days(20)", "months": "to_months(3)"}.items():
        for grain, periods in grains.items():
            check_flows(base, f"flow {lapse} {grain}", sql, periods, until, found["flows"][lapse][grain])
    for grain, periods in grains.items():
        base.execute("create or replace table period (number int, first date, until date)")
        # The one before the first, in which nobody bought: its length does not matter.
        before = (periods[0][0] - timedelta(days=1), periods[0][0])
        base.executemany("insert into period values (?, ?, ?)", [(i - 1, *span) for i, span in enumerate([before, *periods])])
        check_movements(base, f"movements {grain}", found["movements"][grain], decimals)
        check_repurchases(base, f"repurchases {grain}", found["repurchases"][grain])
    print(f"{kind}: {crosscheck.compared} figures of flow, movements and repurchases agree with DuckDB {duckdb.__version__}")


if __name__ == "__main__":
    main()
