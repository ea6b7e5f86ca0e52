"""Compare: runs, seeds or scenarios side by side."""

from __future__ import annotations

from pages.ui import context, segments, shell

shell.guard()

_BY = {"runs": "Runs", "seeds": "Seeds", "scenarios": "Scenarios"}


def body(here: context.Context) -> None:
    """One of three kinds of comparison."""
    chosen = segments.choose("Compare", "by", _BY, hidden=True)
    if chosen == "scenarios":
        from pages.ui.compare import scenarios

        scenarios.show(here)
    else:
        from pages.ui.compare import table

        table.show(here, grouped=chosen == "seeds")


shell.show(body)
