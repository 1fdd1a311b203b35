"""The reference policy; and what the others do around their frameworks, which are not here."""

import hashlib
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from physical_ai_zmq.policies import load_policy
from physical_ai_zmq.policies.groot_n15 import GrootPolicy
from physical_ai_zmq.policies.pi0 import Pi0Policy


class Reference(unittest.TestCase):
    def test_answers_a_state_with_actions_near_it(self) -> None:
        state = np.linspace(-1, 1, 14)
        (action,) = load_policy("reference", None, {}).infer({"robot_state": state}).values()
        self.assertEqual((action.dtype, action.shape), (np.float32, (14,)))
        self.assertLessEqual(np.abs(action - state).max(), 0.1001)

    def test_answers_with_a_chunk(self) -> None:
        policy = load_policy("reference", None, {"state": "3", "steps": "5", "dt_ms": "20"})
        result = policy.infer({"robot_state": [0, 0, 1], "image": np.zeros((32, 32, 3), np.uint8)})
        self.assertEqual((result["action"].shape, result["dt_ms"]), ((5, 3), 20.0))

    def test_sees_the_picture(self) -> None:
        policy = load_policy("reference", None, {})
        dark, light = (
            policy.infer({"robot_state": np.zeros(14), "image": np.full((480, 640, 3), shade, np.uint8)})["action"]
            for shade in (0, 255)
        )
        self.assertGreater(np.abs(light - dark).min(), 0)

    def test_answers_rows_of_features_with_probabilities(self) -> None:
        policy = load_policy("reference", None, {"features": "2", "labels": "4"})
        outputs = policy.infer({"features": np.ones((3, 2), np.float32)})["outputs"]
        self.assertEqual((outputs.dtype, outputs.shape), (np.float32, (3, 4)))
        np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-6)
        self.assertEqual(policy.infer({"features": np.ones((0, 2))})["outputs"].shape, (0, 4))

    def test_is_the_same_everywhere(self) -> None:
        self.assertEqual(load_policy("reference", None, {}).model_version, "4b9b76ce782a")

    def test_reads_weights(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "weights.npz"
            np.savez(file, drift=np.zeros((2, 2)), scores=np.eye(2) * 100)
            policy = load_policy("reference", str(file), {})
            self.assertEqual(policy.model_version, hashlib.sha256(file.read_bytes()).hexdigest()[:12])
        np.testing.assert_allclose(policy.infer({"features": [[1, 0]]})["outputs"], [[1, 0]], atol=1e-6)
        self.assertEqual(policy.infer({"robot_state": [1, 2]})["action"].tolist(), [1, 2])

    def test_says_what_it_expects(self) -> None:
        policy = load_policy("reference", None, {"features": "2", "labels": "2"})
        for observation, problem in (
            ({}, "got nothing"),
            ({"robot_state": [1]}, r"\(14,\); got \(1,\)"),
            ({"features": [[1]]}, r"\(rows, 2\); got \(1, 1\)"),
        ):
            self.assertRaisesRegex(ValueError, problem, policy.infer, observation)
        self.assertRaisesRegex(
            ValueError, "takes the options state, .*; got colour", load_policy, "reference", None, {"colour": "red"}
        )


class Groot(unittest.TestCase):
    """Stands on what Gr00tPolicy's sources say; the framework needs a GPU."""

    def test_gives_time_to_what_has_none_and_puts_the_parts_side_by_side(self) -> None:
        seen: dict[str, Any] = {}

        def get_action(observation: dict[str, Any]) -> dict[str, Any]:
            seen.update(observation)
            return {"action.gripper": np.zeros(16), "action.arm": np.ones((16, 5))}

        config = SimpleNamespace(modality_keys=["action.arm", "action.gripper"], delta_indices=list(range(16)))
        framework = SimpleNamespace(get_action=get_action, get_modality_config=lambda: {"action": config})
        result = GrootPolicy(framework, "abc", 50.0).infer(
            {
                "video.front": np.zeros((4, 4, 3), np.uint8),
                "state.arm": np.zeros((1, 5)),
                "state.gripper": np.zeros(1),
                "annotation.human.task_description": "pick",
            }
        )
        self.assertEqual(
            {key: np.shape(value) for key, value in seen.items() if key[0] != "a"},
            {"video.front": (1, 4, 4, 3), "state.arm": (1, 5), "state.gripper": (1, 1)},
        )
        self.assertEqual(seen["annotation.human.task_description"], ["pick"])
        self.assertEqual(result["action"].shape, (16, 6))
        self.assertEqual((result["layout"], result["dt_ms"]), ({"action.arm": 5, "action.gripper": 1}, 50.0))


class Pi0(unittest.TestCase):
    def test_hands_the_observation_over(self) -> None:
        framework = SimpleNamespace(infer=lambda observation: {"actions": np.full((50, 14), observation["x"])})
        action = Pi0Policy(framework, "abc", None).infer({"x": 2.0})["action"]
        self.assertEqual((action.dtype, action.shape, action[0, 0]), (np.float32, (50, 14), 2))


if __name__ == "__main__":
    unittest.main()
