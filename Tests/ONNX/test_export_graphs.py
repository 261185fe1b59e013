"""The graphs of all golden checkpoints, against transformers' logits."""

import pathlib

import numpy
import onnx
import pytest

import exporting
from exporting import CHECKPOINTS, OPSETS, greatest_difference, inputs, names, padded, rows, session

NAMES = sorted(path.parent.name for path in CHECKPOINTS.glob("*/golden.json"))


@pytest.fixture(scope="module", params=NAMES)
def checkpoint(request, tmp_path_factory):
    """A golden checkpoint and its graph for each operator set."""
    folder = CHECKPOINTS / request.param
    graphs = {}
    for opset in OPSETS:
        output = tmp_path_factory.mktemp(request.param) / "exported"
        graphs[opset] = exporting.export(folder, output, "--opset", opset)
    return folder, graphs


def answers(case):
    return case["logits"] if "logits" in case else case.get("lastHiddenState")


def differences(runner, cases, side="right", width=None):
    """The greatest difference of a batch from the golden answers."""
    output = runner.run(None, inputs(cases, side, width, names(runner)))[0]
    for values, case in zip(output, cases):
        if answers(case) is not None:
            yield greatest_difference(values if "logits" in case else rows(values, case, side), answers(case))


def test_the_checker_accepts_every_graph(checkpoint):
    for opset, path in checkpoint[1].items():
        onnx.checker.check_model(str(path), full_check=True)
        model = onnx.load(str(path))
        assert [(each.domain, each.version) for each in model.opset_import] == [("", opset)]
        assert model.ir_version == {14: 7, 17: 8, 20: 9}[opset]


def test_inputs_and_outputs_have_the_names_types_and_axes_of_optimum(checkpoint):
    folder, graphs = checkpoint
    for path in graphs.values():
        graph = onnx.load(str(path)).graph
        found = {each.name: [axis.dim_param or axis.dim_value for axis in each.type.tensor_type.shape.dim]
                 for each in [*graph.input, *graph.output]}
        axes = ["batch_size", "sequence_length"]
        expected = {"input_ids": axes, "attention_mask": axes}
        if folder.name.startswith("bert"):
            expected["token_type_ids"] = axes
        golden = exporting.golden(folder)
        if "labels" in golden:
            expected["logits"] = ["batch_size", len(golden["labels"])]
        else:
            width = len(golden["ids"][0]["lastHiddenState"][0])
            expected["last_hidden_state"] = [*axes, width]
        assert found == expected
        types = {each.name: each.type.tensor_type.elem_type for each in [*graph.input, *graph.output]}
        assert {types[name] for name in found if name.endswith("s")} <= {onnx.TensorProto.INT64, onnx.TensorProto.FLOAT}


def test_every_sequence_alone_has_the_golden_answer(checkpoint):
    folder, graphs = checkpoint
    for path in graphs.values():
        runner = session(path)
        for case in exporting.sequences(folder):
            assert max(differences(runner, [case]), default=0) < 1e-4


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_padded_batch_has_the_golden_answers(checkpoint, side):
    folder, graphs = checkpoint
    cases = exporting.sequences(folder)
    for path in graphs.values():
        runner = session(path)
        assert max(differences(runner, cases, side)) < 1e-4
        short = sorted(cases, key=lambda case: len(case["ids"]))[:11]
        assert max(differences(runner, 3 * short, side)) < 1e-4


def test_a_sequence_without_tokens_gives_numbers(checkpoint):
    for path in checkpoint[1].values():
        runner = session(path)
        ids, mask = padded([[2, 3], []])
        every = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
        output = runner.run(None, {name: every[name] for name in names(runner)})[0]
        assert numpy.isfinite(output).all()


def test_a_text_beyond_the_positions_is_an_error(checkpoint):
    folder, graphs = checkpoint
    limit = max(len(case["ids"]) for case in exporting.sequences(folder))
    for path in graphs.values():
        runner = session(path)
        positions = next(each.dims[0] for each in onnx.load(str(path)).graph.initializer
                         if each.name.endswith("position_embeddings.weight"))
        assert limit <= positions
        case = {"ids": [2] * (positions + 1)}
        with pytest.raises(Exception, match="indices"):
            runner.run(None, inputs([case], names=names(runner)))


@pytest.mark.parametrize("opset", OPSETS)
def test_openvino_gives_the_golden_answers(checkpoint, opset):
    openvino = pytest.importorskip("openvino")
    folder, graphs = checkpoint
    if opset != 14 and folder.name not in ("plain", "bert", "activation-gelu_new", "bare"):
        return
    compiled = openvino.Core().compile_model(str(graphs[opset]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    cases = sorted(exporting.sequences(folder), key=lambda case: len(case["ids"]))[:12]
    accepted = [each.any_name for each in compiled.inputs]
    for side in ("right", "left"):
        output = compiled(inputs(cases, side, names=accepted))[0]
        for values, case in zip(output, cases):
            if answers(case) is not None:
                found = values if "logits" in case else rows(values, case, side)
                assert greatest_difference(found, answers(case)) < 1e-4


def test_the_same_model_gives_the_same_bytes(checkpoint, tmp_path):
    folder, graphs = checkpoint
    again = exporting.export(folder, tmp_path / "again")
    assert again.read_bytes() == graphs[14].read_bytes()


def test_a_linked_graph_has_the_golden_answers(checkpoint, tmp_path):
    folder, _ = checkpoint
    path = exporting.export(folder, tmp_path / "linked", "--link")
    onnx.checker.check_model(str(path), full_check=True)
    assert path.parent == tmp_path / "linked"
    for name in pathlib.Path(folder).glob("*.safetensors"):
        assert (path.parent / name.name).read_bytes() == name.read_bytes()
    runner = session(path)
    assert max(differences(runner, exporting.sequences(folder))) < 1e-4
