"""The methods that a run can learn by, in families: what each does, what it needs, and whether it can learn a run.

With a name: all that is told of that one, what its paper set, what differs here, and what became of its claim."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from engine.methods.base import FAMILIES
from engine.params import settings_of
from engine.runs.catalog import MethodInfo, method_info
from engine.runs.config import configure
from engine.training.offers import MethodOffer, offers
from engine.training.preflight import setup_of

SUMMARY = "list the methods in families: what each does, needs, and whether it can learn a run"
_WIDTH, _INDENT = 100, "    "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="tell all of this one")
    parser.add_argument("--preset", default="demo", metavar="NAME", help="the run that they are asked about")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="its parameters, as train takes them")


def run(arguments: argparse.Namespace) -> int:
    """Print them."""
    if arguments.name is not None:
        print("\n".join(_about(method_info(arguments.name))))
        return 0
    config = configure(arguments.preset, settings_of(arguments.set))
    for family, listed in offers(setup_of(config), config).items():
        if listed:
            print(f"{FAMILIES[family]}\n")
            print("\n".join(line for offer in listed for line in (*_told(offer), "")))
    return 0


def _told(offer: MethodOffer) -> Iterator[str]:
    yield f"  {offer.info.name}: {offer.info.title}"
    yield from _lines(offer.info.summary)
    yield from _lines(f"Needs {', '.join(offer.needs)}." if offer.needs else "Needs nothing but images.")
    if offer.why_not is not None:
        yield from _lines(f"Not for this run: {offer.why_not}.{f' {offer.switch}.' if offer.switch else ''}")


def _about(info: MethodInfo) -> Iterator[str]:
    yield f"{info.title} ({FAMILIES[info.family]})"
    told = [info.summary, *info.help.split("\n\n"), *(f"{word}: {text}" for word, text in info.parts.items())]
    for paragraph in told:
        yield ""
        yield from textwrap.wrap(" ".join(paragraph.split()), _WIDTH)


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
