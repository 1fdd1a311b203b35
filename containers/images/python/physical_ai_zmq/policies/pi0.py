"""Policies of Physical Intelligence's openpi: π0, π0-FAST and π0.5.

An observation is what openpi's own clients send for the training configuration, for instance
`observation/exterior_image_1_left`, `observation/joint_position` and `prompt` for DROID.
"""

from pathlib import Path
from typing import Any

import numpy as np

from physical_ai_zmq.policies.weights import version_of


def load(model_path: str | None, *, config: str = "pi0_aloha_sim", prompt: str = "", dt_ms: str = "") -> "Pi0Policy":
    """Load a checkpoint, a folder or a `gs://` address.

    `config` is the training configuration's name, `prompt` what is to be done when the observation says nothing.
    """
    from openpi.policies import policy_config
    from openpi.shared import download
    from openpi.training import config as training

    if model_path is None:
        raise ValueError("expected --model-path, a checkpoint's folder or gs:// address; got none")
    folder = Path(download.maybe_download(model_path))
    policy = policy_config.create_trained_policy(training.get_config(config), folder, default_prompt=prompt or None)
    weights = folder / "model.safetensors"
    files = [weights] if weights.exists() else [file for file in (folder / "params").rglob("*") if file.is_file()]
    return Pi0Policy(policy, version_of(files), float(dt_ms) if dt_ms else None)


class Pi0Policy:
    """See the module."""

    def __init__(self, policy: Any, model_version: str, dt_ms: float | None) -> None:
        """Take openpi's policy."""
        self.model_version = model_version
        self._policy = policy
        self._dt_ms = dt_ms

    def infer(self, observation: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk (T, D)."""
        action = np.asarray(self._policy.infer(observation)["actions"], np.float32)
        return {"action": action} if self._dt_ms is None else {"action": action, "dt_ms": self._dt_ms}

    def reset(self) -> None:
        """Openpi keeps nothing between two observations."""
