"""Whether a run was learnt from what lies behind its config today: pictures, texts and weights. No torch here."""

from __future__ import annotations

import json

from engine.backbone.presets import identify
from engine.data.dataset import Dataset
from engine.errors import NotApplicable, PlumageError
from engine.records.identity import check_data, check_weights
from engine.runs.concepts import open_concepts
from engine.runs.config import RunConfig
from engine.runs.sources import open_dataset
from engine.store.store import RunStore
from engine.store.view import RunView

_OF_DATA = ("leave_out", "without_classes", "renamed_classes", "concepts", "vocabulary")


class Inputs:
    """What lies behind configs, each opened once for as long as this lives."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._open: dict[str, tuple[Dataset, str]] = {}

    def changed(self, run: str) -> bool:
        """Whether the run began with others.

        What cannot be opened at all is not known to have changed: the run that needs it will say what is wrong.
        """
        view = RunView(self._store, run)
        began = view.setup
        if began is None:
            return False
        try:
            dataset, concepts = self._opened(view.config)
            known = identify(view.config.backbone)
        except PlumageError:
            return False
        try:
            check_data(run, began, dataset, concepts)
            if known is not None:
                check_weights(run, began, known.digest)
        except NotApplicable:
            return True
        return False

    def _opened(self, config: RunConfig) -> tuple[Dataset, str]:
        values = config.to_mapping()
        key = json.dumps([config.dataset, dict(config.data), *(values.get(name) for name in _OF_DATA)], sort_keys=True)
        if key not in self._open:
            dataset = open_dataset(config)
            self._open[key] = dataset, open_concepts(config, dataset).digest
        return self._open[key]
