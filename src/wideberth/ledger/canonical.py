"""Canonical JSON (RFC 8785): one value, one sequence of bytes, whoever writes it.

Only what every reader of JSON understands alike is let in: text keys, finite numbers up to 2⁵³ − 1
in magnitude (RFC 7493), text without lone surrogates, and no more than 64 levels.  A larger number,
also one with a fraction's type, would be read back as another by some.
"""

from __future__ import annotations

import json
import math
from typing import Any

import rfc8785

from wideberth.errors import LedgerError

LARGEST_NUMBER = 2**53 - 1  # every integer up to here is a double of its own
DEEPEST = 64  # levels; Python's own parser gives up near 1,000


def canonical(value: Any, what: str = "the value", levels_above: int = 0) -> str:
    """Return a value as canonical JSON.

    Args:
        value: of dicts, lists, texts, numbers, booleans and None.
        what: it is called in messages.
        levels_above: how deep in a record it will stand; they count.
    Raises:
        LedgerError: something in it has no canonical form; the message names the place.

    >>> canonical({"b": 1.0, "a": [True, None, 1e-7]})
    '{"a":[true,null,1e-7],"b":1}'
    """
    _check(value, what, "", levels_above)
    return rfc8785.dumps(value).decode("utf-8")


def parse(text: str) -> Any:
    """Return the value of a JSON text that must be canonical.

    Raises:
        LedgerError: it is not JSON, or another text is the canonical form of the same value.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
        again = canonical(value)
    except (ValueError, RecursionError) as error:  # JSONDecodeError and too many digits are ValueErrors
        raise LedgerError(f"it is not JSON ({error})") from None
    if again != text:
        raise LedgerError("it is not in canonical form (RFC 8785)")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _check(value: Any, what: str, path: str, depth: int) -> None:
    # The commonest first: this runs for every value of every finding.
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if not value.isascii():
            _check_text(value, what, path)
    elif isinstance(value, float) and not math.isfinite(value):
        raise LedgerError(f"{_place(what, path)} is {value}, which JSON cannot hold. Write null for unknown.")
    elif isinstance(value, (int, float)):
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise LedgerError(
                f"{_place(what, path)} is {value!r}: beyond ±(2^53 - 1) numbers of JSON are not exact. "
                "Write it as text."
            )
    elif depth >= DEEPEST:
        raise LedgerError(f"{_place(what, path)} lies more than {DEEPEST} levels deep.")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise LedgerError(f"{_place(what, path)} has the key {key!r}: a key of JSON is text.")
            if not key.isascii():
                _check_text(key, what, path)
            _check(item, what, f"{path}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            _check(item, what, f"{path}[{position}]", depth + 1)
    else:
        raise LedgerError(
            f"{_place(what, path)} is a {type(value).__name__}, which JSON does not know. "
            "Write a time as text, a number as int or float."
        )


def _check_text(text: str, what: str, path: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise LedgerError(f"{_place(what, path)} holds half a character (a lone surrogate).") from None


def _place(what: str, path: str) -> str:
    return f"{what}: '{path.lstrip('.')}'" if path else what
