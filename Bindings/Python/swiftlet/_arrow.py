"""Batches of pyarrow, as its readers of Parquet files give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from . import _input
from ._errors import InvalidOptionError, MissingTextError, SwiftletError, renumbered
from ._rows import Missing

if TYPE_CHECKING:
    import pyarrow

    from ._classifier import Classifier


def labelled(
    classifier: Classifier, batches: Iterable[pyarrow.RecordBatch], column: str, prefix: str,
    missing: Missing, options: Any,
) -> Iterator[Any]:
    """The batches with two more columns, the label and the score of each text."""
    import pyarrow

    skips = _input.choice(missing, {"error": 0, "skip": 1}, "missing") == 1
    names = [prefix + "label", prefix + "score"]
    first = 0
    for batch in batches:
        if column not in batch.schema.names:
            raise InvalidOptionError(
                f"the batch has no column {column!r}; its columns are "
                f"{', '.join(batch.schema.names)}")
        taken = [name for name in names if name in batch.schema.names]
        if taken:
            raise InvalidOptionError(
                f"the batch has a column {taken[0]!r} already; pass another prefix for the new "
                "columns")
        texts = batch.column(column).to_pylist()
        places = [place for place, text in enumerate(texts) if text is not None]
        if len(places) < len(texts) and not skips:
            place = first + texts.index(None)
            raise MissingTextError(
                f"text {place + 1} is missing; pass missing='skip' for rows without values", place)
        try:
            answers = classifier.classify([texts[place] for place in places], **options)
        except SwiftletError as error:
            if error.text_index is None:
                raise
            raise renumbered(error, first + places[error.text_index]) from None
        labels: list[Any] = [None] * len(texts)
        scores: list[Any] = [None] * len(texts)
        for place, answer in zip(places, answers):
            labels[place], scores[place] = answer.label, answer.score
        yield batch.append_column(names[0], pyarrow.array(labels, pyarrow.string())).append_column(
            names[1], pyarrow.array(scores, pyarrow.float32()))
        first += len(texts)
