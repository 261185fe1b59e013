"""swiftlet tokenize."""

import pytest

from conftest import BUNDLED


@pytest.fixture
def tokenize(swiftlet):
    """Runs swiftlet tokenize with --json and returns the object of its first line."""
    def tokenize(*arguments):
        return swiftlet("tokenize", *arguments, "--json").rows[0]

    return tokenize


def test_a_table_and_json_have_ids_tokens_and_offsets(swiftlet):
    swiftlet("tokenize", "Hello, world!").shows("[CLS]")
    assert swiftlet("tokenize", "Hello, world!", "--json").lines == [
        '{"ids":[101,7592,1010,2088,999,102],"tokens":["[CLS]","hello",",","world","!","[SEP]"],'
        '"offsets":[[0,0],[0,5],[5,6],[7,12],[12,13],[0,0]]}']


def test_offsets_are_those_of_python_strings(tokenize):
    text = "日本 x"
    found = tokenize(text)
    assert [text[start:end] for start, end in found["offsets"]] == ["", "日", "本", "x", ""]


@pytest.mark.parametrize("arguments, ids", [
    ([""], [101, 102]),
    (["", "--no-special-tokens"], []),
    (["a", "--pair", "b"], [101, 1037, 102, 1038, 102]),
    (["a b c d", "--max-length", 4], [101, 1037, 1038, 102]),
])
def test_options_choose_the_ids(tokenize, arguments, ids):
    assert tokenize(*arguments)["ids"] == ids


def test_no_tokens_are_empty_lists(tokenize):
    assert tokenize("", "--no-special-tokens") == {"ids": [], "tokens": [], "offsets": []}


def test_every_line_has_a_line(swiftlet):
    assert len(swiftlet("tokenize", "--json", stdin="I loved it.\n\nDreadful.\n").rows) == 3


def test_a_vocabulary_is_enough(swiftlet, tmp_path, write):
    (tmp_path / "vocabulary").mkdir()
    swiftlet("tokenize", "Hello", "--model", "vocabulary").fails(66, "vocab.txt")
    write("vocabulary/vocab.txt", (BUNDLED / "vocab.txt").read_bytes())
    [row] = swiftlet("tokenize", "Hello", "--model", "vocabulary", "--json").rows
    assert row["ids"] == [101, 7592, 102]
    write("vocabulary/vocab.txt", b"[CLS]\n\xff\n")
    swiftlet("tokenize", "Hello", "--model", "vocabulary").fails(65, "line 2")
