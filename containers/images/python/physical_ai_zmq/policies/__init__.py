"""The policies that can be served, each framework's behind the same small interface."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

FRAMEWORKS = ("reference", "lerobot", "groot_n15", "pi0")
"""Each is a module of this package with `load(model_path, **options)`, all options strings by keyword."""


class Policy(Protocol):
    """A model that is ready."""

    @property
    def model_version(self) -> str:
        """The first 12 hex digits of the weights' SHA-256."""

    def infer(self, observation: dict[str, Any]) -> dict[str, Any]:
        """Answer an observation.

        The result has `action`, float32 (D,) or a chunk (T, D), and `dt_ms` where the time between two
        actions of a chunk is known; or `outputs`, float32 (rows, labels), for `features` (rows, n).
        """

    def reset(self) -> None:
        """Forget what came before: a new episode begins."""


def load_policy(framework: str, model_path: str | None, options: Mapping[str, str]) -> Policy:
    """Load a model with the framework that it was made with; ValueError for options that it does not have."""
    load = import_module(f"{__name__}.{framework}").load
    known = [name for name, one in inspect.signature(load).parameters.items() if one.kind is one.KEYWORD_ONLY]
    if unknown := sorted(set(options) - set(known)):
        raise ValueError(f"{framework} takes the options {', '.join(known)}; got {', '.join(unknown)}")
    policy: Policy = load(model_path, **options)
    return policy
