"""What the wheel does where nothing else is installed: the examples of a page, given as Python blocks in Markdown."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import regulars as rg

page = Path(sys.argv[1]).read_text(encoding="utf-8")
blocks = re.findall(r"```python\n(.*?)```", page, re.S)
assert blocks, "no examples"
for block in blocks:
    exec(compile(block.replace('"report.html"', repr(sys.argv[2])), sys.argv[1], "exec"), {})
assert Path(sys.argv[2]).stat().st_size > 10_000

history = rg.OrderHistory.from_csv("crates/regulars-import/data/cdnow_sample.csv", currency="USD")
assert len(history.timeline()) == 18 and history.timeline()["customers"][0] == 777
assert history.report()._repr_html_()
try:
    history.timeline().to_polars()
except ImportError as missing:
    assert "pip install polars" in str(missing)
else:
    raise AssertionError("polars is there")
libraries = {"numpy", "pandas", "polars", "pyarrow", "duckdb", "matplotlib"} & set(sys.modules)
assert not libraries, libraries
print("works with nothing else installed, on Python", sys.version.split()[0])
