from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Optional

import numpy
import numpy.typing

from . import _input
from ._folders import folder_report
from ._rows import FrameLike, Missing
from ._table import RowOptions, file_of, row_columns

if TYPE_CHECKING:
    from typing_extensions import Unpack


class EvaluationOptions(RowOptions, total=False):
    """How labelled rows are read: flags of `swiftlet train`; None is the default."""

    task: Optional[Literal["classify", "multi-label", "regression", "tag"]]
    input_format: Optional[Literal["csv", "tsv", "jsonl", "conll"]]


class ClassScore(NamedTuple):
    """The scores of a label; a quotient with divisor 0 is 0."""

    label: str
    precision: float
    recall: float
    f1: float
    predicted: int
    """The number of its predictions."""
    support: int
    """The number of rows, or of entities, that have it."""


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """How a model's answers compare with labels."""

    rows: int
    """The number of compared rows."""
    metrics: dict[str, float]
    """By name, as "accuracy"."""
    classes: list[ClassScore]
    """The scores of each label, in the model's order; empty for a regression."""
    confusion: numpy.typing.NDArray[numpy.int64] | None
    """int64 [expected label, predicted label]: the number of rows; None for other tasks than
    classification."""
    details: dict[str, Any] = field(repr=False)
    """The whole report."""

    @property
    def accuracy(self) -> float:
        """The share of the rows with the right label; a KeyError for a task without it."""
        return self.metrics["accuracy"]


def evaluate(
    path: _input.Path, data: _input.Path | FrameLike, *, missing: Missing = "error",
    **options: Unpack[EvaluationOptions],
) -> EvaluationReport:
    """Evaluates the classifier or token classifier in a folder on labelled rows.

    `data` is a .csv, .tsv, .jsonl or .conll file, or a DataFrame of pandas with the columns
    `text_column` (default: "text") and `label_column` ("label"), and `pair_column` if it is given.
    """
    given: dict[str, Any] = dict(options)
    with tempfile.TemporaryDirectory(prefix="swiftlet-") as folder:
        columns = row_columns(given, data)
        file = file_of(data, folder, "rows.jsonl", columns, missing)
        report = folder_report("evaluate", path, file, given)
    confusion = report.get("confusion")
    return EvaluationReport(
        rows=report["rows"], metrics=dict(report["metrics"]),
        classes=[
            ClassScore(*(scores[name] for name in ClassScore._fields))
            for scores in report.get("labels", [])],
        confusion=None if confusion is None else numpy.array(confusion, numpy.int64),
        details=report)
