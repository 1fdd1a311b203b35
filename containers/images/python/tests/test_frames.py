"""What NumPy hands over in other ways than a message does."""

import unittest
from typing import Any

import numpy as np

from physical_ai_zmq.frames import Form, decode_frames, encode_frames


def sent(value: object, form: Form = "multipart") -> Any:
    """Return what arrives of a value."""
    frames = encode_frames({"result": value}, "result", form)
    return decode_frames([bytes(frame) for frame in frames], "result")["result"]


class Arrays(unittest.TestCase):
    def test_any_layout_arrives_in_c_order(self) -> None:
        array = np.arange(12, dtype=np.int16).reshape(3, 4)
        for view in (array.T, array[::2, ::-1], np.asfortranarray(array), array.astype(">i2")):
            np.testing.assert_array_equal(sent(view), view)
            self.assertEqual(sent(view, "json"), view.tolist())

    def test_the_received_array_is_a_view_of_its_frame(self) -> None:
        frames = [bytes(frame) for frame in encode_frames({"result": np.arange(4.0)}, "result", "multipart")]
        self.assertIs(decode_frames(frames, "result")["result"].base.base, frames[1])

    def test_scalars_and_tuples_become_json(self) -> None:
        value = {"confidence": np.float32(0.5), "step": np.int64(3), "done": np.True_, "pair": (1, np.uint8(2))}
        self.assertEqual(sent(value), {"confidence": 0.5, "step": 3, "done": True, "pair": [1, 2]})

    def test_misaligned_bytes_are_copied(self) -> None:
        header, tensor = encode_frames({"result": np.arange(3.0)}, "result", "multipart")
        shifted = memoryview(b"x" + bytes(tensor))[1:]
        array = decode_frames([bytes(header), shifted], "result")["result"]
        self.assertTrue(array.flags.aligned)
        np.testing.assert_array_equal(array, np.arange(3.0))

    def test_bools_are_made_of_any_byte(self) -> None:
        header, _ = encode_frames({"result": np.array([True, False])}, "result", "multipart")
        self.assertEqual(decode_frames([bytes(header), b"\x07\x00"], "result")["result"].tolist(), [True, False])

    def test_refuses_what_cannot_be_sent(self) -> None:
        for array in (np.array(["a"]), np.array([1j]), np.array([{}])):
            self.assertRaises(TypeError, sent, array)
        self.assertRaises(ValueError, sent, {"x": float("nan")})
        self.assertRaises(ValueError, sent, np.array([np.inf]), "json")
        self.assertTrue(np.isnan(sent(np.array([np.nan])))[0])


if __name__ == "__main__":
    unittest.main()
