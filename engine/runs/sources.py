"""From a config to its data: the dataset, the class order and the task stream. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from engine.data.chosen import ClassChoice
from engine.data.dataset import Dataset
from engine.data.left_out import read_list, without
from engine.data.orders import given_order, seeded_order, similarity_order
from engine.data.sources.base import OnProgress
from engine.data.streams import TaskStream, make_stream, read_rows, read_sizes
from engine.runs.config import RunConfig

ClassTexts = Callable[[Sequence[str]], npt.NDArray[np.float32]]


def open_dataset(config: RunConfig, progress: OnProgress | None = None) -> Dataset:
    """The dataset a run learns from.

    Args:
        progress: called with (pictures checked, pictures) while the data are opened.

    Raises:
        BadParameter, BadFolder, BadImage: the data cannot be used.
        BadInput, NotApplicable: what is to be left out of them does not fit them.
    """
    return taking_part(config, open_whole(config, progress))


def taking_part(config: RunConfig, whole: Dataset) -> Dataset:
    """Open data with the classes that take part only, under the names that the run gives them.

    Raises:
        BadParameter: the choice does not fit the data; its `field` is the parameter to look at.
    """
    choice = config.choice(whole.class_names)
    return whole if choice is None else whole.of_classes(choice)


def open_whole(config: RunConfig, progress: OnProgress | None = None) -> Dataset:
    """The same with all classes, under the names that the data give them; pictures may be left out."""
    dataset = config.source.open(progress)
    return without(dataset, read_list(config.leave_out)) if config.leave_out else dataset


def class_prompts(config: RunConfig, names: Sequence[str]) -> list[str]:
    """The class names as the text tower sees them."""
    return [config.prompt.replace("{}", name.replace("_", " ")) for name in names]


def concept_prompts(config: RunConfig, texts: Sequence[str]) -> list[str]:
    """Concepts as the text tower sees them."""
    return [config.concept_prompt.replace("{}", text) for text in texts]


def open_stream(config: RunConfig, dataset: Dataset, class_texts: ClassTexts | None = None) -> TaskStream:
    """The tasks of a run.

    Args:
        class_texts: embeds class prompts as [C, D]; needed only where the order is `"similarity"`.

    Raises:
        BadParameter: the order by hand does not name every class once, or a task size or a row left out does not fit.
    """
    return make_stream(
        dataset,
        base=config.base,
        increment=config.increment,
        sizes=read_sizes(config.task_sizes),
        order=class_order(config, dataset.class_names, dataset.choice, class_texts),
        val_fraction=config.val_fraction,
        seed=config.seed,
        without=read_rows(config.without_images),
    )


def class_order(
    config: RunConfig, names: Sequence[str], choice: ClassChoice | None, class_texts: ClassTexts | None
) -> tuple[int, ...]:
    """The order in which a run learns its classes, as indices.

    Args:
        names, choice: as the dataset has them.
        class_texts: as in `open_stream`.

    Raises:
        BadParameter: the order by hand does not name every class once.
    """
    if config.order == "seed":
        return seeded_order(len(names), config.order_seed)
    if config.order == "given":
        return given_order(config.class_order, names, choice)
    if config.order == "similarity":
        if class_texts is None:
            raise ValueError("an order by similarity needs the embeddings of the class names")
        return similarity_order(class_texts(class_prompts(config, names)))
    return tuple(range(len(names)))


def val_rows(config: RunConfig, dataset: Dataset) -> npt.NDArray[np.int64]:
    """Rows of the training split that a run keeps for validation, ascending, whatever the order of its classes."""
    every = tuple(range(len(dataset.class_names)))
    stream = make_stream(
        dataset, base=0, increment=len(every), order=every, val_fraction=config.val_fraction, seed=config.seed
    )
    return np.sort(np.concatenate([task.val for task in stream.tasks]))
