"""What the tests of the Python package share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import regulars as rg

ROOT = Path(__file__).parents[3]
CDNOW = ROOT / "crates/regulars-import/data/cdnow_sample.csv"
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def history() -> rg.OrderHistory:
    """The sample that comes with the repository."""
    return rg.OrderHistory.from_csv(CDNOW, currency="USD")
