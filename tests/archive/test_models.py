"""Models that cannot be opened, or are not the run's, are refused."""

import hashlib
import json
import os
import pickle
import struct

import pytest
import safetensors.torch
import torch

from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
from tests.archive.forge import (
    TRAPPED,
    Trap,
    changed,
    contents,
    replaced,
)

MODEL = "snapshots/model-1.safetensors"


@pytest.fixture
def bound(archive):
    """The archive as it was made: every task names the digest of its model."""
    return archive


@pytest.fixture(name="archive")
def _unbound(archive):
    """The archive as an older Plumage would have made it, so that a forged model is opened and not just refused."""
    lines = [json.loads(line) for line in contents(archive)["tasks.jsonl"].splitlines()]
    told = "".join(json.dumps({**line, "snapshot": ""}) + "\n" for line in lines)
    return replaced(archive, **{"tasks.jsonl": told.encode()})


def test_a_model_that_is_not_the_one_its_task_names_is_refused(bound, refused):
    forged = resaved(contents(bound)[MODEL], put("head", lambda head: head + 1))
    refused(replaced(bound, **{MODEL: forged}), "not the file that was written here")


def resaved(data: bytes, change) -> bytes:
    """A model file with other tensors, its own digest right again."""
    tensors = safetensors.torch.load(data)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    described = json.loads(header["plumage"])
    change(tensors, described)
    return saved(tensors, json.dumps(described))


def saved(tensors, text: str) -> bytes:
    """A model file of any content, its own digest right."""
    sha = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        sha.update(f"{name}{tuple(tensors[name].shape)}".encode() + tensors[name].numpy().tobytes())
    return safetensors.torch.save(tensors, {"plumage": text, "digest": sha.hexdigest()})


def put(name, value):
    return lambda tensors, described: tensors.__setitem__(name, value(tensors[name]))


def say(name, value):
    return lambda tensors, described: described.__setitem__(name, value(described[name]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (put("head", lambda x: x[:, 1:].contiguous()), "do not fit together"),
        (put("head", lambda x: x.double()), "of float64 instead of 2 of float32"),
        (put("bias", lambda x: x * torch.nan), "no training leaves"),
        (put("embeddings", lambda x: x[:, 1:].contiguous()), "no training leaves"),
        (say("class_ids", lambda ids: ids[::-1]), "not those of the model|not those the run"),
        (say("concepts", lambda known: [["words", *c[1:]] for c in known]), "not those that were measured"),
        (say("concepts", lambda known: [[c[0], 7, *c[2:]] for c in known]), "should be a valid string, not 7"),
        (say("concepts", lambda known: [[*c[:2], 10**6, *c[3:]] for c in known]), "is of no task or class that it has"),
        (say("concepts", lambda known: 7), "do not fit together"),
        (say("format", lambda number: 6), "newer Plumage"),
    ],
)
def test_models_that_are_not_the_runs(refused, archive, change, reason):
    refused(replaced(archive, **{MODEL: resaved(contents(archive)[MODEL], change)}), reason)


def test_covariances_in_another_form_than_the_run_keeps_them(refused, archive):
    config = json.loads(contents(archive)["config.json"])
    told = json.dumps({**config, "class_covariances": "low_rank"}).encode()
    refused(replaced(archive, **{"config.json": told}), "have the form full, and the run keeps them low_rank")


@pytest.mark.parametrize("data", [b"", b"\xff" * 64, pickle.dumps(Trap()), struct.pack("<Q", 2**60) + b"{}"])
def test_models_that_are_none(refused, archive, data):
    refused(replaced(archive, **{MODEL: data}), "cut short or was altered")
    assert not os.path.exists(TRAPPED)


@pytest.mark.parametrize("file", [MODEL, "snapshots/classes-1.safetensors"])
@pytest.mark.parametrize(
    "change", ["0-d", "an axis more", "wider", "longer", "none", "infinite ids", "huge ids", "text"]
)
def test_tensors_and_ids_that_are_none(refused, archive, file, change):
    data = contents(archive)[file]
    for name in safetensors.torch.load(data):
        odd = {
            "0-d": put(name, lambda x: x.flatten()[0].clone()),
            "an axis more": put(name, lambda x: x[None]),
            "wider": put(name, lambda x: torch.cat([x, x], -1)),
            "longer": put(name, lambda x: torch.cat([x, x])),
            "none": lambda tensors, described, name=name: tensors.pop(name),
            "infinite ids": say("class_ids", lambda ids: [float("inf"), *ids[1:]]),
            "huge ids": say("class_ids", lambda ids: [10**30, *ids[1:]]),
            "text": say("class_ids", lambda ids: ["a", *ids[1:]]),
        }[change]
        error = refused(replaced(archive, **{file: resaved(data, odd)}), r"\w")
        assert "snapshots/" in error.given


@pytest.mark.parametrize("file", [MODEL, "snapshots/classes-1.safetensors"])
def test_json_without_end_in_the_headers(refused, archive, file):
    deep = "[" * 100_000 + "]" * 100_000
    tensors = safetensors.torch.load(contents(archive)[file])
    refused(replaced(archive, **{file: saved(tensors, deep)}), "cut short or was altered")
    header = f'{{"__metadata__": {{"plumage": "{{}}", "digest": ""}}, "x": {deep}}}'.encode()
    refused(replaced(archive, **{file: struct.pack("<Q", len(header)) + header}), "cut short or was altered")


def test_a_model_of_another_task(refused, archive):
    refused(
        replaced(archive, **{MODEL: contents(archive)["snapshots/model-2.safetensors"]}),
        "not the file that was written here",
    )


def test_models_too_many(refused, archive):
    extra = {"snapshots/model-3.safetensors": contents(archive)["snapshots/model-2.safetensors"]}
    refused(replaced(archive, **extra), "no such model")
    refused(replaced(archive, **{"towers/task-00/open_clip_config.json": b"{}"}), "no such model")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"model_cfg": {"text_cfg": {"hf_model_name": "somebody/else"}}}, "load a model of others"),
        ({"model_cfg": {"vision_cfg": {"timm_model_name": "x", "image_size": 24}}}, "load a model of others"),
        ({"preprocess_cfg": None}, "not an open_clip config"),
    ],
)
def test_hardened_backbones_that_reach_out(refused, archive, additive_folder, config, reason):
    folder = additive_folder
    known = json.loads((folder / CONFIG_FILE).read_text())
    parts = {key: {**known["model_cfg"][key], **value} for key, value in config.get("model_cfg", {}).items()}
    odd = {**known, "model_cfg": {**known["model_cfg"], **parts}} if parts else config
    config_file, weights = json.dumps(odd).encode(), (folder / WEIGHTS_FILE).read_bytes()
    towers = {f"towers/task-{task:02d}/{WEIGHTS_FILE}": weights for task in range(3)}
    towers |= {f"towers/task-{task:02d}/{CONFIG_FILE}": config_file for task in range(3)}
    refused(replaced(changed(archive, file="config.json", hardening="tga"), **towers), reason)


def test_a_hardened_run_without_its_backbones(refused, archive):
    refused(changed(archive, file="config.json", hardening="tga"), "towers/task-00.*it is missing")
