"""The GIL is released while the library computes."""

import concurrent.futures
import threading
import time

import pytest
import swiftlet

LONG = ["word " * 500] * 8


@pytest.fixture
def one_thread(sentiment_path):
    """Computes on the calling thread alone, so that a call takes a while."""
    with swiftlet.Classifier(sentiment_path, threads=1, gemm="native") as classifier:
        classifier.logits(["warm up"])
        yield classifier


def test_another_python_thread_goes_on_during_a_call(one_thread):
    ticks, running = [], threading.Event()
    running.set()

    def tick():
        while running.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    ticker = threading.Thread(target=tick)
    ticker.start()
    start = time.perf_counter()
    one_thread.logits(LONG)
    end = time.perf_counter()
    running.clear()
    ticker.join()
    during = [at for at in ticks if start < at < end]
    assert end - start > 0.05, "the call was too short to show anything"
    # With the lock held there would be a tick before the call and one after it.
    assert len(during) > 10


def test_two_calls_run_at_the_same_time(sentiment_path, one_thread):
    with swiftlet.Classifier(sentiment_path, threads=1, gemm="native") as other:
        other.logits(["warm up"])
        with concurrent.futures.ThreadPoolExecutor(1) as executor:
            long = executor.submit(one_thread.logits, LONG)
            finished_meanwhile = 0
            while not long.done():
                other.logits(["short"])
                finished_meanwhile += not long.done()
    assert long.result().shape == (8, 2)
    assert finished_meanwhile > 3


def test_eight_threads_on_one_classifier_have_the_answers_of_one(sentiment):
    texts = [f"A film of rare warmth, number {number}." for number in range(24)]
    expected = [sentiment.logits([text]).tobytes() for text in texts]

    def work(number):
        order = [(number + step) % len(texts) for step in range(len(texts))]
        logits = sentiment.logits([texts[index] for index in order])
        return all(logits[row].tobytes() == expected[index] for row, index in enumerate(order))

    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        assert all(executor.map(work, range(64)))


def test_closing_while_another_thread_computes(sentiment_path):
    classifier = swiftlet.Classifier(sentiment_path, threads=1, gemm="native")
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        call = executor.submit(classifier.logits, LONG)
        time.sleep(0.05)
        classifier.close()
        assert call.result().shape == (8, 2)
