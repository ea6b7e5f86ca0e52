"""What stands at the top level fits the house: container, lock, hooks. Nothing is built or installed here."""

from __future__ import annotations

import json
import re
import shlex

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.places import ROOT

LISTS = ("requirements.txt", "tests/requirements.txt", "docs/requirements.txt")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, each with its words."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def every(name: str) -> list[str]:
    return [rest for word, rest in instructions() if word == name]


def requirements(path: str) -> list[Requirement]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.partition("  #")[0]) for line in lines if line.strip() and not line.startswith("#")]


def test_the_container_runs_as_a_user_that_it_made() -> None:
    words = [word for word, _ in instructions()]
    (user,) = every("USER")
    assert user != "root" and any(
        "useradd" in run and run.partition("&&")[0].split()[-1] == user for run in every("RUN")
    )
    assert words.index("USER") < words.index("CMD") and words[-1] == "CMD"


def test_whatever_the_container_copies_exists_and_is_let_in_and_the_app_needs_no_more() -> None:
    sources = [source for copy in every("COPY") for source in shlex.split(copy)[:-1]]
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert sorted(sources) == sorted(allowed)
    assert {"app.py", "pages", "engine", "assets", ".streamlit"} <= set(sources)


def test_the_container_listens_where_it_says_and_is_asked_there_for_its_health() -> None:
    (port,) = every("EXPOSE")
    command, health = json.loads(every("CMD")[0]), every("HEALTHCHECK")[0]
    assert command[command.index("--server.port") + 1] == port
    assert f"http://127.0.0.1:{port}/_stcore/health" in health
    compile(json.loads(health[health.index("[") :])[2], "health check", "exec")
    assert f"127.0.0.1:{port}:{port}" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_torch_comes_from_the_index_for_cpus_in_the_container_alone() -> None:
    assert any("torch" in run and "whl/cpu" in run and "requirements.lock" in run for run in every("RUN"))
    assert "whl/cpu" not in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", LISTS)
def test_the_lock_has_a_version_in_range_of_all_that_is_required(path: str) -> None:
    locked: dict[str, list[str]] = {}
    for pin in requirements("requirements.lock"):
        (specifier,) = pin.specifier
        assert specifier.operator == "==" and not pin.extras, f"{pin}: a constraint is one version, without extras"
        locked.setdefault(canonicalize_name(pin.name), []).append(specifier.version)
    for wanted in requirements(path):
        versions = locked.get(canonicalize_name(wanted.name), [])
        assert versions, f"{wanted.name} is not in requirements.lock: make lock"
        assert all(wanted.specifier.contains(version) for version in versions), (
            f"{wanted} against {versions}: make lock"
        )


def test_what_only_one_system_has_is_locked_for_that_system_alone() -> None:
    only = [pin for pin in requirements("requirements.lock") if pin.name.startswith(("nvidia-", "cuda-", "triton"))]
    assert only and all(pin.marker is not None and "linux" in str(pin.marker) for pin in only)


def test_hooks_check_what_ci_checks() -> None:
    recipe = re.search(r"^test:.*?(?=^\S)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert recipe is not None
    made = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[0].splitlines()[1:] if "pytest" not in line]
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == [
        line.removesuffix(" .") for line in made if line and not line.startswith("@")
    ]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("make test")
