"""The C programs of this folder against the installed library, under valgrind too, and its answers against
those of the command line."""

import json
import shutil
import struct

import pytest

from conftest import FIXTURES, output

HEADS = FIXTURES / "heads"
TEXTS = ["A film of rare warmth, and not a minute too long.", "Dreadful.",
         "Naïve, but it grows on you; 東京 aside.", "x"]


@pytest.fixture
def rows(tmp_path):
    """A file of 32 rows with two labels."""
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "".join(
        f"{'the best film' if good else 'a boring plot'} {index},{'good' if good else 'bad'}\n"
        for index in range(32) for good in [index % 2]))
    return path


@pytest.fixture
def arguments(sentiment, models, rows, tmp_path):
    """The arguments of each program."""
    return {
        "abi": [sentiment], "classifier": [sentiment, FIXTURES], "threads": [sentiment],
        "embedder": [HEADS / "embed-cls", HEADS / "embed-mean"], "tokenizer": [sentiment, HEADS / "embed-cls"],
        "failures": [sentiment, models], "tasks": [HEADS], "selection": [], "task_threads": [HEADS],
        "training": [HEADS / "nli", rows, tmp_path]}


@pytest.mark.parametrize("name", [
    "abi", "classifier", "embedder", "tokenizer", "failures", "threads", "tasks", "selection", "task_threads",
    "training"])
def test_the_checks_of_a_program_hold(program, arguments, name):
    output(program(name), *arguments[name])


@pytest.mark.parametrize("instruction_set", ["pentium", "baseline"], ids=["unknown", "without bfloat16"])
def test_a_missing_instruction_set_is_an_error(program, arguments, instruction_set):
    output(program("failures"), *arguments["failures"], environment={"SWIFTLET_ISA": instruction_set})


def test_the_header_compiles_as_cpp_and_has_the_version_of_the_library(compiled, tmp_path):
    source = tmp_path / "header.cpp"
    source.write_text("#include <swiftlet.h>\nint main() { return swiftlet_abi_version() != SWIFTLET_ABI_VERSION; }\n")
    output(compiled(source, "g++", "-std=c++11"))


@pytest.mark.skipif(not shutil.which("valgrind"), reason="memory under valgrind, as there is no valgrind")
@pytest.mark.parametrize("name", ["tokenizer", "embedder", "tasks"])
def test_memory_is_used_and_freed_correctly(program, arguments, name):
    # Valgrind has no AVX-512, but the system says that the processor does.
    output("valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite",
           "--show-leak-kinds=definite", program(name), *arguments[name], environment={"SWIFTLET_ISA": "avx2"})


# The command line


@pytest.fixture
def answers(program, prefix, tmp_path):
    """The rows of answers.c as lists of words, and those of the command line as objects."""
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(TEXTS) + "\n")

    def answers(task, model, *options):
        ours = output(program("answers"), task, model, input=texts.read_text()).splitlines()
        theirs = output(prefix / "bin/swiftlet", task, *options, "--json", "--file", texts).splitlines()
        assert len(ours) == len(theirs) == len(TEXTS)
        return zip([row.split("\t") for row in ours], map(json.loads, theirs))

    return answers


def bits(numbers):
    """The float32 that each number is written for."""
    return [struct.pack("f", float(number)) for number in numbers]


def test_labels_and_scores_equal_the_command_lines_bit_for_bit(answers, sentiment):
    # Without --model, the program finds the model that was installed with it.
    for row, record in answers("classify", sentiment, "--all-scores"):
        assert row[0] == record["label"]
        assert dict(zip(row[1::2], bits(row[2::2]))) == {
            entry["label"]: bits([entry["score"]])[0] for entry in record["scores"]}


def test_vectors_equal_the_command_lines_bit_for_bit(answers):
    for row, record in answers("embed", HEADS / "embed-mean", "--model", HEADS / "embed-mean"):
        assert bits(row) == bits(record["embedding"])


def test_a_training_writes_the_bytes_of_the_command_line(program, prefix, arguments, rows, tmp_path):
    report = output(program("training"), *arguments["training"]).splitlines()[0]
    folder = tmp_path / "theirs"
    output(prefix / "bin/swiftlet", "train", "--model", HEADS / "nli", "--file", rows, "--output", folder, "--method",
           "head", "--max-steps", "6", "--batch-size", "4", "--evaluate-every", "2", "--validation", "0.25")
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "trained/model.safetensors").read_bytes()
    theirs = json.loads(output(prefix / "bin/swiftlet", "evaluate", rows, "--model", folder, "--json"))
    ours = json.loads(report)
    assert ours["rows"] == theirs["count"] == 32
    assert (ours["metrics"]["accuracy"], ours["confusion"]) == (theirs["accuracy"], theirs["confusion"])


CONTEXTS = ["A good film.", "Boring, and the plot was bad 😀.", "It is naïve, but not 東京."]
LABELS = ["--label", "good", "--label", "bad", "--label", "film"]
CHOICES = ["--choice", "It was not bad.", "--choice", "the best cat"]
ROWS = {
    "tag": lambda record: [
        [e["label"], e["score"], e["word"], e["start"], e["end"]] for e in record["entities"]],
    "answer": lambda record: [[a["answer"], a["score"], a["start"], a["end"]] for a in record["answers"]],
    "fill-mask": lambda record: [
        [c["token"], c["id"], c["score"], c["sequence"]] for mask in record["masks"] for c in mask],
    "zero-shot": lambda record: [[s["label"], s["score"]] for s in record["scores"]],
    "choose": lambda record: [[record["index"], score] for score in record["scores"]]}


@pytest.mark.parametrize("task, model, options", [
    ("tag", "tokens", ["--aggregation", "average"]),
    ("answer", "questions", ["--question", "Was it good?", "--top-k", "3"]),
    ("fill-mask", "mask", ["--top-k", "3"]),
    ("zero-shot", "nli", ["--multi-label", "--template", "It is {}.", *LABELS]),
    ("choose", "choice", CHOICES)])
def test_answers_of_a_task_equal_the_command_lines_bit_for_bit(program, prefix, tmp_path, task, model, options):
    texts = tmp_path / "texts.txt"
    texts.write_text("".join(text + (" [MASK]\n" if task == "fill-mask" else "\n") for text in CONTEXTS))
    model = HEADS / model
    lines = output(program("task_answers"), task, model, input=texts.read_text()).splitlines()
    records = output(
        prefix / "bin/swiftlet", task, "--model", model, *options, "--json", "--file", texts).splitlines()
    expected = [[str(number), *row] for number, record in enumerate(records) for row in ROWS[task](json.loads(record))]
    assert len(lines) == len(expected) > len(CONTEXTS)
    for line, row in zip(lines, expected):
        for found, value in zip(line.split("\t"), row, strict=True):
            assert bits([found]) == bits([value]) if isinstance(value, float) else found == str(value)


def test_pkg_config_program_and_library_have_one_version(program, prefix, pkg_config, sentiment):
    version = pkg_config("--modversion").strip()
    assert output(prefix / "bin/swiftlet", "--version").strip() == version
    assert f"version {version}" in output(program("abi"), sentiment).splitlines()
