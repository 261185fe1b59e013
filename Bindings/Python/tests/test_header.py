"""The structs and functions of this package against swiftlet.h."""

import ctypes
import re

import pytest
from conftest import ROOT
from swiftlet import _errors, _library, _structs

HEADER = (ROOT / "Sources/SwiftletC/include/swiftlet.h").read_text()
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)

STRUCTS = {
    "text": _structs.Text,
    "model_options": _structs.ModelOptions,
    "classification_options": _structs.ClassificationOptions,
    "classifications": _structs.Classifications,
    "embedding_options": _structs.EmbeddingOptions,
    "token_classification_options": _structs.TokenClassificationOptions,
    "entities": _structs.Entities,
    "question_options": _structs.QuestionOptions,
    "answers": _structs.Answers,
    "mask_options": _structs.MaskOptions,
    "fillings": _structs.Fillings,
    "zero_shot_options": _structs.ZeroShotOptions,
    "zero_shot_classifications": _structs.ZeroShotClassifications,
    "choice_options": _structs.ChoiceOptions,
    "choice": _structs.Choice,
    "tokenization_options": _structs.TokenizationOptions,
    "tokens": _structs.Tokens,
}

# What the package does not use: its own arrays and generators are in place of them.
UNUSED_STRUCTS = {"embeddings"}
UNUSED_FUNCTIONS = {
    "status_name", "error_status", "embed", "embeddings_free", "classify_stream"}

SCALARS = {
    "size_t": ctypes.c_size_t, "float": ctypes.c_float, "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64, "uint8_t": ctypes.c_uint8, "uint32_t": ctypes.c_uint32,
}


def fields(name):
    """Names and types of a struct's fields, as (name, scalar, is a pointer, length)."""
    body = re.search(rf"typedef struct swiftlet_{name} {{(.*?)}} swiftlet_{name};", CODE, re.DOTALL)[1]
    for declaration in filter(None, (line.strip() for line in body.split(";"))):
        kind, stars, field, length = re.fullmatch(
            r"(?:const )?(\w+)((?:\s*\*\s*(?:const)?\s*)*)\s*(\w+)(?:\[(\d+)\])?", declaration).groups()
        yield field, kind, stars.count("*"), length


@pytest.mark.parametrize("name", STRUCTS)
def test_a_struct_has_the_fields_of_the_header(name):
    struct = STRUCTS[name]
    found = list(fields(name))
    assert [field for field, *_ in found] == [field for field, *_ in struct._fields_]
    for (field, kind, stars, length), (_, declared) in zip(found, struct._fields_):
        if stars:
            assert ctypes.sizeof(declared) == ctypes.sizeof(ctypes.c_void_p), field
            if stars == 1 and kind in SCALARS:
                assert declared is ctypes.POINTER(SCALARS[kind]), field
        elif length:
            assert declared is SCALARS[kind] * int(length), field
        else:
            assert declared is SCALARS[kind], field


def functions():
    """The number of arguments of each function."""
    found = re.findall(r"\bswiftlet_(\w+)\(([^()]*)\);", CODE)
    return {
        name: 0 if arguments.strip() == "void" else arguments.count(",") + 1
        for name, arguments in found}


def test_every_struct_and_function_of_the_header_is_known():
    structs = set(re.findall(r"typedef struct swiftlet_(\w+) {", CODE))
    assert structs == set(STRUCTS) | UNUSED_STRUCTS
    used = set(_library.CALLS) | set(_library.FUNCTIONS)
    assert set(functions()) == used | UNUSED_FUNCTIONS


def test_functions_have_the_arguments_of_the_header():
    counts = functions()
    for name, arguments in _library.CALLS.items():
        assert len(arguments) + 1 == counts[name], name
    for name, (_, arguments) in _library.FUNCTIONS.items():
        assert len(arguments) == counts[name], name


def test_every_status_has_an_exception():
    body = re.search(r"enum {\s*SWIFTLET_OK = 0,(.*?)}", CODE, re.DOTALL)[1]
    statuses = {int(number) for number in re.findall(r"= (\d+)", body)}
    assert statuses == set(_errors.BY_STATUS)


def test_the_versions_are_those_of_the_sources():
    assert f"#define SWIFTLET_ABI_VERSION {_library.ABI_VERSION}\n" in HEADER
    source = (ROOT / "Sources/Swiftlet/ProjectVersion.swift").read_text()
    assert f'= "{_library.VERSION}"' in source
