"""Computes cohorts and RFM with pandas on real orders, and compares them with those of regulars.

    python cohorts.py <program> cdnow <file>
    python cohorts.py <program> online-retail <file>

<program> is the built `figures` of this folder. Whole numbers and money have to be equal, floats to 1e-12.
"""

import json
import subprocess
import sys
from typing import Any

import pandas as pd
from crosscheck import DECIMALS, amount_in_minor, check, check_mean, check_rate, minor

FREQUENCIES = {"week": "W-SUN", "month": "M", "quarter": "Q-DEC"}
GRAINS = [*FREQUENCIES, "30-days"]
compared = 0


def same(place: str, ours: Any, theirs: Any) -> None:
    global compared
    compared += 1
    check(place, ours, theirs)


def check_cohorts(grain: str, orders: pd.DataFrame, origin: pd.Timestamp, until: pd.Timestamp, found: Any, decimals: int) -> None:
    """All cells of one grain, and the tables of two measures with their pooled rows."""
    rows = orders.dropna(subset="who")
    rows = rows.assign(first=rows["who"].map(rows[rows["minor"] > 0].groupby("who")["day"].min())).dropna(subset="first")
    if grain in FREQUENCIES:
        # Numbers of calendar periods; those of `origin` and of the day before `until` are the first and the last.
        number = lambda days: pd.PeriodIndex(days, freq=FREQUENCIES[grain]).astype("int64").to_numpy()  # noqa: E731
        base, last = number([origin])[0], number([until - pd.Timedelta(days=1)])[0]
        rows = rows.assign(cohort=number(rows["first"]) - base, index=number(rows["day"]) - number(rows["first"]))
        ends = [(pd.Period(ordinal=base + i, freq=FREQUENCIES[grain]) + 1).start_time for i in range(last - base + 1)]
        complete = lambda c, k: c + k < len(ends) and ends[c + k] <= until  # noqa: E731
        cohorts = last - base + 1
    else:
        days = int(grain.split("-")[0])
        index = (rows["day"] - rows["first"]).dt.days // days
        rows = rows.assign(cohort=(rows["first"] - origin).dt.days // days, index=index)
        complete = lambda c, k: origin + pd.Timedelta(days=days * (c + 1) - 1 + days * (k + 1)) <= until  # noqa: E731
        cohorts = -(-(until - origin).days // days)
    rows = rows.assign(index=rows["index"].clip(lower=0))
    paid = rows[rows["minor"] > 0]
    bought = paid.drop_duplicates(["who", "day"]).sort_values("day")
    bought = bought.assign(number=bought.groupby("who").cumcount() + 1)
    visits = bought.drop_duplicates(["who", "index"])

    size = bought[bought["number"] == 1].groupby("cohort").size()
    second = bought[bought["number"] == 2].groupby(["cohort", "index"]).size()
    last_index = visits.groupby(["cohort", "who"])["index"].max().reset_index()
    indexes = visits.groupby(["cohort", "who"])["index"].apply(set)
    unbroken = indexes.map(lambda seen: next(k for k in range(len(seen) + 1) if k not in seen) - 1).reset_index()
    by_cell = ["cohort", "index"]
    returned, purchases = visits.groupby(by_cell).size(), bought.groupby(by_cell).size()
    orders_in, revenue = paid.groupby(by_cell).size(), rows.groupby(by_cell)["minor"].sum()

    cells = found["cells"]
    same(f"{grain}.cohorts", cohorts, len(cells["cohorts"]))
    same(f"{grain}.sizes", len(set(bought["who"])), sum(cohort["size"] for cohort in cells["cohorts"]))
    pooled: dict[int, list[int]] = {}
    for c, cohort in enumerate(cells["cohorts"]):
        n = int(size.get(c, 0))
        same(f"{grain} {c}.size", n, cohort["size"])
        ends_of, runs = (frame[frame["cohort"] == c]["index"] for frame in (last_index, unbroken))
        by = value = 0
        for k, cell in enumerate(cohort["cells"]):
            at = f"{grain} {c} {k}"
            by += int(second.get((c, k), 0))
            value += int(revenue.get((c, k), 0))
            same(f"{at}.complete", bool(complete(c, k)), cell["complete"])
            same(f"{at}.returnedIn", int(returned.get((c, k), 0)), cell["returnedIn"])
            same(f"{at}.returnedBy", by, cell["returnedBy"])
            same(f"{at}.returnedFrom", int((ends_of >= k).sum()), cell["returnedFrom"])
            same(f"{at}.activeEvery", int((runs >= k).sum()), cell["activeEvery"])
            same(f"{at}.purchases", int(purchases.get((c, k), 0)), cell["purchases"])
            same(f"{at}.orders", int(orders_in.get((c, k), 0)), cell["orders"])
            same(f"{at}.revenue", int(revenue.get((c, k), 0)), minor(cell["revenue"], decimals))
            in_table = [found[table]["rows"][c]["cells"] for table in ("rate", "revenuePerCustomer")]
            if not complete(c, k):
                same(f"{at}.table", [None, None], [cells[k] if k < len(cells) else None for cells in in_table])
                continue
            check_rate(f"{at}.rate", int(returned.get((c, k), 0)), n, in_table[0][k])
            check_mean(f"{at}.value", value, n, in_table[1][k], 10**decimals, decimals)
            pool = pooled.setdefault(k, [0, 0, 0])
            for i, part in enumerate([int(returned.get((c, k), 0)), n, value]):
                pool[i] += part
    same(f"{grain}.width", len(pooled), len(found["rate"]["pooled"]))
    for k, (customers, n, value) in pooled.items():
        check_rate(f"{grain} pooled {k}.rate", customers, n, found["rate"]["pooled"][k])
        check_mean(f"{grain} pooled {k}.value", value, n, found["revenuePerCustomer"]["pooled"][k], 10**decimals, decimals)


def check_rfm(name: str, orders: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp, found: Any, decimals: int) -> None:
    rows = orders.dropna(subset="who")
    rows = rows[(rows["day"] >= since) & (rows["day"] < until)]
    days = rows[rows["minor"] > 0].groupby("who")["day"]
    facts = pd.DataFrame({"recency": (until - days.max()).dt.days, "frequency": days.nunique()})
    facts["monetary"] = rows.groupby("who")["minor"].sum()
    for score, column, best_first in [("r", "recency", True), ("f", "frequency", False), ("m", "monetary", False)]:
        # A rank is one more than the number of those strictly worse.
        worse = facts[column].rank(method="min", ascending=not best_first).astype(int) - 1
        facts[score] = 1 + 5 * worse // len(facts)
    customers = found["customers"]
    theirs = pd.DataFrame({key: customers[key] for key in ["keys", "recency", "frequency", "monetaryMinor", "r", "f", "m"]})
    theirs = theirs.set_index("keys").sort_index()
    facts = facts.sort_index()
    same(f"{name}.customers", list(facts.index), list(theirs.index))
    for ours, column in zip(facts, theirs, strict=True):
        same(f"{name}.{column}", facts[ours].tolist(), theirs[column].tolist())
    cells = facts.groupby(["r", "f", "m"]).size()
    theirs_by_cell = {(cell["r"], cell["f"], cell["m"]): cell["customers"] for cell in found["cells"]}
    same(f"{name}.cells", {cell: int(n) for cell, n in cells.items()}, theirs_by_cell)
    both = (facts["f"] + facts["m"] + 1) // 2
    segments = pd.Series([found["grid"][r - 1][fm - 1] for r, fm in zip(facts["r"], both, strict=True)], index=facts.index)
    for segment in found["segments"]:
        here = segments == segment["name"]
        check_rate(f"{name}.{segment['name']}", int(here.sum()), len(facts), segment["share"])
        same(f"{name}.{segment['name']}", int(facts[here]["monetary"].sum()), minor(segment["revenue"], decimals))
    # The worst value that has a score or a better one, for each score above 1.
    for key, score, column, worst in [("recency", "r", "recency", "max"), ("frequency", "f", "frequency", "min")]:
        attained = [s for s in range(2, 6) if (facts[score] >= s).any()]
        same(f"{name}.{key}", [int(getattr(facts[facts[score] >= s][column], worst)()) for s in attained], found["breaks"][key])


def main() -> None:
    program, kind, path = sys.argv[1:]
    decimals = DECIMALS[kind]
    found = json.loads(subprocess.run([program, kind, path], check=True, capture_output=True, text=True).stdout)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    orders = pd.DataFrame({
        "who": table["customer_id"].where(table["customer_id"] != ""),
        "day": pd.to_datetime((table["ts"] if "ts" in table else table["date"]).str[:10]),
        "minor": [amount_in_minor(text, decimals) for text in table["amount"]],
    })
    origin, until = orders["day"].min(), orders["day"].max() + pd.Timedelta(days=1)
    for grain in GRAINS:
        check_cohorts(grain, orders, origin, until, found["cohorts"][grain], decimals)
    check_rfm("rfm", orders, origin, until, found["rfm"]["all"], decimals)
    check_rfm("rfm of 90 days", orders, until - pd.Timedelta(days=90), until, found["rfm"]["days"], decimals)
    print(f"{kind}: {compared} figures of cohorts and RFM agree with pandas {pd.__version__}")


if __name__ == "__main__":
    main()
