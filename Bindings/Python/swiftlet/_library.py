"""Finds libswiftlet and declares the functions of swiftlet.h."""

import ctypes
import functools
import os
import pathlib
from ctypes import POINTER, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_void_p

from ._errors import BY_STATUS, LibraryError, SwiftletError

ABI_VERSION = 0
NAME = f"libswiftlet.so.{ABI_VERSION}"


class Text(ctypes.Structure):
    _fields_ = [("bytes", c_char_p), ("length", c_size_t)]


class Options(ctypes.Structure):
    """An option struct; sets its size, and all fields that are not given to 0."""

    def __init__(self, **values):
        super().__init__(size=ctypes.sizeof(self), **values)


class ModelOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("precision", c_int32),
        ("gemm", c_int32),
        ("loading", c_int32),
        ("threads", c_uint32),
        ("normalization", c_int32),
        ("allow_other_task", c_int32),
    ]


class ClassificationOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("function", c_int32),
        ("long_text", c_int32),
        ("window_stride", c_uint32),
        ("window_pooling", c_int32),
        ("temperature", c_float),
        ("reserved", c_int32),
    ]


class EmbeddingOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("long_text", c_int32),
        ("prompt_kind", c_int32),
        ("prompt", c_char_p),
    ]


class TokenizationOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("max_length", c_uint32),
        ("no_special_tokens", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class Classifications(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("label_count", c_size_t),
        ("scores", POINTER(c_float)),
        ("logits", POINTER(c_float)),
        ("best", POINTER(c_size_t)),
        ("token_counts", POINTER(c_uint32)),
        ("truncated", POINTER(c_uint8)),
    ]


class TokenArrays(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("ids", POINTER(c_int32)),
        ("type_ids", POINTER(c_int32)),
        ("begins", POINTER(c_size_t)),
        ("ends", POINTER(c_size_t)),
        ("special", POINTER(c_uint8)),
        ("untruncated_count", c_size_t),
    ]


_TEXTS, _HANDLE, _PLACE = POINTER(Text), c_void_p, POINTER(c_void_p)
_MODEL = [c_char_p, POINTER(ModelOptions), _PLACE]
_CLASSIFY = [POINTER(ClassificationOptions), POINTER(POINTER(Classifications))]

# Functions that can fail: their arguments, without the error object at the end.
_CALLS = {
    "classifier_load": _MODEL,
    "classifier_tokenizer": [_HANDLE, _PLACE],
    "classify": [_HANDLE, _TEXTS, c_size_t] + _CLASSIFY,
    "classify_pairs": [_HANDLE, _TEXTS, _TEXTS, c_size_t] + _CLASSIFY,
    "logits": [_HANDLE, _TEXTS, c_size_t, POINTER(ClassificationOptions), c_void_p, c_size_t],
    "embedder_load": _MODEL,
    "embedder_tokenizer": [_HANDLE, _PLACE],
    "embed_into": [_HANDLE, _TEXTS, c_size_t, POINTER(EmbeddingOptions), c_void_p, c_size_t],
    "tokenizer_load": [c_char_p, _PLACE],
    "tokenize": [_HANDLE, _TEXTS, _TEXTS, POINTER(TokenizationOptions),
                 POINTER(POINTER(TokenArrays))],
    "decode": [_HANDLE, c_void_p, c_size_t, c_int32, POINTER(c_void_p), POINTER(c_size_t)],
}

# Functions that can't fail: their result and arguments.
_FUNCTIONS = {
    "abi_version": (c_uint32, []),
    "version": (c_char_p, []),
    "error_message": (c_char_p, [c_void_p]),
    "error_text_index": (c_int64, [c_void_p]),
    "error_free": (None, [c_void_p]),
    "classifier_free": (None, [_HANDLE]),
    "classifier_label_count": (c_size_t, [_HANDLE]),
    "classifier_label": (c_char_p, [_HANDLE, c_size_t]),
    "classifier_max_length": (c_size_t, [_HANDLE]),
    "classifications_free": (None, [POINTER(Classifications)]),
    "embedder_free": (None, [_HANDLE]),
    "embedder_dimension": (c_size_t, [_HANDLE]),
    "embedder_max_length": (c_size_t, [_HANDLE]),
    "tokenizer_free": (None, [_HANDLE]),
    "tokenizer_vocabulary_size": (c_size_t, [_HANDLE]),
    "tokens_free": (None, [POINTER(TokenArrays)]),
    "string_free": (None, [c_void_p]),
}


class Library:
    """The functions without their prefix; failures raise the exceptions of BY_STATUS.

    `ctypes.CDLL` releases the GIL during every call.
    """

    def __init__(self, path):
        self.path = path
        self._library = ctypes.CDLL(path)
        for name, (result, arguments) in _FUNCTIONS.items():
            setattr(self, name, self._declare(name, result, arguments))
        if self.abi_version() != ABI_VERSION:
            raise LibraryError(
                f"{path} has ABI version {self.abi_version()}, this package needs {ABI_VERSION}; "
                "install both from the same version of Swiftlet")
        for name, arguments in _CALLS.items():
            function = self._declare(name, c_int32, arguments + [POINTER(c_void_p)])
            setattr(self, name, functools.partial(self._call, function))

    def _declare(self, name, result, arguments):
        try:
            function = getattr(self._library, "swiftlet_" + name)
        except AttributeError:
            raise LibraryError(
                f"{self.path} is not libswiftlet: it has no function swiftlet_{name}") from None
        function.restype = result
        function.argtypes = arguments
        return function

    def _call(self, function, *arguments):
        error = c_void_p()
        status = function(*arguments, ctypes.byref(error))
        if status == 0:
            return
        message = self.error_message(error).decode()
        index = self.error_text_index(error)
        self.error_free(error)
        raise BY_STATUS.get(status, SwiftletError)(message, None if index < 0 else index)


def _candidates():
    """The paths to try: only SWIFTLET_LIBRARY if it is set, else beside this file, then the system's
    search path."""
    named = os.environ.get("SWIFTLET_LIBRARY")
    if named:
        return [named]
    beside = pathlib.Path(__file__).resolve().parent / NAME
    return ([str(beside)] if beside.exists() else []) + [NAME]


@functools.lru_cache(maxsize=None)
def library():
    """The library, loaded at the first call."""
    reasons = []
    for path in _candidates():
        try:
            return Library(path)
        except OSError as error:
            reasons.append(str(error))
    raise LibraryError(
        f"libswiftlet can't be loaded ({'; '.join(reasons)}); install it with make install, or set "
        "SWIFTLET_LIBRARY to its path")


def library_path() -> str:
    """The path from which the library was loaded."""
    return library().path


def version() -> str:
    """The version of the library."""
    return library().version().decode()
