"""What Plumage itself writes: the table on Concepts ("Save as CSV"), and `tables/concepts.csv` of an archive."""

from __future__ import annotations

from collections.abc import Mapping

from engine.data.texts.forms.base import FORMS, ConceptFile, ConceptForm, Entry, ListedTexts
from engine.data.texts.tables import CONCEPT, Rows

_PAGE, _ARCHIVE = "listed for", "after_task"
_DEFUSED = ("'=", "'+", "'-", "'@")
"""How `engine.figures.tables.to_csv` begins what a spreadsheet would run."""


@FORMS.register
class Exported(ConceptForm):
    """CSV that Plumage wrote (Concepts, or a run's archive)."""

    @classmethod
    def fits(cls, file: ConceptFile) -> bool:
        """A table with the columns of one of the two."""
        return file.rows is not None and is_export(file.rows)

    @classmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """The bank after the last task that it tells of."""
        assert file.rows is not None  # it fits
        owner = _PAGE if _PAGE in file.rows.columns else "class"
        rows = _last(file.rows)
        owners = dict.fromkeys(_plain(row[owner]) for row in rows if row[owner])
        entries = (Entry(_plain(row[CONCEPT]), _plain(row[owner]) or None, _plain(row["group"])) for row in rows)
        return ListedTexts(tuple(entries), tuple(owners))


def is_export(table: Rows) -> bool:
    """Whether it has the columns of a table that Plumage wrote."""
    columns = set(table.columns)
    return {_PAGE, "group"} <= columns or {_ARCHIVE, "born", "class", "group"} <= columns


def _last(table: Rows) -> list[Mapping[str, str]]:
    """An archive has every concept once a task: those after the last one."""
    moments = {row.get(_ARCHIVE, "") for row in table.rows}
    last = max(moments, key=lambda moment: int(moment) if moment.isascii() and moment.isdigit() else 0, default="")
    return [row for row in table.rows if row.get(_ARCHIVE, "") == last]


def _plain(value: str) -> str:
    return value[1:] if value.startswith(_DEFUSED) else value
