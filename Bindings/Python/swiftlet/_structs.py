"""The structs of swiftlet.h, field by field; tests/test_header.py compares them with the header."""

from __future__ import annotations

import ctypes
from ctypes import (
    POINTER,
    c_char_p,
    c_float,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_void_p,
)
from typing import Any


class Text(ctypes.Structure):
    _fields_ = [("bytes", c_char_p), ("length", c_size_t)]


class ResultText(ctypes.Structure):
    """A text in a result; `bytes` as an address, because the text may contain NUL."""

    _fields_ = [("bytes", c_void_p), ("length", c_size_t)]


class Options(ctypes.Structure):
    """An option struct; sets its size, and all fields that are not given to 0."""

    def __init__(self, **values: Any) -> None:
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
        ("top_k", c_uint32),
        ("minimum_score", c_float),
        ("threshold", c_float),
        ("prompt_kind", c_int32),
        ("prompt", c_char_p),
        ("label_thresholds", POINTER(c_float)),
        ("label_threshold_count", c_size_t),
    ]


class EmbeddingOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("long_text", c_int32),
        ("prompt_kind", c_int32),
        ("prompt", c_char_p),
        ("role", c_int32),
        ("reserved", c_int32),
    ]


class TokenClassificationOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("aggregation", c_int32),
        ("long_text", c_int32),
        ("window_stride", c_uint32),
        ("keeps_all_labels", c_int32),
        ("ignored_labels", POINTER(c_char_p)),
        ("ignored_label_count", c_size_t),
    ]


class QuestionOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("top_k", c_uint32),
        ("max_answer_length", c_uint32),
        ("max_length", c_uint32),
        ("max_question_length", c_uint32),
        ("doc_stride", c_uint32),
        ("impossible_answers", c_int32),
        ("splits_words", c_int32),
        ("reserved", c_int32),
    ]


class MaskOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("top_k", c_uint32),
        ("long_text", c_int32),
        ("targets", POINTER(Text)),
        ("target_count", c_size_t),
    ]


class ZeroShotOptions(Options):
    _fields_ = [
        ("size", c_size_t),
        ("hypothesis_template", c_char_p),
        ("multi_label", c_int32),
        ("long_text", c_int32),
    ]


class ChoiceOptions(Options):
    _fields_ = [("size", c_size_t), ("long_text", c_int32), ("reserved", c_int32)]


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
        ("ranked_count", c_size_t),
        ("ranked", POINTER(c_size_t)),
        ("accepted", POINTER(c_uint8)),
        ("decided", POINTER(c_uint8)),
    ]


class Entities(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("starts", POINTER(c_size_t)),
        ("labels", POINTER(c_char_p)),
        ("scores", POINTER(c_float)),
        ("words", POINTER(ResultText)),
        ("begins", POINTER(c_size_t)),
        ("ends", POINTER(c_size_t)),
        ("code_point_begins", POINTER(c_size_t)),
        ("code_point_ends", POINTER(c_size_t)),
        ("token_indices", POINTER(c_int64)),
        ("token_counts", POINTER(c_uint32)),
        ("truncated", POINTER(c_uint8)),
    ]


class Answers(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("starts", POINTER(c_size_t)),
        ("texts", POINTER(ResultText)),
        ("scores", POINTER(c_float)),
        ("begins", POINTER(c_size_t)),
        ("ends", POINTER(c_size_t)),
        ("code_point_begins", POINTER(c_size_t)),
        ("code_point_ends", POINTER(c_size_t)),
        ("token_counts", POINTER(c_uint32)),
        ("window_counts", POINTER(c_uint32)),
        ("truncated", POINTER(c_uint8)),
    ]


class Fillings(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("mask_starts", POINTER(c_size_t)),
        ("candidate_starts", POINTER(c_size_t)),
        ("tokens", POINTER(ResultText)),
        ("token_ids", POINTER(c_int32)),
        ("scores", POINTER(c_float)),
        ("sequences", POINTER(ResultText)),
        ("token_counts", POINTER(c_uint32)),
        ("truncated", POINTER(c_uint8)),
    ]


class ZeroShotClassifications(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("label_count", c_size_t),
        ("scores", POINTER(c_float)),
        ("ranked", POINTER(c_size_t)),
        ("token_counts", POINTER(c_uint32)),
        ("truncated", POINTER(c_uint8)),
    ]


class Choice(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("best", c_size_t),
        ("scores", POINTER(c_float)),
        ("logits", POINTER(c_float)),
        ("token_count", c_uint32),
        ("truncated", c_int32),
    ]


class Tokens(ctypes.Structure):
    _fields_ = [
        ("count", c_size_t),
        ("ids", POINTER(c_int32)),
        ("type_ids", POINTER(c_int32)),
        ("begins", POINTER(c_size_t)),
        ("ends", POINTER(c_size_t)),
        ("special", POINTER(c_uint8)),
        ("untruncated_count", c_size_t),
    ]
