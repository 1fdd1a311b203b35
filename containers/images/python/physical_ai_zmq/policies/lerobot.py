"""Policies of Hugging Face LeRobot (0.4): ACT, SmolVLA, π0, diffusion and the others that it loads.

An observation has LeRobot's own names (`observation.state`, `observation.images.front`), or these:
`robot_state` is the state, `image` the picture of a policy with one camera, `task` what is to be done.
Pictures are uint8 (H, W, 3).
"""

from typing import Any

import numpy as np

from physical_ai_zmq.policies.weights import local_folder, version_of

_STATE = "observation.state"


def load(model_path: str | None, *, device: str = "", dt_ms: str = "") -> "LeRobotPolicy":
    """Load a checkpoint with its own pre- and postprocessing.

    `device` is `cuda`, `cpu` or `mps`, and the best one there is when missing; `dt_ms` is one over the frame
    rate that the policy was trained at, which a checkpoint does not say.
    """
    import torch
    from lerobot.configs.policies import PreTrainedConfig
    from lerobot.policies.factory import get_policy_class, make_pre_post_processors

    folder = local_folder(model_path)
    config = PreTrainedConfig.from_pretrained(folder)
    config.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    policy = get_policy_class(config.type).from_pretrained(folder, config=config)
    on_device = {"device_processor": {"device": config.device}}
    preprocess, postprocess = make_pre_post_processors(
        config,
        pretrained_path=str(folder),
        preprocessor_overrides=on_device,
        postprocessor_overrides={"device_processor": {"device": "cpu"}},
    )
    version = version_of([folder / "model.safetensors"])
    return LeRobotPolicy(policy, preprocess, postprocess, version, float(dt_ms) if dt_ms else None)


class LeRobotPolicy:
    """See the module."""

    def __init__(self, policy: Any, preprocess: Any, postprocess: Any, model_version: str, dt_ms: float | None) -> None:
        """Take LeRobot's policy and processors."""
        self.model_version = model_version
        self._policy = policy
        self._preprocess = preprocess
        self._postprocess = postprocess
        self._dt_ms = dt_ms
        self._cameras: list[str] = list(policy.config.image_features)
        # One that looks back keeps what it saw, and its queue of actions, inside select_action.
        self._looks_back = policy.config.n_obs_steps > 1

    def infer(self, observation: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk (T, D); of a policy that looks back at earlier observations, one action (D,)."""
        import torch

        batch = {self._name(key): _tensor(value) for key, value in observation.items()}
        with torch.inference_mode():
            batch = self._preprocess(batch)
            if self._looks_back:
                action = self._postprocess(self._policy.select_action(batch))
            else:
                # The steps of a chunk stand where the processor has the examples of a batch.
                action = self._postprocess(self._policy.predict_action_chunk(batch)[0])
        numbers = action.to("cpu", torch.float32).numpy()
        if self._looks_back:
            return {"action": numbers[0]}
        return {"action": numbers} if self._dt_ms is None else {"action": numbers, "dt_ms": self._dt_ms}

    def reset(self) -> None:
        """Forget earlier observations and planned actions."""
        self._policy.reset()

    def _name(self, key: str) -> str:
        if key == "robot_state":
            return _STATE
        if key != "image":
            return key
        if len(self._cameras) == 1:
            return self._cameras[0]
        raise ValueError(f"expected the pictures {', '.join(self._cameras)}; got image")


def _tensor(value: Any) -> Any:
    """Make a batch of one: pictures (1, 3, H, W) in 0–1, other numbers (1, …); words stay as they are."""
    if isinstance(value, str):
        return value
    import torch

    array = np.asarray(value)
    if array.dtype == np.uint8 and array.ndim == 3:
        return torch.from_numpy(array.transpose(2, 0, 1).astype(np.float32) / 255)[None]
    return torch.from_numpy(array.astype(np.float32))[None]
