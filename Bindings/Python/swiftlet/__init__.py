"""DistilBERT and BERT models on CPUs, for every task, through libswiftlet.

    import swiftlet

    with swiftlet.Classifier() as classifier:
        for answer in classifier.classify(["Dreadful.", "Wonderful, all of it."]):
            print(answer.label, answer.score)

Any number of threads may use an object at once. The library releases the global interpreter lock
(GIL) while it computes.
"""

from ._classification import Classification
from ._classifier import Classifier
from ._embedder import Embedder
from ._errors import (
    CancelledError,
    EngineError,
    InvalidArgumentError,
    InvalidDataError,
    InvalidModelError,
    InvalidOptionError,
    InvalidTextError,
    LibraryError,
    MissingFileError,
    MissingTextError,
    NoMaskError,
    NoTokensError,
    SwiftletError,
    TextTooLongError,
    TextTypeError,
    TrainingFailedError,
    UnknownTokenError,
    UnknownTokenTypeError,
    UnsupportedModelError,
    UnwritableError,
)
from ._evaluation import ClassScore, EvaluationReport, evaluate
from ._fill_mask import FillMask, MaskCandidate, MaskFilling
from ._folders import (
    ConversionReport,
    ExportReport,
    QuantizationReport,
    convert,
    export,
    quantize,
)
from ._library import library_path, version
from ._model import bundled_model, precision_supported
from ._multiple_choice import Choice, MultipleChoice
from ._question_answerer import Answer, QuestionAnswerer, QuestionAnswers
from ._results import LabelScore
from ._token_classifier import Entity, TokenClassification, TokenClassifier
from ._tokenizer import Tokenizer, Tokens
from ._training import TrainingPlan, TrainingReport, plan_training, train
from ._version import VERSION
from ._zero_shot import ZeroShotClassification, ZeroShotClassifier

__version__: str = VERSION

__all__ = [
    "Answer",
    "CancelledError",
    "Choice",
    "ClassScore",
    "Classification",
    "Classifier",
    "ConversionReport",
    "Embedder",
    "EngineError",
    "Entity",
    "EvaluationReport",
    "ExportReport",
    "FillMask",
    "InvalidArgumentError",
    "InvalidDataError",
    "InvalidModelError",
    "InvalidOptionError",
    "InvalidTextError",
    "LabelScore",
    "LibraryError",
    "MaskCandidate",
    "MaskFilling",
    "MissingFileError",
    "MissingTextError",
    "MultipleChoice",
    "NoMaskError",
    "NoTokensError",
    "QuantizationReport",
    "QuestionAnswerer",
    "QuestionAnswers",
    "SwiftletError",
    "TextTooLongError",
    "TextTypeError",
    "TokenClassification",
    "TokenClassifier",
    "Tokenizer",
    "Tokens",
    "TrainingFailedError",
    "TrainingPlan",
    "TrainingReport",
    "UnknownTokenError",
    "UnknownTokenTypeError",
    "UnsupportedModelError",
    "UnwritableError",
    "ZeroShotClassification",
    "ZeroShotClassifier",
    "__version__",
    "bundled_model",
    "convert",
    "evaluate",
    "export",
    "library_path",
    "plan_training",
    "precision_supported",
    "quantize",
    "train",
    "version",
]
