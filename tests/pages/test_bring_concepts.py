"""Bring your images, the fourth step: where concepts come from; files understood, edits, questions, filters."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.data.texts.kept import ConceptSets
from engine.data.texts.sets import ConceptEntry, ConceptSet, DropTexts, GroupTexts, ManyEdits, MergeTexts, RenameText
from engine.generation.endpoint import KEY_VARIABLE
from engine.home import drafts_folder
from engine.jobs.concepts import LeftOut
from engine.runs.drafts import Drafts
from pages.ui.bring.edited_texts import chosen, edit_of
from pages.ui.bring.sifted_texts import left_out, why
from tests.generation.serving import KEY, Server, said
from tests.job_states import done_here
from tests.pages.markup import on_page
from tests.pages.saying import sound, words
from tests.pages.test_hostile import HOSTILE, MARK, RUN

JSON = "application/json"


@pytest.fixture
def step(open_page: Any, home: Path, photos: Path) -> Any:
    """The step of a draft whose data are two classes, zebra and giraffe, that bring two texts."""
    return opened(open_page, home, photos)


def opened(open_page: Any, home: Path, photos: Path, **values: object) -> Any:
    """The step of a draft that holds these values too."""
    id = "261129-160000-abcd"
    Drafts(drafts_folder(home)).save(id, {"path": str(photos), "increment": 1, **values}, [])
    return sound(open_page("bring", draft=id, step="concepts"))


def held(home: Path) -> Any:
    """What the newest draft says of concepts."""
    drafts = Drafts(drafts_folder(home))
    return drafts.read(str(drafts.newest())).values.get("concepts", "vocabulary")


def way(app: Any, name: str) -> Any:
    """Choose where the concepts come from."""
    control = next(w for w in app.segmented_control if w.label == "Where the concepts come from")
    return sound(control.set_value(name).run())


def told(app: Any) -> str:
    """What the step's button says."""
    return app.button(key="bring-step-concepts").label.partition("\n")[2].replace("\\", "")


def labelled(app: Any, kind: str, label: str) -> Any:
    """A widget by its label."""
    return next(w for w in getattr(app, kind) if w.label == label)


def drop(app: Any, *files: tuple[str, bytes]) -> Any:
    """Drop files where concept files go."""
    way(app, "own")
    return sound(app.file_uploader[0].set_value([(name, data, JSON) for name, data in files]).run())


def texts(**classes: list[str]) -> bytes:
    """A file in the form of LaBo."""
    return json.dumps(classes).encode()


def keep(app: Any) -> Any:
    """Keep what was understood."""
    return sound(next(b for b in app.button if b.label.startswith("Keep")).click().run())


def test_four_ways_are_four_values_of_the_draft(step: Any, home: Path) -> None:
    assert "built-in words" in told(step) and "2,218 words" in words(step)
    way(step, "data")
    assert "The data bring 2 texts for 2 of 2 classes." in words(step) and held(home) == ""
    assert "those of the data" in told(step)
    way(step, "none")
    assert told(step).endswith("none") and "Nearest class mean learns the classes as wholes" in words(step)
    assert Drafts(drafts_folder(home)).read("261129-160000-abcd").values["method"] == "ncm"
    way(step, "own")
    assert "No list of yours is chosen yet" in words(step) and held(home) == "vocabulary"
    way(step, "words")
    assert "method" not in Drafts(drafts_folder(home)).read("261129-160000-abcd").values  # the one that it began with


def test_a_file_is_understood_mended_and_kept_and_the_draft_names_its_version(step: Any, home: Path) -> None:
    drop(step, ("Zoo list.json", texts(zebra=["stripes", "Stripes", " "], girafe=["a long neck", "spots"])))
    page = words(step)
    assert "JSON, class name to texts" in page and "1 of 2" in page and "1 repeats, 1 empty" in page
    assert "“girafe” (nearest: giraffe)" in page and "Nothing for (1): giraffe." in page
    assert "A run refuses it while a class gets nothing." in page and ConceptSets(home).names() == ()
    labelled(step, "selectbox", "Texts of giraffe").set_value("girafe").run()
    assert "refuses it" not in words(step)
    keep(step)
    version = ConceptSets(home).newest("Zoo-list")
    assert held(home) == version.address and told(step) == "Zoo-list v1 · 3 texts"
    assert [(e.text, e.classes, e.origins) for e in version.content.entries][1:] == [
        ("a long neck", ("giraffe",), ("from Zoo list.json",)),
        ("spots", ("giraffe",), ("from Zoo list.json",)),
    ]


def test_numbered_classes_are_named_by_the_file_beside_it(step: Any, home: Path) -> None:
    numbered = json.dumps({"0": ["stripes"], "1": ["a neck"]}).encode()
    drop(step, ("concepts.json", numbered))
    assert "no file beside it says which class each one is" in words(step)
    drop(step, ("concepts.json", numbered), ("label2class.json", b'{"0": "Zebra", "1": "giraffe"}'))
    assert "its classes named by label2class.json" in words(step) and "2 of 2" in words(step)
    keep(step)
    assert ConceptSets(home).newest("concepts").concepts.for_classes() == ("zebra", "giraffe")


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("bank.pkl", pickle.dumps({"a": 1}), "write its concepts one a line"),
        ("bank.txt", pickle.dumps({"a": 1}), "It is a pickle"),
        ("cut.json", b'{"zebra": ["stri', "It begins as JSON and is not sound"),
        ("empty.txt", b"", "It lists no concepts"),
        ("latin.txt", "raies séparées".encode("latin-1"), "It is not text in UTF-8"),
        ("wide.txt", "a\nb".encode("utf-16"), "UTF-16"),
        ("page.html", b"<!doctype html><p>hi", "none of the known forms"),
        ("long.txt", b"x" * 10_000_000, "at most 200 characters"),
        ("many.txt", b"a text\n" * 20_001, "at most 20000 texts"),
        ("nul.txt", b"a\0b", "control characters"),
        ("twice.json", texts(zebra=["a"], Zebra=["b"]), "both mean the class"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_kept(
    step: Any, home: Path, name: str, data: bytes, problem: str
) -> None:
    drop(step, (name, data))
    assert problem in words(step) and name in words(step)
    assert ConceptSets(home).names() == () and held(home) == "vocabulary"
    assert not any(b.label.startswith("Keep") for b in step.button)


def test_names_and_texts_are_shown_as_they_are_and_never_followed(step: Any, home: Path) -> None:
    hostile = [name for name in HOSTILE if "\n" not in name]

    def vexing() -> list[tuple[str, str]]:
        return [(kind, text) for kind, text in on_page(step) if MARK in text]

    drop(step, (f"{RUN}.json", texts(zebra=hostile, **{key: ["x"] for key in hostile})))
    assert MARK in words(step) and vexing() == []
    labelled(step, "selectbox", "Texts of giraffe").set_value(hostile[6]).run()
    keep(step)
    (name,) = ConceptSets(home).names()
    kept = [one.text for one in ConceptSets(home).newest(name).content.entries]
    assert kept[:3] == hostile[:3] and vexing() == []
    labelled(step, "text_input", "A new text").set_value(f"{hostile[3]} 2")
    labelled(step, "button", "Add").click().run()
    assert "Version 2" in words(step) and vexing() == []


def test_a_path_is_read_and_one_that_leads_nowhere_is_told(step: Any, tmp_path: Path) -> None:
    way(step, "own")
    field = labelled(step, "text_input", "Or its path on this computer")
    field.set_value("/nowhere/x.json").run()
    assert "/nowhere/x.json" in words(step)
    (tmp_path / "mine.csv").write_text("concept;class\nstripes;zebra\nneck;giraffe\n")
    field.set_value(str(tmp_path / "mine.csv")).run()
    assert "2 of 2" in words(step) and not step.exception


ROWS = (
    ConceptEntry(text="stripes", group="look", classes=("zebra",)),
    ConceptEntry(text="a neck", classes=("giraffe",)),
    ConceptEntry(text="round", classes=()),
)


def test_texts_are_found_by_words_group_and_class() -> None:
    def texts_of(words: str, owner: str) -> list[str]:
        return [one.text for one in chosen(ROWS, words, owner)]

    assert texts_of("LOOK str", "all") == ["stripes"] and texts_of("", "giraffe") == ["a neck"]
    assert texts_of("", "for every class") == ["round"] and texts_of("", "all") == ["stripes", "a neck", "round"]


def test_what_is_done_in_the_table_becomes_an_edit() -> None:
    concepts = ConceptSet(ROWS)

    def edit(**changes: Any) -> Any:
        return edit_of(ROWS, changes, concepts)

    assert edit() is None and edit(edited_rows={"0": {"text": "stripes"}}) is None
    assert edit(edited_rows={0: {"text": "black  stripes"}}) == RenameText(text="stripes", to="black stripes")
    assert edit(edited_rows={0: {"text": "Stripes"}}) == RenameText(text="stripes", to="Stripes")
    assert edit(edited_rows={1: {"text": "STRIPES"}}) == MergeTexts(texts=("STRIPES", "a neck"))
    assert edit(edited_rows={0: {"group": None}}) == GroupTexts(texts=("stripes",), group="")
    assert edit(deleted_rows=[2, 0]) == DropTexts(texts=("round", "stripes"))
    many = edit(edited_rows={1: {"classes": ["zebra"], "text": "neck"}, 0: {"text": "gone"}}, deleted_rows=[0])
    assert isinstance(many, ManyEdits) and [one.edit for one in many.edits] == ["classes", "rename", "drop"]
    after = concepts.edited(many)
    assert [(one.text, one.classes) for one in after.entries] == [("neck", ("zebra",)), ("round", ())]


def test_a_text_is_added_and_every_version_can_be_gone_back_to(step: Any, home: Path) -> None:
    drop(step, ("zoo.json", texts(zebra=["stripes"], giraffe=["a neck"])))
    keep(step)
    first = ConceptSets(home).newest("zoo")
    labelled(step, "text_input", "A new text").set_value("four hooves")
    sound(labelled(step, "button", "Add").click().run())
    second = ConceptSets(home).newest("zoo")
    added = second.content.entries[-1]
    assert (added.text, added.classes, added.origins) == ("four hooves", (), ("added by hand",))
    assert held(home) == second.address and "Version 2: added 'four hooves'" in words(step)
    labelled(step, "text_input", "A new text").set_value("STRIPES")
    labelled(step, "button", "Add").click().run()
    assert "It is in the set already" in words(step) and held(home) == second.address
    step.session_state["texts-versions"] = True
    step.run()
    labelled(step, "button", "Back to it").click().run()
    assert held(home) == first.address and "The newest is version 2" in words(step)
    labelled(step, "text_input", "A new text").set_value("a mane")
    sound(labelled(step, "button", "Add").click().run())
    third = ConceptSets(home).newest("zoo")
    assert [e.text for e in third.content.entries] == ["stripes", "a neck", "a mane"]
    assert (third.content.base, third.content.number, held(home)) == (first.digest, 3, third.address)
    step.button(key="bring-undo").click().run()
    assert held(home) == first.address


def test_of_two_who_edit_at_once_the_second_is_told(step: Any, home: Path) -> None:
    drop(step, ("zoo.json", texts(zebra=["stripes"], giraffe=["a neck"])))
    keep(step)
    mine = held(home)
    ConceptSets(home).edit("zoo", DropTexts(texts=("stripes",)))
    labelled(step, "text_input", "A new text").set_value("hooves")
    labelled(step, "button", "Add").click().run()
    assert "Somebody edited it meanwhile" in words(step) and held(home) == mine
    assert len(ConceptSets(home).newest("zoo").content.entries) == 1


def test_a_list_that_is_gone_is_told_and_another_can_be_brought(open_page: Any, home: Path, photos: Path) -> None:
    app = opened(open_page, home, photos, concepts="set:gone@0123456789ab")
    assert "which is gone" in told(app) and len(app.file_uploader) == 1


def test_a_file_that_a_draft_names_is_in_its_field_and_a_kept_list_can_be_chosen_instead(
    open_page: Any, home: Path, photos: Path
) -> None:
    (home / "mine.txt").write_text("stripes\nspots\n")
    kept = ConceptSets(home).bring("zoo", home / "mine.txt")
    app = opened(open_page, home, photos, concepts=str(home / "mine.txt"))
    assert told(app) == "mine.txt" and "its texts are for every class" in words(app)
    assert labelled(app, "text_input", "Or its path on this computer").value == str(home / "mine.txt")
    sound(labelled(app, "selectbox", "List").set_value("zoo").run())
    assert held(home) == kept.address and told(app) == "zoo v1 · 2 texts"


def test_a_file_names_classes_by_their_old_names_or_their_new_ones(open_page: Any, home: Path, photos: Path) -> None:
    app = opened(open_page, home, photos, renamed_classes="zebra=horse", concepts="vocabulary")
    for name in ("zebra", "horse"):
        drop(app, (f"{name}.json", texts(**{name: ["stripes"], "giraffe": ["a neck"]})))
        assert "2 of 2" in words(app) and "refuses" not in words(app)
        keep(app)
        entries = ConceptSets(home).newest(name).content.entries
        assert [one.classes for one in entries] == [("zebra",), ("giraffe",)]
        sound(labelled(app, "segmented_control", "What to do").set_value("file").run())


def test_what_remains_is_shown_with_what_is_left_out_and_made_ones_own(
    open_page: Any, home: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done_here(monkeypatch)
    place = shutil.copytree(photos, home / "photos")
    (place / "concepts.txt").write_text("red crown\na long tail\n")
    app = opened(open_page, home, place, concepts="", filter_length=9)
    labelled(app, "button", "See what the filters leave").click().run()
    sound(app.run())
    assert "Remaining texts: 1 for 2 classes, 1 a class. 1 left out: 1 too long." in words(app)
    sound(labelled(app, "button", "Make them a list of my own").click().run())
    version = ConceptSets(home).newest("my-words")
    assert held(home) == version.address
    assert [(e.text, e.classes, e.origins) for e in version.content.entries] == [
        ("red crown", ("giraffe", "zebra"), ("came with the data",))
    ]


def test_why_a_text_is_left_out_is_said_with_what_was_found() -> None:
    def gone(rule: str, value: float | str, limit: float | bool, because: str = "") -> LeftOut:
        return LeftOut(text=f"{rule} {value}", classes=("zebra",), rule=rule, value=value, limit=limit, because=because)

    removed = [
        gone("filter_length", 42, 30),
        gone("filter_class_names", "zebra", True),
        gone("filter_alike", 0.9712, 0.9, "other"),
        gone("filter_activation", 0.1234, 0.25),
        gone("filter_separation", 0.307, 1.0),
        gone("filter_separation", 0.2, 1.0),
    ]
    assert [why(one) for one in removed[:5]] == [
        "it has 42 characters; 30 are allowed",
        "the class “zebra” is named in it",
        "cosine 0.971 to “other”; 0.9 is allowed",
        "its five highest scores have a mean of 0.123; 0.25 is asked for",
        "its class scores higher by 0.31 standard deviations; 1 are asked for",
    ]
    assert left_out(removed, ("a", "b")) == (
        "8 left out: 1 too long, 1 name a class, 1 say nearly the same as another, 1 are like nothing in the pictures, "
        "2 do not tell their class apart, 2 hold words that this backbone never saw"
    )
    assert left_out([]) == "none left out"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("no_proxy", "*")
    found = Server()
    yield found
    found.close()


def ask_tab(app: Any) -> Any:
    """Look at what a language model can be asked."""
    way(app, "own")
    return sound(labelled(app, "segmented_control", "What to do").set_value("ask").run())


def test_a_model_is_asked_only_when_told_to_and_its_answers_are_understood_before_they_are_kept(
    step: Any, home: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    done_here(monkeypatch)
    ask_tab(step)
    assert f"{KEY_VARIABLE} is not set" in words(step)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    labelled(step, "text_input", "Address").set_value("localhost:1").run()
    assert "An address is http:// or https://" in words(step)
    labelled(step, "text_input", "Address").set_value(server.address).run()
    labelled(step, "text_input", "Model").set_value("org/tiny-model").run()
    assert "6 questions" in words(step) and f"{KEY_VARIABLE} is set" in words(step) and KEY not in words(step)
    assert server.asked == [] and not step.exception
    labelled(step, "button", "Ask 6 questions").click().run()
    sound(step.run())
    assert len(server.asked) == 6 and server.asked[0][1] == f"Bearer {KEY}"
    assert "a concept set that Plumage kept" in words(step) and "2 of 2" in words(step)
    assert ConceptSets(home).names() == ()
    keep(step)
    version = ConceptSets(home).newest("tiny-model-label_free")
    assert version.content.said == "org/tiny-model, prompts of label_free" and held(home) == version.address
    assert not [path for path in home.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_an_endpoint_that_answers_nonsense_is_told_and_nothing_is_kept(
    step: Any, home: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    done_here(monkeypatch)
    server.answer = lambda handler: handler.say(200, b"<html>It works!</html>")
    ask_tab(step)
    labelled(step, "text_input", "Address").set_value(server.address).run()
    labelled(step, "text_input", "Model").set_value("m").run()
    labelled(step, "button", "Ask 6 questions").click().run()
    assert "no chat endpoint would" in words(step) and ConceptSets(home).names() == ()
    server.answer = lambda handler: handler.say(200, said("- stripes"))
    labelled(step, "button", "Try again").click().run()
    sound(step.run())
    assert "2 of 2" in words(step)
