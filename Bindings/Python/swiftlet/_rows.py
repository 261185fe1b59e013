"""The rows of a call: texts or pairs of an iterable, or of a column of pandas, whose index the answers
keep. pandas is not imported, unless the caller has."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import numpy

from . import _input
from ._errors import InvalidOptionError, MissingTextError, SwiftletError, renumbered

if TYPE_CHECKING:
    import pandas

Missing = Literal["error", "skip"]
Answer = TypeVar("Answer")
Item = TypeVar("Item")

# The texts of one call of the library. Ctrl-C takes effect between two calls.
CALL = 4096


class SeriesLike(Protocol):
    """What is read of a Series of pandas."""

    @property
    def index(self) -> Any: ...
    @property
    def iloc(self) -> Any: ...
    def isna(self) -> Any: ...
    def to_list(self) -> Any: ...


class FrameLike(Protocol):
    """What is read of a DataFrame of pandas."""

    @property
    def index(self) -> Any: ...
    @property
    def columns(self) -> Any: ...
    @property
    def iloc(self) -> Any: ...
    def isna(self) -> Any: ...


def is_series(value: object) -> bool:
    pandas_ = sys.modules.get("pandas")
    return pandas_ is not None and isinstance(value, pandas_.Series)


def is_frame(value: object) -> bool:
    pandas_ = sys.modules.get("pandas")
    return pandas_ is not None and isinstance(value, pandas_.DataFrame)


class Rows:
    """The rows that are computed, and where they are among all rows."""

    def __init__(
        self, values: list[Any], count: int, places: list[int] | None = None, index: Any = None,
        skips: bool = False,
    ) -> None:
        #: The texts or pairs that are not missing.
        self.values = values
        #: The number of all rows.
        self.count = count
        #: The index of each value's row; None if no row is missing.
        self.places = places
        #: The index of the Series or DataFrame; None for other iterables.
        self.index = index
        #: Whether missing rows are skipped; then the columns of the answers can have missing values.
        self.skips = skips

    def compute(self, call: Callable[[list[Any]], Any]) -> Any:
        """Calls a function with the values, a part of them at a time, and joins its lists or arrays.
        Its errors have the indices of the rows."""
        parts = []
        for first in range(0, max(len(self.values), 1), CALL):
            try:
                parts.append(call(self.values[first:first + CALL]))
            except SwiftletError as error:
                if error.text_index is None:
                    raise
                place = first + error.text_index
                raise renumbered(
                    error, place if self.places is None else self.places[place]) from None
        if len(parts) == 1:
            return parts[0]
        if isinstance(parts[0], numpy.ndarray):
            return numpy.concatenate(parts)
        return [answer for part in parts for answer in part]

    def frame(self, columns: Mapping[Any, Any]) -> pandas.DataFrame:
        """A DataFrame with a row for each row, from columns with a value for each text."""
        frame: Any = sys.modules["pandas"].DataFrame(columns)
        if self.skips:
            # Types that have missing values, whether or not a row is missing.
            frame = frame.astype({
                name: {"i": "Int64", "b": "boolean"}[column.dtype.kind]
                for name, column in frame.items() if column.dtype.kind in "ib"})
        if self.places is not None:
            frame.index = self.places
            frame = frame.reindex(range(self.count))
        frame.index = self.index
        return frame  # type: ignore[no-any-return]

    def long_frame(self, columns: Mapping[str, Any], owners: Sequence[int]) -> pandas.DataFrame:
        """A DataFrame with any number of rows for each text: those of text `owners[i]` have its
        index."""
        places = owners if self.places is None else [self.places[owner] for owner in owners]
        frame: Any = sys.modules["pandas"].DataFrame(columns)
        frame.index = self.index.take(places)
        return frame  # type: ignore[no-any-return]


def text_rows(texts: object, missing: Missing | None) -> Rows:
    """The rows of a column of texts."""
    if is_frame(texts):
        raise TypeError('expected a column of texts, found a DataFrame; write frame["text"]')
    if not is_series(texts):
        _refuse_skipping(missing)
        values = _input.listed(texts)
        _input.check_texts(values)
        return Rows(values, len(values))
    series: Any = texts
    absent = series.isna().to_numpy().tolist()
    rows = _present(series.to_list(), absent, series.index, missing, "text")
    _input.check_texts(rows.values, rows.places)
    return rows


def pair_rows(pairs: object, missing: Missing | None) -> Rows:
    """The rows of pairs of texts: an iterable of them, or the two columns of a DataFrame."""
    if is_series(pairs):
        raise TypeError(
            'expected two columns, found a Series; write frame[["first", "second"]]')
    if not is_frame(pairs):
        _refuse_skipping(missing)
        values = _input.listed(pairs, "pairs")
        return Rows(
            [_input.checked_pair(pair, index) for index, pair in enumerate(values)], len(values))
    frame: Any = pairs
    if len(frame.columns) != 2:
        raise TypeError(
            f"expected a DataFrame of two columns, found {len(frame.columns)}; write "
            'frame[["first", "second"]]')
    columns = [frame.iloc[:, place] for place in (0, 1)]
    absent = frame.isna().any(axis=1).to_numpy().tolist()
    both = list(zip(*(column.to_list() for column in columns)))
    return _present(both, absent, frame.index, missing, "pair")


def _refuse_skipping(missing: Missing | None) -> None:
    if _skips(missing):
        raise InvalidOptionError(
            "missing is 'skip', which is for a Series or a DataFrame of pandas; leave the missing "
            "texts out of other lists")


def _skips(missing: Missing | None) -> bool:
    return _input.choice(missing, {"error": 0, "skip": 1}, "missing") == 1


def _present(
    values: list[Any], absent: list[bool], index: Any, missing: Missing | None, what: str,
) -> Rows:
    skips = _skips(missing)
    if True not in absent:
        return Rows(values, len(values), index=index, skips=skips)
    if not skips:
        first = absent.index(True)
        raise MissingTextError(
            f"{what} {first + 1} (index {name_of_row(index, first)}) is missing, and {sum(absent)} of "
            f"{len(absent)} rows are; leave them out with dropna(), or pass missing='skip' for "
            "answers without values", first)
    places = [place for place, is_absent in enumerate(absent) if not is_absent]
    return Rows([values[place] for place in places], len(values), places, index, skips=True)


def name_of_row(index: Any, place: int) -> str:
    """The label of a row in an index of pandas, without the type of a number."""
    label = index[place]
    return repr(label.item() if hasattr(label, "item") else label)


def streamed(
    items: Iterable[Item], size: int, compute: Callable[[list[Item]], Iterable[Answer]],
) -> Iterator[Answer]:
    """Computes batches of `size` items, each when its first answer is asked for.

    If a text fails, the answers of all texts before it come first; the error's index counts from the
    beginning. The same holds for an error of the iterable itself.
    """
    source, first = iter(items), 0
    failure: Exception | None = None
    while failure is None:
        batch: list[Item] = []
        try:
            for item in islice(source, size):
                batch.append(item)
        except Exception as error:
            failure = error
        if not batch:
            break
        try:
            yield from compute(batch)
        except SwiftletError as error:
            if error.text_index is None:
                raise
            if error.text_index > 0:
                yield from compute(batch[:error.text_index])
            raise renumbered(error, first + error.text_index) from None
        first += len(batch)
    if failure is not None:
        raise failure


def batch_size(value: object) -> int:
    """Checks the number of texts of a batch."""
    return _input.number(value, 2**31, "batch_size", minimum=1) or 256
