"""What if it saw other concepts: acts on one image and links to them, on a real tiny run."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.exhibits.picture import one as exhibits
from engine.interventions.acts import parsed
from engine.session.lab import Lab
from pages.ui.picture import console, suggest, verdict
from pages.ui.picture.instance import examined
from tests.pages.test_pages import sound, words

IMAGE = "test:0"
DONE = "<ol class='pi-log'>"
"""What is there once something was done."""


def look(app: Any, **query: str) -> Any:
    """Follow a link within the page."""
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def held(app: Any, key: str) -> str:
    """A value in the address, or nothing."""
    found = app.query_params.get(key, [""])
    return found[0] if isinstance(found, list) else found


def more(app: Any) -> Any:
    """With all concepts, where they are not there yet."""
    toggle = app.toggle(key="rows-all")
    return app if toggle.value else toggle.set_value(True).run()


def acts_of(app: Any) -> tuple:
    """What the address says was done."""
    return parsed(held(app, "set").partition("~")[2])


def test_one_image_from_the_first_suggestion_to_the_last_undo(open_tiny):
    app = look(open_tiny("picture", tab="what"), image=IMAGE)
    sound(app)
    text = words(app)
    assert "What would change it?" in text and "taken for" in text
    assert DONE not in text and "asks: <strong>" in text and "set" not in app.query_params
    assert not [button for button in app.button if button.key.startswith("one-")]  # there is nothing to undo

    app.button(key="suggest-truth").click().run()
    done = acts_of(app)
    assert done and len({act.kind for act in done}) == 1
    assert DONE in words(app)
    app.button(key="suggest-a").click().run()
    assert len(acts_of(app)) > len(done)
    app.button(key="one-undo").click().run()
    assert acts_of(app) == done
    app.button(key="one-undo").click().run()
    assert acts_of(app) == () and DONE not in words(app)
    app.button(key="one-redo").click().run()
    assert acts_of(app) == done
    app.button(key="one-reset").click().run()
    assert acts_of(app) == ()
    app.button(key="one-undo").click().run()  # a reset is a step too
    assert acts_of(app) == done
    sound(app)


def test_groups_followers_and_policies(open_tiny):
    app = look(open_tiny("picture", tab="what"), image=IMAGE)
    more(app).selectbox(key="group").select("habitat").run()
    app.button(key="group-z").click().run()
    sound(app)
    done = acts_of(app)
    assert len(done) > 1 and {act.kind for act in done} == {"z"}
    assert len([box for box in app.expander if "concepts followed" in box.label]) == 1
    app.toggle(key="follow-choice").set_value(False).run()
    assert not [box for box in app.expander if "followed" in box.label] and held(app, "follow") == "no"
    app.button(key="group-leave").click().run()
    assert acts_of(app) == ()

    look(app, policy="greedy")
    assert "Greedy asks: <strong>" in words(app)
    look(app, image="bird:" + ".".join(["0"] * 13) + ":7")  # it belongs to no class
    sound(app)
    assert "No suggestion: it looks at the true class" in words(app)
    look(app, policy="random")
    assert "Random asks: <strong>" in words(app)


def test_links_lead_to_the_same_acts_or_say_why_not(open_tiny):
    app = look(open_tiny("picture", tab="what"), image=IMAGE)
    more(app).selectbox(key="group").select("habitat").run()
    app.button(key="group-p").click().run()
    link, done = held(app, "set"), acts_of(app)
    log = [html.value for html in app.html if "pi-log" in html.value]
    for foreign in ("00000000~1p.2a", "nonsense", "~~~", "1p"):
        look(app, set=foreign)
        sound(app)
        assert DONE not in words(app) and "set" not in app.query_params
    look(app, set=link.partition("~")[0] + "~12p.<script>")
    assert "They are not as Plumage writes them" in words(app) and "<script>" not in words(app)
    look(app, set=link)
    sound(app)
    assert [html.value for html in app.html if "pi-log" in html.value] == log
    app.selectbox(key="task-choice").select("1").run()
    sound(app)
    assert "not known yet after this task" in words(app) and acts_of(app) == done
    look(app, image="test:1")
    assert acts_of(app) == () and DONE not in words(app)


def test_without_truth_concepts_can_still_be_set(open_tiny, monkeypatch):
    whole = Lab.snapshot

    def stripped(lab: Lab, task: int) -> Any:
        found = whole(lab, task)
        unknown = tuple(dataclasses.replace(concept, truth=None) for concept in found.bank.concepts)
        return dataclasses.replace(found, bank=dataclasses.replace(found.bank, concepts=unknown))

    monkeypatch.setattr(Lab, "snapshot", stripped)
    app = look(open_tiny("picture", tab="what"), image=IMAGE)
    sound(app)
    assert "CooP asks: <strong>" in words(app) and "Truth of" not in [c.label for c in app.get("button_group")]
    assert "suggest-truth" not in [button.key for button in app.button]
    app.button(key="suggest-p").click().run()
    sound(app)
    assert len(acts_of(app)) == 1  # without truth no two wordings are known to mean the same
    look(app, policy="lcp")
    assert "No suggestion: it looks at the truth" in words(app)


def test_rows_that_are_classes_leave_only_the_bird_to_change(open_tiny, monkeypatch):
    monkeypatch.setattr("engine.store.view.RunView.concept_metrics", lambda self, task: None)
    app = open_tiny("picture", tab="what")
    sound(app)
    assert "asks: <strong>" not in words(app) and "Change something" in words(app)
    assert "how-choice" not in app.session_state


# -- names from outside ------------------------------------------------------------------------------------------------


def test_markup_in_names_is_shown_as_it_is(tiny_lab: Lab):
    from engine.interventions.levels import Levels
    from engine.session.subjects import subject

    instance = examined(tiny_lab, 2, subject(tiny_lab, IMAGE))
    bank = instance.setup.snapshot.bank
    nasty = tuple(dataclasses.replace(c, text=f"<img src=x> {i}") for i, c in enumerate(bank.concepts))
    snapshot = dataclasses.replace(instance.setup.snapshot, bank=dataclasses.replace(bank, concepts=nasty))
    instance = dataclasses.replace(
        instance,
        setup=dataclasses.replace(instance.setup, snapshot=snapshot),
        names=("<b>A</b>",) * len(instance.names),
    )
    shares = instance.shares(instance.scores)
    drawn = verdict.card(instance, "data:", shares, shares, True) + str(
        exhibits.exhibit(instance, instance.after(())).html
    )
    drawn += suggest._words(instance, "random", suggest.Suggestion(instance.setup.units[0], 0.5))
    assert "<b>A" not in drawn and "<img src=x>" not in drawn and "&lt;b&gt;A" in drawn
    assert isinstance(instance.setup.levels, Levels)


def test_the_badge_says_whether_it_is_right_now():
    instance = SimpleNamespace(label=1, names=("a", "b", "c"))
    first, second, third = np.eye(3)
    for before, after, told in (
        (first, second, "Flipped, now right"),
        (second, third, "Flipped, now wrong"),
        (first, third, "Flipped, still wrong"),
        (second, second, "Same answer"),
    ):
        assert told in verdict.card(instance, "data:", before, after, True)


def test_a_row_has_room_for_all_that_is_marked_on_it():
    row = console.Row(
        0, "a", "", was=2.0, now=-5.0, low=-1.0, high=1.0, absent=-0.5, present=0.5, kind="=", followed=False
    )
    assert row.ends() == pytest.approx((-5.35, 2.35))  # 5 % of 7 beyond the value set and the score it had
    flat = dataclasses.replace(row, was=0.0, now=0.0, low=0.0, high=0.0, absent=0.0, present=0.0)
    assert flat.ends()[0] < flat.ends()[1]
