"""From a table to the report in Python, to set beside `to_report` on the same columns: `python.py RUNS DIR`.

Prints the median seconds of each kind of table. Making the table is not in it; reading the report's fields is.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import regulars as rg

runs, folder = int(sys.argv[1]), Path(sys.argv[2])
customers, days, amounts = (
    np.fromfile(folder / name, kind)
    for name, kind in (("customers.i64", "<i8"), ("days.i32", "<i4"), ("amounts.i64", "<i8"))
)
numbers = pa.table({"customer": customers, "date": pa.array(days).cast(pa.date32()), "amount": amounts})
texts = pl.from_arrow(numbers).with_columns(pl.format("cus_{}", pl.col("customer").cast(pl.String)).alias("customer"))
tables = {
    "pyarrow, numbers": numbers,
    "polars, numbers": pl.from_arrow(numbers),
    "polars, text": texts,
    "polars, categories": texts.with_columns(pl.col("customer").cast(pl.Categorical)),
    "pyarrow, text": texts.to_arrow(compat_level=pl.CompatLevel.oldest()),
}
found = {}
for name, table in tables.items():
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        history = rg.OrderHistory.from_table(table, currency="EUR", amount_unit="minor")
        revenue = history.report().summary.revenue
        seconds.append(time.perf_counter() - began)
        del history
    found[name] = {"median": round(statistics.median(seconds), 3), "runs": [round(at, 3) for at in seconds]}
print(json.dumps(found, indent=1))
