import json
import pickle

import numpy
import pytest
import swiftlet


def test_embeddings_equal_the_reference(heads):
    golden = json.loads((heads / "embed-mean/golden.json").read_text())
    with swiftlet.Embedder(heads / "embed-mean") as embedder:
        assert embedder.dimension == 20
        for case in golden["cases"]:
            name = case["prompt"]
            options = {} if name is None else {"prompt_name": name}
            [vector] = embedder.embed([case["text"]], **options)
            numpy.testing.assert_allclose(vector, case["embedding"], atol=1e-4)


def test_shape_and_type(heads):
    with swiftlet.Embedder(heads / "embed-cls") as embedder:
        vectors = embedder.embed(["a man sleeps", "", "the film is good"])
        assert vectors.shape == (3, 20) and vectors.dtype == numpy.float32
        assert embedder.embed([]).shape == (0, 20)
        assert embedder.max_length > 2
        assert embedder.embed(["a man sleeps"]).tobytes() == vectors[:1].tobytes()


def test_normalization_can_be_chosen(heads):
    lengths = []
    for normalize in (True, False):
        with swiftlet.Embedder(heads / "embed-cls", normalize=normalize) as embedder:
            lengths.append(float(numpy.linalg.norm(embedder.embed(["a man sleeps"])[0])))
    assert lengths[0] == pytest.approx(1, abs=1e-5)
    assert abs(lengths[1] - 1) > 1e-3


def test_prompts(heads):
    with swiftlet.Embedder(heads / "embed-mean") as embedder:
        whole = embedder.embed(["the best: film"], prompt="")
        assert embedder.embed(["film"], prompt="the best: ").tobytes() == whole.tobytes()
        assert embedder.embed(["film"], prompt_name="query").tobytes() == whole.tobytes()
        assert embedder.embed(["film"]).tobytes() == whole.tobytes()
        with pytest.raises(swiftlet.InvalidOptionError, match='no prompt "nobody"'):
            embedder.embed(["film"], prompt_name="nobody")
        with pytest.raises(swiftlet.InvalidOptionError, match="pass only one of them"):
            embedder.embed(["film"], prompt="a", prompt_name="query")
        with pytest.raises(swiftlet.InvalidArgumentError, match="NUL"):
            embedder.embed(["film"], prompt="a\0b")


def test_long_texts_are_cut_or_refused(heads):
    with swiftlet.Embedder(heads / "embed-cls") as embedder:
        embedder.embed(["a " * 600])
        with pytest.raises(swiftlet.TextTooLongError) as caught:
            embedder.embed(["a", "a " * 600], long_text="error")
        assert caught.value.text_index == 1
        with pytest.raises(swiftlet.InvalidOptionError, match="long_text is 'window'"):
            embedder.embed(["a"], long_text="window")


def test_its_tokenizer_outlives_it(heads):
    with swiftlet.Embedder(heads / "embed-cls") as embedder:
        tokenizer = embedder.tokenizer
    assert tokenizer.vocabulary_size == 165
    assert len(tokenizer.tokenize("")) == 2
    with pytest.raises(swiftlet.InvalidArgumentError, match="embedder is closed"):
        embedder.embed(["a"])
    with pytest.raises(TypeError, match="send the path"):
        pickle.dumps(tokenizer)
