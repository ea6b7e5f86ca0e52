"""Look over the installation: versions, weights and data that can be had, the run store, disk space, the browser."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.backbone.presets import SHIPPED, identify
from engine.commands import _steps
from engine.device import machine
from engine.errors import BadParameter, PlumageError
from engine.home import cache_folder
from engine.params import settings_of
from engine.runs.config import configure
from engine.runs.sources import open_dataset
from engine.steps import Step
from engine.store.checkup import Checked, check
from engine.store.store import RunStore
from engine.training import known_costs
from engine.training.known_costs import Costly

EVERYTHING = "*"
SUMMARY = "look over the installation and say what to do"
_PACKAGES = (
    "streamlit",
    "torch",
    "open_clip_torch",
    "plotly",
    "altair",
    "vl-convert-python",
    "pandas",
    "numpy",
    "pillow",
    "pydantic",
    "safetensors",
    "scipy",
    "umap-learn",
    "tensorboardX",
)
_IMAGES = 4000
"""How many to say what embedding costs of, where no data are named."""
_LEAST_PYTHON = (3, 11)
_LEAST_FREE = 2 * 2**30  # bytes; a large feature cache fits into this
_GIB = 2.0**30
_MILLION = 1e6
_MIB = 2.0**20
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_HUB = Path("~/.cache/huggingface/hub")
_TORCH_HUB = Path("~/.cache/clip")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        good: True, False, or None where it is only a remark.
        text: what was found.
        remedy: what to do, or `""`.
    """

    good: bool | None
    text: str
    remedy: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--check",
        nargs="?",
        const=EVERYTHING,
        metavar="RUN",
        help="go through everything that is stored, or through one run: what is whole, and how to get the rest back",
    )
    parser.add_argument(
        "--models",
        action="store_true",
        help="list every backbone that can be named, with its width, input, parameters, and whether it is here",
    )
    parser.add_argument(
        "--fetch", metavar="BACKBONE", help="fetch the weights of a NAME:TAG or hf-hub:ORG/NAME, whole or not at all"
    )
    parser.add_argument("--cost", metavar="BACKBONE", help="measure what embedding costs here, on a handful of images")
    parser.add_argument(
        "--images", type=int, metavar="N", help="how many images to say it of (default: all of the data's, else 4000)"
    )
    parser.add_argument(
        "--set",
        action="append",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="with --cost: the data to measure it on (data=dir:/photos), as train takes them; keeps what is found",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print all findings; 0 if nothing needs doing, else 4 for the store, 3 for weights, 1 for the rest."""
    if arguments.check is not None:
        return _check(RunStore(), arguments.check)
    if arguments.fetch is not None:
        return _fetch(arguments.fetch)
    if arguments.cost is not None:
        return _cost(arguments.cost, arguments.images, [text for group in arguments.set for text in group])
    if arguments.models:
        return _list_models()
    worst = 0
    for code, finding in findings():
        sign = {True: "ok  ", False: "BAD ", None: "    "}[finding.good]
        print(f"{sign}{finding.text}" + (f"\n      -> {finding.remedy}" if finding.remedy else ""))
        worst = max(worst, code if finding.good is False else 0)
    return worst


def _check(store: RunStore, text: str) -> int:
    """Print what is not whole, and a line in the end; 0 if everything is, else 4."""
    run = None if text == EVERYTHING else store.resolve(text)
    began, seen = time.perf_counter(), list[Checked]()
    for checked in check(store, run):
        seen.append(checked)
        for trouble in checked.troubles:
            print(f"BAD {trouble.place}: {trouble.what}\n      -> {trouble.remedy}")
    runs = [checked for checked in seen if checked.run]
    bad = sum(bool(checked.troubles) for checked in seen)
    rows, files = sum(checked.rows for checked in runs), sum(checked.files for checked in runs)
    seconds = time.perf_counter() - began
    counted = f"{len(runs)} run{'' if len(runs) == 1 else 's'}, {rows:,} rows and {files:,} model files"
    print(f"{'BAD ' if bad else 'ok  '}{counted} looked at in {seconds:.1f} s" + (f"; {bad} not whole" if bad else ""))
    if old := sum(checked.unsealed for checked in runs):
        print(f"    {old} models are of an older Plumage, which kept no digest of them beside their own")
    print("    cached embeddings carry checksums too; one that does not fit is computed again")
    return 4 if bad else 0


def findings() -> Iterator[tuple[int, Check]]:
    """Everything looked at, each with the exit code it means if it is bad."""
    store = RunStore()
    yield 1, _python()
    for package in _PACKAGES:
        yield 1, _package(package)
    for spec in SHIPPED:
        yield 3, _weights(spec)
    yield 3, _downloaded()
    yield 4, _store(store)
    yield 4, _disk(store.home)
    yield 0, _cache(store.home)
    yield 0, _browser()


def _python() -> Check:
    good = sys.version_info[:2] >= _LEAST_PYTHON
    text = f"Python {platform.python_version()} on {machine()}"
    return Check(good, text, "" if good else "Install Python 3.11 or newer")


def _package(name: str) -> Check:
    try:
        return Check(True, f"{name} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        return Check(False, f"{name} is not installed", "pip install -r requirements.txt")


def _weights(spec: str) -> Check:
    try:
        found = identify(spec)
    except PlumageError as error:
        return Check(False, f"backbone {spec}: {error.allowed}", error.remedy)
    assert found is not None  # shipped ones lie in folders
    return Check(True, f"backbone {spec}: {found.width} dimensions, {found.image_size} px, offline")


def _downloaded() -> Check:
    """Weights that open_clip has fetched before and finds again without a network."""
    hub = _HUB.expanduser()
    found = sorted(path.name.removeprefix("models--").replace("--", "/") for path in hub.glob("models--*"))
    found += sorted(path.name for path in _TORCH_HUB.expanduser().glob("*.pt"))
    if found:
        return Check(None, f"downloaded before, usable offline: {', '.join(found)}")
    return Check(
        None,
        "no other weights are on this machine",
        "NAME:TAG backbones (see doctor --models) are downloaded when first used; offline use local-dir:/a/folder",
    )


def _store(store: RunStore) -> Check:
    try:
        runs = store.runs()
        store.check_writable()
    except PlumageError as error:
        return Check(False, f"{error.given}: {error.allowed}", error.remedy)
    unfinished = sum(run.status in ("interrupted", "failed", "stopped") for run in runs)
    more = f", {unfinished} can be resumed" if unfinished else ""
    return Check(True, f"run store {store.home}: {len(runs)} run{'' if len(runs) == 1 else 's'}{more}")


def _disk(home: Path) -> Check:
    place = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    remedy = "" if free >= _LEAST_FREE else "Free some space, or set PLUMAGE_HOME to a folder elsewhere"
    return Check(free >= _LEAST_FREE, f"{free / _GIB:.1f} GiB free for runs and caches", remedy)


def _cache(home: Path) -> Check:
    size = sum(path.stat().st_size for path in cache_folder(home).rglob("*") if path.is_file())
    return Check(None, f"caches hold {size / _MIB:.0f} MiB in {cache_folder(home)}; they may be deleted at any time")


def _browser() -> Check:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found:
        return Check(None, f"browser for the tests: {found}")
    return Check(None, "no chromium; only the browser tests need one", "apt-get install chromium")


def _list_models() -> int:
    from engine.backbone.catalogue import known

    print(f"{'backbone':58} {'width':>6} {'input':>7} {'parameters':>11}  here  from")
    for one in _steps.shown(known()):
        size, count = f"{one.image_size} px", f"{one.parameters / _MILLION:,.0f} M" if one.parameters else "?"
        print(f"{one.spec:58} {one.width:>6} {size:>7} {count:>11}  {'yes' if one.here else '-':4}  {one.origin}")
    return 0


def _fetch(spec: str) -> int:
    from engine.backbone.fetching import fetch

    print(f"backbone {spec} is on this machine: {_steps.shown(fetch(spec))}")
    return 0


def _cost(spec: str, images: int | None, data: list[str]) -> int:
    if images is not None and images < 1:
        raise BadParameter(f"--images {images}", "at least one is embedded", "Give a whole number from 1")
    from engine.training.cost import measure

    if not data:
        print(_steps.shown(measure(spec)).told(images or _IMAGES))
        return 0
    config = configure(None, {**settings_of(data), "backbone": spec})
    with _steps.drawing() as draw:
        dataset = open_dataset(config, lambda done, total: draw(Step(done, total, "looking at the pictures")))
    cost = _steps.shown(measure(spec, dataset))
    known_costs.keep(Costly.of(config), cost)
    print(cost.told(images or cost.images))
    return 0
