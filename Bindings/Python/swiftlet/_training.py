from __future__ import annotations

import contextlib
import ctypes
import json
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Optional, Union

from . import _input
from ._errors import CancelledError
from ._folders import json_options, report_of
from ._library import EventSink, library
from ._rows import FrameLike, Missing, is_frame
from ._table import RowOptions, file_of, row_columns

if TYPE_CHECKING:
    from typing_extensions import Unpack

Event = dict[str, Any]
"""An event of a training, with its name in "event": those of `swiftlet train --json`."""


class TrainingOptions(RowOptions, total=False):
    """The flags of `swiftlet train`, which docs/training.md describes, without `encoding`, `cross_validate`,
    `sweep` and `log`; None is the default."""

    task: Optional[Literal[
        "classify", "multi-label", "regression", "tag", "answer", "choose", "mask", "embed"]]
    input_format: Optional[Literal["csv", "tsv", "jsonl", "squad", "conll", "lines"]]
    method: Optional[str]
    freeze: Optional[str]
    distilbert: bool
    epochs: Optional[float]
    max_steps: Optional[int]
    time_limit: Optional[str]
    patience: Optional[int]
    minimum_gain: Optional[float]
    batch_size: Optional[int]
    gradient_accumulation: Optional[int]
    gradient_clipping: Optional[float]
    seed: Optional[int]
    learning_rate: Optional[float]
    head_learning_rate: Optional[float]
    layer_decay: Optional[float]
    warmup: Optional[float]
    schedule: Optional[str]
    weight_decay: Optional[float]
    loss: Optional[Literal["ranking", "triplet", "cosent", "cosine"]]
    class_weights: Optional[Union[str, Sequence[float]]]
    label_smoothing: Optional[float]
    dropout: Optional[float]
    group_by_length: bool
    metric: Optional[str]
    evaluate_every: Optional[Union[int, str]]
    evaluation_batch_size: Optional[int]
    save_every: Optional[int]
    log_every: Optional[int]
    precision: Optional[Literal["float32", "bfloat16"]]
    max_memory: Optional[str]
    calibrate: bool
    adapter: bool
    force: bool
    resume: bool
    keep_checkpoint: bool


@dataclass(frozen=True)
class TrainingPlan:
    """What a training would do."""

    examples: int
    validation_examples: int
    total_steps: int
    parameters: int
    trained_parameters: int
    memory: int
    """In bytes."""
    details: Event = field(repr=False)
    """The whole event "planned"."""


@dataclass(frozen=True)
class TrainingReport:
    """What a training reached."""

    folder: str
    """The folder of the trained model."""
    reason: str
    """Why the training ended, as "completed"."""
    step: int
    """The last step."""
    metrics: dict[str, float]
    """Of the written model on the validation data; empty without."""
    seconds: float
    details: Event = field(repr=False)
    """The whole event "result"."""


def train(
    model: _input.Path, data: _input.Path | FrameLike, output: _input.Path, *,
    validation: _input.Path | FrameLike | float | None = None,
    on_event: Callable[[Event], object] | None = None, missing: Missing = "error",
    **options: Unpack[TrainingOptions],
) -> TrainingReport:
    """Trains a model on labelled rows, and writes it to the new folder `output`.

    `data` is a file that `swiftlet train` takes, or a DataFrame of pandas with the columns
    `text_column` (default: "text") and `label_column` ("label"), and `pair_column` if it is given.
    `validation` is a file, a DataFrame, a share of the rows (default: 0.1), or "none". The other options
    are the flags of `swiftlet train`, with underscores.

    `on_event` receives each event: a dict with its name in "event". `log_every` is the number of steps
    between two events "step" (default: 200 events in all); further ones come when a second has passed
    without an event. An exception that `on_event` raises ends the training, and Ctrl-C ends it at the next
    event; then a checkpoint is in `output`, from which `resume=True` continues.
    """
    report = _train(
        {**options, "model": model, "output": output}, data, validation, on_event, missing)
    return TrainingReport(
        folder=report["folder"], reason=report["reason"], step=report["step"],
        metrics=dict(report["metrics"]), seconds=report["seconds"], details=report)


def plan_training(
    model: _input.Path, data: _input.Path | FrameLike, *,
    validation: _input.Path | FrameLike | float | None = None,
    on_event: Callable[[Event], object] | None = None, missing: Missing = "error",
    **options: Unpack[TrainingOptions],
) -> TrainingPlan:
    """Plans a training without training or writing anything: the flag `--dry-run`."""
    report = _train({**options, "model": model, "dry-run": True}, data, validation, on_event, missing)
    return TrainingPlan(
        examples=report["examples"], validation_examples=report["validation_examples"],
        total_steps=report["total_steps"], parameters=report["parameters"],
        trained_parameters=report["trained_parameters"], memory=report["memory"], details=report)


def _train(
    options: Mapping[str, Any], data: object, validation: object,
    on_event: Callable[[Event], object] | None, missing: Missing,
) -> Event:
    given = dict(options)
    with tempfile.TemporaryDirectory(prefix="swiftlet-") as folder:
        columns = row_columns(given, data)
        given["file"] = file_of(data, folder, "train.jsonl", columns, missing)
        if is_frame(validation):
            given["validation"] = file_of(validation, folder, "validation.jsonl", columns, missing)
        elif validation is not None:
            given["validation"] = validation
        return _run(json_options(given), on_event)


def _run(options: bytes, on_event: Callable[[Event], object] | None) -> Event:
    """Calls the library; raises what ended the training."""
    raised: list[BaseException] = []
    with _interrupts() as interrupted:

        def receive(_: object, text: Any, length: int) -> int:
            try:
                if on_event is not None:
                    on_event(json.loads(ctypes.string_at(text, length)))
            except BaseException as error:
                raised.append(error)
            return 1 if raised or interrupted() else 0

        report = ctypes.c_void_p()
        try:
            library().train(options, EventSink(receive), None, ctypes.byref(report))
        except CancelledError:
            if not raised and not interrupted():
                raise
    if raised:
        raise raised[0]
    return report_of(report)


@contextlib.contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Collects Ctrl-C until the end of the block, and then handles it as before.

    A signal that raised within a function that the library calls would be lost.
    """
    handler = signal.getsignal(signal.SIGINT)
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield lambda: False
        return
    signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield lambda: bool(received)
    finally:
        signal.signal(signal.SIGINT, handler)
    if received:
        handler(received[0], None)
