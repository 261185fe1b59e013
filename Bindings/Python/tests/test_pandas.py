"""Series and DataFrames of pandas in and out."""

import subprocess
import sys

import numpy
import pytest
import swiftlet

pandas = pytest.importorskip("pandas")

INDEX = ["b", "a", "b", "c"]
TEXTS = ["A film of rare warmth.", "Dreadful.", "", "Naïve; 東京."]


@pytest.fixture
def column():
    return pandas.Series(TEXTS, index=INDEX, name="text")


def test_a_series_gives_a_frame_with_its_index(sentiment, column):
    frame = sentiment.classify(column)
    answers = sentiment.classify(TEXTS)
    assert list(frame.index) == INDEX
    assert list(frame.columns) == ["label", "score", "tokens", "truncated"]
    assert frame["label"].tolist() == [answer.label for answer in answers]
    assert frame["score"].dtype == numpy.float32
    assert frame["score"].tolist() == [answer.score for answer in answers]
    assert frame["tokens"].tolist() == [answer.tokens for answer in answers]
    assert frame["truncated"].dtype == bool


def test_options_add_columns(sentiment, column):
    frame = sentiment.classify(column, top_k=5, minimum_score=0.9, threshold=0.01)
    assert list(frame.columns) == [
        "label", "score", "label_2", "score_2", "decision", "accepted", "tokens", "truncated"]
    answers = sentiment.classify(TEXTS, top_k=5, minimum_score=0.9, threshold=0.01)
    for (_, row), answer in zip(frame.iterrows(), answers):
        assert (row["label_2"], row["score_2"]) == answer.ranked[1]
        assert row["accepted"] == [label for label, _ in answer.accepted]
        decision = None if pandas.isna(row["decision"]) else row["decision"]
        assert decision == (answer.decision.label if answer.decision else None)


def test_logits_scores_and_embeddings_are_frames(sentiment, column, heads):
    logits = sentiment.logits(column)
    assert list(logits.columns) == sentiment.labels and list(logits.index) == INDEX
    assert logits.to_numpy().tobytes() == sentiment.logits(TEXTS).tobytes()
    assert sentiment.scores(column).to_numpy().tobytes() == sentiment.scores(TEXTS).tobytes()
    with swiftlet.Embedder(heads / "embed-mean") as embedder:
        vectors = embedder.embed(column)
        assert vectors.shape == (4, 20) and list(vectors.index) == INDEX
        assert vectors.to_numpy().tobytes() == embedder.embed(TEXTS).tobytes()


@pytest.mark.parametrize("absent", [None, float("nan"), pandas.NA, pandas.NaT])
def test_a_missing_value_is_named(sentiment, absent):
    column = pandas.Series(["good", absent, "bad", absent], index=[7, 8, 9, 10], dtype=object)
    with pytest.raises(
        swiftlet.MissingTextError,
        match=r"^text 2 \(index 8\) is missing, and 2 of 4 rows are; .*missing='skip'",
    ) as caught:
        sentiment.classify(column)
    assert caught.value.text_index == 1


@pytest.mark.parametrize("dtype", ["object", "string", "str"])
def test_missing_values_can_be_skipped(sentiment, dtype, heads):
    column = pandas.Series(["good", None, "bad"], index=["x", "x", "y"], dtype=dtype)
    frame = sentiment.classify(column, missing="skip")
    assert list(frame.index) == ["x", "x", "y"]
    assert frame["label"].isna().tolist() == [False, True, False]
    assert frame["score"].isna().tolist() == [False, True, False]
    assert frame["tokens"].tolist()[::2] == [3, 3] and frame["tokens"].isna()["x"].tolist() == [False, True]
    assert (frame["tokens"].dtype, frame["truncated"].dtype) == ("Int64", "boolean")
    whole = sentiment.classify(pandas.Series(["good"]), missing="skip")
    assert (whole["tokens"].dtype, whole["truncated"].dtype) == ("Int64", "boolean")
    assert sentiment.logits(column, missing="skip")["POSITIVE"].isna().tolist() == [False, True, False]
    with swiftlet.Embedder(heads / "embed-mean") as embedder:
        vectors = embedder.embed(column, missing="skip")
        assert vectors[0].isna().tolist() == [False, True, False]
        assert vectors.iloc[2].to_numpy().tobytes() == embedder.embed("bad").tobytes()


def test_columns_without_a_value_and_without_rows(sentiment):
    empty = sentiment.classify(pandas.Series([], dtype=object))
    assert len(empty) == 0 and list(empty.columns) == ["label", "score", "tokens", "truncated"]
    nothing = sentiment.classify(pandas.Series([None, None], dtype=object), missing="skip")
    assert len(nothing) == 2 and nothing.isna().all(axis=None)


def test_errors_name_the_row(sentiment):
    column = pandas.Series([None, "good", "bad " * 600], index=[5, 6, 7])
    with pytest.raises(swiftlet.TextTooLongError, match="^text 3 has 602 tokens") as caught:
        sentiment.classify(column, missing="skip", long_text="error")
    assert caught.value.text_index == 2
    with pytest.raises(swiftlet.TextTypeError, match="text 2 is a int"):
        sentiment.classify(pandas.Series([None, 5], dtype=object), missing="skip")


def test_what_is_not_a_column_is_refused(sentiment):
    frame = pandas.DataFrame({"text": ["a"]})
    with pytest.raises(TypeError, match='write frame\\["text"\\]'):
        sentiment.classify(frame)
    with pytest.raises(TypeError, match="expected two columns, found a Series"):
        sentiment.classify_pairs(frame["text"])
    with pytest.raises(TypeError, match="DataFrame of two columns, found 1"):
        sentiment.classify_pairs(frame)
    with pytest.raises(swiftlet.InvalidOptionError, match="missing is 'skip', which is for"):
        sentiment.classify(["a"], missing="skip")
    with pytest.raises(swiftlet.InvalidOptionError, match="missing is 'drop'"):
        sentiment.classify(frame["text"], missing="drop")


def test_categories_and_arrays_of_numpy_are_texts(sentiment, column):
    expected = sentiment.classify(column)
    assert sentiment.classify(column.astype("category")).equals(expected)
    for array in (numpy.array(TEXTS), numpy.array(TEXTS, object)):
        assert [answer.label for answer in sentiment.classify(array)] == expected["label"].tolist()


def test_pairs_are_two_columns(heads):
    frame = pandas.DataFrame(
        {"premise": ["a man sleeps", None, "it"], "hypothesis": ["he is awake", "b", "is good"]},
        index=[3, 4, 5])
    with swiftlet.Classifier(heads / "nli") as classifier:
        with pytest.raises(swiftlet.MissingTextError, match=r"^pair 2 \(index 4\)"):
            classifier.classify_pairs(frame)
        found = classifier.classify_pairs(frame, missing="skip")
        expected = classifier.classify_pairs([("a man sleeps", "he is awake"), ("it", "is good")])
        assert found["score"].dropna().tolist() == [answer.score for answer in expected]
        assert list(found.index) == [3, 4, 5]


def test_entities_answers_and_fillings_are_rows_with_the_index_of_their_text(heads):
    column = pandas.Series(["A good film.", "", None, "bad plot"], index=list("abcd"))
    with swiftlet.TokenClassifier(heads / "tokens") as tagger:
        found = tagger.classify(column, missing="skip")
        expected = tagger.classify(["A good film.", "", "bad plot"])
        assert list(found.index) == ["a"] * len(expected[0].entities) + ["d"] * len(expected[2].entities)
        assert found["label"].tolist() == [
            entity.label for answer in expected for entity in answer.entities]
        assert list(found.columns) == ["label", "score", "word", "start", "end"]
    with swiftlet.FillMask(heads / "mask") as filler:
        found = filler.fill(pandas.Series(["The [MASK].", "[MASK] [MASK]"], index=[5, 9]), top_k=2)
        assert list(found.index) == [5, 5, 9, 9, 9, 9]
        assert found["mask"].tolist() == [0, 0, 0, 0, 1, 1]
    with swiftlet.QuestionAnswerer(heads / "questions") as answerer:
        frame = pandas.DataFrame({"q": ["Was it good?"] * 2, "c": ["A good film.", "bad plot"]}, index=[1, 2])
        found = answerer.answer_pairs(frame, top_k=2)
        expected = answerer.answer_pairs([("Was it good?", "A good film."), ("Was it good?", "bad plot")], top_k=2)
        assert found["answer"].tolist() == [answer.text for one in expected for answer in one.answers]
        assert found.loc[1, "start"].tolist() == [answer.start for answer in expected[0].answers]
    with swiftlet.ZeroShotClassifier(heads / "nli") as classifier:
        found = classifier.classify(column.dropna(), ["good", "bad"])
        assert list(found.columns) == ["label", "score", "label_2", "score_2", "tokens", "truncated"]
        assert list(found.index) == ["a", "b", "d"]
        assert len(classifier.classify(column, ["good"], missing="skip")) == 4


def test_batches_of_arrow_get_two_columns(sentiment, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    texts = [f"film number {number}" for number in range(10)] + [None]
    parquet.write_table(pyarrow.table({"id": range(11), "text": texts}), tmp_path / "in.parquet")
    with pytest.raises(swiftlet.MissingTextError, match="text 11 is missing"):
        list(sentiment.classify_batches(parquet.ParquetFile(tmp_path / "in.parquet").iter_batches(4), "text"))
    batches = sentiment.classify_batches(
        parquet.ParquetFile(tmp_path / "in.parquet").iter_batches(4), "text", prefix="my_",
        missing="skip")
    table = pyarrow.Table.from_batches(list(batches))
    assert table.column_names == ["id", "text", "my_label", "my_score"]
    expected = sentiment.classify(texts[:10])
    assert table["my_label"].to_pylist() == [answer.label for answer in expected] + [None]
    assert table["my_score"].to_pylist() == [answer.score for answer in expected] + [None]
    assert [answer.label for answer in sentiment.classify(table["text"][:10])] == [
        answer.label for answer in expected]
    with pytest.raises(swiftlet.InvalidOptionError, match="no column 'texts'; its columns are id"):
        next(sentiment.classify_batches(table.to_batches(), "texts"))
    with pytest.raises(swiftlet.InvalidOptionError, match="column 'my_label' already"):
        next(sentiment.classify_batches(table.to_batches(), "text", prefix="my_"))
    with pytest.raises(swiftlet.TextTooLongError, match="^text 6 has 602"):
        long = pyarrow.table({"text": ["good"] * 5 + ["bad " * 600]})
        list(sentiment.classify_batches(long.to_batches(max_chunksize=4), "text", long_text="error"))


def test_pandas_is_not_imported_by_the_package(sentiment_path):
    code = (
        "import sys, swiftlet\n"
        f"swiftlet.Classifier({sentiment_path!r}).classify(['a'])\n"
        "sys.exit(any(name in sys.modules for name in ('pandas', 'pyarrow')))")
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
