"""SQL stands in the store's room and nowhere else: whoever wants rows asks a function that says what they are."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATEMENT = re.compile(r"\s*(SELECT .+ FROM|INSERT (OR REPLACE )?INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE) ", re.S)


def sentences(path: Path) -> list[str]:
    """Texts of a module that are no docstrings' middle: constants, and the beginnings of f-strings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_sql_stands_in_the_store_only():
    sources = [*ROOT.glob("pages/**/*.py"), *ROOT.glob("engine/**/*.py")]
    with_sql = {path.relative_to(ROOT) for path in sources if any(STATEMENT.match(text) for text in sentences(path))}
    assert {path for path in with_sql if path.parts[:2] != ("engine", "store")} == set()
    assert Path("engine/store/answers.py") in with_sql, "the check itself sees nothing"
