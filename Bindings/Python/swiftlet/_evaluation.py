from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Optional, TypedDict

import numpy
import numpy.typing

from . import _input
from ._folders import folder_report
from ._rows import FrameLike, Missing, is_frame
from ._table import file_of

if TYPE_CHECKING:
    from typing_extensions import Unpack


class EvaluationOptions(TypedDict, total=False):
    """Options of an evaluation, as flags of `swiftlet evaluate`; None is the default."""

    text_column: Optional[str]
    pair_column: Optional[str]
    label_column: Optional[str]
    no_header: bool
    delimiter: Optional[str]
    quote: Optional[str]
    escape: Optional[str]
    input_format: Optional[Literal["csv", "tsv", "jsonl"]]
    on_bad_rows: Optional[Literal["error", "skip"]]
    on_unlabelled_rows: Optional[Literal["error", "skip"]]
    temperature: Optional[float]
    precision: _input.Precision
    threads: Optional[int]


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """How a classifier's labels compare with those of a file."""

    rows: int
    """The number of compared rows."""
    metrics: dict[str, float]
    """By name, as "accuracy"."""
    labels: list[str]
    """The labels of the model."""
    confusion: numpy.typing.NDArray[numpy.int64]
    """int64 [expected label, predicted label]: the number of rows."""
    details: dict[str, Any] = field(repr=False)
    """The whole report."""

    @property
    def accuracy(self) -> float:
        """The share of the rows with the right label."""
        return self.metrics["accuracy"]


def evaluate(
    path: _input.Path, data: _input.Path | FrameLike, *, missing: Missing = "error",
    **options: Unpack[EvaluationOptions],
) -> EvaluationReport:
    """Classifies labelled texts with the classifier in a folder, and compares the labels.

    `data` is a .csv, .tsv or .jsonl file, or a DataFrame of pandas with the columns `text_column`
    (default: "text") and `label_column` ("label"), and `pair_column` if it is given.
    """
    given: dict[str, Any] = dict(options)
    with tempfile.TemporaryDirectory(prefix="swiftlet-") as folder:
        if is_frame(data):
            given["text_column"] = given.get("text_column") or "text"
            given["label_column"] = given.get("label_column") or "label"
        columns = {
            name: given.get(name) for name in ("text_column", "pair_column", "label_column")}
        file = file_of(data, folder, "rows.jsonl", columns, missing)
        report = folder_report("evaluate", path, file, given)
    return EvaluationReport(
        rows=report["rows"], metrics=dict(report["metrics"]), labels=list(report["labels"]),
        confusion=numpy.array(report["confusion"], numpy.int64), details=report)
