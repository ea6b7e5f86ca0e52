"""Image folders: both layouts, and a clear word for everything that can be wrong with one."""

import hashlib
import json
import os
import shutil
import tempfile
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import inside
from engine.data.folder import open_folder
from engine.data.folder_concepts import read_concepts
from engine.data.streams import make_stream
from engine.errors import BadFolder, BadImage, BadInput, BadParameter
from engine.structures import Malformed

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"
COLOURS = {"bird": (200, 30, 30), "cat": (30, 200, 30), "sea_lion": (30, 30, 200)}


def add(folder, count, colour=(9, 9, 9), start=0):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(start, start + count):
        Image.new("RGB", (12, 10), (*colour[:2], colour[2] + i)).save(folder / f"{i:03}.png")


@pytest.fixture
def flat(tmp_path):
    """<class>/* with ten images a class."""
    for name, colour in COLOURS.items():
        add(tmp_path / "flat" / name, 10, colour)
    return tmp_path / "flat"


@pytest.fixture
def halves(tmp_path):
    """train/<class>/* and test/<class>/*."""
    for name, colour in COLOURS.items():
        add(tmp_path / "halves" / "train" / name, 4, colour)
        add(tmp_path / "halves" / "test" / name, 2, colour, start=4)
    return tmp_path / "halves"


def refused(path, *words, error=BadFolder, **options):
    with pytest.raises(error) as raised:
        open_folder(path, **options)
    message = str(raised.value)
    assert all(word in message for word in words), message
    assert raised.value.remedy
    return message


def names_in(split):
    return [f"{file.path.parent.name}/{file.path.name}" for file in split.files]


# -- what comes out ----------------------------------------------------------------------------------------------------


def test_train_and_test(halves):
    data = open_folder(halves)
    assert data.name == "halves" and data.class_names == ("bird", "cat", "sea lion")
    np.testing.assert_array_equal(data.splits["train"].labels, np.repeat([0, 1, 2], 4))
    np.testing.assert_array_equal(data.splits["test"].labels, np.repeat([0, 1, 2], 2))
    assert names_in(data.splits["test"])[:2] == ["bird/004.png", "bird/005.png"]
    assert data.truth_names == () and data.splits["train"].truth is None and data.candidates(0) == ()


def test_images_belong_to_their_labels(halves):
    train = open_folder(halves).splits["train"]
    pixels = train.images([0, 4, 8, 9], 6)
    assert pixels.shape == (4, 6, 6, 3) and pixels.dtype == np.uint8
    assert pixels[:, 3, 3].tolist() == [[200, 30, 30], [30, 200, 30], [30, 30, 200], [30, 30, 201]]
    assert train.images([], 6).shape == (0, 6, 6, 3)


def test_a_split_is_made_where_there_is_none(flat):
    data = open_folder(flat, test_fraction=0.3)
    train, test = data.splits["train"], data.splits["test"]
    np.testing.assert_array_equal(np.bincount(test.labels), [3, 3, 3])
    assert sorted(names_in(train) + names_in(test)) == sorted(f"{p.parent.name}/{p.name}" for p in flat.glob("*/*"))


def test_the_split_depends_on_the_seed_and_on_nothing_else(flat):
    def tests(**options):
        return names_in(open_folder(flat, **options).splits["test"])

    before = tests()
    assert tests() == before != tests(seed=7)
    add(flat / "ant", 10)
    assert [name for name in tests() if not name.startswith("ant")] == before


def test_a_small_class_keeps_two_images_to_learn_from(flat):
    shutil.rmtree(flat / "cat")
    add(flat / "cat", 3)
    data = open_folder(flat, test_fraction=0.5)
    assert np.bincount(data.splits["train"].labels)[1] == 2 and np.bincount(data.splits["test"].labels)[1] == 1


def test_it_can_be_streamed(flat):
    stream = make_stream(open_folder(flat), base=0, increment=2, order=(2, 0, 1), val_fraction=0.25, seed=1)
    assert [task.class_ids for task in stream.tasks] == [(2, 0), (1,)]
    assert [len(task.train) + len(task.val) for task in stream.tasks] == [16, 8]


def test_digest_follows_content_and_names_but_not_the_place(flat, tmp_path):
    def digest(path):
        return open_folder(path).splits["train"].digest

    before = digest(flat)
    copy = shutil.copytree(flat, tmp_path / "copy")
    assert digest(copy) == before
    train = open_folder(copy).splits["train"].files[0].path
    train.rename(train.with_name("zzz.png"))
    assert digest(copy) != before
    again = shutil.copytree(flat, tmp_path / "again")
    Image.new("RGB", (12, 10)).save(again / train.relative_to(copy))
    assert digest(again) != before
    assert open_folder(flat).splits["test"].digest != before


def test_class_digests_name_the_class_that_changed(halves):
    before = dict(open_folder(halves).class_digests)
    assert list(before) == ["bird", "cat", "sea lion"] and len(set(before.values())) == 3

    def changed():
        now = open_folder(halves).class_digests
        return [name for name in now if now[name] != before.get(name)]

    assert changed() == []
    (halves / "train" / "bird" / "000.png").rename(halves / "train" / "bird" / "zzz.png")
    assert changed() == []  # the same pictures under other names
    (halves / "train" / "cat" / "000.png").rename(halves / "test" / "cat" / "000.png")
    assert changed() == ["cat"]  # the same pictures in other splits
    Image.new("RGB", (12, 10)).save(halves / "train" / "bird" / "zzz.png")
    assert changed() == ["bird", "cat"]


def test_the_concepts_digest_is_of_the_text_that_was_read(halves):
    assert open_folder(halves).concepts_digest == ""
    (halves / "concepts.txt").write_text("a long bill")
    digest = open_folder(halves).concepts_digest
    assert digest == hashlib.sha256(b"a long bill").hexdigest()
    (halves / "concepts.txt").write_text("a short bill")
    assert open_folder(halves).concepts_digest not in ("", digest)


def test_other_files_are_left_out_and_listed(flat):
    (flat / "bird" / "notes.txt").write_text("x")
    (flat / "bird" / ".DS_Store").write_text("x")
    (flat / ".cache").mkdir()
    (flat / "README.md").write_text("x")
    (flat / "bird" / "000.png").rename(flat / "bird" / "000.PNG")
    data = open_folder(flat)
    assert data.skipped == ("bird/notes.txt",) and len(data.class_names) == 3
    assert "bird/000.PNG" in names_in(data.splits["train"]) + names_in(data.splits["test"])


def test_progress_reaches_all_files(halves):
    seen = []
    open_folder(halves, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 18) for i in range(1, 19)]


def test_a_class_may_be_called_train(flat):
    add(flat / "train", 5)
    assert open_folder(flat).class_names == ("bird", "cat", "sea lion", "train")


def test_links_within_the_folder_are_followed(flat):
    (flat / "bird" / "twin.png").symlink_to(flat / "bird" / "000.png")
    data = open_folder(flat)
    assert "bird/twin.png" in names_in(data.splits["train"]) + names_in(data.splits["test"])


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the shared photos are not here; the tests above use generated ones")
def test_the_shared_photos():
    data = open_folder(PHOTOS)
    assert len(data.class_names) == 10 and data.class_names[0] == "airplane"
    assert len(data.splits["train"].labels) == 1000 and len(data.splits["test"].labels) == 300
    frogs, ships = (data.splits["train"].images(np.flatnonzero(data.splits["train"].labels == c), 8) for c in (6, 8))
    assert ships[..., 2].mean() > ships[..., 0].mean()  # the sea is blue
    assert frogs[..., 2].mean() < frogs[..., 0].mean()


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_missing_folder_file_and_nonsense(tmp_path):
    refused(tmp_path / "gone", "gone", "no such folder")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", "not a folder")
    refused(Path("a\0b"), "no path")


def test_a_folder_without_classes(tmp_path):
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "0 class folders", "at least 2")
    add(tmp_path / "one" / "bird", 5)
    refused(tmp_path / "one", "1 class folders")
    add(tmp_path / "loose", 5)
    refused(tmp_path / "loose", "0 class folders")


def test_an_empty_class_is_named(flat):
    (flat / "yak").mkdir()
    (flat / "zebra").mkdir()
    (flat / "zebra" / "notes.txt").write_text("x")
    refused(flat, "yak has 0, zebra has 0", "at least 3 images", "png")


@pytest.mark.parametrize("count", [1, 2])
def test_a_class_with_one_or_two_images(flat, count):
    add(flat / "yak", count)
    refused(flat, f"yak has {count}", "at least 3 images")


def test_a_half_with_too_few_images(halves):
    add(halves / "train" / "yak", 1)
    add(halves / "test" / "yak", 5)
    refused(halves, "yak has 1", "at least 2 training images")
    add(halves / "train" / "yak", 2)
    shutil.rmtree(halves / "test" / "yak")
    (halves / "test" / "yak").mkdir()
    refused(halves, "yak has 0", "at least 1 test image ")


def test_train_and_test_with_different_classes(halves):
    add(halves / "train" / "yak", 3)
    refused(halves, "yak", "in 'train' but not in 'test'")
    add(halves / "test" / "yak", 3)
    add(halves / "test" / "zebra", 3)
    refused(halves, "zebra", "in 'test' but not in 'train'")


@pytest.mark.parametrize("half", ["train", "test"])
def test_only_one_half(halves, half):
    shutil.rmtree(halves / half)
    refused(halves, f"no folder '{half}'")


@pytest.mark.parametrize(
    "name",
    [
        "<b>bird",
        "<script>alert(1)",
        "a&lt;b",
        "**bold**",
        "[link](x)",
        "`code`",
        "$x$",
        ":red[x]",
        "a\\b",
        "a\u2215b",
        "a\uff0fb",
        "a:b",
        "a\nb",
        "a\x1b[31m",
        "a\x7f",
        "a\u202eb",
        "a\u200bb",
        "\U0001f426",
        "___",
        "x" * 81,
        "a|b",
        "a#b",
    ],
)
def test_class_names_with_markup_separators_or_control_characters(flat, name):
    add(flat / name, 3)
    message = refused(flat, "letters, digits", "Rename")
    assert message.isprintable()


def test_a_class_name_that_is_no_text(flat):
    add(flat / os.fsdecode(b"caf\xe9"), 3)
    assert refused(flat, "letters, digits").isprintable()


@pytest.mark.parametrize("name", ["Café du monde", "salt & pepper", "St. John's-wort (wild)", "鳥", "C++", "O2, pure"])
def test_ordinary_names_of_all_languages_are_fine(flat, name):
    add(flat / name, 3)
    assert name in open_folder(flat).class_names


@pytest.mark.parametrize("twin", ["Bird", "BIRD", "bird ", "_bird"])
def test_two_classes_alike_but_for_case_or_spacing(flat, twin):
    add(flat / twin, 3)
    refused(flat, "bird", twin, "case")


def test_accents_written_in_two_ways_are_one_name(flat):
    add(flat / "caf\u00e9", 3)
    add(flat / "cafe\u0301", 3)
    refused(flat, "case")


@pytest.mark.parametrize("where", ["flat/bird/x.png", "flat/yak", "flat/concepts.json", "flat/train", "flat/bird/dir"])
@pytest.mark.parametrize("relative", [False, True])
def test_links_that_leave_the_folder(flat, tmp_path, where, relative):
    secret = tmp_path / "secret"
    add(secret, 5)
    aim = secret / "000.png" if where.endswith("png") else secret
    link = tmp_path / where
    link.symlink_to(os.path.relpath(aim, link.parent) if relative else aim)
    refused(flat, link.name, "symbolic link", "Copy")


@pytest.mark.parametrize("half", ["train", "test"])
def test_a_half_that_is_a_link_out_of_the_folder(halves, tmp_path, half):
    (halves / half).rename(tmp_path / "elsewhere")
    (halves / half).symlink_to(tmp_path / "elsewhere")
    refused(halves, half, "symbolic link")


def test_a_sibling_whose_name_begins_alike_is_outside(flat, tmp_path):
    add(tmp_path / "flat-secret", 5)
    (flat / "yak").symlink_to(tmp_path / "flat-secret")
    refused(flat, "symbolic link")


def test_a_folder_that_is_itself_a_link_is_fine(flat, tmp_path):
    (tmp_path / "alias").symlink_to(flat)
    assert len(open_folder(tmp_path / "alias").class_names) == 3


def test_links_in_circles(flat):
    (flat / "bird" / "loop.png").symlink_to(flat / "bird" / "loop.png")
    refused(flat, "loop.png", error=BadImage)


def test_all_bad_files_are_reported_at_once(flat):
    for i in range(7):
        (flat / "cat" / f"bad{i}.jpg").write_bytes(b"not an image")
    message = refused(flat, "7 files", "cat/bad0.jpg", "cat/bad4.jpg", "and 2 more", error=BadImage)
    assert "bad5" not in message and message.count("JPEG") == 1


def test_one_bad_file_is_named(flat):
    path = flat / "cat" / "000.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:5000])
    refused(flat, "1 file in", "cat/000.png", "cut short", error=BadImage)


def test_a_file_that_changes_later_is_named_and_not_decoded(flat):
    data = open_folder(flat)
    file = data.splits["train"].files[1]
    good = data.splits["train"].images([1], 8)
    kept = file.path.read_bytes()
    Image.new("RGB", (12, 10)).save(file.path)
    with pytest.raises(BadImage, match=f"{file.path.name}: the file has changed since .* begin again"):
        data.splits["train"].images([0, 1], 8)
    file.path.write_bytes(kept)
    np.testing.assert_array_equal(data.splits["train"].images([1], 8), good)


@pytest.mark.parametrize("what", ["file", "class folder", "pipe", "link to a device"])
def test_what_takes_a_files_place_later_is_not_followed(flat, tmp_path, what):
    """The same bytes outside of the folder: only where they lie is wrong."""
    data = open_folder(flat)
    path = data.splits["train"].files[0].path
    moved = path.parent if what == "class folder" else path
    moved.rename(tmp_path / "elsewhere")
    if what == "pipe":
        os.mkfifo(path)
    else:
        moved.symlink_to("/dev/zero" if what == "link to a device" else tmp_path / "elsewhere")
    words = "ordinary file" if what == "pipe" else "link that leaves the folder"
    with pytest.raises(BadImage, match=words):
        data.splits["train"].images([0], 8)


def test_a_link_put_there_between_looking_and_opening_is_not_followed(flat, tmp_path, monkeypatch):
    """The race itself: the path was found to be inside, and then became a link."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path = flat / "bird" / "000.png"
    path.unlink()
    path.symlink_to(secret)
    monkeypatch.setattr(inside, "resolved", lambda path, root: path)
    with pytest.raises(Malformed, match="ordinary file"):
        inside.read_inside(path, flat, 100)
    (flat / "bird").rename(tmp_path / "bird")
    (flat / "bird").symlink_to(tmp_path / "bird")
    (tmp_path / "bird" / "note").write_text("outside")
    for read in (
        lambda: inside.read_inside(flat / "bird" / "note", flat, 100),
        lambda: inside.list_inside(flat / "bird", flat),
    ):
        with pytest.raises(OSError, match="bird"):
            read()


def test_a_concept_file_that_is_a_pipe_does_not_hang(flat):
    os.mkfifo(flat / "concepts.txt")
    assert open_folder(flat).concepts_digest == ""
    with pytest.raises(BadInput, match="ordinary file"):
        read_concepts(flat / "concepts.txt", ("bird",))


def test_a_file_that_goes_away_later_is_named(flat):
    data = open_folder(flat)
    path = data.splits["train"].files[0].path
    path.unlink()
    with pytest.raises(BadImage, match=path.name):
        data.splits["train"].images([0], 8)


def open_as_nobody(path):
    """The message that an ordinary user gets."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            open_folder(path)
            message = "no error"
        except (BadFolder, BadImage) as error:
            message = f"{type(error).__name__}: {error}"
        os.write(writer, message.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        return pipe.read()


@pytest.mark.parametrize(
    ("what", "mode", "words"), [("cat/000.png", 0, "BadImage: 1 file"), ("cat", 0, "BadFolder"), (".", 0, "BadFolder")]
)
def test_unreadable_files_and_folders(flat, what, mode, words):
    for folder in takewhile(lambda folder: folder != Path(tempfile.gettempdir()), flat.parents):
        folder.chmod(0o755)
    (flat / what).chmod(mode)
    message = open_as_nobody(flat)
    (flat / what).chmod(0o755)
    assert words in message and "cannot be read" in message


@pytest.mark.parametrize("fraction", [0.0, 0.04, 0.6, float("nan")])
def test_an_impossible_test_fraction(flat, fraction):
    refused(flat, "test_fraction", "0.05 to 0.5", error=BadParameter, test_fraction=fraction)


# -- concept files -----------------------------------------------------------------------------------------------------


def texts(candidates):
    return [candidate.text for candidate in candidates]


def test_a_json_file_in_the_folder(flat):
    content = {"Bird": ["a  beak", "wings", "a beak", " "], "sea_lion": ["whiskers"]}
    (flat / "concepts.json").write_text(json.dumps(content))
    data = open_folder(flat)
    assert [texts(data.candidates(c)) for c in range(3)] == [["a beak", "wings"], [], ["whiskers"]]


def test_a_text_file_is_for_every_class(flat, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("\ufefffur\n\n# a remark\nfeathers\nfur\n", encoding="utf-8")
    data = open_folder(flat, concepts=path)
    assert [texts(data.candidates(c)) for c in range(3)] == [["fur", "feathers"]] * 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("c.json", "{", "is not sound"),
        ("c.json", "[" * 100_000, "nested too deep"),
        ("c.json", "[]", "none of the known forms"),
        ("c.json", '{"yak": []}', "yak"),
        ("c.json", '{"bird": "wings"}', "bird"),
        ("c.json", '{"bird": [1]}', "bird"),
        ("c.json", '{"bird": ["a\\u0000b"]}', "control"),
        ("c.json", '{"bird": ["\\ud800"]}', "is not sound"),
        ("c.json", json.dumps({"bird": ["x" * 201]}), "200 characters"),
        ("c.txt", b"\xff\xfe", "UTF-8"),
        ("c.txt", "x" * 201, "200 characters"),
        ("c.txt", "\n".join(map(str, range(20_001))), "20000"),
    ],
)
def test_a_bad_concept_file_is_named(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput) as error:
        read_concepts(path, ("bird", "cat"))
    assert name in str(error.value) and words in str(error.value)


def test_a_missing_or_huge_concept_file(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_concepts(tmp_path / "gone.txt", ("bird",))
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(33 * 2**20)
    with pytest.raises(BadInput, match="larger than 32 MiB"):
        read_concepts(tmp_path / "huge.txt", ("bird",))
