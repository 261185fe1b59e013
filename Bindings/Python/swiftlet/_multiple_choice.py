from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy
import numpy.typing

from . import _input, _structs
from ._library import library
from ._model import Model
from ._results import copied, result

Floats = numpy.typing.NDArray[numpy.float32]


@dataclass(frozen=True, eq=False)
class Choice:
    """The scores of the choices of a text."""

    best: int
    """The index of the best choice."""
    scores: Floats
    """float32: the probability of each choice; they add up to 1."""
    logits: Floats
    """float32: the logit of each choice."""
    tokens: int = 0
    """The number of tokens of the text with the longest choice, before truncation."""
    truncated: bool = False
    """Whether the text or a choice was truncated."""


class MultipleChoice(Model):
    """Chooses the ending or the answer that fits a text best, with the options of `Classifier`."""

    _kind = "multiple_choice"

    def choose(
        self, text: str, among: Iterable[str], *,
        long_text: Literal["truncate", "error"] | None = None,
    ) -> Choice:
        """Chooses among texts. An error's `text_index` is that of a choice."""
        array, count = _input.text_array(_input.listed(among, "choices"), "choice")
        options = _structs.ChoiceOptions(
            long_text=_input.choice(long_text, {"truncate": 0, "error": 1}, "long_text"))
        with result(
            _structs.Choice, "choice_free", library().choose, self._handle, _input.one_text(text),
            array, count, options,
        ) as found:
            return Choice(
                found.best, copied(found.scores, found.count, numpy.float32),
                copied(found.logits, found.count, numpy.float32), found.token_count,
                bool(found.truncated))
