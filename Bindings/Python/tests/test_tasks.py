"""Every task against the reference: the golden files beside the models."""

import json

import numpy
import pytest
import swiftlet

TOLERANCE = 1e-4


def golden(folder):
    return json.loads((folder / "golden.json").read_text())["cases"]


def test_entities_equal_the_reference(heads):
    with swiftlet.TokenClassifier(heads / "tokens", gemm="native") as tagger:
        assert tagger.labels == ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "MISC"]
        for case in golden(heads / "tokens"):
            windows = {}
            if "stride" in case:
                windows = {"long_text": "window", "window_stride": case["stride"]}
            answer = tagger.classify(
                case["text"], aggregation=case["aggregation"], ignore_labels=case["ignored"],
                **windows)
            name = "entity" if case["aggregation"] == "none" else "entity_group"
            assert [entity.label for entity in answer.entities] == [
                entity[name] for entity in case["entities"]]
            for found, expected in zip(answer.entities, case["entities"]):
                assert found.score == pytest.approx(expected["score"], abs=TOLERANCE)
                assert (found.word, found.start, found.end, found.token_index) == (
                    expected["word"], expected["start"], expected["end"], expected.get("index"))
                data = case["text"].encode()
                assert data[found.utf8_start:found.utf8_end].decode() == case["text"][
                    found.start:found.end]


def test_answers_to_questions_equal_the_reference(heads):
    names = {
        "top_k": "top_k", "max_answer_len": "max_answer_length", "max_seq_len": "max_length",
        "doc_stride": "doc_stride", "handle_impossible_answer": "impossible_answers",
        "align_to_words": "align_to_words"}
    with swiftlet.QuestionAnswerer(heads / "questions", gemm="native") as answerer:
        for case in golden(heads / "questions"):
            options = {names[name]: value for name, value in case["options"].items()}
            found = answerer.answer(case["question"], case["context"], **options)
            assert [answer.text for answer in found.answers] == [
                answer["answer"] for answer in case["answers"]]
            for answer, expected in zip(found.answers, case["answers"]):
                assert answer.score == pytest.approx(expected["score"], abs=TOLERANCE)
                assert (answer.start, answer.end) == (expected["start"], expected["end"])
            assert found.windows >= 1 and not found.truncated


def test_fillings_equal_the_reference(heads):
    with swiftlet.FillMask(heads / "mask", gemm="native") as model:
        for case in golden(heads / "mask"):
            found = model.fill(case["text"], top_k=case["topK"], targets=case["targets"])
            assert [[candidate.token_id for candidate in mask] for mask in found.masks] == [
                [candidate["token"] for candidate in mask] for mask in case["masks"]]
            for mask, expected in zip(found.masks, case["masks"]):
                for candidate, one in zip(mask, expected):
                    assert candidate.score == pytest.approx(one["score"], abs=TOLERANCE)
                    assert candidate.token == one["token_str"]
                    assert candidate.sequence == one["sequence"]


def test_zero_shot_classifications_equal_the_reference(heads):
    with swiftlet.ZeroShotClassifier(heads / "nli", gemm="native") as classifier:
        for case in golden(heads / "nli"):
            found = classifier.classify(
                case["text"], case["candidates"], hypothesis_template=case["template"],
                multi_label=case["multiLabel"])
            assert [label for label, _ in found.labels] == case["labels"]
            numpy.testing.assert_allclose(
                [score for _, score in found.labels], case["scores"], atol=TOLERANCE)
            assert (found.label, found.score) == found.labels[0]


def test_choices_equal_the_reference(heads):
    with swiftlet.MultipleChoice(heads / "choice", gemm="native") as model:
        for case in golden(heads / "choice"):
            found = model.choose(case["text"], among=case["choices"])
            numpy.testing.assert_allclose(found.scores, case["scores"], atol=TOLERANCE)
            numpy.testing.assert_allclose(found.logits, case["logits"], atol=TOLERANCE)
            assert found.best == int(numpy.argmax(case["scores"]))


@pytest.fixture(scope="module")
def models(heads):
    """A model of each task with several texts, how to compute them, and how to compute one."""
    tagger = swiftlet.TokenClassifier(heads / "tokens")
    answerer = swiftlet.QuestionAnswerer(heads / "questions")
    filler = swiftlet.FillMask(heads / "mask")
    zero = swiftlet.ZeroShotClassifier(heads / "nli")
    labels = ["good", "bad"]
    yield [
        (tagger.classify, tagger.stream, tagger.classify, ["A good film.", "", "Café bad"]),
        (answerer.answer_pairs, answerer.stream, lambda pair: answerer.answer(*pair),
         [("Was it good?", "A good film."), ("What?", "The plot made no sense at all")]),
        (filler.fill, filler.stream, filler.fill, ["The [MASK] was good.", "[MASK] [MASK]"]),
        (lambda texts: zero.classify(texts, labels), lambda texts, **options: zero.stream(
            texts, labels, **options), lambda text: zero.classify(text, labels), ["A film", "", "bad"]),
    ]
    for model in (tagger, answerer, filler, zero):
        model.close()


def test_a_batch_a_stream_and_single_texts_have_the_same_answers(models):
    for batch, stream, single, texts in models:
        expected = batch(texts)
        assert [single(text) for text in texts] == expected
        assert list(stream(iter(texts), batch_size=2)) == expected
        assert list(stream([])) == [] and batch([]) == []


def test_a_tokenizer_of_each_task_outlives_it(heads):
    for kind, folder in [
        (swiftlet.TokenClassifier, "tokens"), (swiftlet.QuestionAnswerer, "questions"),
        (swiftlet.FillMask, "mask"), (swiftlet.ZeroShotClassifier, "nli"),
        (swiftlet.MultipleChoice, "choice"),
    ]:
        with kind(heads / folder, threads=1) as model:
            assert model.max_length > 2
            tokenizer = model.tokenizer
        assert tokenizer.decode(tokenizer.tokenize("a film").ids) == "a film"


def test_a_model_of_another_task_is_refused(heads):
    for kind, folder in [
        (swiftlet.TokenClassifier, "mask"), (swiftlet.QuestionAnswerer, "tokens"),
        (swiftlet.FillMask, "nli"), (swiftlet.ZeroShotClassifier, "mask"),
        (swiftlet.MultipleChoice, "questions"),
    ]:
        with pytest.raises(swiftlet.UnsupportedModelError):
            kind(heads / folder)


def test_a_text_without_a_mask_is_named(heads):
    with swiftlet.FillMask(heads / "mask") as model:
        with pytest.raises(swiftlet.NoMaskError, match="^text 2 has no mask token") as caught:
            model.fill(["The [MASK].", "none"])
        assert caught.value.text_index == 1
        with pytest.raises(swiftlet.InvalidOptionError, match="targets is empty"):
            model.fill("[MASK]", targets=[])
        with pytest.raises(swiftlet.InvalidOptionError, match="top_k is 0"):
            model.fill("[MASK]", top_k=0)
        with pytest.raises(TypeError, match="write \\[target\\]"):
            model.fill("[MASK]", targets="good")


def test_options_of_token_classification_must_make_sense(heads):
    with swiftlet.TokenClassifier(heads / "tokens") as tagger:
        assert len(tagger.classify("A film.", ignore_labels=[]).entities) >= 3
        with pytest.raises(swiftlet.InvalidOptionError, match="aggregation is 'all'"):
            tagger.classify("a", aggregation="all")
        with pytest.raises(TypeError, match="ignore_labels is a str"):
            tagger.classify("a", ignore_labels="O")
        with pytest.raises(swiftlet.InvalidArgumentError, match="the label contains NUL"):
            tagger.classify("a", ignore_labels=["a\0b"])
        with pytest.raises(swiftlet.InvalidOptionError):
            tagger.classify("a", long_text="window")
        long = "the film is good " * 40
        read = tagger.classify(long, aggregation="simple", long_text="window", window_stride=8)
        assert not read.truncated and read.entities[-1].end > 400


def test_options_of_questions_must_make_sense(heads):
    with swiftlet.QuestionAnswerer(heads / "questions") as answerer:
        with pytest.raises(swiftlet.InvalidOptionError, match="text 1 is empty"):
            answerer.answer("", "context")
        with pytest.raises(swiftlet.InvalidOptionError, match="text 2 is empty"):
            answerer.answer_pairs([("Who?", "Ada."), ("Who?", "")])
        with pytest.raises(swiftlet.TextTypeError, match="pair 1 is a text"):
            answerer.answer_pairs(["Who?"])
        with pytest.raises(swiftlet.InvalidOptionError, match="doc_stride is -1"):
            answerer.answer("Who?", "Ada.", doc_stride=-1)
        assert answerer.answer("Who?", "a film " * 60, doc_stride=0, max_length=30).windows > 3


def test_options_of_zero_shot_must_make_sense(heads):
    with swiftlet.ZeroShotClassifier(heads / "nli") as classifier:
        with pytest.raises(swiftlet.InvalidOptionError):
            classifier.classify("a", [])
        with pytest.raises(swiftlet.InvalidOptionError):
            classifier.classify("a", ["b"], hypothesis_template="no place")
        with pytest.raises(TypeError, match="write \\[label\\]"):
            classifier.classify("a", "b")
        with pytest.raises(swiftlet.TextTypeError, match="label 2 is a int"):
            classifier.classify("a", ["b", 3])


def test_choices_must_be_texts(heads):
    with swiftlet.MultipleChoice(heads / "choice") as model:
        with pytest.raises(swiftlet.InvalidOptionError):
            model.choose("a", among=[])
        with pytest.raises(TypeError, match="write \\[choice\\]"):
            model.choose("a", among="b")
        with pytest.raises(swiftlet.TextTooLongError) as caught:
            model.choose("a", among=["b", "film " * 200], long_text="error")
        assert caught.value.text_index == 1
