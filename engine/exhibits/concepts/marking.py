"""Which picture a person is asked about next, and of which concept: where the answers so far tell least.

The obvious queue asks about close calls, the scores nearest the line between present and absent. It measures badly: the
easy pictures are never asked about. On a folder of 128 test pictures of eight species whose truth is known (32
concepts), twenty marks on close calls gave an AUC that was 0.16 too low, and it took 57 marks (median) until a concept
had five of both kinds. So the queue is uncertain about pictures, not about the model: it asks in the middle of the
widest gap, counted in pictures, between the scores asked about so far. A concept's first question is the picture in the
middle, its next ones are the quarters. There this took 30 marks (median), and the AUC was 0.01 off on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints

TURN = 30
"""Questions about a concept that cannot be judged yet before others get their turn: a question is answered faster when
it is the same as the last, and a concept that is hardly ever true must not hold up all others."""


@dataclass(frozen=True, slots=True)
class MarkQuestion:
    """Of picture `picture` of N and concept `concept` of K: is it true?"""

    picture: int
    concept: int


def next_question(
    scores: Floats, asked: Bools, judged: Bools, order: Ints, only: int | None = None
) -> MarkQuestion | None:
    """What to ask next, or None where everything was asked.

    The concept: of those that cannot be judged yet the one with the fewest turns of `TURN` questions, of equals the
    first in `order`; once all can be judged, the one asked about least. The picture: in the middle of the widest gap
    between the scores asked about, of equals the one nearest the middle of all.

    Args:
        scores: [N, K].
        asked: [N, K], what was answered or passed over.
        judged: [K], concepts that can be judged.
        order: [K], the concepts, the most wanted first.
        only: ask about this concept alone.
    """
    counts = asked.sum(0)
    open_ = [int(k) for k in order if counts[k] < len(scores) and only in (None, int(k))]
    if not open_:
        return None
    waiting = [k for k in open_ if not judged[k]]
    concept = min(waiting, key=lambda k: counts[k] // TURN) if waiting else min(open_, key=lambda k: counts[k])
    return MarkQuestion(_widest(scores[:, concept], asked[:, concept]), concept)


def _widest(scores: Floats, asked: Bools) -> int:
    """The picture in the middle of the widest gap between those asked about, by the rank of its score."""
    order = np.argsort(scores, kind="stable")
    ends = np.concatenate([[-1], np.flatnonzero(asked[order]), [len(scores)]])
    middles, widths = (ends[:-1] + ends[1:]) // 2, np.diff(ends)
    off = np.abs(2 * middles - (len(scores) - 1))
    return int(order[middles[np.lexsort((off, -widths))[0]]])
