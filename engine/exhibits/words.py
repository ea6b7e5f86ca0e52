"""What splits are called wherever people read of them."""

from __future__ import annotations

SPLITS = {"test": "Ordinary test", "moved": "Habitats moved", "val": "Validation"}
