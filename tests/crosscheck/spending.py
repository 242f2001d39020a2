"""Concentration and spend by tenure in SQL on the tables and views of `crosscheck.py`."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

# One row per customer with a purchase: the first one, and all money of theirs.
BUYER = """
create or replace view buyer as
select o.who, f.day as first, sum(o.minor)::bigint as net from orders o join first_day f on f.who = o.who group by all;
"""

# Totals below 0 are 0; place 1 brings most.
RANKED = """
select greatest(net, 0) as net, row_number() over (order by net desc) as place,
       sum(greatest(net, 0)) over (order by net desc rows unbounded preceding) as so_far,
       count(*) over () as n, sum(greatest(net, 0)) over () as whole
from buyer
"""

# Months since the first purchase, with DuckDB's own sum of months, by band of `width` months.
TENURE = """
with band as (
    select b.who, k, b.first + interval (k * $width) month as starts, b.first + interval ((k + 1) * $width) month as ends
    from buyer b, range(0, 60) r(k) where b.first + interval ((k + 1) * $width) month <= $until
),
spent as (
    select t.who, t.k, coalesce(sum(o.minor), 0) as minor, count(distinct o.day) filter (o.minor > 0) as purchases
    from band t left join orders o on o.who = t.who and o.day >= t.starts and o.day < t.ends and o.minor <> 0
    group by all
)
select k, count(*), count(*) filter (purchases > 0), sum(purchases)::bigint, sum(minor)::bigint
from spent group by k order by k
"""

# Two bands of the customers observed until the end of the later one.
RATIO = """
with old as (select * from buyer where first + interval ($through) month <= $until)
select count(distinct b.who), count(distinct o.who) filter (o.minor > 0), coalesce(sum(o.minor), 0)::bigint
from old b left join orders o on o.who = b.who and o.minor <> 0
     and o.day >= b.first + interval ($from - 1) month and o.day < b.first + interval ($to) month
"""


def check_spending(
    base: duckdb.DuckDBPyConnection, until: date, found: dict[str, Any], decimals: int, check: Callable[[str, Any, Any], None]
) -> None:
    scale = 10**decimals

    def minor(money: dict[str, str]) -> int:
        return int(Decimal(money["amount"]).scaleb(decimals))

    def one(query: str, **arguments: Any) -> tuple[Any, ...]:
        row = base.execute(query, arguments or None).fetchone()
        assert row is not None
        return row

    base.execute(BUYER)
    got = found["concentration"]
    n, whole, floored, below = one(
        "select count(*), sum(greatest(net, 0)), count(*) filter (net < 0), coalesce(sum(net) filter (net < 0), 0) from buyer"
    )
    check("concentration.customers", n, got["customers"])
    check("concentration.revenue", int(whole), minor(got["revenue"]))
    check("concentration.floored", floored, got["floored"])
    check("concentration.flooredRevenue", int(below), minor(got["flooredRevenue"]))
    for percent, top in zip([1, 5, 10, 20], got["top"], strict=True):
        count, sum_ = one(f"select count(*), sum(net) from ({RANKED}) where place <= (n * {percent} + 99) // 100")
        check(f"concentration.top {percent}", (count, int(sum_)), (top["customers"], minor(top["revenue"])))
        check(f"concentration.top {percent} share", int(sum_) / int(whole), top["revenueShare"])
    fewest, sum_ = one(f"select place, so_far from ({RANKED}) where 10 * so_far >= 8 * whole order by place limit 1")
    check("concentration.fewest", (fewest, int(sum_)), (got["fewest"]["customers"], minor(got["fewest"]["revenue"])))
    # Half the mean difference between any two customers, over the mean.
    (gini,) = one(f"select sum((n + 1 - 2 * place) * net)::double / (any_value(n) * any_value(whole))::double from ({RANKED})")
    check("concentration.gini", gini, got["gini"])
    check("concentration.lorenz points", 101, len(got["lorenz"]))
    for percent, point in enumerate(got["lorenz"]):
        least = n * percent // 100
        (sum_,) = one(f"select coalesce(sum(net), 0) from ({RANKED}) where place > n - {least}")
        check(f"concentration.lorenz {percent}", least / n, point["customerShare"])
        check(f"concentration.lorenz {percent} share", int(sum_) / int(whole), point["revenueShare"])

    for width in [1, 3]:
        bands = found["tenure"][str(width)]["bands"]
        rows = base.execute(TENURE, {"width": width, "until": until}).fetchall()
        check(f"tenure {width}.length", len(rows), len(bands))
        for (k, observed, active, purchases, net), band in zip(rows, bands, strict=True):
            at = f"tenure {width}.{k}"
            check(f"{at}.months", (k * width + 1, (k + 1) * width), (band["firstMonth"], band["lastMonth"]))
            check(f"{at}.observed", observed, band["active"]["denominator"])
            check(f"{at}.active", active, band["active"]["numerator"])
            check(f"{at}.purchases", purchases, band["purchases"])
            check(f"{at}.revenue", net, minor(band["revenue"]))
            per_active = net / scale / active if active else None
            check(f"{at}.perActive", per_active, band["revenuePerActiveCustomer"]["value"])
            check(f"{at}.perOriginal", net / scale / observed, band["revenuePerOriginalCustomer"]["value"])

    sides = []
    for side, months in [("band", (7, 9)), ("base", (1, 3))]:
        row = one(RATIO, **{"from": months[0], "to": months[1], "through": 9, "until": until})
        got = found["tenureRatio"][side]
        check(f"tenureRatio.{side}", row[:2], (got["active"]["denominator"], got["active"]["numerator"]))
        check(f"tenureRatio.{side}.revenue", row[2], minor(got["revenue"]))
        sides.append(row)
    (customers, active, net), (_, base_active, base_net) = sides
    check("tenureRatio.perOriginal", net / base_net, found["tenureRatio"]["perOriginalCustomer"])
    check("tenureRatio.perActive", (net / active) / (base_net / base_active), found["tenureRatio"]["perActiveCustomer"])

    total, count = one("select sum(net), count(*) from buyer")
    check("historicValue.total", int(total), minor(found["historicValue"]["revenue"]["total"]))
    check("historicValue.value", int(total) / scale / count, found["historicValue"]["revenue"]["value"])
