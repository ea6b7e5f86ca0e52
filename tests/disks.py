"""A small disk of one's own, to be filled. Needs root."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system of one's own needs root")


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """A file system in memory, mounted at `place`; skips the test where mounting is not allowed.

    Args:
        size: as `mount` takes it: `2m`.
    """
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this container may not mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def fill(place: Path, but: int = 0) -> Path:
    """Fill the disk under a folder but for some bytes, and return the file that does."""
    free = os.statvfs(place)
    filler = place / "filler"
    filler.write_bytes(b"x" * max(0, free.f_bavail * free.f_bsize - but))
    return filler
