"""How long an attack and each map take on one image: on the demo run, and on a ViT-B/16 at 224 px with random weights.

Times are medians of several calls after one that warms up, in a process that uses all cores; an attack takes all of its
steps. The ViT-B/16 is measured in a process of its own, whose largest resident memory, both towers of CLIP and Python
included, is the peak.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.attacks.base import ATTACKS
from engine.attacks.objectives import Mislabel
from engine.attacks.victim import Victim
from engine.backbone.clip import Backbone
from engine.bench.figure import Figure, measured
from engine.concepts.bank import Concept, ConceptBank
from engine.explain.attention.base import ATTENTION, Aim
from engine.model.covariances.full import no_covariances
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.rng import torch_stream
from engine.session.lab import Lab
from engine.steps import finish

ARCHITECTURE = "ViT-B-16"
STEPS = 10
_PGD_SECONDS = 1.0
_EPS = 1.0  # 255ths; time does not depend on it
_REPEATS = 5
_REPEATS_LARGE = 3  # its calls take seconds
_CONCEPTS, _CLASSES = 200, 40
"""Size of the random model on the ViT-B/16: about that of the demo's."""
_KIB = 1024.0


def shipped(labs: Sequence[Lab]) -> Iterator[Figure]:
    """`robustness.speed.*`: the demo run of every seed on the shipped backbone."""
    taken = [_of_lab(lab) for lab in labs]
    yield measured("robustness.speed.pgd10", taken, "s", most=_PGD_SECONDS)


def large(repetitions: int) -> Iterator[Figure]:
    """`robustness.vit_b16.*`: each repetition is a process of its own."""
    found = [_in_a_process() for _ in range(repetitions)]
    for name in found[0]:
        unit = "MiB" if name == "peak_memory" else "s"
        yield measured(f"robustness.vit_b16.{name}", [one[name] for one in found], unit)


def _in_a_process() -> dict[str, float]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, ARCHITECTURE).result()


def measure(architecture: str) -> dict[str, float]:
    """Seconds of PGD and of every map that the architecture allows on one image, and peak memory in MiB."""
    backbone = random_backbone(architecture)
    rng = torch_stream(0, "bench-vit")
    image = torch.rand(1, 3, backbone.image_size, backbone.image_size, generator=rng)
    snapshot = random_model(backbone.width, rng)
    victim, label = Victim(backbone, snapshot), torch.zeros(1, dtype=torch.long)
    found = {"pgd10": seconds(lambda: attack(victim, image, label), _REPEATS_LARGE)}
    words = snapshot.bank.embeddings
    aim = Aim("a concept", words[0], words[1], snapshot.bottleneck[0])
    for name in ATTENTION.names():
        chosen = ATTENTION.get(name)()
        if chosen.why_not(backbone, aim) is None:
            found[f"map.{name}"] = seconds(partial(chosen.heat, backbone, image, aim), _REPEATS_LARGE)
    return {**found, "peak_memory": peak_memory()}


def seconds(act: Callable[[], object], repeats: int = _REPEATS) -> float:
    """Median time of several calls; a first one is not counted."""
    act()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return median(taken)


def attack(victim: Victim, images: Tensor, labels: Tensor) -> None:
    """PGD, all of its steps even where an image is lost before."""
    pgd = ATTACKS.get("pgd").from_mapping({"eps": _EPS, "steps": STEPS})
    finish(pgd.run(victim, images, Mislabel(labels), 0, whole=True))


def random_backbone(architecture: str) -> Backbone:
    """One of open_clip's architectures with random weights, frozen; its texts cannot be embedded."""
    import open_clip

    model = open_clip.create_model(architecture, pretrained=None).eval().requires_grad_(False)
    visual = model.visual
    size = visual.image_size[0] if isinstance(visual.image_size, tuple) else visual.image_size
    mean, std = (torch.tensor(getattr(visual, f"image_{s}")).view(3, 1, 1) for s in ("mean", "std"))
    return Backbone(
        spec=f"{architecture} with random weights",
        digest="",
        image_size=int(size),
        width=int(visual.output_dim),
        mean=mean,
        std=std,
        vocabulary=frozenset(),
        model=model,
        open_tokenizer=lambda: None,
    )


def random_model(width: int, rng: torch.Generator) -> Snapshot:
    """A bottleneck and a head of random numbers."""
    words = normalize(torch.randn(_CONCEPTS, width, generator=rng), dim=1)
    bank = ConceptBank(tuple(Concept(f"concept {k}") for k in range(_CONCEPTS)), words)
    rows = normalize(torch.randn(_CONCEPTS, width, generator=rng), dim=1)
    head = torch.randn(_CLASSES, _CONCEPTS, generator=rng)
    blank = torch.zeros(_CLASSES, width)
    statistics = ClassStatistics(blank, no_covariances(_CLASSES), blank)
    return Snapshot(0, tuple(range(_CLASSES)), bank, rows, head, torch.zeros(_CLASSES), statistics)


def peak_memory() -> float:
    """Largest resident memory of this process so far, in MiB.

    The kernel's mark of this program alone where /proc has it: what `getrusage` says may be the parent's, of before
    this program began.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM")) / _KIB
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB


def _of_lab(lab: Lab) -> float:
    last = lab.view.tasks_done - 1
    sample = lab.sample("test", last)
    image = lab.tensor(lab.pixels("test", sample.rows[:1]))
    return seconds(lambda: attack(lab.victim(last), image, sample.labels[:1].to(image.device)))
