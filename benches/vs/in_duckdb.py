"""Both jobs in DuckDB's SQL."""

import duckdb
import figures

EPOCH = "date '1970-01-01'"


def connect(customers, days, amounts):
    """The threads that it uses, and the orders as a table of its own."""
    frame = {"customer": customers, "day": days, "amount": amounts}
    connection = duckdb.connect()
    connection.execute(f"create table orders as select customer, {EPOCH} + day as day, amount from frame")
    (threads,) = connection.execute("select current_setting('threads')").fetchone()
    return threads, connection


def buying(connection):
    # A customer with a purchase in a month has two or more up to its end exactly if the first one was in an earlier month or
    # there are two in this one; so purchases need no numbers. The distinct days of a month fit into the bits of one number;
    # grouping by customer and day first, then by month, took much longer. About as fast: first days by a window over
    # customers. Slower: windows over sorted rows instead of groups.
    query = """
        with firsts as (
            select customer, min(day) as first_day from orders group by customer
        ),
        months as (
            select
                customer,
                year(day) * 12 + month(day) - 1 - 1970 * 12 as month,
                any_value(year(first_day) * 12 + month(first_day) - 1 - 1970 * 12) as first_month,
                bit_count(bit_or(1::integer << (day(day) - 1)::integer)) as purchases,
                count(*) as orders,
                sum(amount) as revenue,
                count_if(day = first_day) as first_orders,
                sum(case when day = first_day then amount else 0 end) as first_revenue
            from orders join firsts using (customer)
            group by all
        )
        select
            month,
            count(*),
            count_if(month = first_month),
            count_if(purchases >= 2),
            count_if(month > first_month or purchases >= 2),
            sum(purchases)::bigint,
            sum(orders)::bigint,
            sum(revenue)::bigint,
            sum(first_orders)::bigint,
            sum(first_revenue)::bigint
        from months group by month order by month
    """
    return figures.timeline(columns(connection, query))


# One window numbers purchases and finds the one before; all else are groups of its rows. Slower: merging the orders of a day
# first, which are few; the revenue of the month before by frames of that window, by a second window over visits.
ORDERED = """
create or replace temp table ordered as
select
    customer, day, month, amount, lag(day) over purchases as before, lag(month) over purchases as month_before,
    dense_rank() over purchases as number, first_value(month) over purchases as first_month
from (select *, (year(day) * 12 + month(day) - 1 - 1970 * 12)::integer as month from orders)
window purchases as (partition by customer order by day)
"""

VISIT = """
create or replace temp table visit as
select
    customer, month, any_value(first_month) as first_month, count(*) as orders, sum(amount) as revenue,
    sum((before is null or before < day)::integer) as purchases
from ordered group by customer, month
"""

MONTHS = """
with firsts as (
    select month, count(*) as first_orders, sum(amount) as first_revenue from ordered where number = 1 group by month
)
select
    month, count(*), count_if(month = first_month), count_if(purchases >= 2),
    count_if(month > first_month or purchases >= 2), sum(purchases)::bigint, sum(orders)::bigint, sum(revenue)::bigint,
    coalesce(any_value(first_orders), 0), coalesce(any_value(first_revenue), 0)::bigint,
    coalesce(sum(revenue) filter (month = first_month), 0)::bigint
from visit left join firsts using (month) group by month order by month
"""

MATCHED = """
select now.month, sum(was.revenue)::bigint, sum(now.revenue)::bigint, sum(least(now.revenue, was.revenue))::bigint
from visit now join visit was on was.customer = now.customer and was.month = now.month - 1
group by now.month
"""

COHORTS = """
select first_month, month - first_month as index, count(*), sum(revenue)::bigint
from visit where month - first_month <= {last_index} group by all
"""

# Years begin with months, so that months tell them apart.
CUSTOMER = """
create or replace temp table customer as
select
    any_value(first_month) as first_month, max(day) as last, max(number) as frequency, sum(amount)::bigint as net,
    bool_or(month >= {y0} and month < {y1}) as bought_0,
    coalesce(sum(amount) filter (month >= {y1} and month < {y2}), 0)::bigint as revenue_1,
    coalesce(sum(amount) filter (month >= {y2}), 0)::bigint as revenue_2,
    count_if((before is null or before < day) and month >= {y1} and month < {y2}) as purchases_1,
    count_if((before is null or before < day) and month >= {y2}) as purchases_2,
    max(day) filter (month < {y1}) as last_1, max(day) filter (month < {y2}) as last_2,
    bool_or(day - before > {lapse} and month >= {y1} and month < {y2}) as lapsed_1,
    bool_or(day - before > {lapse} and month >= {y2}) as lapsed_2
from ordered group by customer
"""

YEARS = """
with state as (
    select *, coalesce(last_1 >= {epoch} + {start_1} - {lapse}, false) as active_1,
        coalesce(last_2 >= {epoch} + {start_2} - {lapse}, false) as active_2,
        last >= {epoch} + {until} - {lapse} as active_3
    from customer
)
select
    count_if(purchases_1 > 0), count_if(purchases_1 >= 2), count_if(purchases_1 > 0 and (first_month < {y1} or purchases_1 >= 2)),
    count_if(purchases_2 > 0), count_if(purchases_2 >= 2), count_if(purchases_2 > 0 and (first_month < {y2} or purchases_2 >= 2)),
    count_if(active_1),
    count_if(first_month >= {y1} and first_month < {y2} and active_2),
    count_if(first_month < {y1} and not active_1 and active_2),
    count_if(active_1 and not active_2),
    count_if(active_2),
    count_if(first_month < {y1} and not active_1),
    count_if(first_month >= {y1} and first_month < {y2} and not active_2),
    count_if(first_month < {y1} and not active_1 and purchases_1 > 0 and not active_2),
    count_if(active_1 and active_2 and lapsed_1),
    count_if(active_2),
    count_if(first_month >= {y2} and active_3),
    count_if(first_month < {y2} and not active_2 and active_3),
    count_if(active_2 and not active_3),
    count_if(active_3),
    count_if(first_month < {y2} and not active_2),
    count_if(first_month >= {y2} and not active_3),
    count_if(first_month < {y2} and not active_2 and purchases_2 > 0 and not active_3),
    count_if(active_2 and active_3 and lapsed_2),
    count_if(bought_0 and purchases_1 > 0), count_if(bought_0),
    count_if(purchases_1 > 0 and purchases_2 > 0), count_if(purchases_1 > 0),
    sum(revenue_2) filter (first_month >= {y2}),
    sum(revenue_1) filter (purchases_1 > 0 and purchases_2 > 0),
    sum(revenue_2) filter (purchases_1 > 0 and purchases_2 > 0),
    sum(least(revenue_1, revenue_2)) filter (purchases_1 > 0 and purchases_2 > 0)
from state
"""

INTERVALS = """
select
    month_before,
    case when day - before > {lapse} then year(before + {lapse}) * 12 + month(before + {lapse}) - 1 - 1970 * 12 else {never} end,
    month, count(*)
from ordered where before < day group by all
union all
select
    year(last) * 12 + month(last) - 1 - 1970 * 12, year(last + {lapse}) * 12 + month(last + {lapse}) - 1 - 1970 * 12,
    {never}, count(*)
from customer group by all
"""

GAPS = """
select least(number, {steps} + 2), day - before, (before <= {epoch} + {until} - 1 - {lapse})::integer, count(*)
from ordered where before < day group by all
"""

LAST = "select least(frequency, {steps} + 1), {epoch} + {until} - 1 - last, count(*) from customer group by all"

RECENCY = "select {epoch} + {until} - last, count(*) from customer group by all"
FREQUENCY = "select frequency, count(*) from customer group by all"
TOTALS = "select net, count(*) from customer group by all"

CELLS = """
select {r}, {f}, {m}, count(*), sum(monetary)::bigint
from (select {epoch} + {until} - last as recency, frequency, net as monetary from customer) group by all
"""


def columns(connection, query, **names):
    return list(connection.execute(query.format(epoch=EPOCH, **names)).fetchnumpy().values())


def report(connection):
    first, last = connection.execute(f"select min(day) - {EPOCH}, max(day) - {EPOCH} from orders").fetchone()

    def job(calendar):
        y0, y1, y2, _ = (int(month) for month in figures.month_of(calendar.years))
        names = {"y0": y0, "y1": y1, "y2": y2, "start_1": calendar.years[1], "start_2": calendar.years[2]}
        names |= {"until": calendar.until, "lapse": figures.LAPSE, "never": figures.NEVER}
        names |= {"steps": figures.STEPS, "last_index": figures.LAST_INDEX}

        def ask(query):
            return columns(connection, query, **names)

        connection.execute(ORDERED)
        connection.execute(VISIT)
        counts = {"months": ask(MONTHS), "matched": ask(MATCHED), "cohorts": ask(COHORTS)}
        connection.execute(CUSTOMER.format(**names))
        year = [int(count) for count in connection.execute(YEARS.format(epoch=EPOCH, **names)).fetchone()]
        counts |= {"years": [year[0:3], year[3:6]], "flows": [year[6:15], year[15:24]]}
        counts |= {"repurchases": [year[24:26], year[26:28]], "moved": year[28:32]}
        counts |= {"intervals": ask(INTERVALS), "gaps": ask(GAPS), "last": ask(LAST), "totals": ask(TOTALS)}
        breaks = {
            "recency": figures.breaks(*ask(RECENCY), most_is_best=False),
            "frequency": figures.breaks(*ask(FREQUENCY)),
            "monetary": figures.breaks(*counts["totals"]),
        }

        def score(name, compare):
            return " + ".join(["1", *(f"({name} {compare} {worst})::integer" for worst in breaks[name])])

        scores = {"r": score("recency", "<="), "f": score("frequency", ">="), "m": score("monetary", ">=")}
        counts |= {"breaks": breaks, "cells": columns(connection, CELLS, **names, **scores)}
        return counts

    return figures.report(first, last, job)
