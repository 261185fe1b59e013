"""The exported folders in the libraries that read them."""

import json

import numpy
import pytest

import exporting
from exporting import BUNDLED, CHECKPOINTS, HEADS, greatest_difference

GOLDEN = exporting.ROOT / "Tests/Fixtures/sentiment/golden.json"


@pytest.mark.parametrize("arguments", [[], ["--opset", "17"], ["--opset", "20"], ["--link"]], ids=" ".join)
def test_optimum_classifies_as_the_golden_pipeline(tmp_path, arguments):
    optimum = pytest.importorskip("optimum.onnxruntime")
    transformers = pytest.importorskip("transformers")
    exporting.export(BUNDLED, tmp_path / "out", *arguments)
    model = optimum.ORTModelForSequenceClassification.from_pretrained(tmp_path / "out")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    pipeline = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer)
    cases = [case for case in json.loads(GOLDEN.read_text())["sentences"] if case["text"].strip()][:12]
    for case, found in zip(cases, pipeline([case["text"] for case in cases], top_k=None, padding=True, batch_size=12)):
        assert [each["label"] for each in found] == [each["label"] for each in case["scores"]]
        assert greatest_difference([each["score"] for each in found], [each["score"] for each in case["scores"]]) < 1e-4


@pytest.mark.parametrize("name, kind, outputs", [
    ("heads/tokens", "TokenClassification", ["logits"]), ("heads/mask", "MaskedLM", ["logits"]),
    ("heads/bert-questions", "QuestionAnswering", ["start_logits", "end_logits"]),
    ("heads/bert-choice", "MultipleChoice", ["logits"]), ("checkpoints/bare", "FeatureExtraction", ["last_hidden_state"]),
    ("checkpoints/bert-bare", "FeatureExtraction", ["last_hidden_state"]),
])
def test_optimum_runs_every_task(tmp_path, name, kind, outputs):
    optimum = pytest.importorskip("optimum.onnxruntime")
    torch = pytest.importorskip("torch")
    path = exporting.export(exporting.ROOT / "Tests/Fixtures" / name, tmp_path / "out")
    model = getattr(optimum, f"ORTModelFor{kind}").from_pretrained(tmp_path / "out")
    ids = torch.tensor([[2, 9, 10, 11, 3], [2, 9, 3, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    if kind == "MultipleChoice":
        ids, mask = ids[None], mask[None]
    found = model(input_ids=ids, attention_mask=mask)
    every = {"input_ids": ids.numpy(), "attention_mask": mask.numpy(), "token_type_ids": 0 * ids.numpy()}
    runner = exporting.session(path)
    expected = runner.run(outputs, {key: every[key] for key in exporting.names(runner)})
    for output, values in zip(outputs, expected):
        assert greatest_difference(found[output].numpy(), values) < 1e-5


@pytest.mark.parametrize("name", sorted(path.name for path in HEADS.glob("*embed*") if path.is_dir()))
def test_sentence_transformers_embeds_as_the_golden_file(tmp_path, name):
    library = pytest.importorskip("sentence_transformers")
    pytest.importorskip("optimum.onnxruntime")
    exporting.export(HEADS / name, tmp_path / "out")
    model = library.SentenceTransformer(str(tmp_path / "out"), backend="onnx", device="cpu")
    for case in exporting.golden(HEADS / name)["cases"][:8]:
        options = {"prompt": case["prompt"]} if case["prompt"] else {}
        assert greatest_difference(model.encode(case["text"], **options), case["embedding"]) < 1e-4


def test_the_folder_has_the_files_of_its_readers(tmp_path):
    exporting.export(BUNDLED, tmp_path / "out", "--quantize", "dynamic")
    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    # transformers.js, fastembed, text-embeddings-inference, optimum
    assert files == {"config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "onnx/model.onnx",
                     "onnx/model_quantized.onnx"}


@pytest.mark.parametrize("name", ["plain", "cased", "bert", "cased-without-accents"])
def test_tokenizers_reads_what_was_written_for_a_vocabulary_file(tmp_path, name):
    tokenizers = pytest.importorskip("tokenizers")
    exporting.export(CHECKPOINTS / name, tmp_path / "out")
    tokenizer = tokenizers.Tokenizer.from_file(str(tmp_path / "out/tokenizer.json"))
    cases = [case for case in exporting.golden(CHECKPOINTS / name)["texts"] if len(case["ids"]) < 100]
    assert len(cases) > 10
    for case in cases:
        assert tokenizer.encode(case["text"]).ids == case["ids"]


def test_openvino_and_onnx_runtime_agree_on_linked_weights(tmp_path):
    openvino = pytest.importorskip("openvino")
    path = exporting.export(CHECKPOINTS / "bert", tmp_path / "out", "--link")
    compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    ids = numpy.array([[2, 9, 10, 3]])
    every = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": 0 * ids}
    assert greatest_difference(compiled(every)[0], exporting.session(path).run(None, every)[0]) < 1e-4
