"""Few threads, no /proc, the bundled model in other places, and a processor that CPUID alone describes."""

import os
import shutil
import signal

import pytest

from conftest import ROOT, SWIFTLET

CLASSIFY = ["classify", "I loved it."]
MODEL = ROOT / "weights/sentiment"


# Threads: the system does not count those of root, so as a user who has no others


@pytest.fixture
def as_user(run):
    """The command that runs another with a number of threads, as a user without other processes."""
    user = ["setpriv", "--reuid", "54321", "--clear-groups"]
    if os.geteuid() != 0 or not shutil.which("setpriv") or run(*user, SWIFTLET, "--version", cwd="/").status != 0:
        pytest.skip(f"few threads, as setpriv cannot run {SWIFTLET} as another user")
    return lambda threads: [*user, "bash", "-c", 'ulimit -u "$0" && exec "$@"', str(threads)]


def test_classify_runs_with_its_first_thread_alone(run, as_user):
    assert run(*as_user(1), SWIFTLET, *CLASSIFY, cwd="/").classifies


def test_the_server_says_how_many_threads_it_needs(serve, as_user):
    result = serve(*as_user(4))
    assert result.is_refusal("swiftlet-server", "more threads")


# No /proc, and a place without the model


@pytest.fixture
def hidden(run):
    """The command that runs another without /proc and without the model of the sources."""
    command = ["unshare", "-m", "bash", "-c", 'mount -t tmpfs none /proc && mount -t tmpfs none "$0" && exec "$@"',
               ROOT / "weights"]
    if not shutil.which("unshare") or run(*command, "true").status != 0:
        pytest.skip("/proc and places, as this user cannot mount")
    return command


@pytest.fixture
def places(tmp_path):
    """The program alone, beside a model, and in a prefix with one."""
    for program, model in [("alone", None), ("beside/swiftlet", "beside/sentiment"),
                           ("prefix/bin/swiftlet", "prefix/share/swiftlet/models/sentiment")]:
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SWIFTLET, tmp_path / program)
        if model:
            shutil.copytree(MODEL, tmp_path / model)
    return tmp_path


@pytest.mark.parametrize("program", ["beside/swiftlet", "prefix/bin/swiftlet"])
def test_the_model_is_found_near_the_program_without_proc(run, hidden, places, program):
    assert run(*hidden, places / program, *CLASSIFY).classifies


def test_a_wrong_option_is_wrong_usage_without_proc(run, hidden, places):
    assert run(*hidden, places / "beside/swiftlet", "classify", "--frob").status == 64


def test_a_program_without_the_model_names_the_places_and_the_variable(run, hidden, places):
    result = run(*hidden, places / "alone", *CLASSIFY)
    assert result.status == 66
    assert f"{places}/sentiment" in result.err and "SWIFTLET_WEIGHTS" in result.err


@pytest.mark.parametrize("folder", ["beside", "beside/sentiment"])
def test_the_variable_names_the_model_or_the_folder_around_it(run, hidden, places, folder):
    environment = {"SWIFTLET_WEIGHTS": str(places / folder)}
    assert run(*hidden, places / "alone", *CLASSIFY, environment=environment).classifies


def test_a_variable_with_a_wrong_folder_is_an_error(run, places):
    result = run(places / "beside/swiftlet", *CLASSIFY, environment={"SWIFTLET_WEIGHTS": "nowhere"})
    assert result.status == 66 and 'SWIFTLET_WEIGHTS is "nowhere"' in result.err


def test_the_server_runs_without_proc(serve, hidden, places):
    # libdispatch traps without /proc if work waits in a queue at the moment, once a second, when it counts its
    # threads in /proc/TID/stat (workqueue.c). That is not an answer of the server, which is asked again.
    for _ in range(10):
        result = serve(*hidden, environment={"SWIFTLET_WEIGHTS": str(places / "beside/sentiment")})
        if result.status != -signal.SIGILL:
            break
    assert result.classifies


@pytest.mark.skipif(not shutil.which("valgrind"), reason="classify under valgrind, as there is no valgrind")
def test_classify_answers_where_only_cpuid_describes_the_processor(run):
    """Valgrind answers CPUID itself and shows the host's /proc/cpuinfo."""
    assert run("valgrind", "-q", SWIFTLET, *CLASSIFY).classifies
