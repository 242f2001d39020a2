"""Every case of the shared fixtures gives in Python what it gives in Rust, byte for byte."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import fixtures
import pytest
import regulars as rg
from regulars._json import dumps
from regulars._result import camel, plain

CASES = fixtures.cases()
SNAPSHOTS = fixtures.snapshots()


def difference(expected: Any, found: Any, digits: int | None, place: str = "") -> str | None:
    """The first difference: keys that are not expected are not compared, lists in full, floats to the digits given."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            if key not in found:
                return f"{place}.{key}: there is no such key"
            if told := difference(value, found[key], digits, f"{place}.{key}"):
                return told
        return None
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        parts = (difference(a, b, digits, f"{place}[{i}]") for i, (a, b) in enumerate(zip(expected, found, strict=True)))
        return next(filter(None, parts), None)
    number = (int, float)
    if isinstance(expected, number) and isinstance(found, number) and type(expected) is not bool:
        near = 0.0 if digits is None else 0.5 * 10**-digits * (1 + 1e-9)
        return None if math.fabs(expected - found) <= near else f"{place}: expected {expected}, found {found}"
    same = type(expected) is type(found) and expected == found
    return None if same else f"{place}: expected {expected!r}, found {found!r}"


@pytest.mark.parametrize("place", CASES)
def test_case(place: str) -> None:
    file, case = CASES[place]
    try:
        result = fixtures.run(file, case)
    except rg.RegularsError as error:
        found = {"error": error.code, "message": error.message}
        assert error.code == case.get("error"), error
        assert dumps(found) == SNAPSHOTS[place]
        return
    assert "error" not in case, f"expected the error {case['error']}"
    text = fixtures.as_json(result)
    assert difference(case["expected"], json.loads(text), case.get("digits")) is None
    assert text == SNAPSHOTS[place]


@pytest.mark.parametrize("place", [place for place, (_, case) in CASES.items() if "expected" in case])
def test_fields_are_those_of_the_document(place: str) -> None:
    """Typed fields hold the whole document: written out again, they are the same bytes."""
    result = fixtures.run(*CASES[place])
    if not isinstance(result, rg.Result):
        assert dumps(plain(result)) == SNAPSHOTS[place]
        return
    assert dumps(result.to_dict()) == SNAPSHOTS[place]
    keys = {camel(field.name) for field in dataclasses.fields(result)} | getattr(result, "_ROWS", set())
    assert keys >= set(result.to_dict())
    if not result._OPTIONAL:
        assert keys == set(result.to_dict())
    again = type(result).from_json(result.to_json())
    assert again == result


def test_every_case_has_a_snapshot() -> None:
    assert set(CASES) == set(SNAPSHOTS)
