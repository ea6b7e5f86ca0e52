"""The network of the published concept search, with its gradients derived by hand.

H = X V'                             [n, N], one row of V per candidate
F = (H - mean H) / std H * g + b     batch normalisation (Ioffe and Szegedy, ICML 2015)
logits = F U' + c                    [n, classes]
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

_EPSILON = 1e-5  # added to the variance, as usual
_MOMENTUM = 0.1  # of the running statistics, as usual
_LOST = 1e9  # divisor of a term from which its gradient is lost in the rounding of the cross-entropy's
_CUT = 1e-5  # eigenvalues of the covariance below this share of the largest count as zero


class Gate:
    """Linear - BatchNorm - Linear, started uniformly within 1/sqrt(inputs).

    Args:
        width: D.
        count: N, number of candidates.
        classes: number of classes.
        stream: where the start is drawn from.
    """

    def __init__(self, width: int, count: int, classes: int, stream: torch.Generator) -> None:
        def uniform(*shape: int, inputs: int) -> Tensor:
            return torch.empty(*shape).uniform_(-(inputs**-0.5), inputs**-0.5, generator=stream)

        self.rows = uniform(count, width, inputs=width)  # V
        self._gain, self._shift = torch.ones(count), torch.zeros(count)
        self._out, self._bias = uniform(classes, count, inputs=count), uniform(classes, inputs=count)
        self._mean, self._variance = torch.zeros(count), torch.ones(count)
        self._frozen = False

    @property
    def weights(self) -> list[Tensor]:
        """All trained tensors, in the order of `step`'s gradients."""
        return [self.rows, self._gain, self._shift, self._out, self._bias]

    def freeze(self) -> None:
        """Normalise by the running statistics from now on, and change them no more."""
        self._frozen = True

    def logits(self, features: Tensor) -> Tensor:
        """Logits [n, classes] of features [n, D] with the running statistics."""
        hidden = (features @ self.rows.T - self._mean) * (self._variance + _EPSILON).rsqrt()
        return (hidden * self._gain + self._shift) @ self._out.T + self._bias

    def step(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Mean cross-entropy, share predicted right, and gradients of `weights` on a batch of at least 2."""
        hidden = features @ self.rows.T  # [n, N]
        mean, variance = self._statistics(hidden)
        inverse = (variance + _EPSILON).rsqrt()
        unit = hidden.sub_(mean).mul_(inverse)
        active = unit * self._gain + self._shift
        log_probability = torch.log_softmax(torch.addmm(self._bias, active, self._out.T), 1)
        loss = -log_probability.gather(1, labels[:, None]).mean()
        hits = (log_probability.argmax(1) == labels).float().mean()
        errors = log_probability.exp()  # [n, classes]
        errors[torch.arange(len(labels)), labels] -= 1
        errors /= len(labels)
        active_grad = errors @ self._out  # [n, N]
        gain_grad, shift_grad = (active_grad * unit).sum(0), active_grad.sum(0)
        inner = active_grad
        if not self._frozen:  # the batch's mean and variance depend on every sample
            inner = active_grad - shift_grad / len(labels) - unit * (gain_grad / len(labels))
        rows_grad = (inner * (self._gain * inverse)).T @ features
        return loss, hits, [rows_grad, gain_grad, shift_grad, errors.T @ active, errors.sum(0)]

    def _statistics(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance [N] to normalise `hidden` [n, N] by; those of a batch are tracked."""
        if self._frozen:
            return self._mean, self._variance
        variance, mean = torch.var_mean(hidden, 0, correction=0)
        self._mean.lerp_(mean, _MOMENTUM)
        self._variance.lerp_(variance * (len(hidden) / (len(hidden) - 1)), _MOMENTUM)
        return mean, variance


class Mahalanobis:
    """Squared Mahalanobis distance to a set of candidates, and the published penalty made of it.

    Args:
        candidates: [N, D], unit length.
        power: p.
    """

    def __init__(self, candidates: Tensor, power: float) -> None:
        self._centre = candidates.mean(0)
        offsets = candidates - self._centre
        covariance = offsets.T @ offsets / max(1, len(candidates) - 1)
        self._inverse = torch.linalg.pinv(covariance, rtol=_CUT, hermitian=True)
        self.mean_distance = self.distances(candidates).mean().item()
        self._divisor = max(self.mean_distance, 1.0) ** power

    @property
    def counts(self) -> bool:
        """Whether the gradient can change a choice: published settings make it 1e-10 and less, at half of the
        search's cost."""
        return bool(self._divisor < _LOST)

    def distances(self, rows: Tensor) -> Tensor:
        """Squared distances [n] of `rows` [n, D]."""
        offsets = rows - self._centre
        squares: Tensor = ((offsets @ self._inverse) * offsets).sum(1)
        return squares

    def penalty(self, rows: Tensor) -> Tensor:
        """|mean distance of the rows at unit length - m| / m^p."""
        excess: Tensor = (self.distances(normalize(rows, dim=1)).mean() - self.mean_distance).abs()
        return torch.div(excess, self._divisor)

    def gradient(self, rows: Tensor) -> Tensor:
        """The penalty's gradient by `rows` [n, D]."""
        lengths = rows.norm(dim=1, keepdim=True).clamp_min(1e-12)
        unit = rows / lengths
        pull = (unit - self._centre) @ self._inverse  # [n, D]
        mean = (pull * (unit - self._centre)).sum(1).mean()
        pull *= 2 * torch.sign(mean - self.mean_distance) / (len(rows) * self._divisor)
        tangent: Tensor = pull - unit * (pull * unit).sum(1, keepdim=True)  # growing a row changes nothing
        return torch.div(tangent, lengths)
