"""The jobs of the comparison in DuckDB, Polars and pandas: `peers.py duckdb|polars|pandas buying|report DIR`.

Reads the columns that `side_by_side generate` wrote. For each line of the standard input it does the job once, from columns in
memory, in the engine's own form, to the figures, and prints the seconds it took; at the end of the input it prints the figures.
`side_by_side` does the same for regulars. Each job is written for the speed of its engine; what was tried and found slower is
said next to it. None relies on the order of rows, nor does regulars.
"""

import importlib
import json
import os
import sys
import time

import numpy as np


def read(folder):
    customers = np.fromfile(os.path.join(folder, "customers.i64"), "<i8")
    days = np.fromfile(os.path.join(folder, "days.i32"), "<i4")
    amounts = np.fromfile(os.path.join(folder, "amounts.i64"), "<i8")
    return customers, days, amounts


def memory(line):
    """A line of Linux's account of this process, in bytes."""
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(text.split()[1]) for text in status if text.startswith(line))
    except (OSError, StopIteration):
        return None


def plain(value):
    """Figures as JSON has them: null where there is none."""
    values = np.asarray(value)
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), None, values.astype(object))
    return values.tolist()


def main():
    engine, job, folder = sys.argv[1:]
    module = importlib.import_module(f"in_{engine}")
    threads, orders = module.connect(*read(folder))
    try:
        with open("/proc/self/clear_refs", "w") as peak:
            peak.write("5")
    except OSError:
        pass
    loaded = memory("VmRSS:")
    figures = {}
    for _ in sys.stdin:
        start = time.perf_counter()
        figures = getattr(module, job)(orders)
        print(json.dumps({"total": time.perf_counter() - start}), flush=True)
    measured = {
        "engine": engine,
        "threads": threads,
        "loaded_bytes": loaded,
        "peak_bytes": memory("VmHWM:"),
        "figures": {name: plain(value) for name, value in figures.items()},
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
