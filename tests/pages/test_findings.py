"""Findings on the page: cards that say what was found, and links that lead to a view that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.figures.shift import GUIDES, MEASURES
from engine.findings.base import RULES, Finding, findings
from engine.session.facts import RunFacts
from pages.ui import shell
from pages.ui.attack import choices, parts_of
from pages.ui.home import findings as cards
from tests.findings.made import bins, diagonal, made
from tests.pages import robust_runs
from tests.pages.saying import sound, words

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def run(home) -> RunFacts:
    """A run that forgot, leans on habitat, misleads, and has a concept that broke; attacked, too."""
    counts = [diagonal(2), diagonal(4), diagonal(6), diagonal(8)]
    counts[3][0, 6], counts[3][0, 0] = 60, 40
    seen = [[0.95] * 5 + [0.2]] * 4
    auc = [[1.0, 0.9, 0.98, 0.9, 0.9, 0.9]] * 3 + [[1.0, 0.9, 0.5, 0.9, 0.9, 0.9]]
    moved = [diagonal(2 * (t + 1), 60) for t in range(4)]
    texts = ("a", "b", "hooked <b>bill</b>")
    facts = made(home, counts, moved=moved, bins=bins(0.9, 0.7, 800), named=0.3, auc=auc, seen=seen, texts=texts)
    robust_runs.store(home, facts.view.id, 3, robust_runs.arrays())
    return facts


def drawn(monkeypatch, facts: RunFacts, found: list[Finding], most: int = 3) -> tuple[AppTest, list[Finding]]:
    """The cards by themselves, without the dashboard that their links lead to; and what was linked."""
    links: list[Finding] = []
    monkeypatch.setattr(cards, "link", lambda run, moment, finding, label="": links.append(finding))

    def script(run, moment, found, most):
        from pages.ui.home import findings

        findings.cards(run, moment, found, most)

    app = AppTest.from_function(script, args=(facts.view.id, facts.moment, found, most), default_timeout=60)
    return sound(app.run()), links


def test_the_weightiest_are_cards_with_number_rule_and_caveat(run, monkeypatch):
    found = findings(run)
    app, links = drawn(monkeypatch, run, found)
    said = words(app)
    assert links == found[:3] and said.count("plf-card") == 3
    for finding in found[:3]:
        assert finding.caveat[:12] in said
    assert "How it is worked out" in said and f"{len(found) - 3} more findings" in [e.label for e in app.expander]


def test_names_from_people_are_escaped(run, monkeypatch):
    broke = next(one for one in findings(run) if one.rule == "broken_concept")
    said = words(drawn(monkeypatch, run, [broke])[0])
    assert "Hooked &lt;b&gt;bill" in said and "<b>bill" not in said


def test_without_findings_it_says_so(run, monkeypatch):
    assert "nothing in its numbers is more than chance" in words(drawn(monkeypatch, run, [])[0])


def test_one_more_is_singular(run, monkeypatch):
    app, _ = drawn(monkeypatch, run, findings(run)[:2], most=1)
    assert [e.label for e in app.expander] == ["One more finding"]


def test_every_proof_is_a_page_of_the_dashboard(run, monkeypatch):
    monkeypatch.setattr(shell.st, "Page", lambda path, **_: path)
    found = findings(run)
    assert {"tasks", "concepts", "attack"} <= {one.proof.page for one in found}
    assert {f"pages/{one.proof.page}.py" for one in found} <= set(shell.pages())


def first_words(page: str, query: dict[str, str]) -> AppTest:
    """A page up to its words: what comes below would draw birds and load torch."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params.update(query)
    app.switch_page(f"pages/{page}.py")
    return app.run()


MARKED = {
    "habitat": "of all test images are right after task 4",
    "confused_pair": "Taken for",
    "calibration": "It is too sure",
}
"""Part of the heading that a link to the proof marks."""
PROOFS = {
    "habitat": ("tasks", "60.0 %", "92.5 %"),
    "confused_pair": ("tasks", "40 % of {class} is recognised"),
    "calibration": ("tasks", "It is too sure, by 20.0 points on average"),
    "broken_concept": ("concepts", "broke “hooked"),
}
"""What the page that proves a finding must say."""


def marked(app: AppTest) -> list[str]:
    return [html.value for html in app.html if "pl-led" in html.value]


@pytest.mark.parametrize("asked", ["", "nonsense", "<script>", "reliability"])
def test_only_what_an_address_names_is_marked(run, open_page, asked):
    app = sound(open_page("tasks", run=run.view.id, **({"exhibit": asked} if asked else {})))
    assert len(marked(app)) == (asked == "reliability")


@pytest.mark.parametrize("rule", PROOFS)
def test_the_page_that_a_finding_leads_to_shows_it(run, open_page, rule):
    finding = RULES.get(rule)().find(run)
    assert finding is not None
    page, *expected = PROOFS[rule]
    assert finding.proof.page == page
    query = {"run": run.view.id, "task": str(run.moment + 1), **finding.proof.address}
    app = sound(open_page(page, **query) if page == "tasks" else first_words(page, query))
    said = words(app)
    for text in expected:
        assert text.format(**finding.proof.query) in said
    if page == "tasks":
        (led,) = marked(app)
        assert MARKED[rule] in led


def test_proofs_on_the_attack_page_speak_its_language(run):
    """The page itself takes long to open; its own tests open it with such addresses."""
    found = [one for one in findings(run) if one.proof.page == "attack"]
    assert {one.rule for one in found} == {"under_attack", "attention_shift"}
    for one in found:
        assert one.proof.query[choices.TAB] == "all" and one.proof.query[choices.VIEW] in parts_of.PARTS
        assert set(one.proof.query) <= {choices.TAB, choices.VIEW, choices.EPS, choices.GUIDE, choices.MEASURE}
        assert one.proof.query[choices.EPS] in {f"{eps:g}" for eps in robust_runs.EPS}
        assert one.proof.query.get(choices.GUIDE, "text") in GUIDES
        assert one.proof.query.get(choices.MEASURE, "l1") in MEASURES


def test_a_link_holds_run_moment_and_view(run, monkeypatch):
    asked = {}
    monkeypatch.setattr(cards.st, "page_link", lambda page, **given: asked.update(given, page=page))
    finding = RULES.get("habitat")().find(run)
    cards.link(run.view.id, 2, finding)
    assert asked["page"] == "pages/tasks.py" and asked["label"] == "See it"
    assert asked["query_params"] == {
        "run": run.view.id,
        "task": "3",
        "split": "moved",
        "setting": "class_il",
        "exhibit": "accuracy-matrix",
    }
