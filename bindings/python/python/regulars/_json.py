"""JSON in the form in which the core writes it, so that equal results are equal bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ._errors import error


def number(value: float) -> str:
    """Write a float as the core does: the same digits as Python, but other exponents."""
    if not math.isfinite(value):
        raise error("invalid_argument", f"{value} is not a finite number")
    text = repr(value)
    if "e" not in text:
        return text
    digits, exponent = text.split("e")
    if int(exponent) == -5:
        sign, digits = ("-", digits[1:]) if digits[0] == "-" else ("", digits)
        return f"{sign}0.0000{digits.replace('.', '')}"
    return f"{digits}e{int(exponent)}"


def dumps(value: Any) -> str:
    """Write JSON without spaces, floats as `number` writes them."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key), ensure_ascii=False)}:{dumps(cell)}" for key, cell in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
