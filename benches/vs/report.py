"""Holds the results of all engines against each other and prints them as a table: `report.py RESULT.json...`.

The first result is what the others are measured by. Fails where any figure of any month differs.
"""

import json
import statistics
import sys


def bytes_of(count):
    return "–" if count is None else f"{count / 2**20:,.0f} MiB"


def seconds(times):
    return f"{statistics.median(times):.3f} s"


def main():
    results = []
    for path in sys.argv[1:]:
        with open(path) as file:
            results.append(json.load(file))
    ours = results[0]
    for other in results[1:]:
        compare(ours, other)
    months = len(ours["months"])
    print(f"{ours['orders']:,} orders of {ours['customers']:,} customers in {months} months.")
    print(f"All {len(results)} results are equal in all {months * (len(ours['months'][0]) - 1)} figures.\n")
    base = [result for result in results if result["engine"] == ours["engine"]]
    ratios = "".join(f" ÷ regulars on {result['threads']} |" for result in base)
    print(f"| engine | threads | median | fastest | slowest |{ratios} memory of the columns | peak |")
    print("|---|" + "--:|" * (6 + len(base)))
    for result in results:
        total = result["total"]
        median = statistics.median(total)
        ratios = "".join(f" {median / statistics.median(to['total']):.1f} |" for to in base)
        print(
            f"| {result['engine']} | {result['threads']} | {median:.3f} s | {min(total):.3f} s | {max(total):.3f} s |"
            f"{ratios} {bytes_of(result['loaded_bytes'])} | {bytes_of(result['peak_bytes'])} |"
        )
    if len({result["report_digest"] for result in base}) > 1:
        sys.exit("the reports of regulars differ by the number of threads")
    print()
    for result in base:
        per_order = result["heap_bytes"] / result["orders"]
        print(
            f"regulars on {result['threads']}: columns → history {seconds(result['history'])}, "
            f"history → metrics by month {seconds(result['metrics'])}, "
            f"history → full report {seconds(result['report'])}, "
            f"{per_order:.2f} bytes of history per order."
        )


def compare(ours, other):
    pairs = zip(ours["months"], other["months"], strict=False)
    for mine, theirs in pairs:
        if mine != theirs:
            sys.exit(f"{other['engine']} on {other['threads']} differs:\n{mine}\n{theirs}")
    if len(ours["months"]) != len(other["months"]):
        sys.exit(f"{other['engine']} has {len(other['months'])} months, regulars {len(ours['months'])}")


if __name__ == "__main__":
    main()
