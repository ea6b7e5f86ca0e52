"""The feature cache: what comes out is what was computed, whatever happens in between."""

import errno
import hashlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest

from engine.backbone.cache import CHUNK, FeatureCache, content_key
from engine.errors import StoreError, StoreFull, StoreReadOnly
from engine.files import replacing

COUNT, WIDTH = 3 * CHUNK + 8, 8
HALF = 2 * CHUNK
BIG = 10**9
KEY = content_key("birds", "weights")
FORK = multiprocessing.get_context("fork")


def truth(rows):
    """Embedding of row i: i, i + 1/8, i + 2/8, ..."""
    return (np.asarray(rows)[:, None] + np.arange(WIDTH) / 8).astype(np.float32)


class Counting:
    """Computes the truth and remembers what it was asked for."""

    def __init__(self, seconds=0.0):
        self.asked, self.seconds = [], seconds

    def __call__(self, rows):
        time.sleep(self.seconds)
        self.asked.extend(int(r) for r in rows)
        return truth(rows)


def never(_):
    raise AssertionError("computed again")


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache", BIG)


def fill(cache, key=KEY, rows=None, compute=truth):
    return cache.features(key, COUNT, WIDTH, np.arange(COUNT) if rows is None else np.asarray(rows), compute)


def files_of(root, key="*", kind="*"):
    """The files with rows in them, in a fixed order."""
    return sorted(path for path in root.glob(f"{key}/{kind}") if path.stat().st_size)


def used_bytes(root):
    return sum(path.stat().st_size for path in files_of(root))


def flip(path, bit):
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def test_rows_come_in_the_order_asked_and_repeats_are_computed_once(cache):
    counting = Counting()
    rows = [7, 3, 199, 3]
    np.testing.assert_array_equal(fill(cache, rows=rows, compute=counting), truth(rows))
    assert sorted(counting.asked) == [3, 7, 199]


def test_only_missing_rows_are_computed_even_by_a_new_cache_object(cache):
    fill(cache, rows=range(0, 100))
    counting = Counting()
    other = FeatureCache(cache._root, BIG)
    np.testing.assert_array_equal(fill(other, compute=counting), truth(range(COUNT)))
    assert sorted(counting.asked) == list(range(100, COUNT))


def test_result_is_a_copy(cache):
    fill(cache)[:] = -1
    np.testing.assert_array_equal(fill(cache, compute=never), truth(range(COUNT)))


def test_rows_of_all_zeros_are_remembered(cache):
    fill(cache, compute=lambda rows: np.zeros((len(rows), WIDTH), np.float32))
    assert not fill(cache, compute=never).any()


def test_compute_gets_at_most_a_chunk(cache):
    sizes = []
    fill(cache, compute=lambda rows: sizes.append(len(rows)) or truth(rows))
    assert max(sizes) == CHUNK and sum(sizes) == COUNT


def test_nothing_asked_leaves_no_file(cache):
    assert fill(cache, rows=np.zeros(0, int), compute=never).shape == (0, WIDTH)
    assert not cache._root.exists()


@pytest.mark.parametrize("row", [-1, COUNT])
def test_a_row_outside_is_refused(cache, row):
    with pytest.raises(IndexError):
        fill(cache, rows=[row])


def test_a_wrong_shape_is_not_stored(cache):
    with pytest.raises(ValueError, match="expected"):
        fill(cache, compute=lambda rows: np.zeros((len(rows), WIDTH + 1), np.float32))
    np.testing.assert_array_equal(fill(cache), truth(range(COUNT)))


def test_key_depends_on_every_part_and_their_borders():
    assert len({content_key("ab", "c"), content_key("a", "bc"), content_key("abc"), content_key("abc", "")}) == 4
    assert content_key("a", "b") == content_key("a", "b")


def test_keys_do_not_mix(cache):
    fill(cache)
    other = fill(cache, key=content_key("other"), compute=lambda rows: -truth(rows))
    np.testing.assert_array_equal(other, -truth(range(COUNT)))
    np.testing.assert_array_equal(fill(cache, compute=never), truth(range(COUNT)))


def test_a_failure_in_the_middle_keeps_what_was_done(cache):
    def breaks(rows):
        if rows[0] >= HALF:
            raise RuntimeError("out of memory")
        return truth(rows)

    with pytest.raises(RuntimeError, match="out of memory"):
        fill(cache, compute=breaks)
    counting = Counting()
    fill(cache, compute=counting)
    assert counting.asked == list(range(HALF, COUNT))


def test_an_os_error_of_the_computation_is_not_blamed_on_the_cache(cache):
    def breaks(rows):
        raise FileNotFoundError("image gone")

    with pytest.raises(FileNotFoundError, match="image gone"):
        fill(cache, compute=breaks)


# -- several processes -------------------------------------------------------------------------------------------------


def _fill_and_log(root, log):
    counting = Counting(seconds=0.02)
    result = fill(FeatureCache(root, BIG), compute=counting)
    log.put((np.array_equal(result, truth(range(COUNT))), counting.asked))


def test_two_processes_fill_one_key_and_nothing_is_computed_twice(cache):
    log = FORK.SimpleQueue()
    children = [FORK.Process(target=_fill_and_log, args=(cache._root, log)) for _ in range(2)]
    for child in children:
        child.start()
    (ok_a, asked_a), (ok_b, asked_b) = log.get(), log.get()
    for child in children:
        child.join()
    assert ok_a and ok_b
    assert sorted(asked_a + asked_b) == list(range(COUNT))


def _fill_every_other(root, first):
    fill(FeatureCache(root, BIG), rows=range(first, COUNT, 2))


def test_what_two_processes_add_to_the_same_files_is_all_kept(cache):
    children = [FORK.Process(target=_fill_every_other, args=(cache._root, first)) for first in (0, 1)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    np.testing.assert_array_equal(fill(cache, compute=never), truth(range(COUNT)))


def _fill_and_stop_halfway(root, halfway, go_on):
    """With half of the rows stored and at work on the next chunk, wait until told to go on."""

    def compute(rows):
        if rows[0] == HALF:
            halfway.set()
            go_on.wait()
        return truth(rows)

    fill(FeatureCache(root, BIG), compute=compute)


@pytest.fixture
def halfway(cache):
    """Another process that has filled half of the cache, and the event that lets it go on."""
    reached, go_on = FORK.Event(), FORK.Event()
    child = FORK.Process(target=_fill_and_stop_halfway, args=(cache._root, reached, go_on))
    child.start()
    assert reached.wait(10)
    yield child, go_on
    child.kill()
    child.join()


def test_killed_in_the_middle_it_goes_on_where_it_was(cache, halfway):
    os.kill(halfway[0].pid, signal.SIGKILL)
    halfway[0].join()
    counting = Counting()
    np.testing.assert_array_equal(fill(cache, compute=counting), truth(range(COUNT)))
    assert counting.asked == list(range(HALF, COUNT))


def test_what_a_stopped_process_is_at_work_on_is_computed_here_in_the_end(cache, halfway, monkeypatch):
    monkeypatch.setattr("engine.backbone.cache._PATIENCE_SECONDS", 0.1)
    os.kill(halfway[0].pid, signal.SIGSTOP)
    counting = Counting()
    np.testing.assert_array_equal(fill(cache, compute=counting), truth(range(COUNT)))
    assert counting.asked == list(range(HALF, COUNT))


# -- damage ------------------------------------------------------------------------------------------------------------


def test_any_flipped_bit_is_noticed_and_costs_its_chunk_alone(cache):
    fill(cache)
    path = files_of(cache._root)[0]
    whole = path.read_bytes()
    first = int(path.name.split("-")[-1]) * CHUNK
    for bit in range(0, len(whole) * 8, 997):  # every part of it, and every place in a byte
        flip(path, bit)
        counting = Counting()
        np.testing.assert_array_equal(fill(cache, compute=counting), truth(range(COUNT)))
        assert counting.asked == list(range(first, first + CHUNK)), bit
        assert path.read_bytes() == whole


def test_whole_files_in_each_others_place_are_computed_again(cache):
    fill(cache)
    one, other = files_of(cache._root)[:2]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    counting = Counting()
    np.testing.assert_array_equal(fill(cache, compute=counting), truth(range(COUNT)))
    assert len(counting.asked) == 2 * CHUNK


def test_files_of_another_key_are_not_believed(cache):
    elsewhere = content_key("other")
    fill(cache, key=elsewhere, compute=lambda rows: -truth(rows))
    shutil.copytree(cache._root / elsewhere, cache._root / KEY)
    np.testing.assert_array_equal(fill(cache), truth(range(COUNT)))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"\0" * len(data),
        lambda data: data + b"x",
        lambda data: b"not a cache file",
    ],
)
def test_files_of_wrong_size_or_content_are_written_again(cache, damage):
    fill(cache)
    for path in files_of(cache._root):
        path.write_bytes(damage(path.read_bytes()))
    counting = Counting()
    np.testing.assert_array_equal(fill(cache, compute=counting), truth(range(COUNT)))
    assert len(counting.asked) == COUNT
    fill(cache, compute=never)


def test_another_shape_under_the_same_key_is_another(cache):
    fill(cache)
    shorter = cache.features(KEY, 10, WIDTH, np.arange(10), lambda rows: -truth(rows))
    np.testing.assert_array_equal(shorter, -truth(range(10)))


# -- size --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def size(tmp_path_factory):
    """Bytes of one key's files."""
    root = tmp_path_factory.mktemp("measured")
    fill(FeatureCache(root, BIG))
    return used_bytes(root)


def test_the_key_used_longest_ago_goes_first(tmp_path, size):
    cache = FeatureCache(tmp_path, 2 * size + 100)
    for key in ("a", "b"):
        fill(cache, key=content_key(key))
    fill(cache, key=content_key("a"), compute=never)  # now b is the older one
    fill(cache, key=content_key("c"))
    assert used_bytes(tmp_path) == 2 * size
    fill(cache, key=content_key("a"), compute=never)
    fill(cache, key=content_key("c"), compute=never)
    counting = Counting()
    fill(cache, key=content_key("b"), compute=counting)
    assert len(counting.asked) == COUNT


def test_it_stays_within_its_size_however_much_is_added(tmp_path, size):
    for n in range(20):
        fill(FeatureCache(tmp_path, 3 * size), key=content_key(str(n)))
        assert used_bytes(tmp_path) <= 3 * size
    cache = FeatureCache(tmp_path, 3 * size)
    for n in range(20):
        fill(cache, key=content_key("one object", str(n)))
        assert used_bytes(tmp_path) <= 3 * size


def test_a_key_that_is_larger_than_the_cache_is_computed_and_not_kept(tmp_path):
    cache = FeatureCache(tmp_path, COUNT * WIDTH * 4 - 1)
    for _ in range(2):
        counting = Counting()
        np.testing.assert_array_equal(fill(cache, compute=counting), truth(range(COUNT)))
        assert len(counting.asked) == COUNT
    assert not files_of(tmp_path)


def test_what_is_being_filled_meanwhile_stays(cache, halfway, size):
    child, go_on = halfway
    small = FeatureCache(cache._root, size + size // 2)
    fill(small, rows=range(CHUNK), key=content_key("old"))
    go_on.set()
    child.join()
    fill(small, compute=never)  # all of the child's work is there


def test_files_of_an_earlier_layout_and_what_killed_processes_left_make_room(tmp_path, size):
    (tmp_path / KEY).mkdir()
    for name in (f"{KEY}.rows", f"{KEY}-{WIDTH}.texts", f"{KEY}/.x.12-00000000.part"):
        (tmp_path / name).write_bytes(bytes(size))
    fill(FeatureCache(tmp_path, size))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) == size
    fill(FeatureCache(tmp_path, size), compute=never)


def test_making_room_leaves_what_somebody_is_writing(tmp_path, size):
    small = FeatureCache(tmp_path, size)
    (tmp_path / KEY).mkdir()
    with replacing(tmp_path / KEY / "other") as part:
        part.write_bytes(bytes(size))
        os.utime(part, (0, 0))  # the first to go, were it a whole file
        fill(small, key=content_key("more"))
        assert part.exists()
    assert (tmp_path / KEY / "other").stat().st_size == size


# -- no space, no permission -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_no_space_says_so_and_leaves_nothing_half_written(cache, monkeypatch, call, code):
    fill(cache)

    def full(*_):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(StoreFull, match="PLUMAGE_HOME"):
            fill(cache, key=content_key("new"))
    assert not files_of(cache._root, content_key("new"))
    fill(cache, compute=never)
    np.testing.assert_array_equal(fill(cache, key=content_key("new")), truth(range(COUNT)))


def _fill_with_file_size_limit(root, log):
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK * WIDTH, CHUNK * WIDTH))
    try:
        fill(FeatureCache(root, BIG))
    except StoreFull as error:
        log.put(str(error))
    else:
        log.put("no error")


def test_a_real_limit_of_the_operating_system_is_no_space_too(cache):
    log = FORK.SimpleQueue()
    child = FORK.Process(target=_fill_with_file_size_limit, args=(cache._root, log))
    child.start()
    assert "PLUMAGE_HOME" in log.get()
    child.join()
    assert not files_of(cache._root)


ON_A_SMALL_DISK = """
import sys
from pathlib import Path
import numpy as np
from engine.backbone.cache import FeatureCache
from engine.errors import StoreFull

cache = FeatureCache(Path(sys.argv[1]) / "cache", 10**9)
fill = lambda key, count: cache.features(key, count, 64, np.arange(count), lambda r: np.ones((len(r), 64), np.float32))
fill("small", 100)
try:
    fill("large", 10_000)
except StoreFull as error:
    print(error)
try:
    cache.texts("texts", [str(i) for i in range(10_000)], 64, lambda t: np.ones((len(t), 64), np.float32))
except StoreFull as error:
    print(error)
assert (cache.features("small", 100, 64, np.arange(100), None) == 1).all()
print(*sorted(path.parent.name for path in cache._root.glob("*/*") if path.stat().st_size))
"""


def may_mount():
    return (
        shutil.which("unshare") and not subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode
    )


@pytest.mark.skipif(not may_mount(), reason="may not mount here; the tests above set limits instead")
def test_a_full_disk(tmp_path):
    mount = f"mount -t tmpfs -o size=256k none {tmp_path} && exec {sys.executable} -c '{ON_A_SMALL_DISK}' {tmp_path}"
    command = ["unshare", "--mount", "sh", "-c", mount]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert result.returncode == 0, result.stderr
    first, second, files = result.stdout.splitlines()
    assert "no space" in first and "PLUMAGE_HOME" in first and "no space" in second
    assert set(files.split()) == {"small", "large"}  # whole files all


def _use_as_nobody(root, log):
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    cache = FeatureCache(root, BIG)
    warm = np.array_equal(fill(cache, rows=range(50), compute=never), truth(range(50)))
    known = cache.texts(KEY, ["a"], WIDTH, never)
    messages = []
    for action in (lambda: fill(cache), lambda: fill(cache, key=content_key("new"))):
        try:
            action()
        except StoreReadOnly as error:
            messages.append(str(error))
    log.put((warm and bool((known == truth([1])).all()), messages))


def test_a_read_only_cache_can_be_read_and_says_what_to_do_when_it_must_write(cache, tmp_path):
    fill(cache, rows=range(50))
    cache.texts(KEY, ["a"], WIDTH, lambda texts: truth([1]))
    below = takewhile(lambda folder: folder != Path(tempfile.gettempdir()), (tmp_path, *tmp_path.parents))
    for folder in below:
        folder.chmod(0o755)
    for path in (cache._root, *cache._root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    log = FORK.SimpleQueue()
    child = FORK.Process(target=_use_as_nobody, args=(cache._root, log))
    child.start()
    warm, messages = log.get()
    child.join()
    for folder in (cache._root, cache._root / KEY):
        folder.chmod(0o755)
    assert warm
    assert len(messages) == 2 and all("PLUMAGE_HOME" in message for message in messages)


def test_a_root_that_is_a_file_is_an_error_with_its_name(tmp_path):
    (tmp_path / "cache").write_text("x")
    with pytest.raises(StoreError, match="cache"):
        fill(FeatureCache(tmp_path / "cache", BIG))


# -- texts -------------------------------------------------------------------------------------------------------------


def embed_texts(texts):
    return truth([len(text) for text in texts])


def embed_numbers(texts):
    return truth([int(text) for text in texts])


def test_texts_come_in_order_and_only_new_ones_are_computed(cache):
    asked = []

    def compute(texts):
        asked.extend(texts)
        return embed_texts(texts)

    cache.texts(KEY, ["a red crown", "bill"], WIDTH, compute)
    result = cache.texts(KEY, ["tail", "bill", "tail", "a red crown"], WIDTH, compute)
    np.testing.assert_array_equal(result, truth([4, 4, 4, 11]))
    assert sorted(asked[:2]) == ["a red crown", "bill"] and asked[2:] == ["tail"]
    assert cache.texts(KEY, [], WIDTH, never).shape == (0, WIDTH)


def test_texts_of_another_key_are_others(cache):
    cache.texts(KEY, ["tail"], WIDTH, embed_texts)
    other = cache.texts(content_key("other"), ["tail"], WIDTH, lambda texts: -embed_texts(texts))
    np.testing.assert_array_equal(other, -truth([4]))


def the_texts(cache):
    (path,) = files_of(cache._root, KEY, "texts*")
    return path


@pytest.mark.parametrize("cut", [1, 40, 76])
def test_texts_cut_short_are_computed_again(cache, cut):
    cache.texts(KEY, ["one", "three"], WIDTH, embed_texts)
    path = the_texts(cache)
    path.write_bytes(path.read_bytes()[:-cut])
    np.testing.assert_array_equal(cache.texts(KEY, ["one", "three"], WIDTH, embed_texts), truth([3, 5]))
    np.testing.assert_array_equal(cache.texts(KEY, ["one", "three"], WIDTH, never), truth([3, 5]))


def test_any_flipped_bit_in_texts_is_noticed(cache):
    cache.texts(KEY, ["one", "three"], WIDTH, embed_texts)
    path = the_texts(cache)
    whole = path.read_bytes()
    for bit in range(0, len(whole) * 8, 61):
        flip(path, bit)
        asked = []
        again = lambda texts: asked.extend(texts) or embed_texts(texts)  # noqa: B023, E731
        np.testing.assert_array_equal(cache.texts(KEY, ["one", "three"], WIDTH, again), truth([3, 5]))
        assert sorted(asked) == ["one", "three"], bit
        assert path.read_bytes() == whole


def test_texts_of_another_backbone_under_ones_own_name_are_not_believed(cache):
    cache.texts(KEY, ["one", "three"], WIDTH, embed_texts)
    elsewhere = content_key("another backbone")
    shutil.copytree(cache._root / KEY, cache._root / elsewhere)
    got = cache.texts(elsewhere, ["one", "three"], WIDTH, lambda texts: -embed_texts(texts))
    np.testing.assert_array_equal(got, -truth([3, 5]))


def test_texts_whose_names_end_in_nothing_are_told_apart(cache):
    """A sha256 may end in a zero byte, which numpy's texts drop."""
    ending = [str(n) for n in range(2000) if hashlib.sha256(str(n).encode()).digest()[-1] == 0]
    assert len(ending) == 3
    for compute in (embed_numbers, never):
        np.testing.assert_array_equal(cache.texts(KEY, ending, WIDTH, compute), truth([int(n) for n in ending]))


def _embed_words(root, gate, first):
    gate.wait()
    cache = FeatureCache(root, BIG)
    for n in range(first, first + 30):
        cache.texts(KEY, ["x" * n, "x" * (n + 1)], WIDTH, embed_texts)


def test_two_processes_may_add_texts_at_once(cache):
    gate = FORK.Barrier(2)
    children = [FORK.Process(target=_embed_words, args=(cache._root, gate, first)) for first in (0, 15)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    texts = ["x" * n for n in range(46)]
    np.testing.assert_array_equal(cache.texts(KEY, texts, WIDTH, never), truth(range(46)))


def test_no_space_for_texts_keeps_the_earlier_ones(cache, monkeypatch):
    cache.texts(KEY, ["one"], WIDTH, embed_texts)
    whole = the_texts(cache).read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreFull):
            cache.texts(KEY, ["three"], WIDTH, embed_texts)
    assert the_texts(cache).read_bytes() == whole
    np.testing.assert_array_equal(cache.texts(KEY, ["one"], WIDTH, never), truth([3]))


# -- speed -------------------------------------------------------------------------------------------------------------


def test_a_warm_read_of_a_whole_demo_takes_milliseconds(cache):
    """4,000 x 128 is the demo's training set: a few ms on an idle machine, with room for a busy one."""
    values = np.random.default_rng(0).normal(size=(4000, 128)).astype(np.float32)
    rows = np.arange(4000)
    cache.features(KEY, 4000, 128, rows, lambda r: values[r])

    def seconds():
        start = time.perf_counter()
        result = cache.features(KEY, 4000, 128, rows, never)
        taken = time.perf_counter() - start
        np.testing.assert_array_equal(result, values)
        return taken

    assert min(seconds() for _ in range(5)) < 0.05


def test_the_cache_needs_no_torch():
    code = "import engine.backbone.cache, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
