"""A frame of pandas 2, with pyarrow beside it or without, gives what plain columns give."""

from __future__ import annotations

import csv

import pandas as pd
import regulars as rg

assert pd.__version__.startswith("2."), pd.__version__
SAMPLE = "crates/regulars-import/data/cdnow_sample.csv"
with open(SAMPLE) as file:
    rows = list(csv.DictReader(file))
orders = [{key: row[key] for key in ("customer_id", "date", "amount")} for row in rows]
expected = rg.OrderHistory.from_table(orders, currency="USD")

frame = pd.read_csv(SAMPLE, dtype={"customer_id": str}, parse_dates=["date"])
for table in (
    frame,
    frame.assign(customer_id=frame.customer_id.astype("category")),
    frame.assign(date=frame.date.dt.date),
    frame.assign(date=frame.date.dt.tz_localize("UTC")),
):
    history = rg.OrderHistory.from_table(table, currency="USD")
    assert history.timeline().to_json() == expected.timeline().to_json()
    assert history.rfm().to_json() == expected.rfm().to_json()

months = expected.timeline().to_pandas()
assert str(months["start"].dtype).startswith("datetime64") and len(months) == 18
print("frames of pandas", pd.__version__, "are read and made")
