"""The command line: `python -m engine COMMAND`. Every file in `engine/commands` is a command.

Exit codes: 0 done, 1 a bug in Plumage, 2 bad input, 3 missing weights, 4 trouble with the run store, 130 stopped by
ctrl-C, 143 told to end.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

from engine.commands import _codes
from engine.commands._parser import build_parser
from engine.commands._terminal import OutputLost, terminal
from engine.commands._words import printable
from engine.errors import BadParameter, PlumageError
from engine.paths import is_text


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; messages for people go to stderr, results to stdout."""
    try:
        with terminal():
            return _command(argv)
    except OutputLost as lost:
        if lost.reader_left:
            return _codes.DONE
        with terminal():
            print(f"the results cannot be written: {lost}. Send them elsewhere.", file=sys.stderr)
        return _codes.BAD_INPUT


def _command(argv: Sequence[str] | None) -> int:
    arguments = build_parser().parse_args(argv)
    try:
        _require_text(sys.argv[1:] if argv is None else argv)
        code: int = arguments.run(arguments)
        return code
    except PlumageError as error:
        print(f"{arguments.command}: {printable(str(error))}", file=sys.stderr)
        return _codes.of(error)
    except KeyboardInterrupt:
        return _codes.STOPPED
    except OutputLost:
        raise
    except Exception:
        traceback.print_exc()
        print("This is a bug in Plumage: please report it with the lines above.", file=sys.stderr)
        return _codes.BUG


def _require_text(argv: Sequence[str]) -> None:
    """Python takes bytes of an argument that are no UTF-8 for halves of characters, which nothing can store or show."""
    for text in argv:
        if not is_text(text):
            problem = "it holds bytes that are no UTF-8"
            raise BadParameter(f"argument {text!r}", problem, "Give text of ordinary characters")


if __name__ == "__main__":
    sys.exit(main())
