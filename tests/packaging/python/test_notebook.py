"""The notebook runs, and what it shows is there. `UPDATE_NOTEBOOK=1` keeps what it showed, for readers on GitHub."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import ROOT

NOTEBOOK = ROOT / "bindings/python/examples/from_orders_to_action.ipynb"


def test_notebook(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.read(NOTEBOOK, 4)
    # The page that it writes stands elsewhere, and paths are looked for from there.
    (tmp_path / "crates").symlink_to(ROOT / "crates")
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert (tmp_path / "report.html").stat().st_size > 10_000
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    shown = [output.get("data", {}) for output in outputs]
    assert sum("image/png" in data for data in shown) >= 5
    assert sum("class='rg'" in data.get("text/html", "") for data in shown) >= 5
    if "UPDATE_NOTEBOOK" in os.environ:
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        nbformat.write(notebook, NOTEBOOK)
    kept = nbformat.read(NOTEBOOK, 4)
    assert all(cell.outputs or not cell.source for cell in kept.cells if cell.cell_type == "code"), "UPDATE_NOTEBOOK=1"
    assert NOTEBOOK.stat().st_size < 500_000
