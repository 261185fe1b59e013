"""--precision bfloat16, on machines with AVX512_BF16 and without it."""

import json

import pytest

from conftest import HEADS

PLAIN = ["A good film.", "Dreadful."]
REFUSAL = "precision bfloat16 needs a processor with AVX512_BF16"
TRAINING_REFUSAL = "--precision is bfloat16, which needs a processor with AVX512_BF16"
TASKS = [
    ["classify", *PLAIN], ["tag", "--model", HEADS / "tokens", *PLAIN],
    ["answer", "--model", HEADS / "questions", "--question", "Was it good?", *PLAIN],
    ["embed", "--model", HEADS / "embed-cls", *PLAIN], ["fill-mask", "--model", HEADS / "mask", "A [MASK] film."],
    ["zero-shot", "--model", HEADS / "nli", "--label", "good", *PLAIN],
    ["choose", "--model", HEADS / "choice", "--choice", "good", "--choice", "bad", *PLAIN],
    ["evaluate", "rows.tsv"],
]


@pytest.fixture
def bfloat16(swiftlet, files):
    """Runs a command in bfloat16."""
    return lambda arguments, *options, **more: swiftlet(*arguments, "--precision", "bfloat16", *options, **more)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task[0])
@pytest.mark.parametrize("instruction_set", ["baseline", "avx2", "avx512"])
def test_a_task_names_the_instruction_that_is_missing(swiftlet, bfloat16, task, instruction_set):
    environment = {"SWIFTLET_ISA": instruction_set}
    if swiftlet("classify", "x", environment=environment).status != 0:
        pytest.skip(f"{instruction_set}, which this processor lacks")
    result = bfloat16(task, environment=environment)
    result.fails(70, REFUSAL)
    for words in ["Zen 4", instruction_set, "SWIFTLET_ISA", "float32", "int8 for speed"]:
        assert words in result.err


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task[0])
def test_a_task_answers_in_bfloat16_or_says_what_it_needs(bfloat16, task):
    result = bfloat16(task, "--json")
    if result.status == 70:
        return result.fails(70, REFUSAL)
    assert result.rows


@pytest.mark.parametrize("backend", ["native", "cblas"])
def test_scores_are_near_those_of_float32(swiftlet, bfloat16, backend):
    exact = swiftlet("classify", *PLAIN, "--json").rows
    result = bfloat16(["classify", *PLAIN], "--json", "--gemm", backend)
    if result.status == 70:
        assert REFUSAL in result.err or "no BLAS library" in result.err
        pytest.skip(result.err)
    for expected, found in zip(exact, result.rows, strict=True):
        assert found["label"] == expected["label"]
        assert found["score"] == pytest.approx(expected["score"], abs=0.02) and found != expected


@pytest.mark.parametrize("instruction_set", ["baseline", "avx2", "avx512"])
def test_a_training_names_the_instruction_that_is_missing(swiftlet, train, tmp_path, instruction_set):
    environment = {"SWIFTLET_ISA": instruction_set}
    if swiftlet("classify", "x", environment=environment).status != 0:
        pytest.skip(f"{instruction_set}, which this processor lacks")
    result = train("--precision", "bfloat16", environment=environment)
    result.fails(64, TRAINING_REFUSAL)
    for words in ["Zen 4", instruction_set, "SWIFTLET_ISA", "use float32"]:
        assert words in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [[], ["--method", "lora"], ["--method", "probe"]], ids=" ".join)
def test_a_training_in_bfloat16_records_it(train, tmp_path, options):
    result = train("--precision", "bfloat16", *options)
    if result.status == 64:
        result.fails(64, TRAINING_REFUSAL)
        pytest.skip(result.err)
    assert "precision: products in bfloat16; weights, gradients and evaluations in float32" in result.err
    assert [row["precision"] for row in result.rows if row["event"] == "planned"] == ["bfloat16"]
    report = json.loads((tmp_path / "out/training.json").read_text())
    assert report["arguments"]["precision"] == "bfloat16"


def test_weights_are_not_trained_in_int8(train):
    train("--precision", "int8").is_misuse("is int8, which weights can't be trained in; use float32 or bfloat16")


def test_int8_weights_do_not_become_bfloat16(bfloat16, int8):
    result = bfloat16(["classify", "x"], "--model", int8)
    if REFUSAL in result.err:
        pytest.skip("AVX512_BF16, which this processor lacks")
    result.fails(65, "are stored as int8 and can't become floats again")


def test_the_help_names_the_precisions_and_the_instruction(swiftlet):
    text = " ".join(swiftlet("classify", "--help").out.split())
    assert "(values: float32, bfloat16, int8)" in text and "needs AVX512_BF16" in text
