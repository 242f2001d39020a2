"""A bar while a large file or table comes in."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_PATIENCE = 0.5  # Seconds in which most is done, and nobody wants a bar.


@contextmanager
def bar(unit: str, total: int | None, show: bool | None) -> Iterator[Callable[[int], None] | None]:
    """Show how far it is, with tqdm where that is installed; left to itself, in a notebook alone."""
    make = _tqdm() if show or (show is None and _in_notebook()) else None
    if make is None:
        yield None
        return
    began = time.monotonic()
    shown: Any = None

    def report(done: int) -> None:
        nonlocal shown
        if shown is None and time.monotonic() - began > _PATIENCE:
            shown = make(total=total, unit=unit, unit_scale=True, leave=False)
        if shown is not None:
            shown.update(done - shown.n)

    try:
        yield report
    finally:
        if shown is not None:
            shown.close()


def _tqdm() -> Callable[..., Any] | None:
    try:
        from tqdm import TqdmWarning

        with warnings.catch_warnings():
            # Without ipywidgets the bar is one of text, which is no news to whoever reads a file.
            warnings.simplefilter("ignore", TqdmWarning)
            from tqdm.auto import tqdm
    except ImportError:
        return None
    made: Callable[..., Any] = tqdm
    return made


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"
