"""A store in which every name is meant to become something: run, note, scenario, classes and concepts of a folder.

Every page of it, and its report, show them as text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from markdown_it import MarkdownIt
from PIL import Image
from streamlit.testing.v1 import AppTest

from engine.escaping import html, markdown, plotly
from engine.jobs.training import work
from engine.report.book import read
from engine.report.html import page
from engine.runs.config import RunConfig
from engine.session.facts import RunFacts
from engine.store.scenarios import Scenarios
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from pages.ui.story.prepared import Prepared
from tests.pages.markup import Found, in_html, in_markdown, in_plotly, on_page
from tests.pages.saying import sound, words

MARK = "vexing"
"""In every hostile name; nothing of Plumage's own has it."""
HOSTILE = (
    "http://vexing.example/x",
    "www.vexing.example",
    "me@vexing.example",
    "[vexing](http://vexing.example)",
    "![vexing](http://vexing.example/x.png)",
    "<http://vexing.example>",
    "<img src=vexing onerror=alert(1)>",
    "<a href='//vexing.example'>x</a>",
    "`vexing`",
    "$vexing^2$",
    "$$vexing^2$$",
    ":material/vexing:",
    ":vexing_x:",
    "# vexing",
    "1. vexing",
    "- vexing",
    "    vexing",
    "> vexing",
    "a\n\n---\n\nvexing",
)
CLASSES = tuple(name for name in HOSTILE if "/" not in name and "\n" not in name and name.strip() == name)
"""What can be a folder's name."""
CONCEPTS = tuple(name for name in HOSTILE if "\n" not in name and not name.startswith("#"))
"""What can be a line of a concept file."""
RUN = "http://vexing.example [vexing](http://vexing.example) `vexing` $vexing$ <img src=vexing onerror=alert(1)>"
NOTE = "www.vexing.example me@vexing.example\n\n# vexing\n\n![vexing](http://vexing.example/x.png)"
ADDRESSES = (
    *("home", "run", "tasks", "concepts", "picture", "repair", "attack", "attack?view=tasks"),
    *("story", "tasks?help=open", "concepts?view=timeline", "concepts?view=weights", "concepts?view=map"),
    *("picture?tab=what", "picture?tab=time", "picture?tab=where", "picture?tab=what&how=least"),
    *("repair?tab=kept", "repair?tab=lost", "repair?tab=clicks", "attack?view=twins", "attack?tab=all"),
    *("tasks?tab=compare", "tasks?tab=compare&by=seeds", "tasks?tab=compare&by=scenarios"),
    *("attack?tab=all&view=attention", "attack?tab=all&view=twins"),
    *("story?deck=all&slide=knows", "story?deck=all&slide=learns"),
)


def hostile(found: Found) -> Found:
    return [hit for hit in found if MARK in hit[1].casefold()]


@pytest.fixture(scope="module")
def lenient() -> Iterator[None]:
    """Folders may have any name: an archive from elsewhere brings class names that no folder of ours would pass."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.data.folder_checks._is_plain", lambda name: True)
        yield


@pytest.fixture(scope="module")
def hostile_home(lenient: None, additive_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs on a folder, trained on a small random backbone of open text; one has a scenario and a note."""
    home = tmp_path_factory.mktemp("hostile")
    pictures = _write_pictures(home / "pictures")
    config = RunConfig(
        dataset="folder",
        data={"path": str(pictures)},
        increment=4,
        backbone=f"local-dir:{additive_folder}",
        settings={"epochs": 2, "search_epochs": 2},
    )
    store = RunStore(home)
    for seed, name in ((1, "www.vexing.example"), (2, RUN)):
        run = store.create(config.changed(seed=seed), name)
        assert work(store, run).status == "finished", store.row(run)["error"]
    Shelf(store).describe(run, RUN, NOTE, [RUN[:40]])
    Scenarios(store).save(run, len(CLASSES) // 4 - 1, RUN[:60], [{"edit": "prune_group", "group": MARK}], NOTE)
    return home


def _write_pictures(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for number, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for k in range(8):
            noise = rng.integers(0, 60, (24, 24, 3)) + np.array([20 * number, 90, 200 - 20 * number])
            Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(folder / name / f"{k}.png")
    (folder / "concepts.txt").write_text("\n".join(CONCEPTS), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def open_hostile(hostile_home: Path) -> Iterator[Callable[[str], AppTest]]:
    """Open an address of the dashboard over that store; nothing is computed in the background."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMAGE_HOME", str(hostile_home))
        patch.setattr("engine.jobs.queue._start", lambda store, job: None)
        patch.setattr(Prepared, "ahead", lambda self, names: None)
        st.cache_data.clear()
        st.cache_resource.clear()
        yield _open


def _open(where: str) -> AppTest:
    name, _, query = where.partition("?")
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=90)
    app.run()
    if name != "home":
        app.switch_page(f"pages/{name}.py")
        app.session_state["address-page"] = name
    for pair in filter(None, query.split("&")):
        key, _, value = pair.partition("=")
        app.query_params[key] = value
    app.run()
    return app.run()


# -- the escapes, and the eyes that check them -------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_hostile_and_escaped_it_is_text(name: str) -> None:
    raw = [*in_markdown(name), *in_markdown(f"Run {name} is here."), *in_html(name)]
    assert hostile(raw), "the eyes see nothing, so they could not see a mistake either"
    for around in ("{}", "Run {} is here.", "**{}**, removed", "({})"):
        assert hostile(in_markdown(around.format(markdown(name)))) == []
    assert in_html(f"<p title='{html(name)}'>{html(name)}</p>") == []
    assert hostile(in_plotly(f'{{"text": {json.dumps(plotly(name))}}}')) == []


def test_what_is_escaped_reads_as_before() -> None:
    parser = MarkdownIt("commonmark")
    for name in HOSTILE:
        tokens = [child for token in parser.parse(markdown(name)) for child in token.children or ()]
        shown = " ".join(token.content for token in tokens).replace("\N{WORD JOINER}", "")
        assert shown.split() == name.split()
    assert markdown("12:30, 1.5 points (a-b)") == "12\\:30, 1.5 points (a-b)"


def test_a_name_fills_nothing_into_a_template_of_plotly() -> None:
    assert in_plotly('{"hovertemplate": "%{y} vexing"}') == [("place", "%{y}")]
    assert in_plotly(f'{{"hovertemplate": {json.dumps(plotly("%{vexing}"))}}}') == []


# -- every page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ADDRESSES)
def test_no_name_becomes_more_than_text(open_hostile: Callable[[str], AppTest], where: str) -> None:
    app = open_hostile(where)
    sound(app)
    assert hostile(on_page(app)) == []


def test_the_walk_meets_the_names(open_hostile: Callable[[str], AppTest]) -> None:
    """Else it would prove nothing."""
    assert all(MARK in words(open_hostile(where)) for where in ("home", "tasks?tab=compare", "picture"))
    (listed,) = open_hostile("concepts").dataframe
    assert any(MARK in text for text in listed.value["concept"])


def test_nor_in_the_report(hostile_home: Path) -> None:
    store = RunStore(hostile_home)
    reading = read(RunFacts(store, store.resolve("last")))
    while True:
        try:
            next(reading)
        except StopIteration as end:
            book = end.value
            break
    written = page(book)
    assert MARK in written
    assert hostile(in_html(written)) == []
