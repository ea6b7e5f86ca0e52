"""Concepts for classes, asked of an endpoint one question at a time.

Every answer is kept under what was asked the moment it comes, so whoever stops goes on where it was, and asking twice
costs once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.texts.sets import ConceptSet, collected
from engine.errors import BadInput
from engine.files import replacing, storage_errors
from engine.generation.endpoint import Endpoint, ask
from engine.generation.prompts import FAMILIES, Prompt
from engine.home import concepts_folder
from engine.steps import Step
from engine.structures import Malformed, Structure, checked, parse_json, read_file

Ask = Callable[[Endpoint, str, str | None], str]


class KeptAnswer(Structure):
    """An answer on disk, with what was asked; never the key."""

    model: str
    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class AskingCost:
    """What generating would take.

    Attributes:
        requests: questions that were not answered before.
        kept: questions whose answers are here.
        tokens: at most, of all questions and answers together: a token has at least one byte.
    """

    requests: int
    kept: int
    tokens: int


class Generating:
    """Concepts of some classes from one endpoint.

    Args:
        root: the home.
        family: which prompts, see `FAMILIES`.
        class_names: the classes.
    """

    def __init__(self, root: Path, endpoint: Endpoint, family: str, class_names: Sequence[str]) -> None:
        if family not in FAMILIES:
            raise BadInput(f"prompts {family!r}", f"known are {', '.join(FAMILIES)}", "Choose one")
        self._endpoint, self._family, self._names = endpoint, family, tuple(class_names)
        self._folder = concepts_folder(root) / "answers"

    def cost(self) -> AskingCost:
        """What is still to be asked, before anything is."""
        asked = [prompt.about(name) for name, prompt in self._questions() if self._kept(prompt.about(name)) is None]
        tokens = sum(len(text.encode()) + self._endpoint.max_tokens for text in asked)
        return AskingCost(len(asked), len(self._names) * len(FAMILIES[self._family]) - len(asked), tokens)

    def work(self, key: str | None = None, ask: Ask = ask) -> Generator[Step, None, ConceptSet]:
        """Ask what is missing; closing it stops, and loses nothing that was answered.

        Args:
            key: of the endpoint, used and never kept.

        Raises:
            BadInput: the endpoint fails, or nothing it said is a concept.
            StoreError: an answer cannot be kept.
        """
        questions, listed = self._questions(), []
        for done, (name, prompt) in enumerate(questions):
            yield Step(done, len(questions), f"{prompt.name} of {name}")
            text = prompt.about(name)
            answer = self._kept(text)
            if answer is None:
                answer = ask(self._endpoint, text, key)
                self._keep(text, answer)
            listed += [(concept, name, prompt.name) for concept in prompt.texts(answer)]
        yield Step(len(questions), len(questions), "done")
        if not listed:
            raise BadInput(f"model {self._endpoint.model}", "nothing it answered is a concept", "Try another model")
        return collected(listed, f"{self._endpoint.model}, prompts of {self._family}")

    def _questions(self) -> list[tuple[str, Prompt]]:
        return [(name, prompt) for name in self._names for prompt in FAMILIES[self._family]]

    def _path(self, prompt: str) -> Path:
        asked = {k: v for k, v in self._endpoint.to_mapping().items() if k != "timeout"}
        said = json.dumps([asked, prompt], sort_keys=True)
        return self._folder / f"{hashlib.sha256(said.encode()).hexdigest()}.json"

    def _kept(self, prompt: str) -> str | None:
        """The answer that is here; None also where its file is damaged, so that it is asked again."""
        try:
            kept = checked(KeptAnswer, parse_json(read_file(self._path(prompt))))
        except (OSError, Malformed):
            return None
        return kept.answer if kept.prompt == prompt else None

    def _keep(self, prompt: str, answer: str) -> None:
        path = self._path(prompt)
        content = KeptAnswer(model=self._endpoint.model, prompt=prompt, answer=answer)
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as part:
                part.write_text(content.model_dump_json(), encoding="utf-8")
