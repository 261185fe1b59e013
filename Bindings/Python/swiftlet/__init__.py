"""DistilBERT and BERT models on CPUs: labels, embeddings and tokens, through libswiftlet.

    import swiftlet

    with swiftlet.Classifier("path/to/model") as classifier:
        for answer in classifier.classify(["Dreadful.", "Wonderful, all of it."]):
            print(answer.label, answer.score)

Any number of threads may use an object at once. The library releases the global interpreter lock
(GIL) while it computes.
"""

from ._classifier import Classification, Classifier
from ._embedder import Embedder
from ._errors import (
    EngineError,
    InvalidArgumentError,
    InvalidModelError,
    InvalidOptionError,
    InvalidTextError,
    LibraryError,
    MissingFileError,
    NoMaskError,
    NoTokensError,
    SwiftletError,
    TextTooLongError,
    UnknownTokenError,
    UnknownTokenTypeError,
    UnsupportedModelError,
    UnwritableError,
)
from ._library import library_path, version
from ._tokenizer import Tokenizer, Tokens

__all__ = [
    "Classification",
    "Classifier",
    "Embedder",
    "EngineError",
    "InvalidArgumentError",
    "InvalidModelError",
    "InvalidOptionError",
    "InvalidTextError",
    "LibraryError",
    "MissingFileError",
    "NoMaskError",
    "NoTokensError",
    "SwiftletError",
    "TextTooLongError",
    "Tokenizer",
    "Tokens",
    "UnknownTokenError",
    "UnknownTokenTypeError",
    "UnsupportedModelError",
    "UnwritableError",
    "library_path",
    "version",
]
