"""Every command and the server with few addresses, as `ulimit -v` sets them."""

import resource

import pytest

from conftest import ROOT, SERVER, SWIFTLET, limited, mapped_kilobytes

HEADS = ROOT / "Tests/Fixtures/heads"
# What the loader itself takes.
LOADER = 2_000


@pytest.fixture
def steps(request):
    return request.config.getoption("--step")


@pytest.mark.parametrize("command", [
    "classify hello", "classify --precision int8 --file texts.txt", "evaluate dev.tsv",
    f"quantize {ROOT}/weights/sentiment --force --output int8", "tokenize hello", "inspect",
    f"tag --model {HEADS}/tokens hello", f"answer --model {HEADS}/questions --question who hello",
    f"embed --model {HEADS}/embed-mean hello", f"fill-mask --model {HEADS}/mask [MASK]",
    f"zero-shot --model {HEADS}/nli --label a --label b hello",
    f"choose --model {HEADS}/choice --choice a --choice b hello",
], ids=lambda command: command.split()[0])
def test_a_command_answers_or_refuses(run, tmp_path, steps, command):
    (tmp_path / "dev.tsv").write_text("sentence\tlabel\nI loved it.\t1\nA bad film.\t0\n")
    (tmp_path / "texts.txt").write_text("The good cat.\nA bad dog.\n")
    answers = 0
    for limit in range(mapped_kilobytes(SWIFTLET) + LOADER, 400_001, steps):
        result = run(SWIFTLET, *command.split(), preexec_fn=limited(resource.RLIMIT_AS, limit * 1024))
        answers += result.status == 0
        assert (result.status == 0 or result.is_not_loaded
                or result.is_refusal("swiftlet", "bytes of memory|refused a thread")), f"{limit} KB"
    assert answers > 0


def test_the_server_answers_or_refuses(serve, steps):
    answers = 0
    for limit in range(mapped_kilobytes(SERVER) + LOADER, 700_001, 2 * steps):
        result = serve(preexec_fn=limited(resource.RLIMIT_AS, limit * 1024))
        answers += result.classifies
        assert (result.classifies or result.is_not_loaded
                or result.is_refusal("swiftlet-server", "bytes of memory|more threads")), f"{limit} KB"
    assert answers > 0
