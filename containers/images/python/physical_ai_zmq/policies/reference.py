"""A policy that needs no framework and no weights: for tests, for trying a robot's wiring, and as an example.

It has learned nothing. A state comes back as a chunk of actions that drift from it by a bounded amount,
and rows of features come back as probabilities; both by small matrices, which are always the same ones
unless `model_path` names an `.npz` with better ones.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physical_ai_zmq.policies.weights import version_of

Weights = dict[str, NDArray[np.float32]]

_FARTHEST = np.float32(0.1)
"""How far the last action of a chunk can be from the state."""


def load(
    model_path: str | None,
    *,
    state: str = "14",
    steps: str = "1",
    dt_ms: str = "50",
    features: str = "0",
    labels: str = "0",
) -> "ReferencePolicy":
    """Make the matrices, or read `drift` (D, D) and `scores` (n, m) from an `.npz`.

    `state` is D, `steps` the length of a chunk (1: a single action), `features` n and `labels` m.
    """
    if model_path is None:
        weights = {"drift": _matrix(int(state), int(state)), "scores": _matrix(int(features), int(labels))}
        content = b"".join(weights[name].tobytes() for name in sorted(weights))
        return ReferencePolicy(weights, int(steps), float(dt_ms), hashlib.sha256(content).hexdigest()[:12])
    with np.load(model_path, allow_pickle=False) as file:
        weights = {name: np.asarray(file[name], np.float32) for name in ("drift", "scores")}
    return ReferencePolicy(weights, int(steps), float(dt_ms), version_of([Path(model_path)]))


class ReferencePolicy:
    """See the module."""

    def __init__(self, weights: Weights, steps: int, dt_ms: float, model_version: str) -> None:
        """Take the matrices as they are."""
        self.model_version = model_version
        self._drift = weights["drift"]
        self._scores = weights["scores"]
        self._ramp = np.linspace(1 / steps, 1, steps, dtype=np.float32)[:, None] * _FARTHEST
        self._dt_ms = dt_ms

    def infer(self, observation: dict[str, Any]) -> dict[str, Any]:
        """Take `robot_state` (D,) and perhaps `image` (H, W, …) in 0–255, or `features` (rows, n)."""
        if "features" in observation:
            return {"outputs": self._probabilities(observation["features"])}
        if "robot_state" in observation:
            return self._act(observation)
        raise ValueError(
            f"expected robot_state or features in the observation; got {', '.join(observation) or 'nothing'}"
        )

    def reset(self) -> None:
        """There is nothing to forget."""

    def _act(self, observation: dict[str, Any]) -> dict[str, Any]:
        state = np.asarray(observation["robot_state"], np.float32)
        if state.shape != self._drift.shape[:1]:
            raise ValueError(f"expected robot_state of shape {self._drift.shape[:1]}; got {state.shape}")
        light = np.float32(0)
        if "image" in observation:
            light = np.float32(np.asarray(observation["image"])[::16, ::16].mean() / 255)
        chunk = state + self._ramp * np.tanh(state @ self._drift + light)
        if len(chunk) == 1:
            return {"action": chunk[0]}
        return {"action": chunk, "dt_ms": self._dt_ms}

    def _probabilities(self, features: object) -> NDArray[np.float32]:
        rows = np.asarray(features, np.float32)
        if rows.ndim != 2 or rows.shape[1] != len(self._scores):
            raise ValueError(f"expected features of shape (rows, {len(self._scores)}); got {rows.shape}")
        scores = rows @ self._scores
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
        return exponentials / exponentials.sum(axis=1, keepdims=True)


def _matrix(rows: int, columns: int) -> NDArray[np.float32]:
    """Look random, and be exactly the same on every machine."""
    mixed: NDArray[np.int64] = np.arange(1, rows * columns + 1, dtype=np.int64) * 7919 % 1009
    return np.asarray(mixed / 1009 - 0.5, np.float32).reshape(rows, columns)
