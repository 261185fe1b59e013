from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, TypedDict, overload

import numpy

from . import _input, _structs
from ._library import library
from ._model import Model
from ._results import decoded, listed, ranges, result
from ._rows import FrameLike, Missing, is_frame, pair_rows, streamed
from ._rows import batch_size as checked_batch_size

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Unpack

# A doc_stride of 0, which is the default in the library.
_NO_OVERLAP = 2**32 - 1


class QuestionOptions(TypedDict, total=False):
    """Options of question answering; None is the default."""

    top_k: Optional[int]
    max_answer_length: Optional[int]
    max_length: Optional[int]
    max_question_length: Optional[int]
    doc_stride: Optional[int]
    impossible_answers: bool
    align_to_words: bool


class Answer(NamedTuple):
    """A span of the context."""

    text: str
    """Empty for "there is no answer"."""
    score: float
    """The probability."""
    start: int
    """The position in the context: `context[start:end]`."""
    end: int
    utf8_start: int
    """The position in bytes of the context's UTF-8."""
    utf8_end: int


@dataclass(frozen=True)
class QuestionAnswers:
    """The answers to one question."""

    answers: list[Answer]
    """At most `top_k`, best first; empty if the context has no words."""
    tokens: int = 0
    """The number of tokens of question and context, special tokens included."""
    windows: int = 0
    """The number of windows of the context."""
    truncated: bool = False
    """Whether the question was truncated; contexts never are."""


class QuestionAnswerer(Model):
    """Answers questions by spans of a context of any length, with the options of `Classifier`."""

    _kind = "question_answerer"

    def answer(
        self, question: str, context: str, **options: Unpack[QuestionOptions]
    ) -> QuestionAnswers:
        """Answers one question.

        Options: `top_k` (default: 1), `max_answer_length` (15) and `max_length` of a window (384, or
        the model's maximum), in tokens; `max_question_length`, to which questions are truncated;
        `doc_stride`, the overlap of windows (128); `impossible_answers`, whether "" may be an answer;
        `align_to_words` (True), whether answers begin and end with whole words.
        """
        return self._answer([(question, context)], options)[0]

    @overload
    def answer_pairs(
        self, pairs: FrameLike, *, missing: Missing = "error", **options: Unpack[QuestionOptions]
    ) -> pandas.DataFrame: ...
    @overload
    def answer_pairs(
        self, pairs: Iterable[Sequence[str]], **options: Unpack[QuestionOptions]
    ) -> list[QuestionAnswers]: ...

    def answer_pairs(
        self, pairs: Any, *, missing: Missing | None = None, **options: Any
    ) -> Any:
        """Answers many questions as one batch: pairs of question and context.

        Of a DataFrame of pandas with these two columns, the answers are a DataFrame with a row for each
        answer, which has the index of its question: `answer`, `score`, `start`, `end`.
        """
        rows = pair_rows(pairs, missing)
        answered = rows.compute(lambda pairs: self._answer(pairs, options))
        if not is_frame(pairs):
            return answered
        found = [
            (owner, answer) for owner, one in enumerate(answered) for answer in one.answers]
        return rows.long_frame({
            "answer": [answer.text for _, answer in found],
            "score": numpy.array([answer.score for _, answer in found], numpy.float32),
            "start": numpy.array([answer.start for _, answer in found], numpy.int64),
            "end": numpy.array([answer.end for _, answer in found], numpy.int64),
        }, [owner for owner, _ in found])

    def stream(
        self, pairs: Iterable[Sequence[str]], *, batch_size: int | None = None,
        **options: Unpack[QuestionOptions],
    ) -> Iterator[QuestionAnswers]:
        """Answers any number of pairs in bounded memory, as `Classifier.stream` classifies texts."""
        return streamed(
            pairs, checked_batch_size(batch_size),
            lambda batch: self.answer_pairs(batch, **options))

    def _answer(self, pairs: list[Any], options: Mapping[str, Any]) -> list[QuestionAnswers]:
        questions, count = _input.text_array([pair[0] for pair in pairs])
        contexts, _ = _input.text_array([pair[1] for pair in pairs])
        with result(
            _structs.Answers, "answers_free", library().answer, self._handle, questions, contexts,
            count, _options(**options),
        ) as arrays:
            return _answers(arrays)


def _answers(arrays: Any) -> list[QuestionAnswers]:
    spans = ranges(arrays.starts, arrays.count)
    total = spans[-1].stop if spans else 0
    columns = [
        listed(pointer, total)
        for pointer in (
            arrays.scores, arrays.code_point_begins, arrays.code_point_ends, arrays.begins,
            arrays.ends)]
    answers = [
        Answer(decoded(arrays.texts[row]), *numbers) for row, numbers in enumerate(zip(*columns))]
    tokens = listed(arrays.token_counts, arrays.count)
    windows = listed(arrays.window_counts, arrays.count)
    truncated = listed(arrays.truncated, arrays.count)
    return [
        QuestionAnswers(
            answers[span.start:span.stop], tokens[row], windows[row], bool(truncated[row]))
        for row, span in enumerate(spans)]


def _options(
    top_k: Any = None, max_answer_length: Any = None, max_length: Any = None,
    max_question_length: Any = None, doc_stride: Any = None, impossible_answers: Any = False,
    align_to_words: Any = True,
) -> _structs.QuestionOptions:
    stride = _input.number(doc_stride, 2**32 - 2, "doc_stride")
    return _structs.QuestionOptions(
        top_k=_input.count(top_k, "top_k"),
        max_answer_length=_input.count(max_answer_length, "max_answer_length"),
        max_length=_input.count(max_length, "max_length"),
        max_question_length=_input.count(max_question_length, "max_question_length"),
        doc_stride=_NO_OVERLAP if doc_stride is not None and stride == 0 else stride,
        impossible_answers=1 if impossible_answers else 0, splits_words=0 if align_to_words else 1)
