"""Computes outlook and segments with pandas, lifelines and scipy on real orders, and compares them with those of regulars.

    python segments.py <program> cdnow <file>
    python segments.py <program> online-retail <file>

<program> is the built `figures` of this folder. Counts and money have to be equal; what lifelines estimates is compared to 1e-9,
as it sums logarithms where regulars multiplies.
"""

import json
import math
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import lifelines
import numpy as np
import pandas as pd
from crosscheck import DECIMALS, amount_in_minor, check, minor
from scipy.stats import mannwhitneyu

AT_RISK, GAPS_PER_FIFTH, WINDOW = 20, 50, 365

compared = 0


def same(place: str, ours: Any, theirs: Any) -> None:
    global compared
    compared += 1
    check(place, ours, theirs)


def close(place: str, ours: float, theirs: float) -> None:
    global compared
    compared += 1
    if not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9):
        sys.exit(f"{place}: computed {ours!r}, regulars says {theirs!r}")


def days(series: pd.Series) -> pd.Series:
    return series.dt.days.astype(int)


def gaps_of(orders: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Every gap after a purchase: k, the mean gap before it, its days and whether it has ended."""
    bought = orders[orders["minor"] > 0][["who", "day"]].drop_duplicates().sort_values(["who", "day"])
    group = bought.groupby("who")["day"]
    gaps = bought.assign(k=group.cumcount() + 1, first=group.transform("first"), after=group.shift(-1))
    gaps["ended"] = gaps["after"].notna()
    gaps["days"] = days(gaps["after"].fillna(last) - gaps["day"])
    gaps["span"] = days(gaps["day"] - gaps["first"])
    gaps["mean"] = gaps["span"] // (gaps["k"] - 1).clip(lower=1)
    gaps["stratum"] = gaps["k"].clip(upper=4)
    return gaps


def fifths(gaps: pd.DataFrame) -> dict[int, list[int]]:
    """From which mean gap on the next fifth begins."""
    cuts: dict[int, list[int]] = {1: []}
    for k in [2, 3, 4]:
        own = gaps[gaps["stratum"] == k]
        if own["ended"].sum() < 5 * GAPS_PER_FIFTH:
            cuts[k] = []
            continue
        tops = {int(np.quantile(own["mean"], q, method="inverted_cdf")) for q in [0.2, 0.4, 0.6, 0.8]}
        cuts[k] = sorted(top + 1 for top in tops if top < own["mean"].max())
    return cuts


class Curve:
    """What lifelines says of the gaps of customers alike. Those of one pace count together with 20 of the others, by lifelines'
    tables of events."""

    def __init__(self, own: pd.DataFrame, alike: pd.DataFrame, horizon: int) -> None:
        fitter = lifelines.KaplanMeierFitter().fit(alike["days"], alike["ended"])
        table = fitter.event_table[fitter.event_table[["observed", "censored"]].sum(axis=1) > 0]
        self.last = int(table.index[table["at_risk"] >= AT_RISK].max())
        if len(own) < len(alike):
            ended = own.loc[own["ended"], "days"].value_counts().reindex(table.index, fill_value=0)
            at_risk = (own["days"].to_numpy()[:, None] >= table.index.to_numpy()).sum(axis=0)
            hazard = (ended + AT_RISK * table["observed"] / table["at_risk"]) / (at_risk + AT_RISK)
            self.own = (1 - hazard).cumprod()
        else:
            self.own = None
        self.fitter, self.horizon, self.edge = fitter, horizon, max(self.last - horizon, 0)
        self.known: dict[int, tuple[float, bool]] = {}

    def survival(self, day: int) -> float:
        if self.own is None:
            return float(self.fitter.predict(min(day, self.last)))
        until = self.own.loc[: min(day, self.last)]
        return float(until.iloc[-1]) if len(until) else 1.0

    def plain(self, age: int) -> float:
        return 1 - self.survival(age + self.horizon) / self.survival(age)

    def outlook(self, age: int) -> tuple[float, bool]:
        if age not in self.known:
            if age <= self.edge:
                self.known[age] = self.plain(age), self.last < self.horizon
            else:
                h = self.horizon
                ratio = math.log((age + 2 * h) / (age + h)) / math.log((self.edge + 2 * h) / (self.edge + h))
                self.known[age] = 1 - max(1 - self.plain(self.edge), 1e-9) ** ratio, True
        return self.known[age]


def segment(valuable: bool, lively: bool) -> str:
    return {(1, 1): "star", (1, 0): "productive", (0, 1): "question_mark", (0, 0): "problem"}[valuable, lively]


def check_day(name: str, orders: pd.DataFrame, found: dict[str, Any], decimals: int) -> None:
    end = pd.Timestamp(found["asOf"])
    known = orders[orders["day"] < end]
    last = end - timedelta(days=1)
    gaps = gaps_of(known, last)
    horizon = int(np.quantile(gaps.loc[gaps["ended"], "days"], 0.8, method="inverted_cdf"))
    same(f"{name}.horizon", horizon, found["horizonDays"])

    cuts = fifths(gaps)
    paces = gaps[["stratum", "mean"]].itertuples(index=False)
    gaps["fifth"] = [sum(mean >= cut for cut in cuts[k]) for k, mean in paces]
    pooled = Curve(gaps, gaps, horizon)
    strata = dict(iter(gaps.groupby("stratum")))
    curves = {
        (k, fifth): Curve(own, strata[k], horizon) if len(strata[k]) >= AT_RISK else pooled
        for (k, fifth), own in gaps.groupby(["stratum", "fifth"])
    }

    customers = gaps[~gaps["ended"]].set_index("who")
    outlooks = [curves[k, f].outlook(age) for k, f, age in customers[["stratum", "fifth", "days"]].itertuples(index=False)]
    customers["outlook"], customers["thin"] = zip(*outlooks, strict=True)
    window = known[known["day"] >= end - timedelta(days=WINDOW)]
    customers["value"] = window.groupby("who")["minor"].sum().reindex(customers.index, fill_value=0)
    recent = customers[customers["day"] >= end - timedelta(days=WINDOW)]
    cut = -(-int(recent["value"].sum()) // len(recent))
    same(f"{name}.valueCut", cut, minor(found["valueCut"], decimals))
    then = end - timedelta(days=horizon)
    before = customers[customers["first"] < then]
    outlook_cut = float((before["day"] >= then).mean())
    close(f"{name}.outlookCut", outlook_cut, found["outlookCut"])

    # Credit notes are all that comes back here.
    sold = window[window["minor"] > 0].groupby("who")["minor"].agg(["sum", "size"]).reindex(customers.index, fill_value=0)
    back = -window[window["minor"] < 0].groupby("who")["minor"].sum().reindex(customers.index, fill_value=0)
    returned = (sold["sum"] > 0) & (sold["size"] >= 2) & (back >= 0.5 * sold["sum"])
    plain = [
        segment(value >= cut and value > 0, outlook >= outlook_cut and outlook > 0)
        for value, outlook in customers[["value", "outlook"]].itertuples(index=False)
    ]
    customers["segment"] = np.where(returned | (customers["value"] < 0), "problem", plain)
    same(f"{name}.customers", len(customers), len(found["customers"]))
    for who, row in customers.iterrows():
        theirs = found["customers"][who]
        same(f"{name} {who}", [row["segment"], int(row["value"]), bool(row["thin"])], [theirs[0], theirs[1], theirs[3]])
        close(f"{name} {who}.outlook", row["outlook"], theirs[2])
    for count in found["counts"]:
        of = customers[customers["segment"] == count["segment"]]
        same(f"{name} {count['segment']}", len(of), count["share"]["numerator"])
        same(f"{name} {count['segment']}.value", int(of["value"].sum()), minor(count["value"], decimals))
    if found["backtest"]:
        check_backtest(name, customers, orders, end, horizon, found["backtest"], decimals)


def check_backtest(
    name: str, customers: pd.DataFrame, orders: pd.DataFrame, at: pd.Timestamp, horizon: int, found: dict[str, Any], decimals: int
) -> None:
    ahead = orders[(orders["day"] >= at) & (orders["day"] < at + timedelta(days=horizon))]
    revenue = ahead.groupby("who")["minor"].sum().reindex(customers.index, fill_value=0)
    active = customers.index.isin(ahead.loc[ahead["minor"] > 0, "who"])
    for row in found["segments"]:
        own = customers["segment"] == row["segment"]
        at_segment = f"{name}.backtest {row['segment']}"
        same(at_segment, [int(own.sum()), int(active[own].sum())], [row["active"]["denominator"], row["active"]["numerator"]])
        same(f"{at_segment}.revenue", int(revenue[own].sum()), minor(row["revenue"], decimals))
        if row["revenuePerCustomerInterval"]:
            # The bootstrap against the normal approximation of the mean: they are to agree roughly.
            spread = 1.96 * revenue[own].std() / math.sqrt(own.sum()) / 10**decimals
            width = row["revenuePerCustomerInterval"]["high"] - row["revenuePerCustomerInterval"]["low"]
            alike = bool(0.7 * 2 * spread < width < 1.3 * 2 * spread) if own.sum() >= 30 else True
            same(f"{at_segment}.interval of about {2 * spread:.2f}", True, alike)
    scores = {
        "rule": customers["outlook"].round(12),
        "recency": -customers["days"],
        "frequency": customers["k"],
        "value": customers["value"],
    }
    stars = int((customers["segment"] == "star").sum())
    for row in found["scores"]:
        if row["score"] not in scores:
            continue
        score = scores[row["score"]]
        pairs = mannwhitneyu(score[active], score[~active]).statistic
        close(f"{name}.auc {row['score']}", pairs / (active.sum() * (~active).sum()), row["auc"])
        if row["score"] == "rule":
            close(f"{name}.brier", float(((customers["outlook"] - active) ** 2).mean()), row["brier"])
            top = revenue[customers["segment"] == "star"].sum()
        else:
            # Customers with equal scores at the edge have a part each: the mean revenue of their score.
            mean = revenue.groupby(score).transform("mean")
            top = mean.iloc[np.argsort(-score.to_numpy(), kind="stable")][:stars].sum()
        close(f"{name}.captured {row['score']}", float(top / revenue.sum()), row["captured"])
    for row in found["calibration"]:
        # Equal outlooks are in the tenth of the first of them.
        tenth = (10 * (customers["outlook"].round(12).rank(method="min") - 1) // len(customers)).astype(int) + 1
        own = tenth == row["tenth"]
        observed = [row["observed"]["numerator"], row["observed"]["denominator"]]
        same(f"{name}.tenth {row['tenth']}", [int(active[own].sum()), int(own.sum())], observed)
        close(f"{name}.tenth {row['tenth']}.predicted", float(customers.loc[own, "outlook"].mean()), row["predicted"])


def main() -> None:
    program, kind, path = sys.argv[1:]
    decimals = DECIMALS[kind]
    found = json.loads(subprocess.run([program, kind, path], check=True, capture_output=True, text=True).stdout)["segments"]
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    orders = pd.DataFrame(
        {
            "who": rows["customer_id"],
            "day": pd.to_datetime(rows["ts" if "ts" in rows else "date"].str[:10]),
            "minor": [amount_in_minor(text, decimals) for text in rows["amount"]],
        }
    )
    orders = orders[(orders["who"] != "") & (orders["minor"] != 0)]
    assert all(date.fromisoformat(day["asOf"]) for day in found)
    for day in found:
        check_day(f"{kind} {day['asOf']}", orders, day, decimals)
    versions = f"lifelines {lifelines.__version__}, pandas {pd.__version__}"
    print(f"{kind}: {compared} figures of segments agree with {versions}")


if __name__ == "__main__":
    main()
