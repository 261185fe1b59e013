"""The base class of the tasks, and the model that comes with Swiftlet."""

from __future__ import annotations

import ctypes
from typing import Literal

from . import _input
from ._handle import Handle
from ._library import library
from ._structs import ModelOptions
from ._tokenizer import Tokenizer


def bundled_model(name: str = "sentiment") -> str:
    """The folder of a model that comes with Swiftlet: "sentiment" has the labels NEGATIVE and POSITIVE,
    for English."""
    text = ctypes.c_void_p()
    library().bundled_model(_input.terminated(name, "name"), ctypes.byref(text))
    try:
        return ctypes.string_at(text).decode()
    finally:
        library().string_free(text)


def precision_supported(precision: Literal["float32", "bfloat16", "int8"]) -> bool:
    """Whether models can be loaded in a precision, by the CPU and by `SWIFTLET_ISA`. Only "bfloat16" may
    be missing."""
    return bool(library().precision_supported(_input.precision_number(precision)))


class Model(Handle):
    """A model of one task.

    Its folder holds `config.json`, weights of safetensors, PyTorch or ONNX, and `tokenizer.json` or
    `vocab.txt`. `precision` is "float32", "bfloat16" or "int8" (default: "int8" for an int8 model,
    otherwise "float32"); "bfloat16" raises `EngineError` unless the CPU has AVX512_BF16, which
    `swiftlet.precision_supported` tells. `gemm` is "automatic", "native" or "cblas", `loading` "mapped",
    "read" or "shared", and `threads` the number of threads (default: all CPUs that the process may use).
    A model made for another task raises `UnsupportedModelError` unless `allow_other_task` is true.
    """

    def __init__(
        self, path: _input.Path, *, precision: _input.Precision = None, gemm: _input.GEMM = None,
        loading: _input.Loading = None, threads: int | None = None, allow_other_task: bool = False,
    ) -> None:
        self._load(
            path, _input.model_options(precision, gemm, loading, threads, allow_other_task))

    def _load(self, path: _input.Path, options: ModelOptions) -> None:
        Handle.__init__(
            self, getattr(library(), f"{self._kind}_load"), _input.path_bytes(path), options)
        #: The maximum length of a text in tokens, special tokens included.
        self.max_length: int = getattr(library(), f"{self._kind}_max_length")(self._handle)

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, which outlives the model."""
        return Tokenizer._of(getattr(library(), f"{self._kind}_tokenizer"), self._handle)

    def _labels(self) -> list[str]:
        count = getattr(library(), f"{self._kind}_label_count")(self._handle)
        label = getattr(library(), f"{self._kind}_label")
        return [label(self._handle, index).decode() for index in range(count)]
