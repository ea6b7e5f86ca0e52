"""Peak memory of this process over a stretch of time, as the kernel counts it."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # Linux: forget the peak so far, see proc(5)
_KIB = 1024.0


class PeakMemory:
    """Highest resident memory since it was made; since the process began where the system cannot forget a peak."""

    def __init__(self) -> None:
        with contextlib.suppress(OSError):
            _CLEAR.write_text(_RESET_PEAK, encoding="ascii")

    @property
    def mebibytes(self) -> float:
        """The peak so far, in MiB."""
        with contextlib.suppress(OSError):
            for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / _KIB
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / _KIB / (_KIB if sys.platform == "darwin" else 1.0)  # macOS counts bytes
