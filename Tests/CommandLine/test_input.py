"""What swiftlet classify reads: lines, tables, JSON Lines, long and empty texts, and bad input."""

import os
import re

import pytest

from conftest import LONG_TEXT

pytestmark = pytest.mark.usefixtures("files")


@pytest.fixture
def classify(swiftlet):
    return lambda *files, **options: swiftlet("classify", "--file", *files, **options)


# Formats


def test_every_line_has_an_answer_from_file_and_standard_input(classify, swiftlet):
    for result in [classify("lines.txt"), swiftlet("classify", stdin="I loved it.\n\nDreadful.\n")]:
        assert [(row["record"], row["text"]) for row in result.rows] == [(1, "I loved it."), (2, ""), (3, "Dreadful.")]


def test_lines_may_end_with_crlf_and_the_last_without_an_end(classify, write):
    write("crlf.txt", "I loved it.\r\nDreadful.")
    assert [row["text"] for row in classify("crlf.txt").rows] == ["I loved it.", "Dreadful."]


def test_csv_has_quotes_line_breaks_and_ids(classify, swiftlet):
    first, second = classify("rows.csv").rows
    assert (first["record"], first["id"], first["text"]) == (1, "a1", 'Fine, "really"\nfine')
    assert [row["text"] for row in classify("rows.csv", "--text-column", 3).rows] == ["1", "2"]
    with open(swiftlet.folder / "rows.csv") as file:
        assert len(classify("-", "--input-format", "csv", stdin=file.read()).rows) == 2


def test_tsv_and_json_lines_are_known_by_their_suffix(classify):
    assert len(classify("rows.tsv", "--text-column", "content").rows) == 3
    assert [row["id"] for row in classify("rows.jsonl").rows] == ["7", "b"]


def test_several_files_are_read_in_order_and_named(classify):
    rows = classify("rows.jsonl", "rows.tsv").rows
    assert [(row["file"], row["record"]) for row in rows] == [
        ("rows.jsonl", 1), ("rows.jsonl", 2), ("rows.tsv", 1), ("rows.tsv", 2), ("rows.tsv", 3)]


def test_empty_input_has_no_answers(classify, swiftlet, write):
    write("empty.txt", "")
    assert classify("empty.txt").rows == []
    assert len(swiftlet("classify", "--format", "csv").lines) == 1


def test_answers_keep_their_order_in_chunks_of_any_size(classify, many):
    rows = classify(many, "--batch-size", 7).rows
    assert [(row["record"], row["text"]) for row in rows] == [(n, f"text number {n}") for n in range(1, 701)]
    assert classify(many, "--gemm", "native").out == classify(many, "--gemm", "native", "--batch-size", 7).out


def test_every_splitter_of_lines_finds_one_object_a_line(classify, write):
    text = "a \x85 \u2028 \u2029 \x0b \x0c \x1c \x1d \x1e b"
    write("ends.txt", f"{text}\nc\n")
    result = classify("ends.txt")
    assert [row["text"] for row in result.rows] == [text, "c"]
    assert result.out.splitlines() == result.lines


# Long and empty texts


def test_a_long_text_is_cut_with_a_warning_unless_windows_read_it(classify, write):
    write("long.txt", LONG_TEXT)
    result = classify("long.txt")
    assert [row["truncated"] for row in result.rows] == [True]
    assert "swiftlet: warning: 1 text was longer than 512 tokens" in result.err
    assert "--long-text window:32 reads all of a text in windows" in result.err
    assert classify("long.txt", "--long-text", "window:32").err == ""
    assert classify("long.txt", "--format", "csv").lines[1].endswith(",true,false")


def test_rows_with_an_empty_cell_stay_in_their_place(classify, write):
    write("gaps.csv", 'text,label\n"I loved it.",1\n,0\n"  ",0\nDreadful,0\n')
    result = classify("gaps.csv")
    assert [row["record"] for row in result.rows if row.get("empty")] == [2, 3] and len(result.rows) == 4
    assert result.lines[1].endswith('"label":null,"score":null,"empty":true}')
    assert ("swiftlet: warning: 2 texts were empty and left without an answer (the first is gaps.csv:3)"
            in result.err)
    assert classify("gaps.csv", "--format", "csv").lines[2] == "2,,,,false,true"
    assert re.search(r"^ +2 +- .*\(empty\)$", classify("gaps.csv", "--format", "table").out, re.MULTILINE)


@pytest.mark.parametrize("option, words", [
    ("error", "mixed.txt:4: "),
    ("window:510", "mixed.txt:4: the text can't be split: windows of 512"),
])
def test_the_error_on_a_long_text_follows_the_answers_before_it(classify, write, option, words):
    write("mixed.txt", f"I loved it.\n\nDreadful.\n{LONG_TEXT}\n")
    classify("mixed.txt", "--long-text", option).fails_after(3, words)


def test_a_word_of_10_mb_is_one_unknown_token(classify, swiftlet):
    word = "x" * 10_000_000
    result = swiftlet("classify", "--format", "csv", "--output", "word.csv", stdin=word)
    assert result.status == 0
    swiftlet("tokenize", "--json", stdin=word).shows('"ids":[101,100,102]')


# Bad input


@pytest.mark.parametrize("arguments, status, words", [
    (["nowhere.csv"], 66, "nowhere.csv"),
    (["."], 66, "."),
    (["lines.txt", "nowhere.txt"], 66, "nowhere.txt"),
    (["noise.bin"], 64, "--input-format"),
    (["rows.csv", "--text-column", "nope"], 65, 'no column "nope"'),
])
def test_a_file_that_cannot_be_used_is_refused_before_any_work(classify, write, arguments, status, words):
    write("noise.bin", "I loved it.\n")
    classify(*arguments).fails(status, words)


@pytest.mark.skipif(os.geteuid() == 0, reason="an unreadable file, as root reads every file")
def test_an_unreadable_file_is_refused(classify, swiftlet):
    os.chmod(swiftlet.folder / "lines.txt", 0)
    classify("lines.txt").fails(66, "lines.txt")


@pytest.mark.parametrize("name, content, words", [
    ("invalid.txt", b"good\nbad \xff\xfe\n", "invalid.txt:2: not UTF-8"),
    ("bad.jsonl", b'{"text":"a"}\nnot json\n', "bad.jsonl:2:"),
])
def test_a_bad_line_is_named_after_the_answers_before_it(classify, write, name, content, words):
    write(name, content)
    classify(name).fails_after(1, words)


def test_a_ragged_row_is_named(classify, write):
    write("ragged.csv", "a,b\n1\n")
    assert "ragged.csv:2:" in classify("ragged.csv", "--text-column", "a").err
