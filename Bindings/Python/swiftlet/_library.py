"""Finds libswiftlet and declares the functions of swiftlet.h."""

from __future__ import annotations

import ctypes
import functools
import os
import pathlib
import platform
from ctypes import POINTER, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from typing import Any

from . import _structs
from ._errors import BY_STATUS, LibraryError, SwiftletError
from ._version import VERSION

ABI_VERSION = 0
NAME = f"libswiftlet.so.{ABI_VERSION}"

#: A function that receives an event of a training: context, text, length.
EventSink = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t)

_TEXTS, _HANDLE, _PLACE = POINTER(_structs.Text), c_void_p, POINTER(c_void_p)


def _answers(options: type, result: type) -> list[Any]:
    """The last arguments of a function that writes a result."""
    return [POINTER(options), POINTER(POINTER(result))]


_CLASSIFY = _answers(_structs.ClassificationOptions, _structs.Classifications)
_FOLDER = [c_char_p, c_char_p, c_char_p, _PLACE]

# Functions that can fail: their arguments, without the error object at the end.
CALLS: dict[str, list[Any]] = {
    "bundled_model": [c_char_p, _PLACE],
    "classify": [_HANDLE, _TEXTS, c_size_t, *_CLASSIFY],
    "classify_pairs": [_HANDLE, _TEXTS, _TEXTS, c_size_t, *_CLASSIFY],
    "logits": [_HANDLE, _TEXTS, c_size_t, _CLASSIFY[0], c_void_p, c_size_t],
    "fit_temperature": [c_void_p, c_void_p, c_size_t, c_size_t, POINTER(c_float)],
    "embed_into": [_HANDLE, _TEXTS, c_size_t, POINTER(_structs.EmbeddingOptions), c_void_p, c_size_t],
    "classify_tokens": [
        _HANDLE, _TEXTS, c_size_t,
        *_answers(_structs.TokenClassificationOptions, _structs.Entities)],
    "answer": [
        _HANDLE, _TEXTS, _TEXTS, c_size_t, *_answers(_structs.QuestionOptions, _structs.Answers)],
    "fill_masks": [
        _HANDLE, _TEXTS, c_size_t, *_answers(_structs.MaskOptions, _structs.Fillings)],
    "classify_zero_shot": [
        _HANDLE, _TEXTS, c_size_t, _TEXTS, c_size_t,
        *_answers(_structs.ZeroShotOptions, _structs.ZeroShotClassifications)],
    "choose": [
        _HANDLE, _TEXTS, _TEXTS, c_size_t, *_answers(_structs.ChoiceOptions, _structs.Choice)],
    "tokenizer_load": [c_char_p, _PLACE],
    "tokenize": [_HANDLE, _TEXTS, _TEXTS, *_answers(_structs.TokenizationOptions, _structs.Tokens)],
    "decode": [_HANDLE, c_void_p, c_size_t, c_int32, _PLACE, POINTER(c_size_t)],
    "quantize": _FOLDER,
    "convert": _FOLDER,
    "export": _FOLDER,
    "evaluate": _FOLDER,
    "train": [c_char_p, EventSink, c_void_p, _PLACE],
}

# Functions that can't fail: their result and arguments.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "abi_version": (c_uint32, []),
    "version": (c_char_p, []),
    "precision_supported": (c_int32, [c_int32]),
    "error_message": (c_char_p, [c_void_p]),
    "error_text_index": (c_int64, [c_void_p]),
    "error_free": (None, [c_void_p]),
    "embedder_dimension": (c_size_t, [_HANDLE]),
    "tokenizer_free": (None, [_HANDLE]),
    "tokenizer_vocabulary_size": (c_size_t, [_HANDLE]),
    "tokens_free": (None, [POINTER(_structs.Tokens)]),
    "classifications_free": (None, [POINTER(_structs.Classifications)]),
    "entities_free": (None, [POINTER(_structs.Entities)]),
    "answers_free": (None, [POINTER(_structs.Answers)]),
    "fillings_free": (None, [POINTER(_structs.Fillings)]),
    "zero_shot_classifications_free": (None, [POINTER(_structs.ZeroShotClassifications)]),
    "choice_free": (None, [POINTER(_structs.Choice)]),
    "string_free": (None, [c_void_p]),
}

MODELS = (
    "classifier", "embedder", "token_classifier", "question_answerer", "mask_filler",
    "zero_shot_classifier", "multiple_choice",
)
for _model in MODELS:
    CALLS[f"{_model}_load"] = [c_char_p, POINTER(_structs.ModelOptions), _PLACE]
    CALLS[f"{_model}_tokenizer"] = [_HANDLE, _PLACE]
    FUNCTIONS[f"{_model}_free"] = (None, [_HANDLE])
    FUNCTIONS[f"{_model}_max_length"] = (c_size_t, [_HANDLE])
for _model in ("classifier", "token_classifier"):
    FUNCTIONS[f"{_model}_label_count"] = (c_size_t, [_HANDLE])
    FUNCTIONS[f"{_model}_label"] = (c_char_p, [_HANDLE, c_size_t])


class Library:
    """The functions without their prefix, each declared when it is first used; failures raise the
    exceptions of BY_STATUS.

    `ctypes.CDLL` releases the GIL during every call.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._library = ctypes.CDLL(path)
        if not hasattr(self._library, "swiftlet_abi_version"):
            raise LibraryError(
                f"{path} is not libswiftlet: it has no function swiftlet_abi_version")
        abi, found = self.abi_version(), self.version().decode()
        if (abi, found) != (ABI_VERSION, VERSION):
            raise LibraryError(
                f"{path} is of Swiftlet {found} with ABI version {abi}, this package of {VERSION} "
                f"with {ABI_VERSION}; install both from the same version of Swiftlet")

    def __getattr__(self, name: str) -> Any:
        if name in FUNCTIONS:
            function = self._declared(name, *FUNCTIONS[name])
        elif name in CALLS:
            function = functools.partial(
                self._call, self._declared(name, c_int32, [*CALLS[name], POINTER(c_void_p)]))
        else:
            raise AttributeError(name)
        # Of two threads that come here at once the second declares it again.
        self.__dict__[name] = function
        return function

    def _declared(self, name: str, result: Any, arguments: list[Any]) -> Any:
        try:
            function = self._library["swiftlet_" + name]
        except AttributeError:
            raise LibraryError(
                f"{self.path} has no function swiftlet_{name}; install the library and this package "
                "from the same version of Swiftlet") from None
        function.restype = result
        function.argtypes = arguments
        return function

    def _call(self, function: Any, *arguments: Any) -> None:
        error = c_void_p()
        status = function(*arguments, ctypes.byref(error))
        if status == 0:
            return
        message = self.error_message(error).decode()
        index = self.error_text_index(error)
        self.error_free(error)
        raise BY_STATUS.get(status, SwiftletError)(message, None if index < 0 else index)


def _candidates() -> list[str]:
    """The paths to try: only SWIFTLET_LIBRARY if it is set, else beside this file, then the system's
    search path."""
    named = os.environ.get("SWIFTLET_LIBRARY")
    if named:
        return [named]
    beside = pathlib.Path(__file__).resolve().parent / NAME
    return ([str(beside)] if beside.exists() else []) + [NAME]


@functools.lru_cache(maxsize=None)
def library() -> Library:
    """The library, loaded at the first call."""
    reasons = []
    for path in _candidates():
        try:
            return Library(path)
        except OSError as error:
            reasons.append(str(error))
    raise LibraryError(
        f"libswiftlet can't be loaded on this {platform.machine()} machine ({'; '.join(reasons)}); "
        "install a wheel for it, install the library with make install, or set SWIFTLET_LIBRARY to "
        "its path")


def library_path() -> str:
    """The path from which the library was loaded."""
    return library().path


def version() -> str:
    """The version of the library, which is that of this package."""
    found: bytes = library().version()
    return found.decode()
