"""Zips built to do harm, and broken ones: each is refused with its reason, and the store stays as it was."""

import io
import json
import os
import stat
import struct
import zipfile

import pytest

from engine.archive import layout
from tests.archive.forge import (
    contents,
    replaced,
    signed,
    zipped,
)

NEC = "metrics/task-00/nec.npy"
MODEL = "snapshots/model-1.safetensors"


def test_what_is_no_zip(refused):
    refused(b"", "no zip file")
    refused(b"PK\x03\x04" + os.urandom(200), "no zip file")
    refused(b"<html>hello</html>", "no zip file")


def test_a_zip_of_something_else(refused):
    refused(zipped({"holiday.txt": b"sun"}), "no run that Plumage exported")
    refused(zipped({"manifest.json": b"{}"}), "no run that Plumage exported")
    refused(zipped({"manifest.json": b"[" * 100_000}), "nested too deep")
    refused(zipped({"manifest.json": b'{"format": "someone elses"}'}), "no run that Plumage exported")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_zip_cut_short(refused, archive, share):
    refused(archive[: int(len(archive) * share)], "cut off on the way")


@pytest.mark.parametrize(
    "name",
    [
        "../../outside.txt",
        "snapshots/../../outside.safetensors",
        "/etc/cron.d/evil",
        "C:/windows/evil",
        "..\\outside.txt",
        "snapshots\\model-0.safetensors",
        "\\\\host\\share",
    ],
)
def test_names_that_lead_out(refused, archive, name):
    files = signed({**contents(archive), name: b"out"})
    refused(zipped(files), "leads out of the folder")


@pytest.mark.parametrize(
    "name",
    ["evil.py", "snapshots/model-0.pkl", "tables/sub/a.csv", "metrics/task-00/a/b/ece.npy", "worker.log"],
)
def test_files_no_archive_has(refused, archive, name):
    refused(zipped(signed({**contents(archive), name: b""})), "no exported run has such a file")


def test_a_name_with_a_hidden_end(refused, archive):
    files, name = contents(archive), "README.txt"
    data = zipped({**{k: v for k, v in files.items() if k != name}, "READMEX.txt": files[name]})
    refused(data.replace(b"READMEX.txt", b"README\0.txt"), "no exported run has such a file")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_folders_and_devices(refused, archive, kind):
    files, name = signed({**contents(archive), "report.html": b"/etc/passwd"}), zipfile.ZipInfo("report.html")
    name.external_attr = (kind | 0o777) << 16
    data = zipped({k: v for k, v in files.items() if k != name.filename}, [(name, files[name.filename])])
    refused(data, "a link or a device and no file")


def test_two_files_of_one_name(refused, archive):
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(contents(archive), [(zipfile.ZipInfo("run.json"), b"{}")])
    refused(data, "it is there twice")


def test_a_bomb_is_not_unpacked(refused, archive, monkeypatch):
    monkeypatch.setattr(layout, "ALWAYS", 2**20)
    files = signed({**contents(archive), "report.html": bytes(30 * 2**20)})
    refused(zipped(files, how=zipfile.ZIP_DEFLATED), "would unpack to")


def test_a_bomb_that_hides_its_size(refused, archive):
    """The directory says 10 bytes, the content goes on for megabytes."""
    files = signed({**contents(archive), "report.html": bytes(2**22)})
    data = bytearray(zipped(files, how=zipfile.ZIP_DEFLATED))
    directory = data.rindex(b"report.html") - 46  # fixed part of an entry of the central directory
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)
    refused(bytes(data), "length is not what the manifest promises")
    files["manifest.json"] = files["manifest.json"].replace(str(2**22).encode(), b"10")
    data = bytearray(zipped(files, how=zipfile.ZIP_DEFLATED))
    directory = data.rindex(b"report.html") - 46
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)
    refused(bytes(data), "altered or damaged")


def test_more_files_than_any_run(refused, archive, monkeypatch):
    monkeypatch.setattr(layout, "MOST_FILES", 20)
    refused(archive, "more than 20 files")


def test_more_numbers_than_memory(refused, archive, monkeypatch):
    monkeypatch.setattr(layout, "MOST_READ", 1000)
    refused(archive, "not fit into memory")


def test_encrypted_and_exotic_packing(refused, archive):
    data = bytearray(archive)
    directory = data.rindex(b"run.json") - 46
    refused(bytes(data[: directory + 8] + b"\1" + data[directory + 9 :]), "packed in a way")
    refused(bytes(data[: directory + 10] + b"\x0c" + data[directory + 11 :]), "packed in a way")


def test_a_bit_that_flipped(refused, archive):
    data = bytearray(zipped(contents(archive)))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        place = opened.getinfo(MODEL).header_offset + 30 + len(MODEL) + 5000
    data[place] ^= 4
    refused(bytes(data), "altered or damaged")


def test_a_wrong_digest(refused, archive):
    files = contents(archive)
    refused(
        zipped({**files, "run.json": files["run.json"].replace(b"tiny", b"tinY")}), "not what the manifest promises"
    )


def test_a_wrong_length(refused, archive):
    files = contents(archive)
    refused(zipped({**files, "README.txt": files["README.txt"] + b"x"}), "length is not what the manifest promises")


def test_files_the_manifest_knows_nothing_of(refused, archive):
    refused(zipped({**contents(archive), "tables/odd.csv": b"a"}), "not listed in the manifest")


@pytest.mark.parametrize("name", ["run.json", "events.jsonl", NEC, MODEL, "snapshots/classes-0.safetensors"])
def test_files_that_are_missing(refused, archive, name):
    files = contents(archive)
    refused(zipped({k: v for k, v in files.items() if k != name}), "the manifest lists it")
    refused(replaced(archive, **{name: None}), "it is missing")


def test_a_newer_plumage(refused, archive):
    files = {**contents(archive), "hologram.bin": b"of the future"}
    error = refused(zipped(signed(files, version=layout.VERSION + 1)), "made by a newer Plumage")
    assert error.remedy == "Update Plumage here, then import it again"


@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5])
def test_a_version_that_never_was(refused, archive, version):
    refused(zipped(signed(contents(archive), version=version)), "version is none")


def test_a_manifest_of_another_shape(refused, archive):
    files = contents(archive)
    refused(zipped(signed(files, extra=1)), "extra: extra inputs are not permitted")
    refused(zipped(signed(files, files=[])), "files: input should be an object")
    refused(zipped(signed(files, plumage=7)), "plumage: input should be a valid string")
    listed = json.loads(files["manifest.json"])["files"]
    refused(
        zipped(signed(files, files={**listed, "run.json": {"size": -1, "sha256": "0" * 64}})),
        "size: input should be greater than or equal to 0",
    )
