"""Embedding in shards: the rows that embedding directly gives, each shard made once, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow
import pytest
import torch
from pyarrow import parquet

from engine.__main__ import main
from engine.data.images import read_image
from engine.embedding.places import Processes
from engine.errors import BadImage, BadInput, NotApplicable, StoreFull
from engine.runs.config import configure
from tests.data.made import folder_files, png, tarred, write, zipped
from tests.disks import disk, fill, needs_root
from tests.engine.arrows import ROOT


def opened(root):
    return configure(None, {"data": f"parquet:{root}", "increment": "1"}).source.open()


def files_of(root):
    return {path.name: path.read_bytes() for path in root.iterdir() if path.suffix != ".lock"}


def directly(embed, folder, split):
    """What the backbone makes of the pictures of a split, each read by itself."""
    paths = sorted((folder / split).rglob("*.png"))
    pixels = np.stack([read_image(path, embed.backbone.image_size) for path in paths])
    return embed.backbone.embed_images(torch.from_numpy(pixels).permute(0, 3, 1, 2)).numpy()


def test_a_folder_becomes_data_to_train_on(pictures, embed):
    (pictures / "concepts.json").write_text(json.dumps({"gull": ["red crown", "nonsense word"], "tern": ["red crown"]}))
    made = embed(f"dir:{pictures}")
    assert made.orders == [0, 1, 2, 3] and (made.result.rows, made.result.made) == (10, 4)
    assert {path.name for path in made.root.glob("*.parquet")} == {f"shard-00000{n}.parquet" for n in range(4)}
    data = opened(made.root)
    assert data.class_names == ("gull", "tern") and not data.divided
    for split in ("train", "test"):
        rows = directly(embed, pictures, split)
        assert np.allclose(data.splits[split].vectors, rows, atol=1e-7)  # brought to unit length once more
        assert data.splits[split].labels.tolist() == sorted(data.splits[split].labels.tolist())
    table = pyarrow.concat_tables([parquet.read_table(path) for path in sorted(made.root.glob("*.parquet"))])
    kept = np.array(table.column("embedding").to_pylist(), np.float32)
    assert np.array_equal(kept, np.concatenate([directly(embed, pictures, split) for split in ("train", "test")]))
    assert table.column("image_path").to_pylist()[0] == "train/gull/0.png"
    assert [one.text for one in data.candidates(0)] == ["red crown", "nonsense word"]
    assert np.allclose(data.vectors.of(["gull"]), embed.backbone.embed_texts(["gull"]).numpy(), atol=1e-6)


def samples(split):
    files = {}
    for name, data in folder_files().items():
        part, label, number = name.split("/")
        if part == split:
            files |= {f"{label}-{number.replace('png', 'cls')}": label.encode(), f"{label}-{number}": data}
    return files


def archive(root):
    return f"zip:{zipped(root / 'pictures.zip', folder_files())}"


def shards(root):
    for split in ("train", "test"):
        (root / "wds" / split).mkdir(parents=True)
        tarred(root / "wds" / split / "0.tar", samples(split))
    return f"wds:{root / 'wds'}"


def hub(root):
    (root / "hub").mkdir()
    for split in ("train", "test"):
        inside = {name: data for name, data in folder_files().items() if name.startswith(split)}
        images = [{"bytes": data, "path": name} for name, data in inside.items()]
        table = pyarrow.table({"image": images, "label": [name.split("/")[1] for name in inside]})
        parquet.write_table(table, root / "hub" / f"{split}-00000-of-00001.parquet")
    return f"hf:{root / 'hub'}"


def table(root):
    lines = [f"{name},{name.split('/')[1]},{name.split('/')[0]}" for name in folder_files()]
    (write(root / "table", folder_files()) / "list.csv").write_text("\n".join(["path,label,split", *lines]))
    return f"csv:{root / 'table/list.csv'}"


@pytest.mark.parametrize("kind", [archive, shards, hub, table])
def test_every_kind_of_pictures_gives_the_same_rows(kind, pictures, embed, tmp_path):
    plain, made = opened(embed(f"dir:{pictures}", to="plain").root), opened(embed(kind(tmp_path)).root)
    assert made.class_names == plain.class_names
    for split in ("train", "test"):
        rows = [sorted(map(bytes, data.splits[split].vectors)) for data in (plain, made)]
        assert rows[0] == rows[1] and len(rows[0]) == (6 if split == "train" else 4)


@pytest.mark.parametrize("address", ["aviary", "npz:/nowhere.npz"])
def test_what_is_no_file_with_pixels_is_refused(address, tmp_path, capsys):
    assert main(["embed", address, "--to", str(tmp_path / "out")]) == 2
    assert "embedded already" in capsys.readouterr().err.replace("embeddings", "embedded")
    assert not (tmp_path / "out").exists()


def test_what_is_there_is_not_made_again_and_what_is_missing_is(pictures, embed):
    made = embed(f"dir:{pictures}")
    before = files_of(made.root)
    again = embed(f"dir:{pictures}")
    assert again.orders == [] and again.result.made == 0 and files_of(made.root) == before
    (made.root / "shard-000001.json").unlink()
    (made.root / "shard-000003.parquet").unlink()
    again = embed(f"dir:{pictures}")
    assert again.orders == [1, 3] and files_of(made.root) == before
    assert [*again.result.again] == [1, 3]


def test_damaged_and_exchanged_shards_are_named_and_made_again(pictures, embed):
    made = embed(f"dir:{pictures}")
    before = files_of(made.root)

    def flip(name, at):
        data = bytearray(before[name])
        data[at] ^= 1
        (made.root / name).write_bytes(data)

    flip("shard-000000.parquet", 100)
    (made.root / "shard-000001.parquet").write_bytes(before["shard-000001.parquet"][:-50])
    flip("shard-000002.json", before["shard-000002.json"].index(b'"rows"') + 8)
    for suffix in ("json", "parquet"):
        (made.root / f"shard-000003.{suffix}").write_bytes(before[f"shard-000000.{suffix}"])
    with pytest.raises(BadInput, match=r"has other bytes than were written"):
        opened(made.root)
    again = embed(f"dir:{pictures}")
    assert again.orders == [0, 1, 2, 3] and files_of(made.root) == before
    assert "its bytes are others" in again.result.again[0] and "shard 0 under another name" in again.result.again[3]
    assert "checksum" in again.result.again[2] or "JSON" in again.result.again[2]
    flip("embedding.json", 300)
    with pytest.raises(BadInput, match=r"embedding.json: it is damaged"):
        opened(made.root)
    assert embed(f"dir:{pictures}").orders == [] and files_of(made.root) == before


def test_half_a_folder_is_no_data(pictures, embed, in_turn):
    class Stops(in_turn):
        def begin(self, order):
            if order.number == 2:
                raise KeyboardInterrupt
            super().begin(order)

    with pytest.raises(KeyboardInterrupt):
        embed(f"dir:{pictures}", place=Stops())
    with pytest.raises(BadInput, match=r"it is not finished: 2 of 4 shards are there"):
        opened(pictures.parent / "out")
    assert embed(f"dir:{pictures}").orders == [2, 3]


def test_other_pictures_backbones_and_sizes_are_refused_before_anything_is_done(
    pictures, embed, backbone, class_token_folder
):
    made = embed(f"dir:{pictures}")
    before = files_of(made.root)
    (made.root / "embedding.json").unlink()  # every shard says by itself what it is of
    for changes, words in (
        ({"backbone": f"local-dir:{class_token_folder}"}, "another backbone"),
        ({"size": 4}, "shards of 3 pictures, and not of 4"),
    ):
        with pytest.raises(NotApplicable, match=words):
            embed(f"dir:{pictures}", **changes)
    (pictures / "train/tern/1.png").write_bytes(png(1, 2, 3))
    with pytest.raises(NotApplicable, match=r"other pictures .those at places 3 to 5, of shard 1, differ"):
        embed(f"dir:{pictures}")
    (pictures / "train/tern/3.png").write_bytes(png(1, 2, 4))
    with pytest.raises(NotApplicable, match=r"other pictures .10, and these are 11"):
        embed(f"dir:{pictures}")
    assert files_of(made.root) == {name: data for name, data in before.items() if name != "embedding.json"}


def test_a_folder_with_other_things_in_it_is_refused(pictures, embed, tmp_path):
    write(tmp_path / "out", {"thesis.doc": b"mine"})
    with pytest.raises(NotApplicable, match=r"other files in it .thesis.doc"):
        embed(f"dir:{pictures}")


def broken(size=300):
    """A picture whose header and end are sound and whose pixels are not."""
    import io

    from PIL import Image

    data = io.BytesIO()
    Image.effect_noise((96, 96), 90).convert("RGB").save(data, "WEBP", lossless=True)
    whole = data.getvalue()
    return whole[:60] + bytes(len(whole) - 60)


def test_pictures_that_cannot_be_read_have_no_row_and_are_listed(pictures, embed):
    (pictures / "train/gull/8.png").write_bytes(b"no picture")
    (pictures / "train/gull/9.webp").write_bytes(broken())
    with pytest.raises(BadImage, match=r"8.png: it is not an image.*at most 1.0% of 12 may be left out"):
        embed(f"dir:{pictures}")
    with pytest.raises(BadImage, match=r"2 files in .*9.webp: it is cut short or damaged"):
        embed(f"dir:{pictures}", most_left_out=0.1)
    made = embed(f"dir:{pictures}", most_left_out=0.5)
    assert made.result.rows == 10 and len(opened(made.root).splits["train"].labels) == 6
    assert [name for name, _ in made.result.left_out] == ["train/gull/8.png", "train/gull/9.webp"]
    told = json.loads((made.root / "shard-000001.json").read_text())["manifest"]["left_out"]
    assert told == [["train/gull/9.webp", "it is cut short or damaged"]]
    assert embed(f"dir:{pictures}", most_left_out=0.5).orders == []
    alone = embed(f"dir:{pictures}", most_left_out=0.5, size=1, to="alone")  # a shard without a row
    assert alone.result.rows == 10 and len(opened(alone.root).splits["train"].labels) == 6


def test_names_that_are_no_text_are_written_down_as_far_as_they_can(pictures, embed):
    os.rename(os.fsencode(pictures / "test/gull/0.png"), os.fsencode(pictures / "test/gull") + b"/\xff.png")
    made = embed(f"dir:{pictures}", place=Processes(1))
    names = pyarrow.concat_tables(map(parquet.read_table, sorted(made.root.glob("*.parquet")))).column("image_path")
    assert "test/gull/\\xff.png" in names.to_pylist() and len(opened(made.root).splits["test"].labels) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--size", "0"], "size = 0"),
        (["--size", "many"], "size"),
        (["--jobs", "-1"], "jobs"),
        (["--prompt", "a bird"], "it must hold {}"),
        (["--backbone", "given"], "embeddings that are there already"),
        (["--need", "memory=2"], "Say --on too"),
        (["--set", "colour=red"], "colour"),
        (["--to", "{pictures}/out"], "it lies among the pictures"),
        (["--to", "{pictures}/train/gull/0.png"], "not a folder"),
    ],
)
def test_bad_words_are_refused_and_nothing_is_made(words, said, pictures, tmp_path, capsys):
    given = [word.format(pictures=pictures) for word in words]
    to = [] if "--to" in words else ["--to", str(tmp_path / "out")]
    assert main(["embed", f"dir:{pictures}", *to, *given]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists() and not (pictures / "out").exists()


def test_a_picture_that_changes_meanwhile_ends_it(pictures, embed, in_turn):
    class Changes(in_turn):
        def begin(self, order):
            (pictures / "test/tern/1.png").write_bytes(png(7, 7, 7))
            super().begin(order)

    with pytest.raises(BadImage, match=r"has changed since the folder was opened"):
        embed(f"dir:{pictures}", place=Changes())
    assert sorted(path.name for path in (pictures.parent / "out").glob("*.json")) == [
        "embedding.json",
        *(f"shard-00000{n}.json" for n in range(3)),
    ]


def test_rows_that_cannot_be_right_are_not_kept(pictures, embed, in_turn):
    spoilt = {
        "numbers came back": lambda made: replace(made, rows=made.rows[:-1]),
        "length 1": lambda made: replace(made, rows=made.rows * 2),
        "not finite": lambda made: replace(made, rows=made.rows * np.nan),
        "are needed": lambda made: replace(made, left_out=((99, "gone"),)),
    }
    for words, spoil in spoilt.items():
        with pytest.raises(NotApplicable, match=words):
            embed(f"dir:{pictures}", place=in_turn(spoil=spoil))
    assert not [*(pictures.parent / "out").glob("*.parquet")]


def test_two_at_once_the_second_is_refused(pictures, embed):
    heard = []

    def listen(step):
        if not heard:
            with pytest.raises(NotApplicable, match=r"another process embeds into it at this moment"):
                embed(f"dir:{pictures}")
        heard.append(step)

    assert embed(f"dir:{pictures}", listen=listen).orders == [0, 1, 2, 3]
    assert heard[-1].done == heard[-1].total == 10 and heard[-1].word.startswith("4 of 4 shards, ")


@needs_root
def test_a_full_disk_keeps_what_is_there(pictures, embed, tmp_path):
    with disk(tmp_path / "out", "2m") as place:
        filler = []

        def listen(step):
            if step.done == 6 and not filler:
                filler.append(fill(place))

        with pytest.raises(StoreFull, match=r"no space left on device.*are not made again"):
            embed(f"dir:{pictures}", listen=listen)
        assert sorted(path.name for path in place.glob("*.json")) == ["embedding.json", *SHARDS[:2]]
        filler[0].unlink()
        assert embed(f"dir:{pictures}").orders == [2, 3] and not [*place.glob(".*")]


SHARDS = [f"shard-00000{number}.json" for number in range(4)]


def test_the_command_killed_in_the_middle_goes_on_where_it_was(pictures, backbone, tmp_path, wait_until):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "engine", "embed", f"dir:{pictures}", "--to", str(out), "--backbone", backbone]
    command += ["--size", "1", "--jobs", "1"]
    environment = {**os.environ, "PLUMAGE_HOME": str(tmp_path / "home")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: (out / SHARDS[1]).exists())
        process.kill()
    there = {path.name: path.stat().st_mtime_ns for path in out.glob("shard-*.json")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"10 rows in 10 shards, {len(there)} of which were there" in done.stdout
    assert {name: (out / name).stat().st_mtime_ns for name in there} == there
    assert len(opened(out).splits["train"].labels) == 6
