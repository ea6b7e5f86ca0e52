"""Image folders with faults in them that somebody knows."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 96


def noise(seed: int, size: tuple[int, int] = (SIDE, SIDE)) -> Image.Image:
    """A picture like no other."""
    tiles = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    return Image.fromarray(tiles).resize(size, Image.Resampling.NEAREST)


def faulty(root: Path) -> Path:
    """Two classes of twelve training and four test pictures, with one of each fault.

    `train/cats/00` stands again among the test pictures as the same file, `train/cats/01` among the dogs with the same
    pixels in other bytes, `train/cats/02` once more among the cats, saved with loss; `train/dogs/00` is small, `01`
    long.
    """
    for number, name in enumerate(("cats", "dogs")):
        for split, count in (("train", 12), ("test", 4)):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                noise(1000 * number + 100 * (split == "test") + i).save(folder / f"{i:02}.png")
    cats, dogs = root / "train" / "cats", root / "train" / "dogs"
    shutil.copy(cats / "00.png", root / "test" / "cats" / "same.png")
    shutil.copy(cats / "00.png", cats / "again.png")
    Image.open(cats / "01.png").save(dogs / "pixels.bmp")
    Image.open(cats / "02.png").save(cats / "lossy.jpg", quality=80)
    noise(1, (20, 24)).save(dogs / "00.png")
    noise(2, (400, 80)).save(dogs / "01.png")
    (cats / "notes.txt").write_text("no picture")
    return root
