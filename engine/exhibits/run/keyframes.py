"""Five frames of a film that stand for the whole: chosen by declared rules, and drawn without a player."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from engine.array_types import Floats
from engine.escaping import html as safe
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures.bars import HtmlFigure
from engine.figures.film import Footage, When, moments, rows_until
from engine.figures.film_cast import cast
from engine.figures.film_frames import centred
from engine.figures.film_words import told
from engine.figures.heat import data_address, overlay
from engine.figures.tables import Table
from engine.figures.thumbnail import thumbnail
from engine.figures.thumbnail import told as told_of_matrix
from engine.metrics.accuracy import finished, until
from engine.metrics.wording import WORTH_SAYING
from engine.records.events import Watched
from engine.records.watched import AFTER

KEY_FRAMES = kind(
    "key-frames",
    "run",
    Lesson(
        what="At most five moments of the run: after the first task, where a task lost most at once, where the weights "
        "changed most, where the attack fooled most of the watched pictures, and the last one.",
        why="They tell the story of the run where nobody can play its film, as on paper.",
        reading="Read the sentences in order. The small matrix is accuracy on each task after each task; beside it a "
        "watched picture, untouched and attacked, with what the model looks at for its class.",
        caveats="They are the extremes of what was looked at, not what is usual. Between two looks nobody looked.",
    ),
    ("forgetting", "heat_map"),
)


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A moment that stands for the film: why it was chosen, and its place among the moments."""

    names: tuple[str, ...]
    at: int


def key_frames(footage: Footage) -> list[KeyFrame]:
    """The moments that the rules choose, in order; one that several choose is there once."""
    when = moments(footage.beats, len(finished(footage.accuracy)))
    beats = {(beat.task, beat.epoch): beat for beat in footage.beats if not str(beat.arrays["trouble"])}
    chosen: dict[int, list[str]] = {}
    for name, rule in RULES.items():
        at = rule(footage, when, beats)
        if at is not None:
            chosen.setdefault(at, []).append(name)
    return [KeyFrame(tuple(names), at) for at, names in sorted(chosen.items())]


Beats = Mapping[When, Watched]


def first_task(footage: Footage, when: list[When], beats: Beats) -> int | None:
    """The end of the first task."""
    return next((at for at, (_, epoch) in enumerate(when) if epoch == AFTER), None)


def biggest_drop(footage: Footage, when: list[When], beats: Beats) -> int | None:
    """The end of the task with which an earlier one lost most, if that was a point."""
    matrix = finished(footage.accuracy)
    falls = [0.0, *(float(np.nanmax(matrix[t - 1, :t] - matrix[t, :t])) for t in range(1, len(matrix)))]
    most = int(np.argmax(falls))
    return when.index((most, AFTER)) if falls[most] >= WORTH_SAYING else None


def biggest_change(footage: Footage, when: list[When], beats: Beats) -> int | None:
    """The beat before which the head changed most, as a share of its size."""
    moved = [float(beats[place].arrays["moved"]) if place in beats else np.nan for place in when]
    return int(np.nanargmax(moved)) if np.isfinite(moved).any() else None


def most_fooled(footage: Footage, when: list[When], beats: Beats) -> int | None:
    """The first beat at which the attack fooled most of the watched pictures, if it fooled any."""
    count = [int(beats[place].arrays["fooled"].sum()) if place in beats else 0 for place in when]
    return int(np.argmax(count)) if any(count) else None


def last(footage: Footage, when: list[When], beats: Beats) -> int | None:
    """The last moment."""
    return len(when) - 1 if when else None


RULES: Mapping[str, Callable[[Footage, list[When], Beats], int | None]] = {
    "First task": first_task,
    "Biggest drop": biggest_drop,
    "Biggest change of weights": biggest_change,
    "Most fooled": most_fooled,
    "Last": last,
}


def exhibit(footage: Footage) -> Exhibit:
    """The key frames of a run that has finished a task."""
    frames = key_frames(footage)
    count = f"{len(frames)} moment{'' if len(frames) == 1 else 's'}"
    return Exhibit(
        KEY_FRAMES,
        f"The run in {count}",
        "Chosen by rule: first task, biggest drop, biggest change of weights, most fooled, last; all maps of a picture "
        "on one scale",
        HtmlFigure(f"<ol class='pl-frames'>{''.join(_card(footage, frame) for frame in frames)}</ol>"),
        lambda: _table(footage, frames),
    )


def _card(footage: Footage, frame: KeyFrame) -> str:
    when = moments(footage.beats, done := len(finished(footage.accuracy)))
    place = when[frame.at]
    rows = rows_until(place, done)
    beats = [next((beat for beat in footage.beats if (beat.task, beat.epoch) == one), None) for one in when]
    words = told(footage, cast(footage.beats), beats, frame.at, rows)
    beat = beats[frame.at]
    matrix = until(footage.accuracy, rows - 1)
    images = [(thumbnail(matrix), told_of_matrix(matrix), "")] if rows else []
    images += _pair(footage, beat) if beat is not None else []
    shown = "".join(_figure(*one) for one in images)
    said = ". ".join(dict.fromkeys([words["matrix"], *([words["attention"], words["attack"]] if beat else [])]))
    return (
        f"<li><p class='pl-when'>{safe(', '.join(frame.names))}: {safe(_place(place))}</p>"
        f"<h4>{safe(footage.headlines[frame.at])}</h4><div>{shown}</div><p>{safe(said)}.</p></li>"
    )


def _figure(source: str, alt: str, note: str) -> str:
    below = f"<figcaption>{safe(note)}</figcaption>" if note else ""
    return f"<figure><img src='{safe(source)}' alt='{safe(alt)}'>{below}</figure>"


def _place(place: When) -> str:
    task, epoch = place
    return f"after task {task + 1}" if epoch == AFTER else f"task {task + 1}, epoch {epoch}"


def _pair(footage: Footage, beat: Watched) -> list[tuple[str, str, str]]:
    """A watched picture with its map, untouched and attacked: the newest that is fooled, else the newest."""
    found = beat.arrays
    seen = [i for i, ref in enumerate(found["probe"].tolist()) if ref in footage.pictures and found["row_map"][i].size]
    if not seen:
        return []
    i = next((i for i in reversed(seen) if found["fooled"][i]), seen[-1])
    ref, picture = str(found["probe"][i]), _pixels(footage.pictures[str(found["probe"][i])])
    limit = _limit(footage, ref)
    pairs = []
    for note, name, taken in (("Untouched", "row_map", "predicted"), ("Attacked", "attacked_row_map", "attacked")):
        heat, answer = centred(found[name][i]), int(found[taken][i])
        said = f"{note}: {footage.classes[answer]}" if answer >= 0 else note
        drawn = overlay(picture, heat, limit) if np.isfinite(heat).all() else picture
        pairs.append((data_address(drawn), said, said))
    return pairs


def _limit(footage: Footage, ref: str) -> float:
    """The scale of a picture's maps: the largest size on any of them."""
    sizes = [
        float(np.nan_to_num(np.abs(centred(beat.arrays[name][beat.arrays["probe"].tolist().index(ref)]))).max())
        for beat in footage.beats
        if ref in beat.arrays["probe"].tolist()
        for name in ("row_map", "attacked_row_map")
    ]
    return max(sizes) or 1.0


def _pixels(address: str) -> np.typing.NDArray[np.uint8]:
    with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def _table(footage: Footage, frames: list[KeyFrame]) -> Table:
    when = moments(footage.beats, len(finished(footage.accuracy)))
    known: Floats = footage.seen
    ends = [rows_until(when[frame.at], len(finished(footage.accuracy))) for frame in frames]
    return {
        "chosen as": [", ".join(frame.names) for frame in frames],
        "moment": [_place(when[frame.at]) for frame in frames],
        "what happened": [footage.headlines[frame.at] for frame in frames],
        "accuracy": [round(float(known[rows - 1]), 4) if rows else None for rows in ends],
    }
