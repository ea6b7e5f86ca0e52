"""A tar of an image folder is that folder, however it is compressed."""

import pytest

from engine.data.folder import open_folder
from engine.runs.config import configure
from tests.data.made import folder_files, tarred, write
from tests.data.sources.test_contract import promised


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_it_is_the_folder_in_it(tmp_path, mode):
    files = folder_files()
    made = tarred(tmp_path / "birds.tar", {f"./{name}": data for name, data in files.items()}, mode)
    config = configure(None, {"data": f"tar:{made}", "increment": "1"})
    found, folder = config.source.open(), open_folder(write(tmp_path / "birds", files))
    promised(found, config.source.open())
    assert found.class_digests == folder.class_digests and found.name == "birds.tar"
    assert found.splits["train"].digest == folder.splits["train"].digest
