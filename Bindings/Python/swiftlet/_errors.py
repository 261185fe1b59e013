"""One exception for each status of the library; the messages are the library's own."""

from __future__ import annotations

import re


class SwiftletError(Exception):
    """Any failure of the library or this package.

    `text_index` is the index of the text that caused it, from 0; None if no text did.
    """

    def __init__(self, message: str, text_index: int | None = None) -> None:
        super().__init__(message)
        self.text_index = text_index


class LibraryError(SwiftletError, ImportError):
    """libswiftlet was not found, or its version differs from this package's."""


class InvalidArgumentError(SwiftletError, ValueError):
    """An argument is invalid, or the object is closed."""


class InvalidTextError(SwiftletError, ValueError):
    """A text or a path can't be encoded as UTF-8: it contains lone surrogates."""


class TextTypeError(SwiftletError, TypeError):
    """A text is not a str, or a pair is not two texts."""


class MissingTextError(SwiftletError, ValueError):
    """A text is None, NaN or pandas.NA."""


class InvalidOptionError(SwiftletError, ValueError):
    """An option has an invalid value."""


class MissingFileError(SwiftletError, FileNotFoundError):
    """The model's folder or a file in it is missing or can't be read."""


class InvalidModelError(SwiftletError, ValueError):
    """A file of the model is damaged or has invalid contents."""


class UnsupportedModelError(SwiftletError, ValueError):
    """The model is valid, but Swiftlet does not support its kind."""


class EngineError(SwiftletError, RuntimeError):
    """The requested kernels or threads are not available, the system refused memory, or the process
    was forked."""


class UnwritableError(SwiftletError, OSError):
    """A file can't be written."""


class TextTooLongError(SwiftletError, ValueError):
    """A text has more tokens than the model's maximum."""


class UnknownTokenError(SwiftletError, ValueError):
    """A text has a token that the model has no embedding for."""


class UnknownTokenTypeError(SwiftletError, ValueError):
    """A text has a token type that the model has no embedding for."""


class NoTokensError(SwiftletError, ValueError):
    """A text has no tokens."""


class NoMaskError(SwiftletError, ValueError):
    """A text to be filled has no mask token."""


class CancelledError(SwiftletError):
    """A function of the caller ended the call."""


class InvalidDataError(SwiftletError, ValueError):
    """A file of texts and labels is missing, has rows that can't be used, or none."""


class TrainingFailedError(SwiftletError, RuntimeError):
    """A training can't continue: its loss is not finite, or its checkpoint was changed."""


BY_STATUS: dict[int, type[SwiftletError]] = {
    1: InvalidArgumentError,
    2: InvalidTextError,
    3: InvalidOptionError,
    4: MissingFileError,
    5: InvalidModelError,
    6: UnsupportedModelError,
    7: EngineError,
    8: UnwritableError,
    9: TextTooLongError,
    10: UnknownTokenError,
    11: UnknownTokenTypeError,
    12: NoTokensError,
    13: NoMaskError,
    14: CancelledError,
    15: InvalidDataError,
    16: TrainingFailedError,
}


def renumbered(error: SwiftletError, index: int) -> SwiftletError:
    """The error of a text that has another index in the whole of which the call got a part."""
    old = error.text_index
    if old is None or old == index:
        return error
    message = re.sub(rf"^(text|pair) {old + 1}\b", rf"\1 {index + 1}", str(error))
    return type(error)(message, index)
