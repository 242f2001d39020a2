"""The examples of the documentation run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
import regulars as rg
from conftest import ROOT

MODULES = [
    f"regulars.{module.name}" for module in pkgutil.iter_modules(rg.__path__) if module.name not in ("_regulars", "_plot")
]


@pytest.mark.parametrize("name", ["regulars", *MODULES])
def test_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_examples_are_there() -> None:
    count = sum(len(test.examples) for name in MODULES for test in doctest.DocTestFinder().find(importlib.import_module(name)))
    assert count > 20


@pytest.mark.parametrize("page", ["bindings/python/README.md", "README.md"])
def test_readme(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of Python in a page, one after the other, where its relative paths lead somewhere."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    monkeypatch.chdir(ROOT)
    for block in blocks:
        code = block.replace('"report.html"', repr(str(tmp_path / "report.html")))
        exec(compile(code, page, "exec"), {})


def test_everything_public_says_what_it_is() -> None:
    for name in rg.__all__:
        thing = getattr(rg, name)
        if inspect.isclass(thing) or inspect.isroutine(thing):
            assert thing.__doc__ and not thing.__doc__.startswith(f"{name}("), name
            for member in vars(thing) if isinstance(thing, type) else ():
                if not member.startswith("_") and callable(getattr(thing, member)):
                    assert getattr(thing, member).__doc__, f"{name}.{member}"
