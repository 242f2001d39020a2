"""Both jobs in Polars."""

import figures
import numpy as np
import polars as pl
from polars import col


def connect(customers, days, amounts):
    """The threads that it uses, and the orders as a frame."""
    orders = pl.DataFrame({"customer": customers, "day": pl.Series(days).cast(pl.Date), "amount": amounts}).rechunk()
    return pl.thread_pool_size(), orders


def columns(frame):
    return [column.to_numpy() for column in frame.get_columns()]


def month_of(day):
    return (day.dt.year() - 1970) * 12 + day.dt.month() - 1


def ordered(orders):
    """Orders by customer and day, each with the day before it, and the number of its purchase, which is all orders of a day."""
    # Sorted by customer, then by customer and day as one number. `sort` over both columns took more than two times as long, on
    # either engine; windows over customers instead, eight times.
    rows = orders[orders["customer"].arg_sort()]
    number = col.customer.ne_missing(col.customer.shift()).cum_sum().cast(pl.Int64)
    rows = rows.select("amount", key=number * 2**24 + col.day.to_physical()).sort("key")
    rows = rows.select("amount", customer=(col.key // 2**24).cast(pl.Int32), day=(col.key % 2**24).cast(pl.Int32))
    rows = rows.with_columns(
        month=month_of(col.day.cast(pl.Date)), before=col.day.shift(), is_new=col.customer.ne_missing(col.customer.shift())
    )
    rows = rows.with_columns(
        month_before=col.month.shift(),
        is_purchase=col.is_new | (col.day != col.before),
        is_visit=col.is_new | (col.month != col.month.shift()),
        first_month=pl.when("is_new").then(col.month).forward_fill(),
    )
    # Places of purchases, less that of the customer's first one.
    place = col.is_purchase.cum_sum().cast(pl.Int32)
    return rows.with_columns(place=place, number=place - pl.when("is_new").then(place).forward_fill() + 1)


def visits_of(rows):
    """The months in which each customer bought."""
    # Rows are sorted, so what a visit adds up to is the difference between running sums. Slower: groups by customer and month.
    def until_next(sums, total):
        return sums.shift(-1, fill_value=total) - sums

    return (
        rows.select(
            "is_visit",
            "is_new",
            "month",
            "month_before",
            "first_month",
            row=pl.int_range(pl.len()),
            place=col.place.cast(pl.Int64) - 1,
            so_far=col.amount.cum_sum() - col.amount,
        )
        .filter("is_visit")
        .with_columns(
            orders=until_next(col.row, rows.height),
            purchases=until_next(col.place, rows["place"][-1]),
            revenue=until_next(col.so_far, rows["amount"].sum()),
        )
        .lazy()
    )


def months_of(rows, visits):
    is_new = col.month == col.first_month
    months = visits.group_by("month").agg(
        customers=pl.len(),
        new=is_new.sum(),
        repeat=(col.purchases >= 2).sum(),
        returning=(~is_new | (col.purchases >= 2)).sum(),
        purchases=col.purchases.sum(),
        orders=col.orders.sum(),
        revenue=col.revenue.sum(),
        first_month_revenue=pl.when(is_new).then(col.revenue).otherwise(0).sum(),
    )
    firsts = rows.lazy().filter(number=1).group_by("month").agg(first_orders=pl.len(), first_revenue=col.amount.sum())
    return months.join(firsts, on="month", how="left").sort("month").select(figures.MONTHLY).fill_null(0)


def buying(orders):
    # Slower: groups by customer and month of rows joined with the first days, whose distinct days are bits of one number.
    rows = ordered(orders)
    return figures.timeline(columns(months_of(rows, visits_of(rows)).collect()))


def report(orders):
    first, last = orders.select(first=col.day.min().to_physical(), last=col.day.max().to_physical()).row(0)
    return figures.report(first, last, lambda calendar: counts(orders, calendar))


def counts(orders, calendar):
    y0, y1, y2, _ = (int(month) for month in figures.month_of(calendar.years))
    _, start_1, start_2, until = calendar.years
    lapse = figures.LAPSE

    rows = ordered(orders)
    visits = visits_of(rows)
    months = months_of(rows, visits)
    matched = (
        visits.select("month", "month_before", "is_new", "revenue", was=col.revenue.shift())
        .filter(~col.is_new & (col.month_before == col.month - 1))
        .group_by("month")
        .agg(col.was.sum(), now=col.revenue.sum(), kept=pl.min_horizontal("revenue", "was").sum())
    )
    cohorts = (
        visits.filter(col.month - col.first_month <= figures.LAST_INDEX)
        .group_by("first_month", index=col.month - col.first_month)
        .agg(pl.len(), col.revenue.sum())
    )

    # Likewise of customers, at their last rows; the last day before a year is that of a gap which reaches into it, or the last
    # of all. Slower: groups by customer, on either engine.
    gap = pl.when(~col.is_new).then(col.day - col.before)
    in_1, in_2 = (col.month >= y1) & (col.month < y2), col.month >= y2

    def across(start, month):
        return ~col.is_new & (col.month_before < month) & (col.month >= month) & (col.before >= start - lapse)

    totals = {
        "net": col.amount,
        "bought_0": (col.month >= y0) & (col.month < y1),
        "revenue_1": pl.when(in_1).then(col.amount).otherwise(0),
        "revenue_2": pl.when(in_2).then(col.amount).otherwise(0),
        "purchases_1": col.is_purchase & in_1,
        "purchases_2": col.is_purchase & in_2,
        "active_1": across(start_1, y1),
        "active_2": across(start_2, y2),
        "lapsed_1": ((gap > lapse) & in_1).fill_null(False),
        "lapsed_2": ((gap > lapse) & in_2).fill_null(False),
    }
    customers = (
        rows.lazy()
        .select(
            "first_month",
            is_end=col.is_new.shift(-1, fill_value=True),
            last=col.day,
            frequency=col.number,
            **{name: total.cum_sum() for name, total in totals.items()},
        )
        .filter("is_end")
        .with_columns(pl.col(*totals) - pl.col(*totals).shift(fill_value=0))
        .with_columns(
            active_1=(col.active_1 > 0) | ((col.last < start_1) & (col.last >= start_1 - lapse)),
            active_2=(col.active_2 > 0) | ((col.last < start_2) & (col.last >= start_2 - lapse)),
            active_3=col.last >= until - lapse,
        )
        .collect()
    )
    lazily = customers.lazy()
    year_1 = year(y1, y2, "1", col.active_1, col.active_2)
    year_2 = year(y2, 10**6, "2", col.active_2, col.active_3)
    both = (col.purchases_1 > 0) & (col.purchases_2 > 0)
    again = [(col.bought_0 > 0) & (col.purchases_1 > 0), col.bought_0 > 0, both, col.purchases_1 > 0]
    moved = [
        col.revenue_2.filter(col.first_month >= y2),
        col.revenue_1.filter(both),
        col.revenue_2.filter(both),
        pl.min_horizontal("revenue_1", "revenue_2").filter(both),
    ]
    asked = [*year_1, *year_2, *again, *moved]
    years = lazily.select(**{str(place): count.sum() for place, count in enumerate(asked)})

    purchases = rows.lazy().filter(col.is_purchase & ~col.is_new)
    lapse_month = pl.when(col.day - col.before > lapse).then(month_of((col.before + lapse).cast(pl.Date)))
    intervals = purchases.group_by("month_before", lapse_month=lapse_month.otherwise(figures.NEVER), month="month").agg(pl.len())
    last_day = col.last.cast(pl.Date)
    open_ = lazily.group_by(month=month_of(last_day), lapse_month=month_of((col.last + lapse).cast(pl.Date)))
    open_ = open_.agg(pl.len()).select("month", "lapse_month", pl.lit(figures.NEVER).alias("never"), "len")
    number = col.number.clip(upper_bound=figures.STEPS + 2)
    followed = (col.before <= until - 1 - lapse).cast(pl.Int8)
    gaps = purchases.group_by(number=number, gap=col.day - col.before, followed=followed).agg(pl.len())
    waiting = lazily.group_by(number=col.frequency.clip(upper_bound=figures.STEPS + 1), since=until - 1 - col.last).agg(pl.len())
    spread = [lazily.group_by(of).agg(pl.len()) for of in ((until - col.last).alias("recency"), "frequency", "net")]

    asked = [months, matched, cohorts, years, intervals, open_, gaps, waiting, *spread]
    found = [columns(frame) for frame in pl.collect_all(asked)]
    months, matched, cohorts, years, intervals, open_, gaps, waiting, recency, frequency, totals = found
    years = [int(count[0]) for count in years]
    breaks = {
        "recency": figures.breaks(*recency, most_is_best=False),
        "frequency": figures.breaks(*frequency),
        "monetary": figures.breaks(*totals),
    }
    score = {
        "r": sum(((until - col.last <= worst).cast(pl.Int8) for worst in breaks["recency"]), pl.lit(1, pl.Int8)),
        "f": sum(((col.frequency >= worst).cast(pl.Int8) for worst in breaks["frequency"]), pl.lit(1, pl.Int8)),
        "m": sum(((col.net >= worst).cast(pl.Int8) for worst in breaks["monetary"]), pl.lit(1, pl.Int8)),
    }
    cells = lazily.select("net", **score).group_by("r", "f", "m").agg(pl.len(), col.net.sum()).collect()
    return {
        "months": months,
        "matched": matched,
        "cohorts": cohorts,
        "years": [years[0:3], years[12:15]],
        "flows": [years[3:12], years[15:24]],
        "repurchases": [years[24:26], years[26:28]],
        "moved": years[28:],
        "intervals": [np.concatenate(pair) for pair in zip(intervals, open_, strict=True)],
        "gaps": gaps,
        "last": waiting,
        "totals": totals,
        "breaks": breaks,
        "cells": columns(cells),
    }


def year(start, end, name, active, active_then):
    """Customers of a year, with several purchases in it, with several up to its end; and their flow, in the order of
    `figures.flow`."""
    purchases, known = col(f"purchases_{name}"), col.first_month < start
    is_new = (col.first_month >= start) & (col.first_month < end)
    bought, repeat = purchases > 0, purchases >= 2
    lapsed = known & ~active
    return [
        bought,
        repeat,
        bought & (known | repeat),
        active,
        is_new & active_then,
        lapsed & active_then,
        active & ~active_then,
        active_then,
        lapsed,
        is_new & ~active_then,
        lapsed & bought & ~active_then,
        active & active_then & (col(f"lapsed_{name}") > 0),
    ]
