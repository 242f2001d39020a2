"""Computes the time between purchases with pandas and lifelines on real orders, and compares it with that of regulars.

    python timing.py <program> cdnow <file>
    python timing.py <program> online-retail <file>

<program> is the built `figures` of this folder. Whole numbers have to be equal, means to 1e-12. What lifelines estimates is
compared to 1e-9, as it sums logarithms where regulars multiplies; p-values relative to their size.
"""

import json
import math
import subprocess
import sys
import warnings
from typing import Any

import lifelines
import numpy as np
import pandas as pd
from crosscheck import check, check_rate
from lifelines.exceptions import ApproximationWarning
from lifelines.statistics import multivariate_logrank_test

# Of quantiles: they are days at which the curve steps, to which no finer timeline adds anything.
warnings.simplefilter("ignore", ApproximationWarning)

compared = 0


def check_close(place: str, ours: float | None, theirs: float | None) -> None:
    global compared
    compared += 1
    if ours is None or theirs is None:
        same = ours is theirs
    else:
        same = math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    if not same:
        sys.exit(f"{place}: computed {ours!r}, regulars says {theirs!r}")


def same(place: str, ours: Any, theirs: Any) -> None:
    global compared
    compared += 1
    check(place, ours, theirs)


def same_rate(place: str, part: int, whole: int, rate: dict[str, Any]) -> None:
    global compared
    compared += 1
    check_rate(place, part, whole, rate)


def fit(durations: pd.DataFrame) -> lifelines.KaplanMeierFitter:
    return lifelines.KaplanMeierFitter().fit(durations["days"], durations["back"])


def reached(day: float) -> int | None:
    return int(day) if math.isfinite(day) else None


def check_curve(place: str, fitter: lifelines.KaplanMeierFitter, curve: dict[str, Any]) -> None:
    """Every day of the curve. Where S is 0 or 1 lifelines gives an interval of width 0 or none, and regulars none."""
    table = fitter.event_table[fitter.event_table[["observed", "censored"]].sum(axis=1) > 0]
    same(f"{place}.steps", len(table), len(curve["steps"]))
    same(f"{place}.subjects", int(table[["observed", "censored"]].sum().sum()), curve["subjects"])
    survival = fitter.survival_function_["KM_estimate"]
    bounds = fitter.confidence_interval_survival_function_
    for (day, row), step in zip(table.iterrows(), curve["steps"], strict=True):
        at = f"{place} day {day:.0f}"
        counts = [int(day), int(row["at_risk"]), int(row["observed"]), int(row["censored"])]
        same(at, counts, [step[key] for key in ["day", "atRisk", "events", "censored"]])
        share = survival.loc[day]
        check_close(f"{at}.survival", share, step["survival"])
        if 1e-12 < share < 1:
            low, high = bounds.loc[day]
            check_close(f"{at}.low", low, step["interval"]["low"])
            check_close(f"{at}.high", high, step["interval"]["high"])
        else:
            same(f"{at}.interval", None, step["interval"])


def main() -> None:
    program, kind, path = sys.argv[1:]
    found = json.loads(subprocess.run([program, kind, path], check=True, capture_output=True, text=True).stdout)
    orders = pd.read_csv(path, dtype={"customer_id": "string"})
    orders["day"] = pd.to_datetime((orders["ts"] if "ts" in orders else orders["date"]).str[:10])
    # The last full day that was observed is that of the last order of any kind.
    last = orders["day"].max()
    bought = orders[(orders["amount"] > 0) & orders["customer_id"].notna()]
    bought = bought[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"], ignore_index=True)
    customers = bought.groupby("customer_id")["day"]
    bought["number"] = customers.cumcount() + 1
    following = customers.shift(-1)
    bought["back"] = following.notna()
    bought["days"] = (following.fillna(last) - bought["day"]).dt.days
    gaps = bought.loc[bought["back"], "days"]

    between = found["timeBetweenPurchases"]
    one = int((customers.size() == 1).sum())
    for key, value in [("customers", customers.ngroups), ("oneTimeCustomers", one), ("gaps", len(gaps))]:
        same(f"between.{key}", value, between[key])
    same("between.mean.total", int(gaps.sum()), between["mean"]["total"])
    check_close("between.mean.value", gaps.mean(), between["mean"]["value"])
    for key, p in [("median", 0.5), ("p80", 0.8), ("p90", 0.9)]:
        same(f"between.{key}", int(np.quantile(gaps, p, method="inverted_cdf")), between[key])
    bars = pd.cut(gaps, range(1, int(gaps.max()) + 8, 7), right=False).value_counts(sort=False)
    ours = [{"start": int(bar.left), "end": int(bar.right), "gaps": int(n)} for bar, n in bars.items()]
    same("between.histogram", ours, between["histogram"])
    whole = fit(bought)
    check_curve("between.curve", whole, between["curve"])
    for key, p in [("correctedMedian", 0.5), ("correctedP80", 0.2), ("correctedP90", 0.1)]:
        same(f"between.{key}", reached(whole.percentile(p)), between[key])

    second = found["timeToSecondPurchase"]
    first = bought[bought["number"] == 1]
    to_second = fit(first)
    check_curve("second.curve", to_second, second["curve"])
    same("second.median", reached(to_second.median_survival_time_), second["median"])
    same("second.days", [30, 60, 90, 180, 365], [by["days"] for by in second["returnedBy"]])
    for by in second["returnedBy"]:
        known = by["days"] <= first["days"].max()
        share = 1 - to_second.survival_function_at_times(by["days"]).iloc[0] if known else None
        check_close(f"second {by['days']}", share, by["share"])
        same(f"second {by['days']}.atRisk", int((first["days"] >= by["days"]).sum()), by["atRisk"])

    funnel = found["purchaseFunnel"]
    same("funnel.steps", min(10, int(bought["number"].max())), len(funnel["steps"]))
    for step in funnel["steps"]:
        here = bought[bought["number"] == step["purchases"]]
        at = f"funnel {step['purchases']}"
        same_rate(f"{at}.next", int(here["back"].sum()), len(here), step["next"])
        observed = here[(last - here["day"]).dt.days >= 90]
        soon = int((observed["back"] & (observed["days"] <= 90)).sum())
        same_rate(f"{at}.nextWithin", soon, len(observed), step["nextWithin"])

    both = pd.concat([first.assign(group=0), bought.assign(group=1)])
    test, log_rank = multivariate_logrank_test(both["days"], both["group"], both["back"]), found["logRank"]
    check_close("logRank.statistic", float(test.test_statistic), log_rank["statistic"])
    # The logarithm, as p-values may be of any size.
    check_close("logRank.pValue", math.log(test.p_value), math.log(log_rank["pValue"]))
    same("logRank.degreesOfFreedom", 1, log_rank["degreesOfFreedom"])

    versions = f"pandas {pd.__version__} and lifelines {lifelines.__version__}"
    print(f"{kind}: {compared} figures of the time between purchases agree with {versions}")


if __name__ == "__main__":
    main()
