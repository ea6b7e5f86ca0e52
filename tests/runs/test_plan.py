"""The plan of a run before anything is embedded, and the settings that ask for it: there and back."""

import string
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.class_lists import MAX_LIST
from engine.errors import BadParameter
from engine.runs.config import configure
from engine.runs.plan import ClassRow, Survey, evened, plan, rows_of, settings_for, survey, survey_key
from engine.runs.sources import open_dataset, open_stream
from tests.data.made import folder_files, write

FOLDER = configure(None, {"data": "dir:/photos", "increment": "1"})
CLOTHES = Survey(
    "clothes", ("dress", "hat", "shirt, long", "3", "skirt"), {"train": (9, 8, 7, 6, 5), "test": (1, 2, 3, 4, 5)}
)


def test_a_plan_says_what_the_run_will_do(tmp_path):
    place = write(tmp_path / "birds", folder_files())
    told = []
    config = configure(
        None,
        {
            "data": f"dir:{place}",
            "increment": "1",
            "order": "given",
            "class_order": "Sea swallow, gull",
            "renamed_classes": "tern=sea swallow",
        },
    )
    found = survey(config, lambda *done: told.append(done))
    assert found == Survey("birds", ("gull", "tern"), {"train": (3, 3), "test": (2, 2)}) and told[-1] == (10, 10)
    planned = plan(config, found)
    data = open_dataset(config)
    stream = open_stream(config, data)
    assert (
        [[one.name for one in task] for task in planned.tasks]
        == [[data.class_names[c] for c in task.class_ids] for task in stream.tasks]
        == [["sea swallow"], ["gull"]]
    )
    assert planned.classes[0].source == "tern" and planned.classes[0].images == {"train": 3, "test": 2}
    assert (
        survey_key(config)
        == survey_key(config.changed(seed=3, class_order="0,1"))
        != survey_key(config.changed(path="/other"))
    )


def test_birds_are_surveyed_without_drawing_one():
    config = configure("demo", {"without_classes": "3", "task_sizes": "30,9"})
    found = survey(config)
    assert len(found.classes) == 40 and set(found.images["train"]) == {100}
    planned = plan(config, found)
    assert planned.sizes == (30, 9) and planned.classes[-1].source == found.classes[3] and not planned.classes[-1].taken


def test_rows_of_a_table_become_settings_and_come_back():
    rows = [
        ClassRow("skirt", "Long skirt"),
        ClassRow("hat", "", False),
        ClassRow("shirt, long"),
        ClassRow("dress", "skirt"),
        ClassRow("3", "", False),
    ]
    sets = settings_for(CLOTHES, rows, (1, 2))
    assert sets == {
        "without_classes": "hat, 3",
        "renamed_classes": "dress=skirt; skirt=Long skirt",
        "order": "given",
        "class_order": "Long skirt; shirt, long; skirt",
        "task_sizes": "1,2",
    }
    planned = plan(FOLDER.changed(**sets), CLOTHES)
    assert [(one.source, one.name, one.task) for one in planned.classes] == [
        ("skirt", "Long skirt", 0),
        ("shirt, long", "shirt, long", 1),
        ("dress", "skirt", 1),
        ("hat", "hat", None),
        ("3", "3", None),
    ]
    assert settings_for(CLOTHES, rows_of(planned), planned.sizes) == sets


def test_nothing_chosen_asks_for_nothing():
    assert settings_for(CLOTHES, [ClassRow(name) for name in CLOTHES.classes]) == {
        "without_classes": "",
        "renamed_classes": "",
        "order": "listed",
        "class_order": "",
        "task_sizes": "",
    }


NAMES = st.text(f"{string.ascii_letters}0123 -_.,'()&+é鷗", min_size=1, max_size=8).filter(
    lambda name: any(c.isalnum() for c in name)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(st.data())
def test_any_choice_is_planned_as_it_was_asked_for(data):
    """Names, orders and sizes of every kind, names that are numbers or those of other classes among them."""
    clean = st.lists(
        NAMES.map(lambda name: " ".join(name.replace("_", " ").split())).filter(bool),
        min_size=2,
        max_size=6,
        unique_by=str.casefold,
    )
    source = data.draw(clean)
    order = data.draw(st.permutations(range(len(source))))
    taken = data.draw(
        st.lists(st.booleans(), min_size=len(source), max_size=len(source)).filter(lambda each: sum(each) >= 2)
    )
    names = data.draw(st.permutations(source)) if data.draw(st.booleans()) else list(source)
    rows = [ClassRow(source[c], names[c], taken[c]) for c in order]
    found = Survey("any", tuple(source), {"train": tuple(range(len(source)))})
    sizes = evened(sum(taken), data.draw(st.integers(1, sum(taken))))
    planned = plan(FOLDER.changed(**settings_for(found, rows, sizes)), found)
    assert planned.sizes == sizes
    wanted = [(row.source, row.name) for row in rows if row.taken]
    assert [(one.source, one.name) for one in planned.classes if one.taken] == wanted


def test_ten_thousand_classes():
    names = tuple(f"a class with a rather long name {c}" for c in range(10_000))
    found = Survey("many", names, {"train": (5,) * 10_000})
    since = time.perf_counter()
    sets = settings_for(found, [ClassRow(name, taken=c % 7 > 0) for c, name in reversed([*enumerate(names)])])
    planned = plan(FOLDER.changed(**sets, increment=100), found)
    assert time.perf_counter() - since < 10
    assert len(sets["class_order"]) <= MAX_LIST and [one.source for one in planned.tasks[0][:2]] == [
        names[9999],
        names[9998],
    ]
    assert sum(planned.sizes) == 10_000 - 1429


@pytest.mark.parametrize(
    ("rows", "sizes", "field", "words"),
    [
        ([ClassRow("dress")], None, "class_order", "hat"),
        ([ClassRow("coat"), *map(ClassRow, CLOTHES.classes)], None, "class_order", "coat"),
        ([ClassRow("hat"), *map(ClassRow, CLOTHES.classes)], None, "class_order", "more than once"),
        ([*map(ClassRow, CLOTHES.classes)], (2, 2), "task_sizes", "add up to 4, and 5 classes"),
        ([ClassRow("dress", "a;b=c"), *map(ClassRow, CLOTHES.classes[1:])], None, "renamed_classes", "letters, digits"),
        ([ClassRow("dress", "HAT"), *map(ClassRow, CLOTHES.classes[1:])], None, "renamed_classes", "dress and hat"),
        ([*(ClassRow(name, "", name == "hat") for name in CLOTHES.classes)], None, "without_classes", "1 of 5"),
    ],
)
def test_what_cannot_be_is_named_at_its_field(rows, sizes, field, words):
    with pytest.raises(BadParameter, match=words) as caught:
        plan(FOLDER.changed(**settings_for(CLOTHES, rows, sizes)), CLOTHES)
    assert caught.value.field == field


def test_an_order_by_similarity_is_known_once_the_names_are_embedded():
    config = FOLDER.changed(order="similarity", without_classes="hat", increment=2)
    assert not plan(config, CLOTHES).order_known
    asked = []

    def texts(prompts):
        asked.extend(prompts)
        return np.array([[1.0, 0], [0, 1], [1, 0.1], [0.1, 1]])

    planned = plan(config, CLOTHES, texts)
    assert planned.order_known and asked == ["dress", "shirt, long", "3", "skirt"]
    assert sorted(one.name for one in planned.tasks[0]) in (["3", "dress"], ["shirt, long", "skirt"])


def test_even_sizes():
    assert evened(10, 4) == (3, 3, 2, 2) and evened(3, 3) == (1, 1, 1) and evened(7, 1) == (7,)
    for tasks in (0, 8):
        with pytest.raises(BadParameter):
            evened(7, tasks)
