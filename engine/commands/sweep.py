"""Many runs from one declaration: every combination of methods, seeds, orders and settings, or a search among them.

WHAT is a TOML file that declares an experiment (docs/tutorials/experiments.md), or the name or number of one that is
kept already, or `last`. Finished runs are found again, so a sweep that was stopped, or got another axis, goes on.

    python -m engine sweep rivals.toml
    python -m engine sweep --grid method=ncm,ranpac,clg_cbm seed+world_seed=1993,7,11 --name rivals
    python -m engine sweep rivals --latex
    python -m engine sweep rivals.toml --on ray --need memory=2
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from engine.commands import _codes
from engine.commands._place import add_place, place_for, where_of
from engine.commands._steps import drawing
from engine.commands._steps import shown as step_by_step
from engine.commands._words import date, printable, table
from engine.errors import BadInput, BadParameter
from engine.experiments import board
from engine.experiments.axes import axis
from engine.experiments.cells import cells, count
from engine.experiments.driving import drive_here
from engine.experiments.estimate import estimate
from engine.experiments.experiment import MOST_BYTES, SEARCHES, Experiment, read
from engine.experiments.search import known
from engine.experiments.standing import CellState, counted, shown, standing
from engine.experiments.where import Where
from engine.jobs import experiments as at_work
from engine.params import parse_settings, settings_of
from engine.paths import output_file
from engine.store.experiments import KeptExperiment, KeptExperiments
from engine.store.store import RunStore

SUMMARY = "train many runs from one declaration (methods x seeds x orders x settings), and compare them"
_SUFFIX = ".toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "what", nargs="?", metavar="WHAT", help="a .toml file, or the name of a kept experiment, or last"
    )
    parser.add_argument("--list", action="store_true", dest="listed", help="list the experiments that are kept")
    parser.add_argument(
        "--grid", nargs="+", default=[], metavar="KEY=A,B", help="what varies; KEY+KEY=A,B sets several alike"
    )
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="what all runs have in common")
    parser.add_argument("--preset", metavar="NAME", help="where all runs start from")
    parser.add_argument("--name", default="", help="what to call it; found again by it")
    parser.add_argument("--search", choices=[*SEARCHES], help="which combinations are tried")
    parser.add_argument(
        "--option",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="trials, retries, at_once, hours, watching, draw_seed",
    )
    add_place(parser, "run")
    parser.add_argument("--dry-run", action="store_true", help="say how many runs that is and how long; start none")
    parser.add_argument("--detach", action="store_true", help="leave it to a process of its own, and return")
    parser.add_argument("--pause", action="store_true", help="begin no more runs; those that train go on")
    parser.add_argument("--cancel", action="store_true", help="stop it and its runs; what they finished is kept")
    parser.add_argument("--table", action="store_true", help="print how far it is and its leaderboard; start none")
    parser.add_argument(
        "--baseline", metavar="VALUES", help="the setting the others are held against: its values, by commas"
    )
    parser.add_argument("--report", metavar="FILE", help="write all that it found as one HTML file")
    for form in ("csv", "latex"):
        parser.add_argument(f"--{form}", action="store_true", help=f"print its leaderboard as {form.upper()}")


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked of it."""
    store = RunStore()
    kept = KeptExperiments(store.database)
    where = where_of(arguments)
    if arguments.listed:
        print(_list(store, kept.all()))
        return _codes.DONE
    if arguments.grid or (arguments.what or "").endswith(_SUFFIX):
        declared = _declared(arguments)
        found = cells(declared, known(declared, ()))  # whatever cannot be is refused before anything is kept
        states = standing(store, found)
        total, told = count(declared)
        print(f"{told} runs" + (f", of which {len(found):,} differ" if len(found) < total else ""), file=sys.stderr)
        print(estimate(store, declared, states, where.here).words, file=sys.stderr)
        if arguments.dry_run:
            return _codes.DONE
        return _start(store, _keep(kept, declared), arguments.detach, where)
    if arguments.what is None:
        raise BadInput(
            "sweep", "it needs a file, --grid, or the name of an experiment", "See python -m engine sweep --help"
        )
    mine = kept.named(arguments.what)
    if arguments.pause or arguments.cancel:
        (at_work.pause if arguments.pause else at_work.cancel)(store, mine.id)
        return _codes.DONE
    if arguments.report is not None:
        return _report(store, mine, arguments)
    if arguments.table or arguments.csv or arguments.latex:
        print(_told(store, mine, arguments).rstrip())
        return _codes.DONE
    return _start(store, mine.id, arguments.detach, where)


def _declared(arguments: argparse.Namespace) -> Experiment:
    values: dict[str, object] = {}
    if arguments.what:
        path = Path(arguments.what)
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise BadInput(
                f"file {arguments.what}", f"it cannot be read ({error.strerror})", "Give a file that can"
            ) from error
        values = read(data, path.stem).to_mapping()
    given = {"preset": arguments.preset, "search": arguments.search, "name": arguments.name or None}
    values |= {key: value for key, value in given.items() if value is not None}
    values |= parse_settings(Experiment, settings_of(arguments.option))
    common = {**dict(values.get("set", {})), **settings_of(arguments.set)}  # type: ignore[call-overload]
    axes = {**dict(values.get("axes", {})), **_axes(arguments.grid)}  # type: ignore[call-overload]
    return Experiment.from_mapping({"name": _unnamed(), **values, "set": common, "axes": axes})


def _unnamed() -> str:
    return f"sweep of {date(time.time())}"


def _axes(texts: Sequence[str]) -> dict[str, object]:
    found = dict[str, object]()
    for title, listed in settings_of(texts).items():
        one = axis(title, [value.strip() for value in listed.split(",")])
        found[one.title] = list(one.values)
    return found


def _keep(kept: KeptExperiments, declared: Experiment) -> int:
    """Keep it: under its name, which may be known already."""
    values = declared.to_mapping()
    before = next((one for one in kept.all() if one.name == declared.name), None)
    if before is None:
        return kept.save(declared.name, values)
    if dict(before.declared) != values:
        kept.change(before.id, declared.name, values)
    return before.id


def _start(store: RunStore, number: int, detach: bool, where: Where) -> int:
    if detach:
        at_work.start(store, number, where=where.to_arguments())
        print(number)
        return _codes.DONE
    with drawing() as draw:
        end = drive_here(store, number, draw, place_for(where), where.to_arguments())
    mine = KeptExperiments(store.database).get(number)
    name = printable(mine.name)
    if end.message:
        print(printable(end.message), file=sys.stderr)
    if end.status != "finished":
        print(f"{end.status}; what was finished is kept. To go on: python -m engine sweep {name!r}", file=sys.stderr)
        codes = {"stopped": _codes.STOPPED, "interrupted": _codes.TOLD_TO_END}
        return codes.get(end.status) or (_codes.of(end.problem) if end.problem else _codes.BUG)
    print(_board(store, mine, None))
    return _codes.DONE


def _report(store: RunStore, mine: KeptExperiment, arguments: argparse.Namespace) -> int:
    from engine.report.experiment import write

    path = output_file(arguments.report)
    experiment, states = _states(store, mine)
    found = board.results(store, experiment, states)
    made = step_by_step(write(store, mine, path, _baseline(found, arguments.baseline)))
    print(f"{made.finished} of {made.runs} runs, {len(made.exhibits)} charts", file=sys.stderr)
    print(path)
    return _codes.DONE


def _told(store: RunStore, mine: KeptExperiment, arguments: argparse.Namespace) -> str:
    from engine.figures.latex import to_latex
    from engine.figures.tables import to_csv

    experiment, states = _states(store, mine)
    if arguments.csv or arguments.latex:
        table_ = _leaderboard(store, experiment, states, arguments.baseline)
        return to_csv(table_) if arguments.csv else to_latex(table_)
    far = ", ".join(f"{number} {status}" for status, number in counted(states).items())
    job = at_work.find(store, mine.id)
    here = Where.of_arguments(job.arguments if job is not None else {}).here
    left = estimate(store, experiment, states, here).words
    return f"{printable(mine.name)}: {far}\n{left}\n\n{_board(store, mine, arguments.baseline)}"


def _states(store: RunStore, mine: KeptExperiment) -> tuple[Experiment, list[CellState]]:
    experiment = Experiment.from_mapping(mine.declared)
    return experiment, shown(store, cells(experiment, known(experiment, mine.settings)))


def _leaderboard(
    store: RunStore, experiment: Experiment, states: Sequence[CellState], baseline: str | None
) -> dict[str, list[str | int | float | None]]:
    from engine.figures.leaderboard import leaderboard

    found = board.results(store, experiment, states)
    return leaderboard(experiment, found, _baseline(found, baseline))


def _baseline(found: Sequence[board.SettingResult], named: str | None) -> board.SettingResult | None:
    if named is None:
        return next((one for one in found if one.finished), None)
    wanted = tuple(part.strip() for part in named.split(","))
    chosen = next((one for one in found if one.setting == wanted), None)
    if chosen is None:
        raise BadParameter(
            f"baseline {named!r}", "no setting has these values", f"Such as {','.join(found[0].setting)}"
        )
    return chosen


def _board(store: RunStore, mine: KeptExperiment, baseline: str | None) -> str:
    experiment, states = _states(store, mine)
    columns = _leaderboard(store, experiment, states, baseline)
    heads = [*columns]
    rows = [[_cell(columns[head][row]) for head in heads] for row in range(len(next(iter(columns.values()), [])))]
    lines = [table([heads, *rows])] if rows else ["No run is finished yet."]
    top = board.best(board.results(store, experiment, states))
    if top is not None:
        lines.append(f"Best by validation: {printable(top.title)}.")
    return "\n".join(lines)


def _cell(value: str | int | float | None) -> str:
    return "-" if value is None else printable(str(value))


def _list(store: RunStore, known_: Sequence[KeptExperiment]) -> str:
    if not known_:
        return f"No experiments yet in {store.home}. Start one: python -m engine sweep --grid seed=1,2,3"
    heading = ("number", "name", "status", "created", "note")
    rows = [
        (str(one.id), printable(one.name), at_work.status(store, one.id), date(one.created), printable(one.note))
        for one in known_
    ]
    return table([heading, *rows])
