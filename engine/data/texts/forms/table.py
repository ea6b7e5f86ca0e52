"""A table with the columns `concept`, `class` and `group`, of which the last two may be missing or blank."""

from __future__ import annotations

from engine.data.texts.forms.base import FORMS, ConceptFile, ConceptForm, Entry, ListedTexts
from engine.data.texts.forms.exported import is_export
from engine.data.texts.tables import CONCEPT


@FORMS.register
class ConceptTable(ConceptForm):
    """CSV with the columns concept, class and group."""

    @classmethod
    def fits(cls, file: ConceptFile) -> bool:
        """A table that no page and no archive exported."""
        return file.rows is not None and not is_export(file.rows)

    @classmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """A text a row; without a class it is for every one."""
        assert file.rows is not None  # it fits
        rows = file.rows.rows
        owners = dict.fromkeys(row["class"] for row in rows if row.get("class"))
        return ListedTexts(
            tuple(Entry(row[CONCEPT], row.get("class") or None, row.get("group", "")) for row in rows), tuple(owners)
        )
