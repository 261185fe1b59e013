"""What swiftlet classify reads: lines, tables, JSON, folders, encodings, compressed files, long and empty
texts, and bad input."""

import bz2
import contextlib
import gzip
import json
import lzma
import os
import re
import signal
import subprocess

import pytest

from conftest import LONG_TEXT, wait_until

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


# JSON


def test_an_array_of_objects_is_read_whether_on_one_line_or_printed_prettily(classify, swiftlet, write):
    objects = [{"id": n, "text": f'text "{n}" ]}}'} for n in range(3)]
    write("pretty.json", json.dumps(objects, indent=2))
    write("line.json", json.dumps(objects))
    write("objects.json", "\n".join(map(json.dumps, objects)))
    answers = [classify(name).out for name in ["pretty.json", "line.json", "objects.json"]]
    assert answers[0] == answers[1] == answers[2] and answers[0].count("\n") == 3
    with open(swiftlet.folder / "pretty.json") as file:
        assert len(classify("-", "--input-format", "json", stdin=file.read()).rows) == 3


def test_keys_inside_objects_are_named_with_dots(classify, write):
    row = {"review": {"body": "I loved it.", "id": "a"}, "review.id": "b"}
    write("nested.jsonl", json.dumps(row))
    rows = classify("nested.jsonl", "--text-column", "review.body", "--id-column", "review.id").rows
    assert [(row["text"], row["id"]) for row in rows] == [("I loved it.", "b")]
    classify("nested.jsonl", "--text-column", "review.title").fails(65, 'no column "review.title"')


@pytest.mark.parametrize("content, count, words", [
    ('[{"text":"a"},\n{"text":"b"}', 1, "array.json:2: the array is not closed"),
    ('[{"text":"a"},\n3]', 1, "array.json:2: expected an array of JSON objects, found a number"),
    ('[{"text":"a"}] x', 1, "array.json:1: unexpected text after the end of the array"),
])
def test_a_broken_array_is_named_after_the_answers_before_it(classify, write, content, count, words):
    write("array.json", content)
    classify("array.json").fails_after(count, words)


# Folders


@pytest.fixture
def folder(write, swiftlet):
    """Two labels as in the IMDB data set, and a file beside them."""
    for label in ["POSITIVE", "NEGATIVE"]:
        os.makedirs(swiftlet.folder / "imdb" / label)
    write("imdb/POSITIVE/9_10.txt", "I loved it.\n")
    write("imdb/POSITIVE/10_9.txt", "Wonderful,\nall of it.\n")
    write("imdb/NEGATIVE/0_1.txt", "Dreadful.")
    write("imdb/urls.txt", "not a text")
    return "imdb"


def test_a_folder_has_one_text_in_each_file_in_the_order_of_their_names(classify, folder):
    result = classify(folder)
    assert [(row["id"], row["text"]) for row in result.rows] == [
        ("imdb/NEGATIVE/0_1.txt", "Dreadful."), ("imdb/POSITIVE/10_9.txt", "Wonderful,\nall of it."),
        ("imdb/POSITIVE/9_10.txt", "I loved it.")]
    assert "swiftlet: note: imdb: the sub-folders are labels; 1 .txt file beside them is not read" in result.err
    assert [row["text"] for row in classify("imdb/POSITIVE/").rows] == ["Wonderful,\nall of it.", "I loved it."]


def test_sub_folders_are_labels_for_evaluate(swiftlet, folder):
    assert "accuracy" in swiftlet("evaluate", folder).out
    swiftlet("evaluate", "imdb/POSITIVE").fails(65, "the texts have no labels")


def test_a_folder_without_texts_is_refused(classify, swiftlet, folder):
    os.makedirs(swiftlet.folder / "empty")
    classify("empty").fails(65, "empty: the folder has no .txt files")
    classify("imdb", "--input-format", "csv").fails(64, "leave out --input-format")
    classify("imdb", "--text-column", "text").fails(65, "a folder of texts has no text column")


# Encodings

WESTERN = "text,n\nCafé naïve – “so” 5€,1\nFine,2\n"


@pytest.mark.parametrize("codec, options", [
    ("utf-16", []), ("utf-16", ["--encoding", "utf-16"]), ("utf-16-le", ["--encoding", "utf-16le"]),
    ("utf-16-be", ["--encoding", "UTF-16BE"]), ("cp1252", ["--encoding", "cp1252"]), ("utf-8-sig", []),
    ("utf-8", ["--encoding", "utf-8"]),
])
def test_a_file_in_another_encoding_has_the_same_answers(classify, write, codec, options):
    write("utf8.csv", WESTERN)
    write("other.csv", WESTERN.encode(codec))
    plain = classify("utf8.csv").out
    assert classify("other.csv", *options).out == plain and plain.count("\n") == 2
    with_input = classify("-", "--input-format", "csv", *options, stdin=WESTERN.encode(codec))
    assert with_input.out == plain


def test_latin1_reads_every_byte(classify, write):
    write("all.txt", bytes(byte for byte in range(256) if byte not in b"\n"))
    (row,) = classify("all.txt", "--encoding", "latin1").rows
    assert row["text"] == bytes(byte for byte in range(256) if byte not in b"\n").decode("latin-1")


def test_the_error_on_another_encoding_names_the_option(classify, write):
    write("west.csv", WESTERN.encode("cp1252"))
    classify("west.csv").fails(65, "give --encoding cp1252")
    write("wide.csv", WESTERN.encode("utf-16-le"))
    classify("wide.csv").fails(65, "wide.csv: looks like UTF-16LE, not UTF-8; give --encoding utf-16le")
    classify("west.csv", "--encoding", "koi8-r").is_misuse("--encoding")
    write("utf16.csv", WESTERN.encode("utf-16"))
    classify("utf16.csv", "--encoding", "latin1").fails(65, "leave out --encoding latin1")


@pytest.mark.parametrize("data, options, words", [
    (b"fine\ncaf\xe9 \x81\n", ["--encoding", "cp1252"], "bad.txt:2: not Windows-1252: character 6 is the undefined"),
    ("\ufefffine\na".encode("utf-16-le") + b"\x3d\xd8b\0", [], "bad.txt:2: not UTF-16LE: character 2 is 0xD83D"),
    ("\ufefffine\na".encode("utf-16-le") + b"b", [], "bad.txt:2: not UTF-16LE: the file ends within character 2"),
])
def test_a_character_that_an_encoding_does_not_have_is_named(classify, write, data, options, words):
    write("bad.txt", data)
    classify("bad.txt", *options).fails_after(1, words)


# Compressed files

PACKERS = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "zst": lambda data: subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout,
}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_compressed_file_has_the_answers_of_the_file(classify, swiftlet, write, suffix):
    data = (swiftlet.folder / "rows.csv").read_bytes()
    packed = PACKERS[suffix](data)
    write(f"rows.csv.{suffix}", packed)
    write("hidden.csv", packed)
    plain = classify("rows.csv").out
    assert classify(f"rows.csv.{suffix}").out == plain
    assert classify("hidden.csv").out == plain
    assert classify("-", "--input-format", "csv", stdin=packed).out == plain
    assert classify("-", "--input-format", "csv", stdin=PACKERS[suffix](data.decode().encode("utf-16"))).out == plain


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_truncated_file_is_an_error_that_names_the_program(classify, write, suffix):
    packed = PACKERS[suffix](os.urandom(300_000).hex().encode())
    write(f"cut.txt.{suffix}", packed[:len(packed) // 2])
    result = classify(f"cut.txt.{suffix}", "--output", "out.jsonl")
    program = {"gz": "gzip", "zst": "zstd"}.get(suffix, suffix.replace("bz2", "bzip2"))
    assert result.status == 65
    assert f"swiftlet: error: cut.txt.{suffix}: the program {program} failed with status" in result.err


def test_a_program_that_is_not_installed_is_named_with_its_package(classify, write):
    write("a.txt.xz", lzma.compress(b"I loved it.\n"))
    classify("a.txt.xz", environment={"PATH": "/nowhere"}).fails(
        65, "a.txt.xz: the program xz is not installed, or not in PATH; install it: sudo apt install xz-utils")


def test_a_name_of_a_compressed_file_needs_the_suffix_of_its_format(classify, write):
    write("a.gz", gzip.compress(b"I loved it.\n"))
    classify("a.gz").fails(64, "rename it to .txt.gz, .csv.gz")
    assert len(classify("a.gz", "--input-format", "lines").rows) == 1


def children_of(parent):
    """The numbers of the processes that a process started."""
    children = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{number}/stat") as file:
            if file.read().rsplit(")", 1)[1].split()[1] == str(parent):
                children.append(int(number))
    return children


def is_running(number):
    """False for a process that ended, even if its new parent has not reaped it."""
    with contextlib.suppress(OSError), open(f"/proc/{number}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def test_an_interrupted_run_leaves_no_decompressor(start, swiftlet, write):
    write("long.txt.gz", gzip.compress(b"I loved it.\n" * 2_000_000))
    process = start("classify", "--file", "long.txt.gz", "--output", "out.jsonl")
    wait_until(lambda: children_of(process.pid))
    (child,) = children_of(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    # The program reads a closed pipe and ends.
    wait_until(lambda: not is_running(child))


# Other formats


@pytest.mark.parametrize("name, words", [
    ("a.parquet", "spark.read.parquet"), ("a.feather", "read_feather"), ("a.orc", "spark.read.orc"),
    ("a.xlsx", "read_excel"), ("a.tar.gz", "unpack it first: tar -xf"),
])
def test_a_file_of_another_format_is_refused_with_ways_to_convert_it(classify, write, name, words):
    write(name, b"PAR1\x15")
    classify(name).fails(64, words)


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
