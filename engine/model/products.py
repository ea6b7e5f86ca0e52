"""Matrix products for training on a CPU.

The BLAS in PyTorch's wheels takes its AVX2 path on processors that are not Intel's; oneDNN, also in the wheel, uses
AVX-512 where the processor has it and needs half the time for the shapes met here (66 x 512 times 512 x 700: 230 us
against 480 on an EPYC core). Both compute in float32. Below `_WORTH_IT` multiplications the BLAS is as fast and writes
in place.
"""

from __future__ import annotations

import torch
from torch import Tensor

_WORTH_IT = 1_000_000  # multiplications in one product


def _onednn_linear() -> torch._ops.OpOverload | None:
    namespace = getattr(torch.ops, "mkldnn", None)
    operator = getattr(namespace, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None  # type: ignore[no-untyped-call]
    return getattr(operator, "default", None)


_LINEAR = _onednn_linear()


def product(left: Tensor, right: Tensor, out: Tensor) -> Tensor:
    """`left @ right`, [n, k] times [k, m]; the result is `out` or a new tensor of its shape.

    The same shapes take the same path, so results repeat bit for bit on one machine with a fixed number of threads.
    """
    worth_it = left.shape[0] * left.shape[1] * right.shape[1] >= _WORTH_IT
    if _LINEAR is None or not worth_it or left.device.type != "cpu":
        return torch.mm(left, right, out=out)
    result: Tensor = _LINEAR(left, right.t(), None, "none", [], "")
    return result
