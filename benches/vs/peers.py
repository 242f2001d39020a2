"""The monthly figures of buying in DuckDB, Polars and pandas: `peers.py duckdb|polars|pandas RUNS DIR`.

Reads the columns that `side_by_side generate` wrote, takes the time from columns in memory, in the engine's own form, to
the figures, and prints the same JSON as `side_by_side measure`. Each job is written for the speed of its engine; what was
tried and found slower is said next to it. None relies on the order of rows, nor do regulars.
"""

import json
import os
import sys
import time

import numpy as np

FIGURES = (
    "period",
    "customers",
    "new_customers",
    "repeat_customers",
    "returning_customers",
    "purchases",
    "orders",
    "revenue",
    "first_revenue",
    "later_revenue",
)


def read(folder):
    customers = np.fromfile(os.path.join(folder, "customers.i64"), "<i8")
    days = np.fromfile(os.path.join(folder, "days.i32"), "<i4")
    amounts = np.fromfile(os.path.join(folder, "amounts.i64"), "<i8")
    return customers, days, amounts


# A customer with a purchase in a month has two or more up to its end exactly if the first one was in an earlier month or
# there are two in this one; so no engine needs to number purchases. The distinct days of a month fit into the bits of
# one number; grouping by customer and day first, then by month, took much longer in DuckDB and in Polars.


def duckdb(folder):
    import duckdb

    customers, days, amounts = read(folder)
    frame = {"customer": customers, "day": days, "amount": amounts}
    connection = duckdb.connect()
    connection.execute(
        "create table orders as select customer, date '1970-01-01' + day as day, amount from frame"
    )
    (threads,) = connection.execute("select current_setting('threads')").fetchone()
    # About as fast: first days by a window over customers. Slower: windows over sorted rows instead of groups.
    query = """
        with firsts as (
            select customer, min(day) as first_day from orders group by customer
        ),
        months as (
            select
                customer,
                year(day) * 12 + month(day) - 1 as month,
                any_value(year(first_day) * 12 + month(first_day) - 1) as first_month,
                bit_count(bit_or(1::integer << (day(day) - 1)::integer)) as purchases,
                count(*) as orders,
                sum(amount) as revenue,
                sum(case when day = first_day then amount else 0 end) as first_revenue
            from orders join firsts using (customer)
            group by all
        )
        select
            printf('%04d-%02d', month // 12, month % 12 + 1),
            count(*),
            count_if(month = first_month),
            count_if(purchases >= 2),
            count_if(month > first_month or purchases >= 2),
            sum(purchases)::bigint,
            sum(orders)::bigint,
            sum(revenue)::bigint,
            sum(first_revenue)::bigint,
            (sum(revenue) - sum(first_revenue))::bigint
        from months group by month order by month
    """
    return threads, lambda: connection.execute(query).fetchall()


def polars(folder):
    import polars as pl
    from polars import col

    customers, days, amounts = read(folder)
    orders = pl.DataFrame(
        {"customer": customers, "day": pl.Series(days).cast(pl.Date), "amount": amounts}
    ).rechunk()

    # Slower: the engine in memory on the same query, and sorting the rows to compare neighbours on either engine.
    def job():
        firsts = orders.lazy().group_by("customer").agg(first_day=col.day.min())
        months = (
            orders.lazy()
            .join(firsts, on="customer")
            .select(
                "customer",
                "amount",
                month=col.day.dt.truncate("1mo"),
                first_month=col.first_day.dt.truncate("1mo"),
                day=pl.lit(2, pl.Int64).pow(col.day.dt.day()),
                first=pl.when(col.day == col.first_day).then(col.amount).otherwise(0),
            )
            .group_by("customer", "month")
            .agg(
                col.first_month.first(),
                purchases=col.day.bitwise_or().bitwise_count_ones(),
                orders=pl.len(),
                revenue=col.amount.sum(),
                first_revenue=pl.col("first").sum(),
            )
        )
        table = (
            months.group_by("month")
            .agg(
                customers=pl.len(),
                new_customers=(col.month == col.first_month).sum(),
                repeat_customers=(col.purchases >= 2).sum(),
                returning_customers=((col.month > col.first_month) | (col.purchases >= 2)).sum(),
                purchases=col.purchases.cast(pl.Int64).sum(),
                orders=col.orders.cast(pl.Int64).sum(),
                revenue=col.revenue.sum(),
                first_revenue=col.first_revenue.sum(),
            )
            .sort("month")
            .with_columns(
                month=col.month.dt.strftime("%Y-%m"), later_revenue=col.revenue - col.first_revenue
            )
        )
        return table.collect(engine="streaming").rows()

    return pl.thread_pool_size(), job


def pandas(folder):
    import pandas as pd

    customers, days, amounts = read(folder)
    orders = pd.DataFrame(
        {"customer": customers, "day": days.astype("datetime64[D]").astype("datetime64[s]"), "amount": amounts}
    )
    del customers, days, amounts

    # Customers as codes, rows sorted by code and day, neighbours compared. Slower: grouping by customer and
    # day, and `sort_values` over both columns instead of sorting one number that holds both.
    def job():
        codes, _ = pd.factorize(orders["customer"])
        day = orders["day"].to_numpy().astype("datetime64[D]")
        key = (codes << 24) + day.astype("int64")
        order = np.argsort(key)
        key = key[order]
        code, day = key >> 24, key & 0xFFFFFF
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype("int64")

        def changes(column):
            return np.concatenate(([True], column[1:] != column[:-1]))

        new = changes(code)
        purchase = changes(key)
        active = new | changes(month)
        starts = np.flatnonzero(new)
        first = np.repeat(day[starts], np.diff(starts, append=len(day)))
        # The purchases of each customer and month, on the row where they begin.
        visits = np.flatnonzero(active)
        purchases = np.add.reduceat(purchase, visits, dtype="int64")
        visits = pd.DataFrame(
            {
                "month": month[visits],
                "new": new[visits],
                "repeat": purchases >= 2,
                "returning": ~new[visits] | (purchases >= 2),
                "purchases": purchases,
            }
        )
        amount = orders["amount"].to_numpy()[order]
        rows = pd.DataFrame({"month": month, "amount": amount, "first": np.where(day == first, amount, 0)})
        by_visit = visits.groupby("month")
        by_row = rows.groupby("month")
        table = by_visit[["new", "repeat", "returning", "purchases"]].sum()
        table.insert(0, "customers", by_visit.size())
        table["orders"] = by_row.size()
        table[["revenue", "first"]] = by_row[["amount", "first"]].sum()
        table["later"] = table["revenue"] - table["first"]
        names = table.index.to_numpy().astype("datetime64[M]").astype(str)
        return [(name, *row) for name, row in zip(names.tolist(), table.to_numpy().tolist(), strict=True)]

    return 1, job


def memory(line):
    """A line of Linux's account of this process, in bytes."""
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(text.split()[1]) for text in status if text.startswith(line))
    except (OSError, StopIteration):
        return None


def main():
    engine, runs, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    threads, job = {"duckdb": duckdb, "polars": polars, "pandas": pandas}[engine](folder)
    try:
        with open("/proc/self/clear_refs", "w") as peak:
            peak.write("5")
    except OSError:
        pass
    loaded = memory("VmRSS:")
    total = []
    for _ in range(max(runs, 1)):
        start = time.perf_counter()
        rows = job()
        total.append(time.perf_counter() - start)
    months = [dict(zip(FIGURES, row, strict=True)) for row in rows]
    report = {
        "engine": engine,
        "threads": threads,
        "orders": sum(month["orders"] for month in months),
        "customers": sum(month["new_customers"] for month in months),
        "total": total,
        "loaded_bytes": loaded,
        "peak_bytes": memory("VmHWM:"),
        "months": months,
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
