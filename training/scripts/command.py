"""The command line that every training script shares."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

POLICIES = Path(__file__).resolve().parent.parent / "policies"


class TrainingError(Exception):
    """Why a training cannot go on: what was expected, what came, what to do."""

    def __init__(self, expected: str, came: str, remedy: str) -> None:
        super().__init__(f"expected: {expected}\n  came:     {came}\n  to do:    {remedy}")


@dataclass(frozen=True)
class Options:
    """What the caller asked for."""

    features: Path
    out: Path
    json: bool


def run(description: str, train: Callable[[Path, Path], dict[str, object]]) -> None:
    """Run `train(features file, output directory)`, which returns its figures.

    Ends with exit code 1 and the reason on standard error when it cannot.
    """
    options = _parse(description)
    try:
        figures = train(options.features, options.out)
    except TrainingError as error:
        sys.exit(f"not trained\n  {error}")
    if options.json:
        print(json.dumps(figures))


def _parse(description: str) -> Options:
    parser = ArgumentParser(
        description=description,
        formatter_class=RawDescriptionHelpFormatter,
        epilog="Exit code: 0 trained and exported; 1 not trained, the reason is on standard error; 2 wrong arguments.",
    )
    parser.add_argument(
        "--features",
        type=Path,
        required=True,
        metavar="FILE",
        help="CSV written by the policy's own preprocessing: group (the episode), the features, label; "
        "rows in time order",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=POLICIES,
        metavar="DIR",
        help="where the ONNX file goes (default: the policies directory beside this one)",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one line of JSON, last")
    return Options(**vars(parser.parse_args()))
