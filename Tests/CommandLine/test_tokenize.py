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
    swiftlet("tokenize", "Hello, world!", "--format", "text").shows("token    id  start  end\n[CLS]   101      0    0\n")
    assert swiftlet("tokenize", "Hello, world!").out == swiftlet("tokenize", "Hello, world!", "--json").out
    assert swiftlet("tokenize", "Hello, world!", "--json").lines == [
        '{"record":1,"ids":[101,7592,1010,2088,999,102],"tokens":["[CLS]","hello",",","world","!","[SEP]"],'
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
    assert tokenize("", "--no-special-tokens") == {"record": 1, "ids": [], "tokens": [], "offsets": []}


def test_a_table_has_a_row_for_each_token(swiftlet, write):
    write("texts.csv", "id,text,city\na,Hello,Rome\nb,,Ulm\n")
    result = swiftlet("tokenize", "--file", "texts.csv", "--no-special-tokens", "--keep-columns", "city",
                      "--output", "tokens.csv")
    assert (result.status, result.out, result.err) == (0, "", "")
    assert (swiftlet.folder / "tokens.csv").read_text() == (
        "record,id,city,token,token_id,start,end,truncated\na,Rome,hello,7592,0,5,false\nb,Ulm,,,,,false\n".replace(
            "\na", "\n1,a").replace("\nb", "\n2,b"))


def test_a_table_without_texts_has_a_header(swiftlet):
    assert swiftlet("tokenize", "--format", "csv").lines == ["record,token,token_id,start,end,truncated"]


def test_windows_have_numbers(swiftlet):
    options = ["a b c d", "--max-length", 4, "--stride", 1]
    rows = swiftlet("tokenize", *options, "--json").rows
    assert [(row["record"], row["window"], row["tokens"][1:-1]) for row in rows] == [
        (1, 1, ["a", "b"]), (1, 2, ["b", "c"]), (1, 3, ["c", "d"])]
    lines = swiftlet("tokenize", *options, "--format", "csv").lines
    assert lines[0] == "record,window,token,token_id,start,end,truncated"
    assert [line.split(",")[1] for line in lines[1:]] == list("111122223333")


def test_an_output_is_a_file_that_appears_when_it_is_complete(swiftlet, write):
    write("bad.txt", b"Hello\n\xff\n")
    assert swiftlet("tokenize", "--file", "bad.txt", "--output", "tokens.jsonl").status == 65
    swiftlet("tokenize", "--file", "bad.txt", "--output", "bad.txt").fails(64, "is the input")
    assert not (swiftlet.folder / "tokens.jsonl").exists()


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
