from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Optional, TypedDict, overload

import numpy

from . import _input, _structs
from ._errors import InvalidOptionError
from ._library import library
from ._model import Model
from ._results import decoded, listed, ranges, result
from ._rows import Missing, SeriesLike, is_series, streamed, text_rows
from ._rows import batch_size as checked_batch_size

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Unpack


class MaskOptions(TypedDict, total=False):
    """Options of mask filling; None is the default."""

    top_k: Optional[int]
    targets: Optional[Iterable[str]]
    long_text: Optional[Literal["truncate", "error"]]


class MaskCandidate(NamedTuple):
    """A predicted token for a mask."""

    token: str
    """Decoded."""
    token_id: int
    score: float
    """The probability over the whole vocabulary."""
    sequence: str
    """The text with the token in place of the mask."""


@dataclass(frozen=True)
class MaskFilling:
    """The predicted tokens for each mask of a text."""

    masks: list[list[MaskCandidate]]
    """The candidates for each mask, best first. Masks are predicted independently."""
    tokens: int = 0
    """The number of tokens before truncation, special tokens included."""
    truncated: bool = False
    """Whether the text was truncated."""


class FillMask(Model):
    """Predicts the tokens for `[MASK]` by a masked language model, with the options of
    `Classifier`."""

    _kind = "mask_filler"

    @overload
    def fill(  # type: ignore[overload-overlap]
        self, texts: str, **options: Unpack[MaskOptions]
    ) -> MaskFilling: ...
    @overload
    def fill(
        self, texts: SeriesLike, *, missing: Missing = "error", **options: Unpack[MaskOptions]
    ) -> pandas.DataFrame: ...
    @overload
    def fill(self, texts: Iterable[str], **options: Unpack[MaskOptions]) -> list[MaskFilling]: ...

    def fill(self, texts: Any, *, missing: Missing | None = None, **options: Any) -> Any:
        """Fills the masks of a text; or of texts as one batch, and returns one `MaskFilling` for each.

        Options: `top_k` (default: 5), the number of candidates for a mask; `targets`, the tokens to
        choose from; `long_text` ("truncate", "error").

        A Series of pandas gives a DataFrame with a row for each candidate, which has the index of its
        text: `mask` (from 0), `token`, `token_id`, `score`, `sequence`.
        """
        if isinstance(texts, str):
            return self._fill([texts], options)[0]
        rows = text_rows(texts, missing)
        answers = rows.compute(lambda texts: self._fill(texts, options))
        if not is_series(texts):
            return answers
        found = [
            (owner, mask, candidate) for owner, answer in enumerate(answers)
            for mask, candidates in enumerate(answer.masks) for candidate in candidates]
        return rows.long_frame({
            "mask": numpy.array([mask for _, mask, _ in found], numpy.int64),
            "token": [candidate.token for _, _, candidate in found],
            "token_id": numpy.array([candidate.token_id for _, _, candidate in found], numpy.int64),
            "score": numpy.array([candidate.score for _, _, candidate in found], numpy.float32),
            "sequence": [candidate.sequence for _, _, candidate in found],
        }, [owner for owner, _, _ in found])

    def stream(
        self, texts: Iterable[str], *, batch_size: int | None = None,
        **options: Unpack[MaskOptions],
    ) -> Iterator[MaskFilling]:
        """Fills the masks of any number of texts in bounded memory, as `Classifier.stream`."""
        return streamed(
            texts, checked_batch_size(batch_size), lambda batch: self.fill(batch, **options))

    def _fill(self, texts: list[Any], options: Mapping[str, Any]) -> list[MaskFilling]:
        array, count = _input.text_array(texts)
        with result(
            _structs.Fillings, "fillings_free", library().fill_masks, self._handle, array, count,
            _options(**options),
        ) as arrays:
            return _fillings(arrays)


def _fillings(arrays: Any) -> list[MaskFilling]:
    texts = ranges(arrays.mask_starts, arrays.count)
    masks = ranges(arrays.candidate_starts, texts[-1].stop if texts else 0)
    total = masks[-1].stop if masks else 0
    ids, scores = listed(arrays.token_ids, total), listed(arrays.scores, total)
    candidates = [
        MaskCandidate(
            decoded(arrays.tokens[row]), ids[row], scores[row], decoded(arrays.sequences[row]))
        for row in range(total)]
    tokens = listed(arrays.token_counts, arrays.count)
    truncated = listed(arrays.truncated, arrays.count)
    return [
        MaskFilling(
            [candidates[masks[mask].start:masks[mask].stop] for mask in of_text], tokens[row],
            bool(truncated[row]))
        for row, of_text in enumerate(texts)]


def _options(
    top_k: Any = None, targets: Any = None, long_text: Any = None,
) -> _structs.MaskOptions:
    array, count = None, 0
    if targets is not None:
        array, count = _input.text_array(_input.listed(targets, "targets"), "target")
        if count == 0:
            raise InvalidOptionError(
                "targets is empty; name at least one token, or pass None for the whole vocabulary")
    return _structs.MaskOptions(
        top_k=_input.count(top_k, "top_k"),
        long_text=_input.choice(long_text, {"truncate": 0, "error": 1}, "long_text"),
        targets=array, target_count=count)
