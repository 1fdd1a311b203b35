"""Where a model's files are, and which version they are."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def local_folder(model_path: str | None) -> Path:
    """Return a folder that is there, or what the Hugging Face Hub has under that name."""
    if model_path is None:
        raise ValueError("expected --model-path, a folder or a name on the Hugging Face Hub; got none")
    if Path(model_path).is_dir():
        return Path(model_path)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(model_path))


def version_of(files: Iterable[Path]) -> str:
    """Return the first 12 hex digits of the SHA-256 of all files, one after the other in the order of their names."""
    digest = hashlib.sha256()
    count = 0
    for path in sorted(files):
        count += 1
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    if count == 0:
        raise FileNotFoundError("expected the files of a model; there are none")
    return digest.hexdigest()[:12]
