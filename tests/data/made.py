"""Small pictures and archives of them, made for tests of sources."""

import io
import tarfile
import zipfile

from PIL import Image

CLASSES = ("gull", "tern")


def png(*shade):
    data = io.BytesIO()
    Image.new("RGB", (24, 20), shade).save(data, "PNG")
    return data.getvalue()


def folder_files(train=3, test=2):
    """By path, the files of an image folder with `train/` and `test/`; no two pictures alike."""
    return {
        f"{split}/{name}/{i}.png": png(80 * c + i, 50 * (split == "test"), 9)
        for split, count in (("train", train), ("test", test))
        for c, name in enumerate(CLASSES)
        for i in range(count)
    }


def write(root, files):
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def zipped(path, files, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path, files, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path
