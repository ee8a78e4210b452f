"""
Canonical bytes: the one form that is hashed and compared.

Sorted keys, no blanks, UTF-8; integers, strings, booleans, null, lists and objects only. A change
here is a change of every digest, and so a new format version.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson


def canonical(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Write `value` in the one form; tuples are lists, named tuples must be made plain first."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return sha256(value).hexdigest()
