"""--output, and what happens to files and streams on success and failure."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from conftest import wait_until

pytestmark = pytest.mark.usefixtures("files")


def test_output_writes_a_file_and_nothing_else(swiftlet, many):
    result = swiftlet("classify", "--file", many, "--output", "answers.jsonl")
    assert (result.status, result.out) == (0, "")
    assert (swiftlet.folder / "answers.jsonl").read_text().count("\n") == 700


def test_a_replaced_file_keeps_its_mode(swiftlet, write):
    file = write("shared.jsonl", "")
    file.chmod(0o666)
    assert swiftlet("classify", "x", "--output", file.name).status == 0
    assert file.stat().st_mode & 0o777 == 0o666


@pytest.mark.parametrize("name, separator", [("answers.csv", ","), ("answers.tsv", "\t")])
def test_the_suffix_chooses_csv_and_tsv(swiftlet, name, separator):
    assert swiftlet("classify", "--file", "rows.csv", "--output", name).status == 0
    header = (swiftlet.folder / name).read_text().split("\n")[0]
    assert header.split(separator) == ["record", "id", "text", "label", "score", "truncated", "empty"]


def test_a_written_table_can_be_read_again(swiftlet):
    assert swiftlet("classify", "--file", "rows.jsonl", "--output", "plain.tsv").status == 0
    swiftlet("classify", "--file", "plain.tsv", "--text-column", "text").shows('"text":"Dreadful."')


@pytest.mark.parametrize("options, words", [
    (["--output", "answers.parquet"], "does not write"),
    (["--output", "answers.csv", "--json"], "named as csv"),
])
def test_a_suffix_of_another_format_is_refused(swiftlet, options, words):
    before = os.listdir(swiftlet.folder)
    swiftlet("classify", "x", *options).is_misuse(words)
    swiftlet("tag", "--model", "m", "x", "--output", "answers.npy").is_misuse(
        "it writes .txt (text), .jsonl, .csv or .tsv")
    assert os.listdir(swiftlet.folder) == before


# Compression

PROGRAMS = {"gz": "gzip", "zst": "zstd", "bz2": "bzip2", "xz": "xz"}


@pytest.fixture(params=PROGRAMS)
def suffix(request):
    if not shutil.which(PROGRAMS[request.param]):
        pytest.skip(f"the program {PROGRAMS[request.param]}")
    return request.param


def decompressed(path):
    program = PROGRAMS[path.suffix[1:]]
    return subprocess.run([program, "-dc", path], check=True, capture_output=True).stdout


def test_a_suffix_compresses_the_same_bytes(swiftlet, many, suffix):
    for name in ["answers.csv", f"answers.csv.{suffix}", f"again.csv.{suffix}"]:
        result = swiftlet("classify", "--file", many, "--gemm", "native", "--output", name)
        assert result == (type(result))(0, "", "")
    plain, packed, again = (swiftlet.folder / name for name in
                            ["answers.csv", f"answers.csv.{suffix}", f"again.csv.{suffix}"])
    assert decompressed(packed) == plain.read_bytes() and packed.read_bytes() == again.read_bytes()
    assert plain.read_text().startswith("record,text,label,score,")


def test_python_reads_a_compressed_output(swiftlet):
    assert swiftlet("classify", "I loved it.", "--output", "a.jsonl.gz").status == 0
    with gzip.open(swiftlet.folder / "a.jsonl.gz", "rt") as file:
        assert json.loads(file.read())["label"] == "POSITIVE"
    assert swiftlet("classify", "I loved it.", "--output", "a.gz", "--format", "tsv").status == 0
    assert gzip.decompress((swiftlet.folder / "a.gz").read_bytes()).startswith(b"record\ttext\t")


def test_a_missing_program_is_named_before_any_work(swiftlet, many):
    before = sorted(os.listdir(swiftlet.folder))
    result = swiftlet("classify", "--file", many, "--output", "a.csv.zst", environment={"PATH": "/nowhere"})
    result.fails(73, "a.csv.zst: the program zstd is not installed")
    assert "apt install zstd" in result.err
    assert sorted(os.listdir(swiftlet.folder)) == before


@pytest.mark.parametrize("script, words", [
    ("head -c 1000 > /dev/null; echo 'no room' >&2; exit 3", "the program gzip failed with status 3: no room"),
    ("cat > /dev/null; exit 1", "the program gzip failed with status 1"),
    ("kill -9 $$", "the program gzip was stopped by signal 9"),
], ids=["in the middle", "at the end", "killed"])
def test_a_program_that_fails_leaves_the_old_file(swiftlet, write, many, script, words):
    (swiftlet.folder / "bin").mkdir()
    write("bin/gzip", f"#!/bin/sh\n{script}\n").chmod(0o755)
    write("a.csv.gz", "old")
    before = sorted(os.listdir(swiftlet.folder))
    path = f"{swiftlet.folder}/bin:{os.environ['PATH']}"
    swiftlet("classify", "--file", many, "--output", "a.csv.gz", environment={"PATH": path}).fails(74, words)
    assert (swiftlet.folder / "a.csv.gz").read_text() == "old"
    assert sorted(os.listdir(swiftlet.folder)) == before


def test_an_interrupt_leaves_no_compressed_file_and_no_program(swiftlet, start, many, write):
    write("huge.txt", (swiftlet.folder / many).read_bytes() * 200)
    process = start("classify", "--file", "huge.txt", "--output", "a.csv.gz")
    children = f"/proc/{process.pid}/task/{process.pid}/children"
    wait_until(lambda: open(children).read())
    child = open(children).read().split()[0]
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert b"interrupted" in process.stderr.read()
    assert "a.csv.gz" not in os.listdir(swiftlet.folder)
    wait_until(lambda: not os.path.exists(f"/proc/{child}"))


def test_json_lines_may_be_named_json(swiftlet):
    assert swiftlet("classify", "x", "--output", "answers.json", "--json").status == 0


@pytest.mark.parametrize("name", ["rows.csv", "hard.csv", "here/soft.csv"])
def test_an_input_is_not_replaced_by_the_output(swiftlet, name):
    folder = swiftlet.folder
    before = (folder / "rows.csv").read_bytes()
    os.link(folder / "rows.csv", folder / "hard.csv")
    os.symlink("rows.csv", folder / "soft.csv")
    os.symlink(".", folder / "here")
    swiftlet("classify", "--file", "rows.csv", "--output", name).fails(64, "is the input rows.csv")
    assert (folder / "rows.csv").read_bytes() == before


def test_standard_input_is_not_replaced_or_appended_to(swiftlet):
    file = swiftlet.folder / "rows.csv"
    before = file.read_bytes()

    def run(*arguments, stdin, stdout):
        with swiftlet.start("classify", *arguments, stdin=stdin, stdout=stdout) as process:
            return process.wait(), process.stderr.read().decode()

    with open(file, "rb") as source:
        status, message = run("--output", "rows.csv", stdin=source, stdout=subprocess.PIPE)
    assert status == 64 and "is the input <stdin>" in message
    with open(file, "ab") as end:
        status, message = run("--file", "rows.csv", stdin=subprocess.DEVNULL, stdout=end)
    assert status == 64 and "standard output is the input" in message
    assert file.read_bytes() == before


def test_a_failure_leaves_the_old_file_and_no_temporary_one(swiftlet, write):
    write("answers.csv", "old\n")
    write("invalid.csv", b"text\nfine\n\xff\n")
    before = sorted(os.listdir(swiftlet.folder))
    assert swiftlet("classify", "--file", "invalid.csv", "--output", "answers.csv").status == 65
    assert (swiftlet.folder / "answers.csv").read_text() == "old\n"
    assert sorted(os.listdir(swiftlet.folder)) == before


@pytest.mark.parametrize("path", ["missing/answers.csv", "."])
def test_an_output_that_cannot_be_created_is_status_73(swiftlet, path):
    swiftlet("classify", "x", "--output", path).fails(73, path)


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="a full disk, as there is no /dev/full")
def test_a_full_disk_is_an_error(swiftlet):
    with open("/dev/full", "wb") as full, swiftlet.start("classify", "x", stdout=full) as process:
        assert process.wait() == 74
        assert process.stderr.read().decode().startswith("swiftlet: error: cannot write standard output")


def test_a_closed_pipe_ends_the_program_quietly(swiftlet, many):
    with swiftlet.start("classify", "--file", many) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait() == -signal.SIGPIPE
        assert process.stderr.read() == b""
