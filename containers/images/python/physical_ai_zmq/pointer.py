"""JSON Pointers (RFC 6901): the place of a value inside a message."""

import re
from collections.abc import Sequence
from typing import Any

_POINTER = re.compile(r"(/([^~/]|~[01])*)*")
_INDEX = re.compile(r"0|[1-9][0-9]*", re.ASCII)


def pointer_to(parent: str, key: object) -> str:
    """Return the pointer to a member of what `parent` points to."""
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"


def keys_of(pointer: str) -> list[str]:
    """Return the keys from the root to the value; ValueError for what is no pointer."""
    if not _POINTER.fullmatch(pointer):
        raise ValueError(f"{pointer!r} is no JSON Pointer")
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]


def put_at(root: dict[str, Any], keys: Sequence[str], value: object) -> None:
    """Put a value at a place that is free: None, or a key that its object does not have.

    ValueError when there is no such place, or something is there.
    """
    container: Any = root
    for key in keys[:-1]:
        container = _member(container, key)
    last = keys[-1]
    if isinstance(container, dict) and container.get(last) is None:
        container[last] = value
    elif isinstance(container, list) and _has(container, last) and container[int(last)] is None:
        container[int(last)] = value
    else:
        raise ValueError(f"expected a free place at {'/'.join(keys)}; there is none")


def _member(container: object, key: str) -> object:
    if isinstance(container, dict):
        return container.get(key)
    if isinstance(container, list) and _has(container, key):
        return container[int(key)]
    return None


def _has(items: list[Any], key: str) -> bool:
    return _INDEX.fullmatch(key) is not None and len(key) < 10 and int(key) < len(items)
