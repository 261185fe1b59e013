"""The graphs of all heads, against the models of transformers and the golden embeddings."""

import numpy
import onnx
import pytest

import exporting
from exporting import HEADS, OPSETS, greatest_difference, inputs, names, padded, rows, session

# The class of transformers, and the outputs with a row for each token.
TASKS = {
    "nli": ("SequenceClassification", []), "tokens": ("TokenClassification", ["logits"]),
    "questions": ("QuestionAnswering", ["start_logits", "end_logits"]), "mask": ("MaskedLM", ["logits"]),
    "choice": ("MultipleChoice", []), "reranker": ("SequenceClassification", []),
    "nli-first": ("SequenceClassification", []), "bert-nli": ("SequenceClassification", []),
    "bert-tokens": ("TokenClassification", ["logits"]), "bert-choice": ("MultipleChoice", []),
    "bert-questions": ("QuestionAnswering", ["start_logits", "end_logits"]), "bert-mask": ("MaskedLM", ["logits"]),
    "bert-mask-untied": ("MaskedLM", ["logits"]), "bert-pretraining": ("MaskedLM", ["logits"]),
}
SENTENCES = sorted(path.name for path in HEADS.glob("*embed*") if path.is_dir())


@pytest.fixture(scope="module")
def cases():
    """Sequences of random ids and types, of 1 to 40 tokens."""
    random = numpy.random.default_rng(7)
    return [{"ids": random.integers(5, 60, length).tolist(), "typeIDs": random.integers(0, 2, length).tolist()}
            for length in (1, 2, 3, 9, 17, 40)]


@pytest.fixture(scope="module", params=sorted(TASKS))
def head(request):
    """A model of transformers, the fixture's folder, and the outputs with a row for each token."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    if request.param == "bert-mask-untied" and transformers.__version__ < "5":
        pytest.skip("transformers 4 replaces the projector")
    folder = HEADS / request.param
    kind, outputs = TASKS[request.param]
    model = getattr(transformers, f"AutoModelFor{kind}").from_pretrained(folder, dtype=torch.float32)
    return model.eval(), folder, outputs


def reference(model, case):
    """The outputs of transformers for one sequence alone, as arrays by their names."""
    torch = pytest.importorskip("torch")
    arguments = {"input_ids": torch.tensor([case["ids"]])}
    if model.config.model_type == "bert":
        arguments["token_type_ids"] = torch.tensor([case["typeIDs"]])
    if type(model).__name__.endswith("MultipleChoice"):
        arguments = {name: value[None] for name, value in arguments.items()}
    with torch.no_grad():
        return {name: value[0].numpy() for name, value in model(**arguments).items()}


@pytest.mark.parametrize("opset", OPSETS)
def test_a_head_gives_the_logits_of_transformers(head, cases, tmp_path, opset):
    model, folder, by_token = head
    path = exporting.export(folder, tmp_path / "out", "--opset", opset)
    onnx.checker.check_model(str(path), full_check=True)
    runner = session(path)
    expected = [reference(model, case) for case in cases]
    for side in ("right", "left"):
        given = inputs(cases, side, names=names(runner))
        choices = "num_choices" in runner.get_inputs()[0].shape
        if choices:
            # The sequences of a batch as the choices of one question.
            given = {name: value[None] for name, value in given.items()}
        results = runner.run(None, given)
        for info, result in zip(runner.get_outputs(), results):
            result = result[0][:, None] if choices else result
            for values, case, answer in zip(result, cases, expected):
                found = rows(values, case, side) if info.name in by_token else values
                assert greatest_difference(found, answer[info.name]) < 1e-4


def test_a_masked_language_model_has_its_word_embeddings_once(tmp_path):
    graph = onnx.load(str(exporting.export(HEADS / "mask", tmp_path / "out"))).graph
    words = next(each for each in graph.initializer if each.name.endswith("word_embeddings.weight"))
    assert [each.name for each in graph.initializer if sorted(each.dims) == sorted(words.dims)] == [words.name]


@pytest.mark.parametrize("name", SENTENCES)
@pytest.mark.parametrize("opset", OPSETS)
def test_a_sentence_model_gives_the_golden_embeddings(tmp_path, name, opset):
    folder = HEADS / name
    path = exporting.export(folder, tmp_path / "out", "--opset", opset)
    onnx.checker.check_model(str(path), full_check=True)
    runner = session(path)
    assert [each.name for each in runner.get_outputs()] == ["last_hidden_state", "sentence_embedding"]
    golden = [case for case in exporting.golden(folder)["cases"] if not case["prompt"] and case["text"].strip()]
    prompt = exporting.default_prompt(folder)
    found = exporting.encoded(folder, [prompt + case["text"] for case in golden])
    cases = [{"ids": ids, "embedding": case["embedding"]} for ids, case in zip(found, golden) if len(ids) <= 24]
    assert len(cases) >= 3
    width = len(cases[0]["embedding"])
    for side in ("right", "left"):
        hidden, embeddings = runner.run(None, inputs(cases, side, names=names(runner)))
        for values, case in zip(embeddings, cases):
            assert greatest_difference(values[:width], case["embedding"]) < 1e-4


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_without_tokens_gives_numbers(tmp_path, name):
    runner = session(exporting.export(HEADS / name, tmp_path / "out"))
    ids, mask = padded([[], [2, 3]])
    every = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
    _, embeddings = runner.run(None, {key: every[key] for key in names(runner)})
    assert numpy.isfinite(embeddings).all()


@pytest.mark.parametrize("name", ["tokens", "questions", "mask", "choice", "bert-nli", "embed-max", "bert-embed-cls"])
def test_openvino_gives_the_outputs_of_onnx_runtime(tmp_path, cases, name):
    openvino = pytest.importorskip("openvino")
    path = exporting.export(HEADS / name, tmp_path / "out")
    compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    runner = session(path)
    given = inputs(cases, names=names(runner))
    if name == "choice":
        given = {key: value[None] for key, value in given.items()}
    expected = runner.run(None, given)
    found = compiled(given)
    for index, info in enumerate(runner.get_outputs()):
        if len(info.shape) == 2 or name == "choice":
            assert greatest_difference(found[index], expected[index]) < 1e-4
        else:
            for left, right, case in zip(found[index], expected[index], cases):
                assert greatest_difference(rows(left, case), rows(right, case)) < 1e-4
