"""One exception for each status of the library; the messages are the library's own."""

from __future__ import annotations


class SwiftletError(Exception):
    """What the library, or this package, can't do. `text_index` says for which of the texts, counted
    from 0; None if for none of them."""

    def __init__(self, message: str, text_index: int | None = None) -> None:
        super().__init__(message)
        self.text_index = text_index


class LibraryError(SwiftletError, ImportError):
    """libswiftlet is not there, or of another version than this package."""


class InvalidArgumentError(SwiftletError, ValueError):
    """An argument can't be used, or the object is closed."""


class InvalidTextError(SwiftletError, ValueError):
    """A text or a path can't be written in UTF-8: it has lone surrogates."""


class InvalidOptionError(SwiftletError, ValueError):
    """An option has a value that makes no sense."""


class MissingFileError(SwiftletError, FileNotFoundError):
    """The model's folder or a file in it is not there, or can't be read."""


class InvalidModelError(SwiftletError, ValueError):
    """A file of the model is not what it should be."""


class UnsupportedModelError(SwiftletError, ValueError):
    """The model is sound, but of a kind that Swiftlet does not run."""


class EngineError(SwiftletError, RuntimeError):
    """The kernels or threads that are asked for can't be had, or the process was forked."""


class UnwritableError(SwiftletError, OSError):
    """A file can't be written."""


class TextTooLongError(SwiftletError, ValueError):
    """A text has more tokens than the model takes."""


class UnknownTokenError(SwiftletError, ValueError):
    """The tokenizer gave a text a token that the model has no embedding for."""


class UnknownTokenTypeError(SwiftletError, ValueError):
    """The tokenizer gave a text a token type that the model has no embedding for."""


class NoTokensError(SwiftletError, ValueError):
    """The tokenizer makes no token of a text."""


class NoMaskError(SwiftletError, ValueError):
    """A text to be filled has no mask."""


BY_STATUS = {
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
}
