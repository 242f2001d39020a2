"""Both jobs in pandas, with NumPy where pandas would sort or group more slowly."""

import figures
import numpy as np
import pandas as pd


def connect(customers, days, amounts):
    """The threads that it uses, and the orders as a frame."""
    days = days.astype("datetime64[D]").astype("datetime64[s]")
    return 1, pd.DataFrame({"customer": customers, "day": days, "amount": amounts})


def changes(column):
    return np.concatenate(([True], column[1:] != column[:-1]))


def ordered(orders):
    """Amounts, customers as codes, and days, by customer and day; and where a customer begins, a purchase and a visit, which is
    all purchases of a customer in a month."""
    # One number that holds customer and day. Slower: `sort_values` over both columns, and grouping by customer and day.
    codes, _ = pd.factorize(orders["customer"])
    key = (codes << 24) + orders["day"].to_numpy().astype("datetime64[D]").astype("int64")
    order = np.argsort(key)
    key = key[order]
    code, day = key >> 24, key & 0xFFFFFF
    month = figures.month_of(day)
    new = changes(code)
    return orders["amount"].to_numpy()[order], day, month, new, changes(key), new | changes(month)


def table(columns, by):
    """Sums by one column, and their count, in its order."""
    groups = pd.DataFrame(columns).groupby(by)
    sums = groups.sum()
    sums.insert(0, "customers", groups.size())
    return sums


def sums(column, starts):
    return np.add.reduceat(column, starts, dtype="int64")


def by_month(amount, month, first, visits, first_month):
    """The columns of `figures.MONTHLY`, of rows, and of visits: month, purchases, orders and revenue."""
    at, purchases, orders, revenue = visits
    new, repeat = at == first_month, purchases >= 2
    columns = {"month": at, "new": new, "repeat": repeat, "returning": ~new | repeat, "purchases": purchases}
    columns |= {"orders": orders, "revenue": revenue, "new_revenue": np.where(new, revenue, 0)}
    months = table(columns, "month")
    firsts = np.bincount(month[first] - months.index[0], minlength=len(months))
    first_revenue = pd.Series(amount[first]).groupby(month[first]).sum().reindex(months.index, fill_value=0)
    new_revenue = months.pop("new_revenue")
    return [months.index, *(months[name] for name in months), firsts, first_revenue, new_revenue]


def buying(orders):
    amount, day, month, new, purchase, visit = ordered(orders)
    starts, visits = np.flatnonzero(new), np.flatnonzero(visit)
    customer = np.cumsum(new) - 1
    first = day == day[starts][customer]
    of_visits = [month[visits], sums(purchase, visits), np.diff(visits, append=len(day)), sums(amount, visits)]
    return figures.timeline(by_month(amount, month, first, of_visits, month[starts][customer[visits]]))


def report(orders):
    epoch = np.datetime64("1970-01-01")
    first, last = ((day.to_datetime64() - epoch) // np.timedelta64(1, "D") for day in (orders["day"].min(), orders["day"].max()))
    return figures.report(first, last, lambda calendar: counts(orders, calendar))


def counted(*columns):
    """How often each combination of small numbers occurs. Slower: `groupby` over the columns."""
    lows, highs = [column.min() for column in columns], [column.max() for column in columns]
    key = np.zeros(len(columns[0]), "int64")
    for column, low, high in zip(columns, lows, highs, strict=True):
        key = key * (high - low + 1) + (column - low)
    count = pd.Series(key).value_counts(sort=False)
    rest, found = count.index.to_numpy(), []
    for low, high in zip(lows[::-1], highs[::-1], strict=True):
        rest, place = np.divmod(rest, high - low + 1)
        found.append(place + low)
    return [*found[::-1], count.to_numpy()]


def counts(orders, calendar):
    y0, y1, y2, _ = (int(month) for month in figures.month_of(calendar.years))
    _, start_1, start_2, until = calendar.years
    lapse = figures.LAPSE

    amount, day, month, new, purchase, visit = ordered(orders)
    starts, visits = np.flatnonzero(new), np.flatnonzero(visit)
    customer = np.cumsum(new) - 1
    first_month = month[starts]
    first = day == day[starts][customer]
    revenue = sums(amount, visits)
    of_visits = [month[visits], sums(purchase, visits), np.diff(visits, append=len(day)), revenue]
    visit_month, visit_first = month[visits], first_month[customer[visits]]
    months = by_month(amount, month, first, of_visits, visit_first)

    # Visits in the month after one of the same customer.
    after = np.flatnonzero(~new[visits][1:] & (np.diff(visit_month) == 1)) + 1
    was, now = revenue[after - 1], revenue[after]
    matched = table({"month": visit_month[after], "was": was, "now": now, "kept": np.minimum(was, now)}, "month")
    index = visit_month - visit_first
    early = index <= figures.LAST_INDEX
    cohorts = table({"key": visit_first[early] * 16 + index[early], "revenue": revenue[early]}, "key")

    # Of purchases after the first, with the one before.
    at = np.flatnonzero(purchase & ~new)
    before, then = day[at - 1], day[at]
    gap = then - before
    place = np.cumsum(purchase)
    number = np.minimum((place - place[starts][customer])[at] + 1, figures.STEPS + 2)
    lapsed = gap > lapse
    lapse_month = np.where(lapsed, 0, figures.NEVER)
    lapse_month[lapsed] = figures.month_of(before[lapsed] + lapse)
    # NEVER would make the numbers sparse.
    none = calendar.months[-1] + 5
    intervals = counted(month[at - 1], np.minimum(lapse_month, none), month[at])
    gaps = counted(number, gap, (before <= until - 1 - lapse).astype("int64"))

    ends = np.append(starts[1:], len(day)) - 1
    last, net = day[ends], sums(amount, starts)
    frequency = sums(purchase, starts)
    in_0, in_1, in_2 = (month >= y0) & (month < y1), (month >= y1) & (month < y2), month >= y2
    comeback = np.zeros(len(day), bool)
    comeback[at] = lapsed
    revenue_1, revenue_2 = sums(amount * in_1, starts), sums(amount * in_2, starts)
    bought_0 = np.logical_or.reduceat(in_0, starts)
    last_1 = np.maximum.reduceat(np.where(month < y1, day, 0), starts)
    last_2 = np.maximum.reduceat(np.where(in_2, 0, day), starts)
    active_1, active_2, active_3 = last_1 >= start_1 - lapse, last_2 >= start_2 - lapse, last >= until - lapse
    years, flows, bought = [], [], []
    for inside, start, end, active, then in [(in_1, y1, y2, active_1, active_2), (in_2, y2, 10**6, active_2, active_3)]:
        purchases = sums(purchase & inside, starts)
        back = np.logical_or.reduceat(comeback & inside, starts)
        known, came = first_month < start, (first_month >= start) & (first_month < end)
        buys, repeat, gone = purchases > 0, purchases >= 2, known & ~active
        years.append([np.count_nonzero(of) for of in (buys, repeat, buys & (known | repeat))])
        flow = [active, came & then, gone & then, active & ~then, then, gone]
        flow += [came & ~then, gone & buys & ~then, active & then & back]
        flows.append([np.count_nonzero(of) for of in flow])
        bought.append(buys)
    both = bought[0] & bought[1]
    again = [bought_0 & bought[0], bought_0, both, bought[0]]
    again = [np.count_nonzero(of) for of in again]
    was, now = revenue_1[both], revenue_2[both]
    moved = [revenue_2[first_month >= y2].sum(), was.sum(), now.sum(), np.minimum(was, now).sum()]

    ended, open_lapse = figures.month_of(last), figures.month_of(last + lapse)
    open_ = counted(ended, open_lapse)
    open_.insert(2, np.full(len(open_[0]), figures.NEVER))
    intervals[1] = np.where(intervals[1] == none, figures.NEVER, intervals[1])
    recency = until - last
    spread = {"recency": counted(recency), "frequency": counted(frequency), "monetary": counted(net)}
    breaks = {name: figures.breaks(*column, most_is_best=name != "recency") for name, column in spread.items()}
    r = 1 + sum((recency <= worst).astype("int64") for worst in breaks["recency"])
    f = 1 + sum((frequency >= worst).astype("int64") for worst in breaks["frequency"])
    m = 1 + sum((net >= worst).astype("int64") for worst in breaks["monetary"])
    cells = table({"key": (r * 8 + f) * 8 + m, "net": net}, "key")
    key = cells.index.to_numpy()
    return {
        "months": months,
        "matched": [matched.index, matched["was"], matched["now"], matched["kept"]],
        "cohorts": [cohorts.index // 16, cohorts.index % 16, cohorts["customers"], cohorts["revenue"]],
        "years": years,
        "flows": flows,
        "repurchases": [again[:2], again[2:]],
        "moved": moved,
        "intervals": [np.concatenate(pair) for pair in zip(intervals, open_, strict=True)],
        "gaps": gaps,
        "last": counted(np.minimum(frequency, figures.STEPS + 1), until - 1 - last),
        "totals": spread["monetary"],
        "breaks": breaks,
        "cells": [key // 64, key // 8 % 8, key % 8, cells["customers"], cells["net"]],
    }
