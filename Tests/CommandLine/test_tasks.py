"""The tasks other than classification: one answer of each, empty texts, and errors of their own."""

import csv
import gzip
import io
import os
import shutil

import numpy
import pytest

from conftest import BUNDLED, HEADS, LONG_TEXT

ANSWER = ["answer", "--model", HEADS / "questions", "--question", "Was it good?"]
EMBED = ["embed", "--model", HEADS / "embed-max"]
TAG = ["tag", "--model", HEADS / "tokens"]
MASK = ["fill-mask", "--model", HEADS / "mask"]
ZERO_SHOT = ["zero-shot", "--model", HEADS / "nli"]
CHOOSE = ["choose", "--model", HEADS / "choice"]


@pytest.mark.parametrize("arguments, words", [
    ([*TAG, "A good film.", "--aggregation", "none"], '"word":"good","start":2,"end":6,"index":2}'),
    ([*TAG, "A good film.", "--format", "text"], "[A good PER] [film PER][. PER]"),
    ([*ANSWER, "A good film."], '"answer":"good film.","score":0.14'),
    ([*MASK, "The [MASK] was good.", "--targets", "cat", "film"], '"token":"film"'),
    ([*EMBED, "A good film."], '"embedding":[-0.010'),
    ([*EMBED, "cat", "--compare", "cat", "--json"], '"similarity":1.0'),
    ([*ZERO_SHOT, "--label", "good", "--label", "bad", "--label", "fun", "A good film."], '"label":"fun","score":0.95'),
    ([*CHOOSE, "A good film.", "--choice", "the best cat", "--choice", "boring"], '"choice":"'),
], ids=lambda value: " ".join(map(str, value[3:])) if isinstance(value, list) else "")
def test_a_task_answers(swiftlet, arguments, words):
    swiftlet(*arguments).shows(words)


@pytest.mark.parametrize("command, model, options", [
    ("tag", "bert-tokens", []), ("answer", "bert-questions", ["--question", "good"]),
    ("fill-mask", "bert-mask", []), ("fill-mask", "bert-pretraining", []),
    ("zero-shot", "bert-nli", ["--label", "good"]), ("choose", "bert-choice", ["--choice", "bad"]),
    ("embed", "bert-embed-mean", []),
])
def test_bert_has_every_task(swiftlet, command, model, options):
    assert len(swiftlet(command, "--model", HEADS / model, "A [MASK] film.", *options, "--json").rows) == 1


def test_questions_come_from_a_column(swiftlet, write):
    write("questions.jsonl", '{"text":"A good film.","q":"Was it good?"}\n')
    swiftlet("answer", "--model", HEADS / "questions", "--question-column", "q", "--file", "questions.jsonl",
             "--json").shows('"answer":"good film."')


# Empty texts


@pytest.mark.parametrize("arguments, row", [
    (ANSWER, '{"record":2,"text":"","answers":[],"empty":true}'),
    (EMBED, '{"record":2,"text":"","embedding":null,"empty":true}'),
    ([*ZERO_SHOT, "--label", "good"], '"scores":[],"empty":true}'),
    ([*CHOOSE, "--choice", "good"], '"scores":[],"empty":true}'),
    (MASK, '{"record":2,"text":"","masks":[],"empty":true}'),
    ([*TAG, "--format", "text"], "(empty)"),
], ids=["answer", "embed", "zero-shot", "choose", "fill-mask", "tag"])
def test_an_empty_text_has_a_row_without_an_answer(swiftlet, write, arguments, row):
    write("blank.txt", "A good [MASK].\n\nA good [MASK].\n")
    result = swiftlet(*arguments, "--file", "blank.txt")
    assert result.status == 0 and len(result.lines) == 3
    assert result.lines[1].endswith(row)
    assert "1 text was empty and left without an answer (blank.txt:2)" in result.err


# Embeddings


def test_embed_writes_an_array_that_numpy_loads(swiftlet):
    assert swiftlet(*EMBED, "A good film.", "cat", "--output", "vectors.npy").status == 0
    vectors = numpy.load(swiftlet.folder / "vectors.npy")
    assert (vectors.shape, vectors.dtype) == ((2, 13), numpy.float32)
    rows = swiftlet(*EMBED, "A good film.", "cat").rows
    assert numpy.array_equal(vectors, numpy.array([row["embedding"] for row in rows], numpy.float32))


def test_an_array_is_written_to_pipes_as_to_a_file(swiftlet, many):
    arguments = [*map(str, EMBED), "--file", many]
    assert swiftlet(*arguments, "--output", "vectors.npy").status == 0
    expected = (swiftlet.folder / "vectors.npy").read_bytes()
    with swiftlet.start(*arguments, "--format", "npy") as process:
        piped = process.stdout.read()
        assert (process.wait(), process.stderr.read()) == (0, b"")
    assert piped == expected
    assert numpy.load(io.BytesIO(piped)).shape == (700, 13)
    assert swiftlet(*arguments, "--output", "vectors.npy.gz").status == 0
    assert gzip.decompress((swiftlet.folder / "vectors.npy.gz").read_bytes()) == expected
    os.mkfifo(swiftlet.folder / "pipe.npy")
    with swiftlet.start(*arguments, "--output", "pipe.npy") as process:
        assert (swiftlet.folder / "pipe.npy").read_bytes() == expected
        assert process.wait() == 0


def test_an_array_follows_what_a_file_has(swiftlet):
    with open(swiftlet.folder / "two.npy", "wb") as file:
        for text in ["cat", "film"]:
            with swiftlet.start(*EMBED, text, "--format", "npy", stdout=file) as process:
                assert process.wait() == 0
    with open(swiftlet.folder / "two.npy", "rb") as file:
        assert [numpy.load(file).shape for _ in range(2)] == [(1, 13), (1, 13)]


def test_rows_for_a_pipe_need_a_folder_for_a_temporary_file(swiftlet):
    result = swiftlet(*EMBED, "cat", "--format", "npy", environment={"TMPDIR": "/nowhere"})
    result.fails(73, "cannot create a temporary file in /nowhere")


def test_an_array_is_not_shown_on_a_terminal(on_terminal):
    status, shown = on_terminal(*map(str, EMBED), "cat", "--format", "npy")
    assert status == 64 and "an array is binary" in shown


# Tables


@pytest.mark.parametrize("arguments, header, first", [
    (TAG, "label,score,word,start,end", "LOC,0.45"),
    ([*TAG, "--aggregation", "none"], "label,score,word,start,end,index", ""),
    ([*ANSWER, "--top-k", 2], "rank,answer,score,start,end", "1,"),
    ([*MASK, "--top-k", 2], "mask,rank,token,token_id,score,sequence", "1,1,"),
    ([*ZERO_SHOT, "--label", "good", "--label", "bad"], "label,score,label_2,score_2", ""),
    ([*CHOOSE, "--choice", "good", "--choice", "bad"], "choice,index,score,choice_2,index_2,score_2", ""),
    (EMBED, ",".join(f"embedding_{index}" for index in range(13)), "-0.330"),
    ([*EMBED, "--compare", "cat"], "similarity", ""),
], ids=["tag", "tokens", "answer", "fill-mask", "zero-shot", "choose", "embed", "compare"])
def test_every_task_writes_tables(swiftlet, write, arguments, header, first):
    write("blank.csv", 'text,id\n"A ""good"" [MASK].",x\n,y\n')
    result = swiftlet(*arguments, "--file", "blank.csv", "--output", "answers.tsv")
    assert result.status == 0 and "1 text was empty" in result.err
    table = list(csv.reader((swiftlet.folder / "answers.tsv").open(), delimiter="\t"))
    assert ",".join(table[0]) == f"record,id,text,{header},truncated,empty"
    assert all(len(row) == len(table[0]) for row in table)
    assert all(row[:3] == ["1", "x", 'A "good" [MASK].'] and row[-1] == "false" for row in table[1:-1])
    assert table[1:-1] and ",".join(table[1][3:]).startswith(first)
    assert table[-1] == ["2", "y", ""] + [""] * (len(table[0]) - 5) + ["false", "true"]
    result = swiftlet(*arguments, "--file", "blank.csv", "--format", "csv")
    assert list(csv.reader(io.StringIO(result.out))) == table


def test_tables_have_the_numbers_of_json(swiftlet):
    texts = ["A good [MASK].", "The best film."]

    def both(*arguments):
        table = csv.DictReader(io.StringIO(swiftlet(*arguments, "--format", "csv").out))
        return list(table), swiftlet(*arguments, "--format", "jsonl").rows

    table, rows = both(*TAG, *texts)
    assert [(row["record"], row["label"], row["score"], row["word"], row["start"], row["end"])
            for row in table if row["label"]] == [
        (str(row["record"]), *(str(entity[key]) for key in ["label", "score", "word", "start", "end"]))
        for row in rows for entity in row["entities"]]
    table, rows = both(*MASK, texts[0], "[MASK] [MASK]")
    assert [(row["record"], row["mask"], row["rank"], row["token"], row["token_id"], row["sequence"])
            for row in table] == [
        (str(row["record"]), str(mask), str(rank), each["token"], str(each["id"]), each["sequence"])
        for row in rows for mask, tokens in enumerate(row["masks"], 1) for rank, each in enumerate(tokens, 1)]
    table, rows = both(*CHOOSE, "--choice", "good", "--choice", "bad", *texts)
    for cells, row in zip(table, rows, strict=True):
        assert cells["choice"] == row["choice"] and cells["index"] == str(row["index"])
        scores = {int(cells["index"]): cells["score"], int(cells["index_2"]): cells["score_2"]}
        assert [float(scores[index]) for index in range(2)] == row["scores"]
    table, rows = both(*ZERO_SHOT, "--label", "good", "--label", "bad", *texts)
    assert [[(cells["label"], float(cells["score"])), (cells["label_2"], float(cells["score_2"]))]
            for cells in table] == [[(each["label"], each["score"]) for each in row["scores"]] for row in rows]
    table, rows = both(*EMBED, *texts)
    assert [[float(cells[f"embedding_{index}"]) for index in range(13)] for cells in table] == [
        row["embedding"] for row in rows]


def test_a_table_of_answers_has_the_question_of_each_row(swiftlet, write):
    write("questions.jsonl", '{"text":"A good film.","q":"Was it good?"}\n')
    result = swiftlet("answer", "--model", HEADS / "questions", "--question-column", "q", "--file", "questions.jsonl",
                      "--format", "csv")
    assert result.lines[0] == "record,text,pair,rank,answer,score,start,end,truncated,empty"
    assert result.lines[1].startswith("1,A good film.,Was it good?,1,good film.,0.14")


def test_embed_warns_of_a_cut_text(swiftlet, write):
    write("long.txt", LONG_TEXT)
    result = swiftlet("embed", "--model", HEADS / "embed-cls", "--file", "long.txt")
    assert result.err == "swiftlet: warning: 1 text was longer than 24 tokens and cut\n"


def test_a_quantised_model_embeds_as_the_original_in_int8(swiftlet):
    assert swiftlet("quantize", HEADS / "embed-cls", "--output", "int8").status == 0
    copy = swiftlet("embed", "--model", "int8", "A good film.")
    original = swiftlet("embed", "--model", HEADS / "embed-cls", "--precision", "int8", "A good film.")
    assert copy.rows and copy == original


# Errors


@pytest.mark.parametrize("arguments, status, words", [
    ([*TAG, "x", "--long-text", "window:99", "--aggregation", "none"], 65, "aggregation"),
    ([*TAG, "--ignore-labels", "PER", "A good film."], 64, 'unknown label "A good film."'),
    ([*ANSWER[:3], "--question", "good " * 60, "x"], 65, "a question of 60 tokens"),
    (["tag", "--model", HEADS / "questions", "x"], 65, "swiftlet answer"),
    (["tag", "--model", HEADS / "nli", "A good film."], 65, "--allow-other-task"),
    (["zero-shot", "--label", "good", "A good film.", "--model", BUNDLED], 65, "entail"),
], ids=["window", "label", "question", "command", "task", "entailment"])
def test_an_argument_that_the_model_cannot_use_is_refused(swiftlet, arguments, status, words):
    swiftlet(*arguments).fails(status, words)


def test_another_task_runs_if_it_is_allowed(swiftlet):
    assert len(swiftlet("tag", "--model", HEADS / "nli", "A good film.", "--allow-other-task").rows) == 1


def test_a_text_without_a_mask_is_named_after_the_answers_before_it(swiftlet):
    result = swiftlet(*MASK, "[MASK]", "no mask")
    result.fails_after(1, "")
    assert '"record":1' in result.out and "text 2: the text has no mask token" in result.err


def test_choose_names_the_line_of_a_text_that_it_cannot_read(swiftlet, write):
    model = shutil.copytree(HEADS / "choice", swiftlet.folder / "unseen")
    with open(model / "vocab.txt", "a") as vocabulary:
        vocabulary.write("unseen\n")
    write("unseen.txt", "A good film.\nunseen\nA good film.\n")
    swiftlet("choose", "--model", "unseen", "--choice", "good", "--choice", "bad", "--file", "unseen.txt").fails_after(
        1, "unseen.txt:2: the text has the token")
