"""Training, evaluation, and the functions that write folders."""

import os
import pathlib
import signal
import threading
import time

import numpy
import pytest
import swiftlet

TEXTS = ["the film is good", "a boring plot", "very fun acting", "it was not good", "best cat", "bad movie"]
ROWS = [(f"{text} {number}", "good" if index % 2 == 0 else "bad")
        for number in range(5) for index, text in enumerate(TEXTS)]
OPTIONS = {
    "validation": 0.2, "epochs": 2, "batch_size": 4, "seed": 7, "learning_rate": 1e-3, "threads": 1}


@pytest.fixture
def base(heads):
    return heads / "nli"


@pytest.fixture
def rows(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in ROWS))
    return file


def weights(folder):
    return (pathlib.Path(folder) / "model.safetensors").read_bytes()


def test_a_training_reports_events_and_writes_a_model(base, rows, tmp_path):
    events = []
    report = swiftlet.train(base, rows, tmp_path / "model", on_event=events.append, **OPTIONS)
    names = [event["event"] for event in events]
    assert names.count("step") == 12 and names.count("evaluated") == 2
    assert names.index("planned") < names.index("step") < names.index("finished")
    assert report.reason == "completed" and report.step == 12 and report.seconds > 0
    assert 0 <= report.metrics["accuracy"] <= 1 and report.details["event"] == "result"
    with swiftlet.Classifier(report.folder) as classifier:
        assert sorted(classifier.labels) == ["bad", "good"]
    assert weights(report.folder) == weights(tmp_path / "model")


def test_a_plan_writes_nothing(base, rows, tmp_path):
    plan = swiftlet.plan_training(base, rows, **OPTIONS)
    assert (plan.examples, plan.validation_examples, plan.total_steps) == (24, 6, 12)
    assert plan.parameters >= plan.trained_parameters > 0 and plan.memory > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.csv"]


def test_a_frame_trains_the_model_of_its_file(base, rows, tmp_path):
    pandas = pytest.importorskip("pandas")
    swiftlet.train(base, rows, tmp_path / "of-file", **OPTIONS)
    frame = pandas.DataFrame(ROWS, columns=["review", "stars"])
    swiftlet.train(
        base, frame, tmp_path / "of-frame", text_column="review", label_column="stars", **OPTIONS)
    assert weights(tmp_path / "of-file") == weights(tmp_path / "of-frame")


def test_a_frame_must_have_its_columns_and_values(base, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS, columns=["review", "label"])
    with pytest.raises(swiftlet.InvalidOptionError, match="no column 'text'; .*review, label.* as text_column"):
        swiftlet.train(base, frame, tmp_path / "model", **OPTIONS)
    frame.loc[3, "label"] = None
    with pytest.raises(
        swiftlet.MissingTextError, match=r"^row 4 \(index 3\) has a missing value in label, and 1 of 30 rows"):
        swiftlet.train(base, frame, tmp_path / "model", text_column="review", **OPTIONS)
    plan = swiftlet.plan_training(base, frame, text_column="review", missing="skip", **OPTIONS)
    assert plan.examples + plan.validation_examples == 29
    assert not (tmp_path / "model").exists()


class Stop(Exception):
    pass


def test_an_exception_ends_a_training_that_can_be_continued(base, rows, tmp_path):
    swiftlet.train(base, rows, tmp_path / "whole", **OPTIONS)

    def stop(event):
        if event["event"] == "step" and event["step"] == 5:
            raise Stop("enough")

    with pytest.raises(Stop, match="enough"):
        swiftlet.train(base, rows, tmp_path / "model", on_event=stop, **OPTIONS)
    assert not (tmp_path / "model/model.safetensors").exists()
    report = swiftlet.train(base, rows, tmp_path / "model", resume=True, **OPTIONS)
    assert report.step == 12
    assert weights(tmp_path / "model") == weights(tmp_path / "whole")


def test_a_training_on_a_frame_can_be_continued(base, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS, columns=["text", "label"])
    swiftlet.train(base, frame, tmp_path / "whole", **OPTIONS)

    def stop(event):
        if event["event"] == "step" and event["step"] == 5:
            raise Stop

    with pytest.raises(Stop):
        swiftlet.train(base, frame, tmp_path / "model", on_event=stop, **OPTIONS)
    swiftlet.train(base, frame, tmp_path / "model", resume=True, **OPTIONS)
    assert weights(tmp_path / "model") == weights(tmp_path / "whole")
    with pytest.raises(swiftlet.SwiftletError):
        swiftlet.train(base, frame[:20], tmp_path / "model", resume=True, **OPTIONS)


def test_an_interrupt_ends_a_training(base, rows, tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    steps = []

    def interrupt(event):
        if event["event"] == "step":
            steps.append(event["step"])
            if event["step"] == 3:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        swiftlet.train(base, rows, tmp_path / "model", on_event=interrupt, **OPTIONS)
    assert steps[-1] <= 4
    assert signal.getsignal(signal.SIGINT) is handler
    assert swiftlet.train(base, rows, tmp_path / "model", resume=True, **OPTIONS).step == 12


def test_an_interrupt_without_a_function_for_events_ends_a_training(base, rows, tmp_path):
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        swiftlet.train(base, rows, tmp_path / "model", **{**OPTIONS, "epochs": 100000, "log_every": 600000})
    assert time.monotonic() - start < 30  # not the time of 600,000 steps


def test_a_training_in_another_thread(base, rows, tmp_path):
    reports = []
    thread = threading.Thread(target=lambda: reports.append(
        swiftlet.train(base, rows, tmp_path / "model", **OPTIONS)))
    thread.start()
    thread.join()
    assert reports[0].reason == "completed"


def test_options_that_are_unknown_or_wrong(base, rows, tmp_path):
    for options in [{"epoch": 2}, {"epochs": "many"}, {"method": "magic"}, {"batch_size": 0}]:
        with pytest.raises(swiftlet.InvalidOptionError, match=next(iter(options)).replace("_", "-")):
            swiftlet.train(base, rows, tmp_path / "model", **options)
    with pytest.raises(swiftlet.SwiftletError, match="missing.csv"):
        swiftlet.train(base, tmp_path / "missing.csv", tmp_path / "model")
    with pytest.raises(swiftlet.MissingFileError):
        swiftlet.train(tmp_path / "nothing", rows, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_rows_without_labels_are_invalid_data(base, tmp_path):
    (tmp_path / "rows.csv").write_text("text,label\na,good\nb,\nc,bad\n")
    with pytest.raises(swiftlet.InvalidDataError, match="label"):
        swiftlet.train(base, tmp_path / "rows.csv", tmp_path / "model")


def test_an_evaluation_counts_what_the_classifier_answers(sentiment, sentiment_path, tmp_path):
    texts = ["good", "bad", "wonderful", "dreadful", "a film", "not good at all"]
    labels = ["POSITIVE", "NEGATIVE", "POSITIVE", "NEGATIVE", "NEGATIVE", "NEGATIVE"]
    file = tmp_path / "dev.tsv"
    file.write_text("text\tlabel\n" + "".join(f"{row[0]}\t{row[1]}\n" for row in zip(texts, labels)))
    report = swiftlet.evaluate(sentiment_path, file)
    confusion = numpy.zeros((2, 2), int)
    for label, answer in zip(labels, sentiment.classify(texts)):
        confusion[sentiment.labels.index(label), sentiment.labels.index(answer.label)] += 1
    assert report.confusion.tolist() == confusion.tolist()
    assert report.rows == 6 and [score.label for score in report.classes] == sentiment.labels
    assert [score.support for score in report.classes] == [4, 2]
    assert report.accuracy == pytest.approx(numpy.trace(confusion) / 6)
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"review": texts, "label": labels})
    of_frame = swiftlet.evaluate(sentiment_path, frame, text_column="review")
    assert of_frame.metrics == report.metrics
    with pytest.raises(swiftlet.SwiftletError, match="other"):
        swiftlet.evaluate(sentiment_path, file, text_column="other")


def test_quantising_converting_and_exporting(sentiment_path, tmp_path):
    report = swiftlet.quantize(sentiment_path, tmp_path / "int8", threads=1)
    assert report.folder == str(tmp_path / "int8") and report.int8_bytes < report.quantized_bytes
    with swiftlet.Classifier(tmp_path / "int8") as stored:
        with swiftlet.Classifier(sentiment_path, precision="int8") as computed:
            assert stored.logits(["good", "bad"]).tobytes() == computed.logits(["good", "bad"]).tobytes()
    with pytest.raises(swiftlet.UnwritableError, match="int8"):
        swiftlet.quantize(sentiment_path, tmp_path / "int8")
    swiftlet.quantize(sentiment_path, tmp_path / "int8", force=True)
    half = swiftlet.convert(sentiment_path, tmp_path / "whole", dtype="float32")
    assert half.original_files == [os.path.join(sentiment_path, "model.safetensors")]
    assert half.converted_bytes > half.original_bytes
    exported = swiftlet.export(sentiment_path, tmp_path / "onnx")
    assert exported.files and all(size > 1000 for size in exported.files.values())
    with pytest.raises(swiftlet.MissingFileError):
        swiftlet.quantize(tmp_path / "nothing", tmp_path / "other")
    assert not (tmp_path / "other").exists()
