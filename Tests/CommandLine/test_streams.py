"""swiftlet beside other programs: pipes that stay open, interrupts, memory, terminals."""

import signal
import subprocess
import time

import pytest

from conftest import LONG_TEXT, wait_until


@pytest.fixture
def huge(write, many, tmp_path):
    """The name of a file of 140,000 lines."""
    return write("huge.txt", (tmp_path / many).read_bytes() * 200).name


def test_a_line_is_answered_while_the_pipe_stays_open(start):
    process = start("classify")
    process.stdin.write(b"I loved it.\n")
    process.stdin.flush()
    assert b'"label":"POSITIVE"' in process.stdout.readline()
    process.stdin.close()
    assert process.wait() == 0 and process.stdout.read() == b""


def test_an_interrupt_ends_the_wait_for_input(start):
    process = start("classify")
    process.stdin.write(b"I loved it.\n")
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.stdout.read() == b""
    assert process.stderr.read() == b"swiftlet: error: interrupted after 1 text\n"


def test_an_interrupt_ends_long_work_and_keeps_its_rows(start, huge, tmp_path):
    process = start("classify", "--file", huge, "--output", "huge.jsonl")
    partial = tmp_path / "huge.jsonl.partial"
    wait_until(lambda: partial.exists() and partial.stat().st_size > 0)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    message = process.stderr.read()
    assert b"swiftlet: error: interrupted" in message and message.count(b"\n") == 1
    assert b"classify --file huge.txt --output huge.jsonl --resume\n" in message
    assert not (tmp_path / "huge.jsonl").exists() and partial.read_bytes().count(b"\n") > 0


def test_memory_does_not_grow_with_the_input(start):
    text = b"a text that is read and never kept, so that memory stays as it is\n"
    process = start("tokenize", "--json", stdout=subprocess.DEVNULL)

    def peak():
        with open(f"/proc/{process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))

    process.stdin.write(text * 1000)
    process.stdin.flush()
    time.sleep(1)
    before = peak()
    process.stdin.write(text * 400_000)
    process.stdin.flush()
    after = peak()
    process.stdin.close()
    assert process.wait() == 0
    assert after - before < 20_000, "kB"


# On a terminal


def test_a_terminal_gets_a_table_in_colour(on_terminal):
    status, shown = on_terminal("classify", "I loved it.")
    assert status == 0 and "█" in shown and "\x1b[" in shown


def test_no_color_is_honoured(on_terminal):
    status, shown = on_terminal("classify", "I loved it.", environment={"NO_COLOR": "1"})
    assert status == 0 and "█" in shown and "\x1b" not in shown


def test_json_has_no_colours(on_terminal):
    status, shown = on_terminal("classify", "I loved it.", "--json")
    assert status == 0 and shown.startswith('{"record":1,')


def test_help_wraps_no_example_in_a_narrow_terminal(on_terminal):
    _, shown = on_terminal("tag", "--help", columns=50)
    assert 'swiftlet tag --model path/to/ner-model "Ada Lovelace lived in London."' in shown


def test_without_a_text_on_a_terminal_the_usage_is_wrong(on_terminal):
    status, shown = on_terminal("classify")
    assert status == 64 and "standard input" in shown


def test_long_work_shows_its_progress(terminal, huge):
    assert terminal("classify", "--file", huge, "--output", "answers.jsonl").read(until="texts/s")


def test_no_progress_shows_none(on_terminal, write):
    write("long.txt", f"{LONG_TEXT}\n" * 20)
    work = ["classify", "--file", "long.txt", "--output", "a.jsonl", "--long-text", "window:32"]
    assert "texts/s" in on_terminal(*work)[1]
    assert on_terminal(*work, "--no-progress") == (0, "")
