import copy
import ctypes
import gc
import json
import os
import pickle
import signal
import subprocess
import threading

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


def test_bfloat16_is_near_float32_or_says_what_it_needs(sentiment, sentiment_path):
    assert swiftlet.precision_supported("float32") and swiftlet.precision_supported("int8")
    if not swiftlet.precision_supported("bfloat16"):
        with pytest.raises(swiftlet.EngineError, match="AVX512_BF16"):
            swiftlet.Classifier(sentiment_path, precision="bfloat16")
        return
    with swiftlet.Classifier(sentiment_path, precision="bfloat16", threads=1) as classifier:
        found, exact = (model.logits(TEXTS) for model in (classifier, sentiment))
    assert found.shape == exact.shape and (found != exact).any()
    assert abs(found - exact).max() < 0.1


@pytest.mark.parametrize("options, message", [
    ({"precision": "int4"}, "precision is 'int4'; it must be one of float32, bfloat16, int8"),
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


def test_one_text_has_one_answer(sentiment):
    answer = sentiment.classify(TEXTS[0])
    assert answer.logits.tobytes() == sentiment.logits(TEXTS)[0].tobytes()
    assert sentiment.logits(TEXTS[0]).tobytes() == answer.logits.tobytes()
    assert sentiment.scores(TEXTS[0]).tobytes() == answer.scores.tobytes()


def test_texts_must_be_a_list_of_str(sentiment):
    with pytest.raises(TypeError, match="write \\[text\\]"):
        sentiment.classify(b"one text")
    with pytest.raises(TypeError, match="expected texts in one dimension, found 2"):
        sentiment.classify(numpy.array([["a", "b"]]))
    with pytest.raises(TypeError, match="found a dict"):
        sentiment.classify({"text": "a"})
    with pytest.raises(TypeError, match="found a int"):
        sentiment.classify(5)
    with pytest.raises(swiftlet.MissingTextError, match="text 2 is missing \\(None\\)") as caught:
        sentiment.classify(["fine", None])
    assert caught.value.text_index == 1
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


def test_ranks_decisions_and_accepted_labels(heads):
    with swiftlet.Classifier(heads / "nli") as classifier:
        [plain] = classifier.classify(["A good film."])
        assert [name for name, _ in plain.ranked] == [
            classifier.labels[index] for index in numpy.argsort(-plain.scores, kind="stable")]
        assert plain.ranked[0] == plain.decision == (plain.label, plain.score)
        [best] = classifier.classify(["A good film."], top_k=1)
        assert best.ranked == plain.ranked[:1]
        [all_] = classifier.classify(["A good film."], threshold=0)
        assert all_.accepted == plain.ranked
        [some] = classifier.classify(
            ["A good film."], threshold=2, label_thresholds={plain.ranked[1].label: 0.0})
        assert some.accepted == [plain.ranked[1]]
        [unsure] = classifier.classify(["A good film."], minimum_score=1.1)
        assert unsure.decision is None and unsure.label == plain.label
        exact = classifier.classify(["A good film."], minimum_score=plain.score)[0]
        assert exact.decision == plain.decision
        [low] = classifier.classify(["A good film."], function="none", minimum_score=-1e6)
        assert low.decision is not None


@pytest.mark.parametrize("options, message", [
    ({"top_k": 0}, "top_k is 0"),
    ({"threshold": float("nan")}, "threshold is nan"),
    ({"minimum_score": float("inf")}, "minimum_score is inf"),
    ({"label_thresholds": {"OTHER": 0.5}}, "label_thresholds names 'OTHER'; the labels are NEGATIVE"),
    ({"label_thresholds": {"POSITIVE": 10**400}}, "the threshold of POSITIVE is 1"),
    ({"prompt": "a", "prompt_name": "b"}, "pass only one"),
])
def test_options_of_decisions_must_make_sense(sentiment, options, message):
    with pytest.raises(swiftlet.InvalidOptionError, match=message):
        sentiment.classify(["good"], **options)


def test_many_texts_are_computed_in_parts_with_the_same_bits(sentiment, monkeypatch, heads):
    texts = [f"film number {number}" for number in range(10)]
    whole, logits = sentiment.classify(texts), sentiment.logits(texts)
    monkeypatch.setattr(swiftlet._rows, "CALL", 3)
    parts = sentiment.classify(texts)
    assert [answer.logits.tobytes() for answer in parts] == [answer.logits.tobytes() for answer in whole]
    assert sentiment.logits(texts).tobytes() == logits.tobytes()
    with pytest.raises(swiftlet.TextTooLongError, match="^text 8 has 602 tokens") as caught:
        sentiment.classify(texts[:7] + ["bad " * 600], long_text="error")
    assert caught.value.text_index == 7
    computed = []
    monkeypatch.setattr(swiftlet.Classifier, "_classify", lambda self, texts, options: computed.append(1))
    with pytest.raises(swiftlet.TextTypeError, match="text 10 is a int"):
        sentiment.classify(texts[:9] + [5])
    assert not computed
    with swiftlet.QuestionAnswerer(heads / "questions") as answerer:
        with pytest.raises(swiftlet.TextTypeError, match="text 5 is a int"):
            answerer.answer_pairs([("Who?", "Ada.")] * 4 + [("Who?", 5)])


def test_an_interrupt_ends_a_call_between_two_parts(sentiment, monkeypatch):
    monkeypatch.setattr(swiftlet._rows, "CALL", 1)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        sentiment.classify(["a film " * 50] * 100_000)


def test_a_stream_reads_batches_when_their_answers_are_asked_for(sentiment):
    read = []

    def texts():
        for number in range(10):
            read.append(number)
            yield f"film number {number}"

    stream = sentiment.stream(texts(), batch_size=4, top_k=1)
    assert read == []
    first = next(stream)
    assert len(read) == 4
    rest = list(stream)
    assert len(read) == 10 and len(rest) == 9
    expected = sentiment.classify([f"film number {number}" for number in range(10)])
    assert [answer.logits.tobytes() for answer in [first, *rest]] == [
        answer.logits.tobytes() for answer in expected]


def test_a_stream_answers_what_comes_before_an_error(sentiment):
    for bad, error in [("bad " * 600, swiftlet.TextTooLongError), (None, swiftlet.MissingTextError)]:
        answers = []
        with pytest.raises(error, match="^text 7 ") as caught:
            answers.extend(sentiment.stream(
                ["good"] * 6 + [bad, "good"], batch_size=4, long_text="error"))
        assert caught.value.text_index == 6
    stream = sentiment.stream(["good"] * 6 + ["bad " * 600], batch_size=4, long_text="error")
    assert [next(stream).label for _ in range(6)] == ["POSITIVE"] * 6

    def failing():
        yield from ["good"] * 3
        raise OSError("the disk is gone")

    stream = sentiment.stream(failing(), batch_size=2)
    assert [next(stream).label for _ in range(3)] == ["POSITIVE"] * 3
    with pytest.raises(OSError, match="the disk is gone"):
        next(stream)
    with pytest.raises(swiftlet.InvalidOptionError, match="batch_size is 0"):
        sentiment.stream(["good"], batch_size=0)


def test_the_bundled_model_is_the_default(sentiment_path):
    with swiftlet.Classifier() as bundled, swiftlet.Classifier(sentiment_path) as named:
        assert bundled.labels == ["NEGATIVE", "POSITIVE"]
        assert bundled.logits(TEXTS).tobytes() == named.logits(TEXTS).tobytes()
    assert os.path.exists(os.path.join(swiftlet.bundled_model("sentiment"), "config.json"))
    with pytest.raises(swiftlet.SwiftletError, match="other"):
        swiftlet.bundled_model("other")


def test_a_temperature_is_fitted(sentiment):
    texts = ["good", "bad", "wonderful", "dreadful", "not good", "a film"]
    labels = ["POSITIVE", 0, "POSITIVE", "NEGATIVE", 1, numpy.int64(1)]
    temperature = sentiment.fit_temperature(texts, labels)
    assert 0.05 <= temperature <= 20

    def loss(value):
        logits = sentiment.logits(texts).astype(numpy.float64) / value
        rows = logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))
        return -rows[numpy.arange(6), [1, 0, 1, 0, 1, 1]].mean()

    assert loss(temperature) <= min(loss(temperature * 0.9), loss(temperature * 1.1)) + 1e-6
    with pytest.raises(swiftlet.InvalidArgumentError, match="label 2 is 'GOOD'"):
        sentiment.fit_temperature(["a", "b"], ["POSITIVE", "GOOD"])
    with pytest.raises(swiftlet.InvalidArgumentError, match="2 texts and 1 labels"):
        sentiment.fit_temperature(["a", "b"], [1])


def test_a_result_can_be_made_in_a_test():
    made = swiftlet.Classification("POSITIVE", 0.9)
    assert made.decision == ("POSITIVE", 0.9) and made.ranked == [] and not made.truncated
