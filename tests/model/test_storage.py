"""Snapshots on disk: exact, complete or not at all."""

import errno
import os
import shutil
import subprocess
from dataclasses import replace

import pytest
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.errors import StoreDamaged, StoreFull, StoreReadOnly
from engine.model.container import read, write
from engine.model.covariances.full import FullCovariances, no_covariances
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.model.storage import load, save

WIDTH = 6


def snapshot(task, covariances=True):
    """Two classes and three concepts per task, everything random; the classes of earlier tasks stay the same."""
    seen, concepts = 2 * (task + 1), 3 * (task + 1)
    draw = torch.Generator().manual_seed(1)
    spread = torch.randn(20, WIDTH, WIDTH, generator=draw)[:seen]
    classes = ClassStatistics(
        torch.randn(20, WIDTH, generator=draw)[:seen],
        FullCovariances(spread) if covariances else no_covariances(seen),
        torch.randn(20, WIDTH, generator=draw)[:seen],
    )
    bank = ConceptBank(
        tuple(Concept(f"a <b>Schnabel</b> № {k}", "bill", k // 3, k, k if k % 2 else None) for k in range(concepts)),
        torch.randn(concepts, WIDTH, generator=draw),
    )
    later = torch.Generator().manual_seed(task)
    return Snapshot(
        task,
        tuple(range(10, 10 + seen)),
        bank,
        torch.randn(concepts, WIDTH, generator=later),
        torch.randn(seen, concepts, generator=later),
        torch.randn(seen, generator=later),
        classes,
    )


def tensors(s):
    kept = s.classes
    return s.bank.embeddings, s.bottleneck, s.head, s.bias, kept.means, *kept.covariances.tensors.values()


def same(a, b):
    pairs = zip((*tensors(a), a.classes.texts), (*tensors(b), b.classes.texts), strict=True)
    described = (a.task, a.class_ids, a.bank.concepts) == (b.task, b.class_ids, b.bank.concepts)
    return described and all(x.dtype == y.dtype and torch.equal(x, y) for x, y in pairs)


@pytest.mark.parametrize("covariances", [True, False])
def test_every_task_comes_back_bit_for_bit(tmp_path, covariances):
    for task in range(3):
        save(tmp_path, snapshot(task, covariances))
    for task in range(3):
        assert same(load(tmp_path, task), snapshot(task, covariances))


def test_statistics_of_a_class_are_stored_once(tmp_path):
    for task in range(4):
        save(tmp_path, snapshot(task))
    sizes = {p.stat().st_size for p in tmp_path.glob("classes-*")}
    assert len(list(tmp_path.glob("classes-*"))) == 4 and max(sizes) - min(sizes) < 64


@pytest.mark.parametrize("covariances", [True, False])
def test_statistics_that_are_carried_along_are_each_tasks_own(tmp_path, covariances):
    def moved(task):
        one = snapshot(task, covariances)
        kept = one.classes
        spread = FullCovariances(kept.covariances.covariances * (task + 1))
        return replace(one, classes=ClassStatistics(kept.means + task, spread, kept.texts))

    for task in range(3):
        save(tmp_path, moved(task), carried=True)
    for task in range(3):
        assert same(load(tmp_path, task), moved(task))


def test_carried_statistics_of_other_classes_are_refused(tmp_path):
    save(tmp_path, snapshot(0), carried=True)
    save(tmp_path, snapshot(1), carried=True)
    save(tmp_path / "other", snapshot(0))
    save(tmp_path / "other", snapshot(1))
    save(tmp_path / "other", snapshot(2), carried=True)
    contents = read(tmp_path / "other" / "classes-2.safetensors")
    arrays = {name: array[:3] for name, array in contents.arrays.items()}
    save(tmp_path, snapshot(2), carried=True)
    write(tmp_path / "classes-2.safetensors", arrays, {"class_ids": contents.described["class_ids"]})
    model = read(tmp_path / "model-2.safetensors")
    digests = [*model.described["classes"][:2], read(tmp_path / "classes-2.safetensors").digest]
    write(tmp_path / "model-2.safetensors", model.arrays, {**model.described, "classes": digests})
    with pytest.raises(StoreDamaged, match="another number of classes"):
        load(tmp_path, 2)


def test_tensors_that_share_memory_are_saved(tmp_path):
    one = snapshot(0)
    shared = Snapshot(0, one.class_ids, one.bank, one.bank.embeddings, one.head, one.bias, one.classes)
    save(tmp_path, shared)
    assert same(load(tmp_path, 0), shared)


@pytest.mark.parametrize("name", ["model-1.safetensors", "classes-0.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "altered", "empty", "pickle"])
def test_damage_is_reported_with_the_files_name(tmp_path, name, damage):
    for task in range(2):
        save(tmp_path, snapshot(task))
    path = tmp_path / name
    data = path.read_bytes()
    changed = {
        "truncated": data[:-5],
        "altered": data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
        "empty": b"",
        "pickle": b"\x80\x04\x95" + b"x" * 300,
    }
    path.unlink() if damage == "missing" else path.write_bytes(changed[damage])
    with pytest.raises(StoreDamaged, match=name):
        load(tmp_path, 1)


def test_classes_of_another_run_are_refused(tmp_path):
    save(tmp_path, snapshot(0))
    other = snapshot(0)
    save(tmp_path / "other", Snapshot(0, (7, 8), *(getattr(other, f) for f in Snapshot.__slots__[2:])))
    shutil.copy(tmp_path / "other" / "classes-0.safetensors", tmp_path)
    with pytest.raises(StoreDamaged, match="classes-0"):
        load(tmp_path, 0)


@pytest.mark.parametrize(("number", "raised"), [(errno.ENOSPC, StoreFull), (errno.EROFS, StoreReadOnly)])
def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch, number, raised):
    save(tmp_path, snapshot(0))
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def fail(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(raised, match="classes-1"):
        save(tmp_path, snapshot(1))
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_really_full_disk(tmp_path):
    """On a tmpfs of 64 KiB, where one can be mounted."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no permission to mount a tmpfs")
    try:
        save(tmp_path, snapshot(0))
        (tmp_path / "filler").write_bytes(b"x" * (40 * 1024))
        with pytest.raises(StoreFull):
            for task in range(1, 9):
                save(tmp_path, snapshot(task))
        assert not list(tmp_path.glob(".*"))
        assert same(load(tmp_path, 0), snapshot(0))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
