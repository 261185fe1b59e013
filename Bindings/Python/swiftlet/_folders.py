"""Functions that read a model's folder and write another, or a report."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from . import _input
from ._library import library


@dataclass(frozen=True)
class QuantizationReport:
    """The sizes of the weights before and after."""

    folder: str
    original_bytes: int
    """The size of the original weights."""
    quantized_bytes: int
    """The size of the new `model.safetensors`."""
    int8_bytes: int
    """The bytes of int8 weights in it."""


@dataclass(frozen=True)
class ConversionReport:
    """What was converted."""

    folder: str
    original_files: list[str]
    """The files of the original weights."""
    original_bytes: int
    converted_bytes: int


@dataclass(frozen=True)
class ExportReport:
    """What was exported."""

    folder: str
    task: str
    files: dict[str, int]
    """The size of each file in bytes."""


def quantize(
    path: _input.Path, output: _input.Path, *, force: bool = False, threads: int | None = None,
) -> QuantizationReport:
    """Writes a model with int8 weights to the new folder `output`; `force` replaces an int8 model.

    The folder appears when it is complete.
    """
    return QuantizationReport(**_known(QuantizationReport, folder_report(
        "quantize", path, output, {"force": force, "threads": threads})))


def convert(
    path: _input.Path, output: _input.Path, *,
    dtype: Literal["float32", "float16", "bfloat16"] | None = None,
) -> ConversionReport:
    """Writes a model of any format that Swiftlet reads to the new folder `output`, as `save_pretrained`
    of transformers does; `dtype` is "float32", "float16" or "bfloat16" (default: the model's)."""
    return ConversionReport(**_known(
        ConversionReport, folder_report("convert", path, output, {"dtype": dtype})))


def export(
    path: _input.Path, output: _input.Path, *, opset: int | None = None, task: str | None = None,
    quantize: Literal["dynamic", "exact"] | None = None, link: bool = False, force: bool = False,
) -> ExportReport:
    """Writes a model as ONNX to the new folder `output`, with the options of `swiftlet export`."""
    report = folder_report("export", path, output, {
        "opset": opset, "task": task, "quantize": quantize, "link": link, "force": force})
    files = {file["name"]: file["bytes"] for file in report["files"]}
    return ExportReport(report["folder"], report["task"], files)


def folder_report(
    function: str, path: object, output: object, options: Mapping[str, Any],
) -> dict[str, Any]:
    """Calls a function that reads a folder and writes to a path, or reads a second one."""
    text = ctypes.c_void_p()
    getattr(library(), function)(
        _input.path_bytes(path), _input.path_bytes(output), json_options(options),
        ctypes.byref(text))
    return report_of(text)


def report_of(text: ctypes.c_void_p) -> dict[str, Any]:
    """Reads a report of the library, and frees it."""
    try:
        report: dict[str, Any] = json.loads(ctypes.string_at(text))
        return report
    finally:
        library().string_free(text)


def json_options(options: Mapping[str, Any]) -> bytes:
    """Options as the library takes them: flags with dashes; None is the default."""
    given = {
        name.replace("_", "-"): value for name, value in options.items() if value is not None}
    return json.dumps(given, default=_json_value).encode()


def _json_value(value: Any) -> Any:
    """A number of numpy, or a path."""
    if hasattr(value, "item"):
        return value.item()
    return _input.path_bytes(value).decode()


def _known(kind: Any, report: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a report that its class has: later versions of the library may add some."""
    return {name: report[name] for name in kind.__dataclass_fields__}
