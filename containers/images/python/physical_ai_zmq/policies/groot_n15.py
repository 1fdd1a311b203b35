"""Policies of NVIDIA Isaac GR00T N1.5.

An observation has GR00T's own names: `video.<camera>` uint8 (H, W, 3) or (T, H, W, 3), `state.<part>` (D,) or
(T, D), and `annotation.human.task_description`, the task in words. The parts of the action come back side
by side, in the order of `layout`.
"""

from typing import Any

import numpy as np

from physical_ai_zmq.policies.weights import local_folder, version_of


def load(
    model_path: str | None,
    *,
    data_config: str = "so100_dualcam",
    embodiment_tag: str = "new_embodiment",
    denoising_steps: str = "4",
    device: str = "cuda",
    dt_ms: str = "",
) -> "GrootPolicy":
    """Load a checkpoint.

    `data_config` names the robot's modalities, one of GR00T's or `module:Class` of your own.
    """
    from gr00t.experiment.data_config import load_data_config
    from gr00t.model.policy import Gr00tPolicy

    folder = local_folder(model_path)
    modalities = load_data_config(data_config)
    policy = Gr00tPolicy(
        model_path=str(folder),
        embodiment_tag=embodiment_tag,
        modality_config=modalities.modality_config(),
        modality_transform=modalities.transform(),
        denoising_steps=int(denoising_steps),
        device=device,
    )
    return GrootPolicy(policy, version_of(folder.glob("*.safetensors")), float(dt_ms) if dt_ms else None)


class GrootPolicy:
    """See the module."""

    def __init__(self, policy: Any, model_version: str, dt_ms: float | None) -> None:
        """Take GR00T's policy."""
        self.model_version = model_version
        self._policy = policy
        self._dt_ms = dt_ms
        action = policy.get_modality_config()["action"]
        self._parts: list[str] = list(action.modality_keys)
        self._steps = len(action.delta_indices)

    def infer(self, observation: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk (T, D) and which columns are which part."""
        answer = self._policy.get_action({key: _with_time(key, value) for key, value in observation.items()})
        # GR00T drops axes of length one; a part with a single number gets its own back.
        parts = {part: np.asarray(answer[part], np.float32).reshape(self._steps, -1) for part in self._parts}
        result: dict[str, Any] = {
            "action": np.concatenate(list(parts.values()), axis=1),
            "layout": {part: array.shape[1] for part, array in parts.items()},
        }
        return result if self._dt_ms is None else {**result, "dt_ms": self._dt_ms}

    def reset(self) -> None:
        """GR00T keeps nothing between two observations."""


def _with_time(key: str, value: Any) -> Any:
    """Give what has no axis of time one of length one."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    array = np.asarray(value)
    axes = 4 if key.startswith("video.") else 2
    return array[None] if array.ndim == axes - 1 else array
