import copy
import ctypes
import gc
import json
import os
import pickle
import subprocess

import numpy
import pytest
import swiftlet

TEXTS = ["A film of rare warmth, and not a minute too long.", "Dreadful.", "Naïve; 東京.", ""]


def test_answers_have_labels_scores_and_counts(sentiment):
    answers = sentiment.classify(TEXTS)
    assert sentiment.labels == ["NEGATIVE", "POSITIVE"]
    assert sentiment.max_length == 512
    assert [answer.label for answer in answers[:2]] == ["POSITIVE", "NEGATIVE"]
    assert answers[0].score == pytest.approx(0.9769, abs=1e-3)
    for answer in answers:
        assert answer.scores.dtype == numpy.float32 and answer.scores.shape == (2,)
        assert answer.scores.sum() == pytest.approx(1, abs=1e-6)
        assert answer.score == answer.scores.max()
        assert answer.label == sentiment.labels[int(answer.scores.argmax())]
        assert not answer.truncated
    assert [answer.tokens for answer in answers[1:]] == [4, 7, 2]


def test_logits_are_the_same_bits_alone_and_in_a_batch(sentiment):
    logits = sentiment.logits(TEXTS)
    assert logits.dtype == numpy.float32 and logits.shape == (4, 2)
    for index, text in enumerate(TEXTS):
        assert sentiment.logits([text]).tobytes() == logits[index].tobytes()
        assert sentiment.classify([text])[0].logits.tobytes() == logits[index].tobytes()


def test_results_outlive_the_classifier(sentiment_path):
    with swiftlet.Classifier(sentiment_path) as classifier:
        answer = classifier.classify(TEXTS[:1])[0]
        logits = classifier.logits(TEXTS[:1])
    assert answer.logits.tobytes() == logits[0].tobytes()


def test_no_texts_have_no_answers(sentiment):
    assert sentiment.classify([]) == []
    assert sentiment.logits([]).shape == (0, 2)


def test_texts_may_be_any_iterable_and_hold_nul(sentiment):
    answers = sentiment.classify(text for text in ["good\0 or bad", "good"])
    assert len(answers) == 2
    assert answers[0].tokens > answers[1].tokens


def test_functions_and_temperature(sentiment):
    [logits] = sentiment.logits(["Good."])
    [plain] = sentiment.classify(["Good."], function="none")
    assert plain.scores.tobytes() == logits.tobytes()
    [sigmoid] = sentiment.classify(["Good."], function="sigmoid")
    numpy.testing.assert_allclose(sigmoid.scores, 1 / (1 + numpy.exp(-logits)), rtol=1e-6)
    [warm] = sentiment.classify(["Good."], function="softmax", temperature=4.0)
    exponentials = numpy.exp(logits / 4 - (logits / 4).max())
    numpy.testing.assert_allclose(warm.scores, exponentials / exponentials.sum(), rtol=1e-6)


def test_long_texts_are_cut_refused_or_read_in_windows(sentiment):
    texts = ["short", "bad " * 1000]
    assert [answer.truncated for answer in sentiment.classify(texts)] == [False, True]
    with pytest.raises(swiftlet.TextTooLongError, match="1002 tokens") as caught:
        sentiment.classify(texts, long_text="error")
    assert caught.value.text_index == 1
    [_, read] = sentiment.classify(texts, long_text="window", window_stride=32)
    assert not read.truncated and read.tokens == 1002


def test_pairs(heads):
    with swiftlet.Classifier(heads / "nli") as classifier:
        pairs = [("a man sleeps", "a man is awake"), ("a man sleeps", "")]
        answers = classifier.classify_pairs(pairs)
        assert classifier.labels == ["contradiction", "neutral", "entailment"]
        assert answers[0].logits.tobytes() != answers[1].logits.tobytes()
        assert classifier.classify_pairs([]) == []
        with pytest.raises(TypeError, match="pair 1 has 3 texts"):
            classifier.classify_pairs([("a", "b", "c")])


def test_equal_to_the_command_line(sentiment, sentiment_path):
    program = os.environ.get("SWIFTLET_TEST_PROGRAM")
    if not program:
        pytest.skip("SWIFTLET_TEST_PROGRAM names no swiftlet to compare with")
    output = subprocess.run(
        [program, "classify", "--model", sentiment_path, "--gemm", "native", "--all-scores",
         "--json", *TEXTS[:3]],
        check=True, capture_output=True, text=True).stdout
    records = [json.loads(line) for line in output.splitlines()]
    answers = sentiment.classify(TEXTS[:3])
    assert [record["label"] for record in records] == [answer.label for answer in answers]
    for record, answer in zip(records, answers):
        scores = {entry["label"]: numpy.float32(entry["score"]) for entry in record["scores"]}
        assert [scores[label] for label in sentiment.labels] == list(answer.scores)


def test_int8_and_threads_can_be_asked_for(sentiment_path):
    with swiftlet.Classifier(
        sentiment_path, precision="int8", loading="read", threads=1
    ) as classifier:
        assert classifier.classify(["Wonderful."])[0].label == "POSITIVE"


@pytest.mark.parametrize("options, message", [
    ({"precision": "int4"}, "precision is 'int4'; it must be one of float32, int8"),
    ({"gemm": "cuda"}, "gemm is 'cuda'"),
    ({"loading": "lazy"}, "loading is 'lazy'"),
    ({"threads": 0}, "threads is 0"),
    ({"threads": 4097}, "threads is 4097"),
    ({"threads": -1}, "threads is -1; it must be between 1 and 4096"),
])
def test_options_of_loading_must_make_sense(sentiment_path, options, message):
    with pytest.raises(swiftlet.InvalidOptionError, match=message):
        swiftlet.Classifier(sentiment_path, **options)


@pytest.mark.parametrize("options, message", [
    ({"function": "relu"}, "function is 'relu'"),
    ({"long_text": "ignore"}, "long_text is 'ignore'"),
    ({"window_pooling": "sum"}, "window_pooling is 'sum'"),
    ({"temperature": 0}, "temperature is 0"),
    ({"temperature": float("nan")}, "temperature is nan"),
    ({"temperature": float("inf")}, "temperature is inf"),
    ({"long_text": "window", "window_stride": 5000}, "stride"),
])
def test_options_of_classifying_must_make_sense(sentiment, options, message):
    with pytest.raises(swiftlet.InvalidOptionError, match=message):
        sentiment.classify(["bad " * 600], **options)


def test_windows_without_room_name_the_text(sentiment):
    with pytest.raises(swiftlet.InvalidOptionError, match="text 2 can.t be split: windows") as caught:
        sentiment.classify(["good", "bad " * 600], long_text="window", window_stride=510)
    assert caught.value.text_index == 1


def test_texts_must_be_a_list_of_str(sentiment):
    with pytest.raises(TypeError, match="write \\[text\\]"):
        sentiment.classify("one text")
    with pytest.raises(TypeError, match="text 2 is a bytes; expected a str"):
        sentiment.classify(["fine", b"bytes"])
    with pytest.raises(swiftlet.InvalidTextError, match="text 2 has a lone surrogate at 3") as caught:
        sentiment.classify(["fine", "bad\ud800"])
    assert caught.value.text_index == 1


def test_a_closed_classifier_says_so(sentiment_path):
    classifier = swiftlet.Classifier(sentiment_path, threads=1)
    assert not classifier.closed
    classifier.close()
    classifier.close()
    assert classifier.closed
    with pytest.raises(swiftlet.InvalidArgumentError, match="this classifier is closed"):
        classifier.classify(["fine"])
    with pytest.raises(swiftlet.InvalidArgumentError, match="closed"):
        with classifier:
            pass


def test_pickling_and_copying_are_refused(sentiment):
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="send the path"):
            attempt(sentiment)


def test_a_pair_is_no_text(sentiment):
    with pytest.raises(TypeError, match="pair 1 is a text"):
        sentiment.classify_pairs(["ab", "cd"])
    for pair in [{"text": "a", "text_pair": "b"}, 5]:
        with pytest.raises(TypeError, match="pair 1 is a"):
            sentiment.classify_pairs([pair])


def test_numbers_may_be_numpys(sentiment_path):
    with swiftlet.Classifier(sentiment_path, threads=numpy.int64(1)) as classifier:
        assert classifier.classify(["good"], window_stride=numpy.int32(3))[0].label == "POSITIVE"


def test_no_temperature_makes_scores_that_are_no_numbers(sentiment):
    for temperature in [1e-31, 1e-50, 0, float("nan")]:
        with pytest.raises(swiftlet.InvalidOptionError, match="temperature"):
            sentiment.classify(["good"], temperature=temperature)
    assert numpy.isfinite(sentiment.classify(["good"], temperature=1e-30)[0].scores).all()


def test_lengths_leave_nothing_behind(sentiment):
    def array_types():
        gc.collect()
        return len(ctypes.Array.__subclasses__())

    before = array_types()
    for count in range(1, 40):
        sentiment.classify(["good"] * count)
    assert array_types() <= before + 1


def test_a_path_that_utf8_can_not_write_is_an_error():
    with pytest.raises(swiftlet.InvalidTextError, match="the path .* has a lone surrogate at 0"):
        swiftlet.Classifier("\ud800")


def test_a_temperature_beyond_floats_is_an_error(sentiment):
    with pytest.raises(swiftlet.InvalidOptionError, match="temperature is 1"):
        sentiment.classify(["a"], temperature=10**400)
