"""Has engines do a job in turn, holds their figures against each other, and prints a table: `compare.py JOB RUNS COMMAND...`.

Each command is run as a process of its own that reads the columns and then does the job once for every line that it is sent. The
first, regulars on one thread, is what the figures of the others are held against; it fails where any of them differs.
"""

import json
import math
import re
import shlex
import statistics
import subprocess
import sys

# What regulars gives besides, by job, and the peers do not: options and names that were put in, figures of what these orders do
# not have (returns, credit notes, orders of nobody, costs, prospects, a warm-up), and words.
LEFT_OUT = {
    "buying": r"grain|.*\.complete|.*\.reachesBack|.*[wW]armUp.*|.*revenueSplit\.(unidentified|credits)\..*|.*\.level",
    "report": r"version|remarks|definitions\..*|.*\.(level|reachesBack|grain|reading|measure|asked|smallest)|.*lapseAfter\..*"
    r"|summary\.(currency|policy|zone|inferences.*|prospects|creditNotes|repeated|superseded|leftOut|unidentified\..*)"
    r"|.*revenueSplit\.(unidentified|credits)\..*|.*[wW]armUp.*|.*\.leftOut|funnel\.withinDays"
    r"|concentration\.floored.*|rfm\.(period|complete|asOf|bins|currency|grid).*"
    r"|returns\.(byOrders|byValue|creditNotes|byValueWithCreditNotes|boughtAgainAfterReturn).*|value\.(margin|ordersWithCost).*",
}


def flat(value, name="", into=None):
    """All leaves of JSON by the way to them, those of lists together; money in minor units. Where a part is missing from one
    place of a list and not from others, all its leaves are."""
    into = {} if into is None else into
    if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
        into.setdefault(name, []).append(int(value["amount"].replace(".", "")))
    elif isinstance(value, dict):
        for key, part in value.items():
            if key == "interval" and part is None:
                part = {"low": None, "high": None}
            flat(part, f"{name}.{key}" if name else key, into)
    elif isinstance(value, list):
        sample = next((part for part in value if part is not None), None)
        for part in value:
            flat(nothing(sample) if part is None else part, f"{name}[]", into)
    else:
        into.setdefault(name, []).append(value)
    return into


def nothing(sample):
    """The shape of a value, with nothing in it."""
    if isinstance(sample, dict) and sample.keys() != {"amount", "currency"}:
        return {key: nothing(part) for key, part in sample.items()}
    return None


def equal(mine, theirs):
    if isinstance(mine, float) and theirs is not None:
        return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12)
    return mine == theirs


def held_against(job, ours, engine, theirs):
    """The number of figures that were compared."""
    ours = {name: values for name, values in ours.items() if not re.fullmatch(LEFT_OUT[job], name)}
    if ours.keys() != theirs.keys():
        sys.exit(f"{engine} has other figures:\nwithout {ours.keys() - theirs.keys()}\nwith {theirs.keys() - ours.keys()}")
    for name, mine in ours.items():
        values = theirs[name] if isinstance(theirs[name], list) else [theirs[name]]
        if len(mine) != len(values):
            sys.exit(f"{engine} has {len(values)} of {name}, regulars {len(mine)}")
        for at, (one, other) in enumerate(zip(mine, values, strict=True)):
            if not equal(one, other):
                sys.exit(f"{engine} has {other!r} as {name} at {at}, regulars {one!r}")
    return sum(map(len, ours.values()))


def mebibytes(count):
    return "–" if count is None else f"{count / 2**20:,.0f} MiB"


def measure(commands, runs):
    """All runs of each, and what each says in the end. They take turns, so that what else the machine does meets all."""
    processes = [
        subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for command in commands
    ]
    times = [[] for _ in processes]
    for _ in range(runs):
        for process, taken in zip(processes, times, strict=True):
            process.stdin.write("\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                sys.exit(f"{shlex.join(process.args)} failed")
            taken.append(json.loads(line))
    results = []
    for process in processes:
        process.stdin.close()
        results.append(json.loads(process.stdout.read()))
        if process.wait() != 0:
            sys.exit(f"{shlex.join(process.args)} failed")
    return times, results


def main():
    job, runs, commands = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    times, results = measure(commands, runs)
    base = [place for place, result in enumerate(results) if result["engine"] == "regulars"]
    first = results[0]
    if any(results[place]["figures"] != first["figures"] for place in base):
        sys.exit("the figures of regulars differ by the number of threads")
    ours = flat(first["figures"])
    peers = [result for result in results if result["engine"] != "regulars"]
    compared = {held_against(job, ours, result["engine"], result["figures"]) for result in peers}
    print(f"\n{job}: {first['orders']:,} orders, {runs} runs of each in turn.")
    for count in compared:
        print(f"{count:,} figures of {len(peers)} peers are those of regulars: counts and money equal, floats within 1e-9.\n")
    medians = [statistics.median(run["total"] for run in taken) for taken in times]
    ratios = "".join(f" ÷ regulars on {results[place]['threads']} |" for place in base)
    print(f"| engine | threads | median | fastest | slowest |{ratios} memory of the columns | peak |")
    print("|---|" + "--:|" * (6 + len(base)))
    for taken, median, result in zip(times, medians, results, strict=True):
        total = [run["total"] for run in taken]
        ratios = "".join(f" {median / medians[place]:.1f} |" for place in base)
        print(
            f"| {result['engine']} | {result['threads']} | {median:.3f} s | {min(total):.3f} s | {max(total):.3f} s |"
            f"{ratios} {mebibytes(result['loaded_bytes'])} | {mebibytes(result['peak_bytes'])} |"
        )
    print()
    for place in base:
        built = statistics.median(run["history"] for run in times[place])
        rest = statistics.median(run["total"] - run["history"] for run in times[place])
        per_order = results[place]["heap_bytes"] / first["orders"]
        print(
            f"regulars on {results[place]['threads']}: columns → history {built:.3f} s, history → figures {rest:.3f} s, "
            f"{per_order:.2f} bytes of history per order."
        )


if __name__ == "__main__":
    main()
