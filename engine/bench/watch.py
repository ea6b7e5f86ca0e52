"""What watching costs: the run's time with and without it, in pairs; bytes of a beat; and what the live screen takes.

Overhead is the time of the real command from its start to the last stored task with watching on, over the same with it
off, less 1; each seed is one pair, and who goes first alternates. Cold: nothing is cached, as at a first visit. Warm:
every embedding is, so that little else is left to do. The live screen is looked at in a real browser while the demo
trains: how much of one core the browser takes, and how long after it was stored a beat is on the screen.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, quantiles

from engine.bench._watch_browser import looked_at
from engine.bench.demo import time_command
from engine.bench.figure import Figure, measured
from engine.records.watched import pack_beat
from engine.store.store import RunStore
from engine.store.view import RunView

TITLE = "what watching costs: time, bytes, the browser's share and how soon a beat is on the screen"
TARGETS = {
    "overhead_cold": 10.0,
    "browser_cpu_share": 10.0,
    "update_delay_ms_p50": 2000.0,
    "update_delay_ms_p95": 2000.0,
}
_OFF = "watching=no"


def run(seeds: Sequence[int], only: str = "") -> Iterator[Figure]:
    """Measure `watch.*`; with `only` no more than what figures beginning so need."""
    if "watch.overhead".startswith(only) or "watch.bytes".startswith(only) or only.startswith(("watch.o", "watch.by")):
        yield from _overhead(seeds)
    if "watch.browser".startswith(only) or only.startswith(("watch.br", "watch.u")):
        yield from _screen(seeds)


def _overhead(seeds: Sequence[int]) -> Iterator[Figure]:
    found: dict[str, list[float]] = {"cold": [], "warm": []}
    sizes: list[float] = []
    for number, seed in enumerate(seeds):
        with tempfile.TemporaryDirectory() as with_it, tempfile.TemporaryDirectory() as without:
            for heat in found:
                sides = [(Path(with_it), ()), (Path(without), (_OFF,))]
                seconds = {
                    bool(off): time_command(home, seed, watch=off).last_task
                    for home, off in (sides if number % 2 else sides[::-1])
                }
                found[heat].append(100.0 * (seconds[False] / seconds[True] - 1.0))
            sizes += [float(size) for size in _sizes(RunStore(Path(with_it)))]
    for heat, values in found.items():
        yield measured(f"watch.overhead_{heat}", values, "%", most=TARGETS.get(f"overhead_{heat}"))
    yield measured("watch.bytes_per_beat", [mean(sizes)], "bytes")


def _sizes(store: RunStore) -> Iterator[int]:
    view = RunView(store, store.resolve("last"))
    return (len(pack_beat(beat)) for beat in view.film().beats)


def _screen(seeds: Sequence[int]) -> Iterator[Figure]:
    looks = [looked_at() for _ in seeds]
    delays = [1000.0 * delay for look in looks for delay in look.delays]
    cuts = quantiles(delays, n=20)
    share = [100.0 * look.cpu_seconds / look.seconds for look in looks]
    yield measured("watch.browser_cpu_share", share, "% of a core", most=TARGETS["browser_cpu_share"])
    yield measured("watch.update_delay_ms_p50", [cuts[9]], "ms", most=TARGETS["update_delay_ms_p50"])
    yield measured("watch.update_delay_ms_p95", [cuts[18]], "ms", most=TARGETS["update_delay_ms_p95"])
    yield measured("watch.beats_seen", [float(len(look.delays)) for look in looks], "beats")
