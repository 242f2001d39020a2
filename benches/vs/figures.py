"""From counts to figures, the same for DuckDB, Polars and pandas: rates with intervals, averages, curves, quantiles.

What the engines hand over is small, some ten thousand numbers; this takes milliseconds, which are part of their time. Figures are
named by the way to them in the JSON of regulars, `[]` for the places of a list. Days count from 1970-01-01, months from 1970-01,
money is in minor units.
"""

from statistics import NormalDist

import numpy as np

LAPSE = 90
LAST_INDEX = 12
BINS = 5
STEPS = 10
CENTS = 100
NEVER = 99_999
Z = NormalDist().inv_cdf(0.975)
SEGMENTS = (
    "Champions", "Loyal", "Potential loyalists", "New", "Promising", "Need attention", "About to sleep", "At risk",
    "Can't lose them", "Hibernating", "Lost",
)  # fmt: skip
# By recency, then by the mean of frequency and monetary, rounded up: places in the list above.
GRID = np.array([[10, 10, 7, 7, 8], [9, 9, 7, 7, 8], [6, 6, 5, 1, 1], [4, 2, 2, 1, 1], [3, 2, 2, 0, 0]])


def month_of(days):
    return np.asarray(days).astype("datetime64[D]").astype("datetime64[M]").astype("int64")


def first_of(months):
    """The first day of a month."""
    return np.asarray(months).astype("datetime64[M]").astype("datetime64[D]").astype("int64")


def text(days):
    return np.asarray(days).astype("datetime64[D]").astype(str)


class Calendar:
    """The months of the report, and its years: the one of the headlines, and two before it.

    The orders have to last for two years at least, and to the end of a month: then the headlines are of years, and all periods
    are complete.
    """

    def __init__(self, first_day, last_day):
        self.first, self.until = int(first_day), int(last_day) + 1
        self.months = np.arange(month_of(first_day), month_of(last_day) + 1)
        # Where the years start; the last number is the end of the last.
        self.years = [int(first_of(self.months[-1] + 1 - 12 * years)) for years in (3, 2, 1, 0)]
        assert self.first <= self.years[1] and self.until == self.years[3], "the orders are not of two whole years"

    def span(self, year):
        return {"start": text(self.years[year]), "end": text(self.years[year + 1])}

    def by_month(self, months, values):
        """What values add up to in each month of the report."""
        table = np.zeros(len(self.months), "int64")
        np.add.at(table, months - self.months[0], values)
        return table


def divide(part, whole):
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


class Figures(dict):
    """Figures by name: each a number, or an array of as many as there are places."""

    def put(self, name, /, **figures):
        self.update({f"{name}.{key}" if name else key: value for key, value in figures.items()})

    def rate(self, name, part, whole):
        n, p = np.asarray(whole, float), divide(part, whole)
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
            half = Z * np.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        self.put(name, numerator=part, denominator=whole, value=p, smallN=n < 30)
        self.put(f"{name}.interval", low=middle - half, high=middle + half)

    def mean(self, name, total, count, scale=1):
        self.put(name, total=total, count=count, value=divide(np.asarray(total) / scale, count))

    def ratio(self, name, part, whole):
        self.put(name, numerator=part, denominator=whole, value=divide(part, whole))


def periods(figures, name, calendar):
    figures.put(f"{name}.period", start=text(first_of(calendar.months)), end=text(first_of(calendar.months + 1)))
    figures.put(name, complete=first_of(calendar.months + 1) <= calendar.until)


MONTHLY = (
    "month",
    "customers",
    "new",
    "repeat",
    "returning",
    "purchases",
    "orders",
    "revenue",
    "first_orders",
    "first_revenue",
    "first_month_revenue",
)


def monthly(columns):
    """Counts of months by name. Every month has an order."""
    months = dict(zip(MONTHLY, (np.asarray(column, "int64") for column in columns), strict=False))
    assert (np.diff(months["month"]) == 1).all()
    return months


def buying(figures, name, at):
    """The metrics of buying, of counts by name."""
    prefix = f"{name}." if name else ""
    customers, orders, revenue = at["customers"], at["orders"], at["revenue"]
    figures.put(name, customers=customers, newCustomers=at["new"], purchases=at["purchases"], orders=orders, revenue=revenue)
    figures.rate(f"{prefix}repeatCustomerRate", at["repeat"], customers)
    figures.rate(f"{prefix}returningCustomerRate", at["returning"], customers)
    figures.rate(f"{prefix}existingCustomerShare", customers - at["new"], customers)
    figures.mean(f"{prefix}purchaseFrequency", at["purchases"], customers)
    figures.mean(f"{prefix}averageOrderValue", revenue, orders, CENTS)
    figures.mean(f"{prefix}averageRevenuePerCustomer", revenue, customers, CENTS)
    first, firsts = at["first_revenue"], at["first_orders"]
    parts = {"first": (first, firsts), "later": (revenue - first, orders - firsts), "total": (revenue, orders)}
    for part, (sum_, count) in parts.items():
        figures.put(f"{prefix}revenueSplit.{part}", revenue=sum_, orders=count, share=divide(sum_, revenue))


def timeline(columns):
    """The metrics of buying by month, of the columns of `MONTHLY`."""
    months, figures = monthly(columns), Figures()
    at = months["month"]
    figures.put("periods[].period", start=text(first_of(at)), end=text(first_of(at + 1)))
    buying(figures, "periods[]", months)
    return figures


def flow(figures, name, at):
    keys = ("atStart", "new", "reactivated", "churned", "atEnd", "lapsedAtStart", "newAndGone", "backAndGone", "lapsedAndBack")
    figures.put(name, **dict(zip(keys, at, strict=True)))
    at_start, new, reactivated, churned, at_end, lapsed, *_ = at
    figures.rate(f"{name}.retentionRate", at_start - churned, at_start)
    figures.rate(f"{name}.churnRate", churned, at_start)
    figures.rate(f"{name}.reactivationRate", reactivated, lapsed)
    figures.ratio(f"{name}.retentionRateByHeadcount", at_end - new, at_start)


def flow_by_month(calendar, new, gaps):
    """The flow of each month, of gaps by three months: of the purchase that begins them; of the last day on which the customer
    is active, where they are longer than the lapse; of the purchase that ends them. `NEVER` stands for one that does not come.

    Who buys in a month is active at its end, since no month is as long as the lapse: nobody is new and gone in it.
    """
    begin, lapse, end, count = (np.asarray(column, "int64") for column in gaps)
    first, size = calendar.months[0], len(calendar.months)
    # At the start of which months somebody is active: from the one after the purchase to that of the next or of the lapse.
    change = np.zeros(size + 2, "int64")
    np.add.at(change, begin + 1 - first, count)
    np.add.at(change, np.minimum(np.minimum(lapse, end) + 1 - first, size + 1), -count)
    active = np.cumsum(change)[: size + 1]
    known = np.concatenate(([0], np.cumsum(new)))

    def by(month, which):
        which = which & (month < first + size)
        return calendar.by_month(month[which], count[which])

    none = np.zeros(size, "int64")
    churned, reactivated, both = by(lapse, lapse < end), by(end, lapse < end), by(end, lapse == end)
    return active[:-1], new, reactivated, churned, active[1:], (known - active)[:-1], none, none, both


def movements(figures, name, before, now, new, matched):
    """Of revenue before, now and of new customers, and of what those who bought in both periods spent: before, now, and the
    lesser of the two by customer. Nobody has a negative total here."""
    matched_before, matched_now, kept = matched
    expansion, contraction = matched_now - kept, matched_before - kept
    churned, reactivated = before - matched_before, now - matched_now - new
    figures.put(name, before=before, now=now, change=now - before, new=new, expansion=expansion)
    figures.put(name, contraction=contraction, churned=churned, reactivated=reactivated)
    figures.ratio(f"{name}.grossRevenueRetention", kept, before)
    figures.ratio(f"{name}.netRevenueRetention", matched_now, before)
    figures.ratio(f"{name}.revenueChurnRate", before - kept, before)
    figures.ratio(f"{name}.quickRatio", new + expansion + reactivated, churned + contraction)


def curve(figures, name, events, censored):
    """Kaplan–Meier with Greenwood's variance and log-log intervals, of counts by day."""
    at_risk = np.cumsum((events + censored)[::-1])[::-1]
    seen = events + censored > 0
    d, n = events.astype(float), at_risk.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(n > 0, 1 - d / n, 1))
        # Negative, as the logarithm is.
        deviation = np.sqrt(np.cumsum(np.where(n > d, d / (n * (n - d)), 0))) / np.log(survival)
        low, high = (survival ** np.exp(sign * Z * deviation) for sign in (-1, 1))
    inside = (survival > 0) & (survival < 1)
    low, high = np.where(inside, low, np.nan), np.where(inside, high, np.nan)
    figures.put(name, subjects=(events + censored).sum(), events=events.sum())
    steps = {"day": np.arange(len(events)), "atRisk": at_risk, "events": events, "censored": censored, "survival": survival}
    figures.put(f"{name}.steps[]", **{key: column[seen] for key, column in steps.items()})
    figures.put(f"{name}.steps[].interval", low=low[seen], high=high[seen])
    return survival, low, high, at_risk


def reached(survival, share):
    return np.argmax(survival <= share) if (survival <= share).any() else np.nan


def sums(places, counts, length):
    """What counts add up to, by place."""
    # Through floats, which hold them exactly up to 2^53.
    return np.bincount(places, counts, length).astype("int64")


def timing(figures, calendar, customers, gaps, last):
    """Of gaps by the number of the purchase that ends them, their length, whether the purchase that begins them was followed
    for as long as the lapse, and their count; of last purchases by their number, the days since, and their count.

    Numbers beyond `STEPS` + 1 may stand as that.
    """
    number, days, followed, count = (np.asarray(column, "int64") for column in gaps)
    last_number, since, waiting = (np.asarray(column, "int64") for column in last)
    length = calendar.until - calendar.first
    events, censored = sums(days, count, length), sums(since, waiting, length)
    total = events.sum()
    figures.put("gaps", customers=customers, oneTimeCustomers=waiting[last_number == 1].sum(), gaps=total)
    figures.mean("gaps.mean", (np.arange(length) * events).sum(), total)
    so_far = np.cumsum(events)
    quantiles = {"median": 50, "p80": 80, "p90": 90}
    figures.put("gaps", **{name: np.searchsorted(so_far, -(-percent * total // 100)) for name, percent in quantiles.items()})
    starts = np.arange(1, np.flatnonzero(events)[-1] + 1, 7)
    figures.put("gaps.histogram[]", start=starts, end=starts + 7, gaps=np.add.reduceat(events, starts))
    survival, *_ = curve(figures, "gaps.curve", events, censored)
    shares = {"correctedMedian": 0.5, "correctedP80": 0.2, "correctedP90": 0.1}
    figures.put("gaps", **{name: reached(survival, share) for name, share in shares.items()})

    second, still = number == 2, last_number == 1
    events, censored = sums(days[second], count[second], length), sums(since[still], waiting[still], length)
    survival, low, high, at_risk = curve(figures, "secondPurchase.curve", events, censored)
    at = np.array([30, 60, 90, 180, 365])
    figures.put("secondPurchase", customers=customers, returned=events.sum(), median=reached(survival, 0.5))
    figures.put("secondPurchase.returnedBy[]", days=at, share=1 - survival[at], atRisk=at_risk[at])
    figures.put("secondPurchase.returnedBy[].interval", low=1 - high[at], high=1 - low[at])

    early, long_ago = followed > 0, since >= LAPSE
    soon = early & (days <= LAPSE)
    number, last_number = np.minimum(number, STEPS + 2), np.minimum(last_number, STEPS + 1)
    # Those who have made the purchase of each number: made the next one, or wait.
    following = sums(number, count, STEPS + 3)[2:-1]
    here = following + sums(last_number, waiting, STEPS + 2)[1:-1]
    in_time = sums(number[soon], count[soon], STEPS + 3)[2:-1]
    seen = sums(number[early], count[early], STEPS + 3)[2:-1]
    seen = seen + sums(last_number[long_ago], waiting[long_ago], STEPS + 2)[1:-1]
    figures.put("funnel.steps[]", purchases=np.arange(1, STEPS + 1))
    figures.rate("funnel.steps[].next", following, here)
    figures.rate("funnel.steps[].nextWithin", in_time, seen)


def cohorts(figures, calendar, sizes, cells):
    """Of cells by the month of the first purchase and the months since: customers and revenue."""
    cohort, index, customers, revenue = (np.asarray(column, "int64") for column in cells)
    shape = size, _ = len(calendar.months), LAST_INDEX + 1
    returned, spent = np.zeros(shape, "int64"), np.zeros(shape, "int64")
    returned[cohort - calendar.months[0], index] = customers
    spent[cohort - calendar.months[0], index] = revenue
    spent = np.cumsum(spent, axis=1)
    complete = np.add.outer(np.arange(size), np.arange(LAST_INDEX + 1)) < size
    every = np.broadcast_to(sizes[:, None], shape)
    pooled = np.where(complete, every, 0).sum(axis=0)
    for name in ("cohorts", "cohortValues"):
        periods(figures, f"{name}.rows[]", calendar)
        figures.put(f"{name}.rows[]", size=sizes)
    table = Figures()
    table.rate("cohorts.rows[].cells[]", returned, every)
    table.mean("cohortValues.rows[].cells[]", spent, every, CENTS)
    figures.update({key: np.where(complete, column, np.nan).ravel() for key, column in table.items()})
    figures.rate("cohorts.pooled[]", np.where(complete, returned, 0).sum(axis=0), pooled)
    figures.mean("cohortValues.pooled[]", np.where(complete, spent, 0).sum(axis=0), pooled, CENTS)


def concentration(figures, totals):
    """Of the distinct totals of customers, and how many have each."""
    net, count = (np.asarray(column, "int64") for column in totals)
    order = np.argsort(net)[::-1]
    net, count = net[order], count[order]
    places, so_far = np.cumsum(count), np.cumsum(net * count)
    n, whole = places[-1], so_far[-1]

    def best(customers):
        """What so many of the best bring."""
        at = np.searchsorted(places, customers)
        return so_far[at] - (places[at] - customers) * net[at]

    top = -(-n * np.array([1, 5, 10, 20]) // 100)
    at = np.searchsorted(5 * so_far, 4 * whole)
    fewest = places[at] - (5 * so_far[at] - 4 * whole) // (5 * net[at])
    least = n * np.arange(101) // 100
    # Half the mean difference between any two, over the mean. Those of one total share the mean of their places.
    gini = ((n - 2 * places + count) * (net * count).astype(float)).sum() / (float(n) * float(whole))
    figures.put("concentration", customers=n, revenue=whole, gini=gini)
    for name, customers in [("top[]", top), ("fewest", fewest)]:
        revenue = best(customers)
        figures.put(f"concentration.{name}", customers=customers, customerShare=customers / n)
        figures.put(f"concentration.{name}", revenue=revenue, revenueShare=revenue / whole)
    figures.put("concentration.lorenz[]", customerShare=least / n, revenueShare=(whole - best(n - least)) / whole)


def breaks(values, counts, most_is_best=True):
    """The worst value that has a score or a better one, for the scores from 2 on that somebody has."""
    order = np.argsort(values) if most_is_best else np.argsort(values)[::-1]
    values, counts = np.asarray(values, "int64")[order], np.asarray(counts, "int64")[order]
    worse = np.cumsum(counts) - counts
    score = 1 + BINS * worse // counts.sum()
    return [int(values[np.argmax(score >= s)]) for s in range(2, BINS + 1) if (score >= s).any()]


def rfm(figures, customers, at, cells):
    """Of the breaks by name, and of cells by r, f and m: customers and revenue."""
    r, f, m, count, revenue = (np.asarray(column, "int64") for column in cells)
    order = np.lexsort((m, f, r))
    figures.put("rfm.breaks", **{f"{name}[]": values for name, values in at.items()})
    figures.put("rfm.cells[]", r=r[order], f=f[order], m=m[order], customers=count[order])
    segment = GRID[r - 1, (f + m + 1) // 2 - 1]
    figures.put("rfm.segments[]", name=np.array(SEGMENTS), revenue=sums(segment, revenue, len(SEGMENTS)))
    shares = sums(segment, count, len(SEGMENTS))
    figures.rate("rfm.segments[].share", shares, np.full(len(SEGMENTS), customers))


HEADLINES = {
    "revenue": "revenue",
    "orders": "orders",
    "average_order_value": "averageOrderValue",
    "customers": "customers",
    "new_customers": "newCustomers",
    "purchase_frequency": "purchaseFrequency",
    "repeat_customer_rate": "repeatCustomerRate",
    "returning_customer_rate": "returningCustomerRate",
    "repurchase_retention": "repurchase.rate",
    "retention_rate": "flow.retentionRate",
}


def headlines(figures, now, before):
    """Ten figures of the later year, beside those of the one before."""
    columns = {}
    for name, key in HEADLINES.items():
        columns.setdefault("name", []).append(name)
        for side, of in [("now", now), ("before", before)]:
            parts = {part: of[part] for part in of if part == key or part.startswith(f"{key}.")}
            for part, value in parts.items():
                columns.setdefault(side + part[len(key) :], []).append(value)
        is_rate = f"{key}.numerator" in now
        value, base = (of.get(f"{key}.value", of.get(key)) for of in (now, before))
        # Money and counts both: the ratio does not depend on the unit.
        columns.setdefault("change", []).append(value - base if is_rate else value / base - 1)
    figures.put("headlines.figures[]", **columns)


def report(first_day, last_day, job):
    """The whole report: `job` is told the calendar, and gives counts by name; see what is read of them here."""
    calendar = Calendar(first_day, last_day)
    counts = job(calendar)
    figures = Figures()
    months = monthly(counts["months"])
    revenue, new_revenue = months["revenue"], months["first_month_revenue"]
    periods(figures, "timeline.periods[]", calendar)
    buying(figures, "timeline.periods[]", months)

    periods(figures, "flowTimeline.periods[]", calendar)
    figures.put("flowTimeline.periods[]", until=text(first_of(calendar.months + 1)))
    flow(figures, "flowTimeline.periods[]", flow_by_month(calendar, months["new"], counts["intervals"]))

    periods(figures, "movementTimeline.periods[]", calendar)
    starts = first_of(calendar.months)
    figures.put("movementTimeline.periods[].previous", start=text(first_of(calendar.months - 1)), end=text(starts))
    month, *matched = (np.asarray(column, "int64") for column in counts["matched"])
    matched = [calendar.by_month(month, column) for column in matched]
    before = np.concatenate(([0], revenue[:-1]))
    movements(figures, "movementTimeline.periods[]", before, revenue, new_revenue, matched)

    sides = []
    for year, (people, flows, again) in enumerate(zip(counts["years"], counts["flows"], counts["repurchases"], strict=True), 1):
        inside = (starts >= calendar.years[year]) & (starts < calendar.years[year + 1])
        added_up = ("new", "purchases", "orders", "revenue", "first_orders", "first_revenue")
        of_months = {key: months[key][inside].sum() for key in added_up}
        customers, repeat, returning = people
        side = Figures()
        buying(side, "", {**of_months, "customers": customers, "repeat": repeat, "returning": returning})
        flow(side, "flow", flows)
        side.rate("repurchase.rate", *again)
        sides.append(side)
    span, span_before = calendar.span(2), calendar.span(1)
    for name, side, at in [("previous", sides[0], span_before), ("current", sides[1], span)]:
        figures.put(f"{name}.period", **at)
        figures.put(name, complete=True)
        figures.update({f"{name}.{key}": value for key, value in side.items() if not key.startswith(("flow.", "repurchase."))})
    figures.update({key: value for key, value in sides[1].items() if key.startswith(("flow.", "repurchase."))})
    for name in ("flow", "repurchase", "movements", "headlines"):
        figures.put(f"{name}.period", **span)
        figures.put(name, complete=True)
    figures.put("flow", until=span["end"])
    figures.put("repurchase.previous", **span_before)
    figures.put("movements.previous", **span_before)
    figures.put("headlines.previous", **span_before)
    headlines(figures, sides[1], sides[0])
    # Of the year: the revenue of its new customers, and of those who bought in both, before, now, and the lesser of the two.
    new_in_year, *matched = counts["moved"]
    movements(figures, "movements", sides[0]["revenue"], sides[1]["revenue"], new_in_year, matched)

    customers = months["new"].sum()
    timing(figures, calendar, customers, counts["gaps"], counts["last"])
    cohorts(figures, calendar, months["new"], counts["cohorts"])
    concentration(figures, counts["totals"])
    rfm(figures, customers, counts["breaks"], counts["cells"])

    orders, total = months["orders"].sum(), revenue.sum()
    figures.put("summary", given=orders, orders=orders, purchases=months["purchases"].sum(), customers=customers, revenue=total)
    figures.put("summary.span", start=text(calendar.first), end=text(calendar.until))
    figures.rate("returns.boughtAgainWithoutReturn", figures["secondPurchase.returned"], customers)
    figures.mean("value.revenue", total, customers, CENTS)
    return figures
