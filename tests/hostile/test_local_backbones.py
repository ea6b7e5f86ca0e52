"""Folders that claim to hold a CLIP and come from anybody: each is refused with words, soon, and without much memory.

Every case changes one thing of a sound model. A case that hangs would be seen by its time limit, so what could hang
(pipes, devices) is opened here in the same process that everybody else uses.
"""

import json
import os
import signal
import struct
from inspect import signature

import pytest

from engine.backbone.clip import load_backbone
from engine.backbone.presets import CONFIG_FILE, VOCABULARY_FILE, WEIGHTS_FILE, identify, vocabulary_of
from engine.errors import BadParameter, MissingWeights

SECONDS = 20
"""A case takes hundredths of one; on a busy machine a few."""
DEEP = 100_000


@pytest.fixture(autouse=True)
def soon():
    """End a case that hangs."""

    def late(*_):
        raise TimeoutError(f"not refused within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def sound(additive_folder, tmp_path):
    """A folder of its own with the sound model: the weights are the same file."""
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        os.link(additive_folder / name, tmp_path / name)
    return tmp_path


def refused(folder, *words):
    with pytest.raises(MissingWeights) as told:
        load_backbone(f"local-dir:{folder}")
    said = str(told.value)
    assert str(folder) in said and all(word in said for word in words), said
    assert len(said) < 1000
    return told.value


def put(path, content):
    """A new file in the place of the old, which others share."""
    path.unlink(missing_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def header(value, data=b""):
    """A weights file with this header."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(**changes):
    """The header of one tensor of two float32, with something else."""
    return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


HEADERS = {
    "empty file": b"",
    "three bytes": b"\x01\x02\x03",
    "length only": struct.pack("<Q", 8),
    "length beyond the file": struct.pack("<Q", 2**40) + b"{}",
    "length beyond 64 bits of sense": b"\xff" * 64,
    "pickle": b"\x80\x04\x95" + b"\0" * 100,
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "list": header([]),
    "list of tensors": header([{"a": 1}]),
    "number": header(b"17"),
    "null": header(b"null"),
    "text": header(b'"tensors"'),
    "no tensor": header({}),
    "metadata alone": header({"__metadata__": {"a": "b"}}),
    "metadata a list": header({**tensor(), "__metadata__": []}, b"\0" * 8),
    "metadata of numbers": header({**tensor(), "__metadata__": {"a": 1}}, b"\0" * 8),
    "infinite": header(b'{"a": Infinity}'),
    "too large a number": header(b'{"a": 1e999}'),
    "not a number": header(b'{"a": {"dtype": "F32", "shape": [NaN], "data_offsets": [0, 8]}}'),
    "digits without end": header(b'{"a": ' + b"9" * 5000 + b"}"),
    "deep": header(b"[" * DEEP + b"]" * DEEP),
    "deep tensor": header(b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "cut JSON": header(b'{"a": {"dtype": "F3'),
    "not UTF-8": header(b'{"\xff": 1}'),
    "half a character": header(b'{"\\ud800": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}', b"\0" * 8),
    "a name twice": header(b'{"a": 1, "a": 2}'),
    "tensor a number": header({"a": 1}),
    "tensor null": header({"a": None}),
    "tensor a list": header({"a": [0, 8]}),
    "offsets missing": header({"a": {"dtype": "F32", "shape": [2]}}, b"\0" * 8),
    "offsets text": header(tensor(data_offsets="0,8"), b"\0" * 8),
    "offsets of text": header(tensor(data_offsets=["0", "8"]), b"\0" * 8),
    "offsets nested": header(tensor(data_offsets=[[0], [8]]), b"\0" * 8),
    "offsets empty": header(tensor(data_offsets=[]), b"\0" * 8),
    "offsets three": header(tensor(data_offsets=[0, 8, 8]), b"\0" * 8),
    "offsets negative": header(tensor(data_offsets=[-8, 0]), b"\0" * 8),
    "offsets backwards": header(tensor(data_offsets=[8, 0]), b"\0" * 8),
    "offsets fractions": header(tensor(data_offsets=[0.0, 8.5]), b"\0" * 8),
    "offsets huge": header(tensor(data_offsets=[0, 2**59]), b"\0" * 8),
    "a gap": header(tensor(data_offsets=[4, 12]), b"\0" * 12),
    "overlap": header({**tensor(), "b": tensor()["a"]}, b"\0" * 8),
    "shape true": header(tensor(shape=True), b"\0" * 8),
    "shape of text": header(tensor(shape=["2"]), b"\0" * 8),
    "shape negative": header(tensor(shape=[-2]), b"\0" * 8),
    "shape too long": header(tensor(shape=[1] * 100), b"\0" * 8),
    "shape that does not fit": header(tensor(shape=[3]), b"\0" * 8),
    "shape huge": header(tensor(shape=[2**50, 2**50]), b"\0" * 8),
    "type unknown": header(tensor(dtype="F33"), b"\0" * 8),
    "type a number": header(tensor(dtype=32), b"\0" * 8),
    "more bytes than tensors": header(tensor(), b"\0" * 9),
    "unknown field": header(tensor(code="x"), b"\0" * 8),
    "another model's tensors": header(tensor(), b"\0" * 8),
}


@pytest.mark.parametrize("case", HEADERS)
def test_weights_that_are_none(sound, case):
    put(sound / WEIGHTS_FILE, HEADERS[case])
    refused(sound)


TEXTS = {
    "empty": "",
    "no JSON": "{",
    "list": "[]",
    "null": "null",
    "number": "1",
    "no model": "{}",
    "model a list": '{"model_cfg": []}',
    "infinite": '{"model_cfg": Infinity}',
    "deep": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "not UTF-8": b'{"\xff": 1}',
    "UTF-16": '{"model_cfg": {}}'.encode("utf-16"),
    "a name twice": '{"model_cfg": {}, "model_cfg": {}}',
    "too large": " " * (16 * 2**20 + 1),
}


@pytest.mark.parametrize("case", TEXTS)
def test_configs_that_are_none(sound, case):
    put(sound / CONFIG_FILE, TEXTS[case])
    refused(sound, CONFIG_FILE)


VALUES = [  # where in the config, what stands there, and what the answer names
    ("model_cfg.embed_dim", 0),
    ("model_cfg.embed_dim", -32),
    ("model_cfg.embed_dim", "32"),
    ("model_cfg.embed_dim", 32.5),
    ("model_cfg.embed_dim", True),
    ("model_cfg.embed_dim", 10**9),
    ("model_cfg.surprise", 1),
    ("model_cfg.vision_cfg", None),
    ("model_cfg.vision_cfg.surprise", 1),
    ("model_cfg.vision_cfg.patch_size", 0),
    ("model_cfg.vision_cfg.patch_size", -12),
    ("model_cfg.vision_cfg.patch_size", None),
    ("model_cfg.vision_cfg.patch_size", 25),
    ("model_cfg.vision_cfg.image_size", 0),
    ("model_cfg.vision_cfg.image_size", 10**9),
    ("model_cfg.vision_cfg.image_size", [24, 36]),
    ("model_cfg.vision_cfg.image_size", [24]),
    ("model_cfg.vision_cfg.image_size", 1020),
    ("model_cfg.vision_cfg.layers", 0),
    ("model_cfg.vision_cfg.layers", 10**6),
    ("model_cfg.vision_cfg.layers", [1, 1]),
    ("model_cfg.vision_cfg.width", 10**9),
    ("model_cfg.vision_cfg.width", 33),
    ("model_cfg.vision_cfg.head_width", 0),
    ("model_cfg.vision_cfg.mlp_ratio", 10**9),
    ("model_cfg.vision_cfg.patch_dropout", 1.0),
    ("model_cfg.vision_cfg.pool_type", "magic"),
    ("model_cfg.vision_cfg.norm_kwargs", {"eps": 0}),
    ("model_cfg.vision_cfg.act_kwargs", {"code": "x"}),
    ("model_cfg.vision_cfg.timm_model_name", "local-dir:/tmp"),
    ("model_cfg.vision_cfg.timm_model_pretrained", True),
    ("model_cfg.text_cfg", []),
    ("model_cfg.text_cfg.vocab_size", 10**9),
    ("model_cfg.text_cfg.vocab_size", 0),
    ("model_cfg.text_cfg.context_length", 10**6),
    ("model_cfg.text_cfg.context_length", 0),
    ("model_cfg.text_cfg.heads", 0),
    ("model_cfg.text_cfg.heads", 5),
    ("model_cfg.text_cfg.hf_model_name", "../../etc"),
    ("model_cfg.text_cfg.hf_tokenizer_name", "/etc/passwd"),
    ("model_cfg.text_cfg.tokenizer_kwargs", {"trust_remote_code": True}),
    ("preprocess_cfg", []),
    ("preprocess_cfg.surprise", 1),
    ("preprocess_cfg.mean", [0.5]),
    ("preprocess_cfg.mean", 0.5),
    ("preprocess_cfg.mean", [0.5, 0.5, "0.5"]),
    ("preprocess_cfg.mean", [1e30, 0.5, 0.5]),
    ("preprocess_cfg.std", [0.0, 0.5, 0.5]),
    ("preprocess_cfg.std", [-0.5, 0.5, 0.5]),
    ("preprocess_cfg.std", [0.5, 0.5, 0.5, 0.5]),
    ("preprocess_cfg.std", []),
    ("preprocess_cfg.mode", "CMYK"),
    ("preprocess_cfg.interpolation", "magic"),
    ("preprocess_cfg.resize_mode", 3),
    ("preprocess_cfg.fill_color", 10**9),
]


def changed(folder, place, value):
    config = json.loads((folder / CONFIG_FILE).read_text())
    *above, last = place.split(".")
    inner = config
    for name in above:
        inner = inner[name]
    inner[last] = value
    put(folder / CONFIG_FILE, json.dumps(config))


@pytest.mark.parametrize(("place", "value"), VALUES, ids=str)
def test_values_that_no_model_has(sound, place, value):
    changed(sound, place, value)
    refused(sound, CONFIG_FILE, place.rpartition(".")[0] or place)
    with pytest.raises(MissingWeights):  # also for those who load nothing
        identify(f"local-dir:{sound}")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("model_cfg.text_cfg.vocab_size", 2_000_000),
        ("model_cfg.text_cfg.width", 4096),
        ("model_cfg.vision_cfg.width", 4096),
    ],
)
def test_a_model_much_larger_than_its_weights_is_never_built(sound, place, value, monkeypatch):
    import open_clip

    monkeypatch.setattr(open_clip, "create_model", lambda *_: pytest.fail("it was built"))
    changed(sound, place, value)
    refused(sound, CONFIG_FILE, "numbers")


@pytest.mark.parametrize(
    ("place", "value"),
    [("model_cfg.embed_dim", 64), ("model_cfg.vision_cfg.layers", 2), ("model_cfg.text_cfg.vocab_size", 9)],
)
def test_a_model_of_another_shape_than_its_weights(sound, place, value):
    changed(sound, place, value)
    refused(sound, "do not fit")


@pytest.mark.parametrize("name", [CONFIG_FILE, WEIGHTS_FILE, VOCABULARY_FILE, "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_pipes_and_devices_are_not_opened(sound, name, kind):
    import socket

    (sound / name).unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(sound / name)
    elif kind == "device":
        (sound / name).symlink_to("/dev/zero")
    else:
        bound = socket.socket(socket.AF_UNIX)
        place = os.open(sound, os.O_RDONLY)  # a socket's path must be short
        bound.bind(f"/proc/self/fd/{place}/{name}")
        bound.close()
        os.close(place)
    refused(sound, name, "pipe or a device")


@pytest.mark.parametrize("name", [CONFIG_FILE, WEIGHTS_FILE])
def test_folders_and_links_to_nothing_where_files_belong(sound, name):
    (sound / name).unlink()
    (sound / name).mkdir()
    refused(sound, name)
    (sound / name).rmdir()
    (sound / name).symlink_to(sound / "nowhere")
    refused(sound, name)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * (16 * 2**20 + 1)], ids=["folder", "not UTF-8", "large"])
def test_a_list_of_words_that_is_none(sound, content):
    path = sound / VOCABULARY_FILE
    path.mkdir() if content is None else path.write_bytes(content)
    refused(sound, VOCABULARY_FILE)
    with pytest.raises(MissingWeights, match="no list of words"):
        vocabulary_of(f"local-dir:{sound}")


@pytest.mark.parametrize("place", ["", "  ", "a\0b", "\udce9", "~nobody-of-this-name/x"])
def test_folders_that_can_be_none(place):
    with pytest.raises(BadParameter, match="backbone local-dir:"):
        load_backbone(f"local-dir:{place}")


@pytest.mark.parametrize("folder", ["/proc", "/dev", "/dev/zero", "/nowhere"])
def test_folders_that_hold_no_model(folder):
    refused(folder)


def test_weights_that_change_while_they_are_read(sound, monkeypatch):
    import open_clip

    create = open_clip.create_model

    def swapping(*given):
        model = create(*given)
        put(sound / WEIGHTS_FILE, (sound / WEIGHTS_FILE).read_bytes())
        return model

    monkeypatch.setattr(open_clip, "create_model", swapping)
    refused(sound, "changed while they were read")


def test_weights_that_were_replaced_since_features_were_looked_up(sound, tmp_path_factory):
    """Else their features would be kept under the name of the old ones."""
    from engine.data.aviary.world import Aviary
    from engine.training.embedder import Embedder

    birds = Aviary(species=2, train_per_class=4, test_per_class=1)
    given = {name: value for name, value in {"reopen": None}.items() if name in signature(Embedder).parameters}
    embedder = Embedder(f"local-dir:{sound}", birds, cache=tmp_path_factory.mktemp("cache"), helpers=0, **given)
    changed(sound, "preprocess_cfg.std", [0.25, 0.25, 0.25])
    with pytest.raises(MissingWeights, match="replaced meanwhile"):
        embedder.texts(["red crown"])


def test_a_folder_asks_nobody_on_the_network(sound, monkeypatch):
    """A config may name a tokenizer of the hub; its folder does not hold it."""
    changed(sound, "model_cfg.text_cfg.hf_tokenizer_name", "bert-base-uncased")
    backbone = load_backbone(f"local-dir:{sound}")
    with pytest.raises(MissingWeights):
        backbone.embed_texts(["red crown"])


def test_the_sound_model_itself_is_taken(sound):
    assert load_backbone(f"local-dir:{sound}").width == 32
    assert load_backbone(f"local-dir:{sound}").digest == identify(f"local-dir:{sound}").digest


def test_every_config_that_open_clip_ships_is_taken():
    import open_clip

    from engine.backbone.declared import Declared
    from engine.structures import checked

    for name in open_clip.list_models():
        checked(Declared, {"model_cfg": open_clip.get_model_config(name)})
    assert len(open_clip.list_models()) > 100


def test_every_field_that_open_clip_knows_is_declared():
    """A newer open_clip with more of them fails here, not on somebody's model."""
    from dataclasses import fields

    from open_clip.coca_model import MultimodalCfg
    from open_clip.model import CLIPTextCfg, CLIPVisionCfg
    from open_clip.transform import PreprocessCfg

    from engine.backbone import declared

    pairs = {
        CLIPVisionCfg: declared.Vision,
        CLIPTextCfg: declared.Text,
        MultimodalCfg: declared.Multimodal,
        PreprocessCfg: declared.Preprocessing,
    }
    for theirs, ours in pairs.items():
        assert {field.name for field in fields(theirs)} == set(ours.model_fields), ours
