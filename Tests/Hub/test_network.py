"""What can go wrong on the way: the result is that of a quiet network, or an error and no half a file."""

import pytest
from conftest import NAME, TOKEN, model_files, tree
from fake_hub import Large, Proxy, cut, drop, etag, ignore_range, replace_content, slow, stall, status

BIG = Large(bytes(range(256)) * 4000)


@pytest.fixture
def big(hub):
    """A repository with a file of a megabyte."""
    return hub.add(NAME, {"config.json": b"{}", "big.bin": BIG})


def partial_files(client):
    return [name for name in tree(client.cache) if "incomplete" in name]


def test_a_lost_connection_continues(pair, big):
    pair.hub.fail("cdn GET", cut(300_000), times=2)
    pair.agree("file", "big.bin")
    ranges = [each.headers.get("range") for each in pair.hub.asked("cdn GET")]
    assert ranges[0] is None and all(int(each[6:-1]) > 0 for each in ranges[1:3]), ranges


def test_a_server_without_ranges_starts_again(pair, big):
    pair.hub.fail("cdn GET", cut(300_000), times=1)
    pair.hub.fail("cdn GET", ignore_range, times=1)
    pair.agree("file", "big.bin")


def test_a_slow_body_is_waited_for(pair, big):
    pair.hub.fail("cdn GET", slow(8, 0.4), times=1)
    pair.agree("file", "big.bin", HF_HUB_DOWNLOAD_TIMEOUT="1")


def test_a_body_that_stops_is_asked_for_again(pair, big):
    pair.hub.fail("cdn GET", stall(400_000, 3), times=1)
    pair.agree("file", "big.bin", HF_HUB_DOWNLOAD_TIMEOUT="1")


def test_a_signed_address_that_expired_is_renewed(pair, big):
    pair.hub.fail("cdn GET", cut(300_000), times=1)
    pair.hub.fail("cdn GET", lambda handler: handler.send(403, b"expired") or True, times=1)
    assert pair.swiftlet.file("big.bin").status == 0
    assert len(pair.hub.asked("hub HEAD")) == 3 and len(pair.hub.asked("cdn GET")) == 3
    assert pair.python.file("big.bin").status == 0
    pair.same()


def test_a_busy_hub_is_asked_again(pair, big):
    pair.hub.fail("hub HEAD", status(503), times=2)
    pair.agree("file", "big.bin")


def test_a_lost_request_is_repeated(pair, big):
    pair.hub.fail("hub HEAD", drop, times=2)
    assert pair.swiftlet.file("big.bin").status == 0
    # huggingface_hub repeats it for other errors only.
    assert pair.python.file("big.bin").status == 0
    pair.same()


def test_a_busy_list_is_asked_again(pair, repository):
    pair.hub.fail("hub GET .*/tree/", status(502), times=1)
    pair.agree("snapshot")


def test_a_rate_limit_is_waited_for(pair, big):
    pair.hub.fail("cdn GET", status(429, ratelimit='"api";r=0;t=1', ratelimit_policy='"fixed window";"api";q=500;w=300'),
                  times=1)
    ours = pair.agree("file", "big.bin")
    assert "repeated in 2 s" in ours.err


def test_retry_after_is_waited_for(pair, big):
    pair.hub.fail("hub HEAD", status(429, retry_after="1"), times=1)
    pair.agree("file", "big.bin")


def test_a_long_rate_limit_is_an_error(pair, big):
    pair.hub.fail("hub", status(429, ratelimit='"api";r=0;t=3000'))
    pair.swiftlet.file("big.bin").fails(74, "limits the rate", "3000 s", "HF_TOKEN")
    assert not pair.swiftlet.cache.exists()


def test_other_bytes_are_refused(pair, big):
    pair.hub.fail("cdn GET", replace_content(lambda content: content[:-1] + b"!"))
    ours = pair.swiftlet.file("big.bin")
    ours.fails(74, "big.bin is damaged", "hash", etag(BIG))
    assert f"models--org--model/blobs/{etag(BIG)}" not in tree(pair.swiftlet.cache)
    assert not partial_files(pair.swiftlet)


def test_other_bytes_of_a_small_file_are_refused(pair, big):
    pair.hub.fail("hub GET .*/resolve/", lambda handler: handler.send(200, b"[]") or True)
    pair.swiftlet.file("config.json").fails(74, "config.json is damaged", "hash")
    assert not partial_files(pair.swiftlet)


@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content + b"!"])
def test_another_size_is_refused(pair, big, change):
    pair.hub.fail("cdn GET", replace_content(change))
    ours, theirs = pair.both("file", "big.bin")
    ours.fails(74, "size", f"expected {len(BIG)} bytes")
    assert theirs.status != 0
    pair.same()


def test_a_cache_that_is_ahead_of_the_server_starts_again(pair, big):
    blobs = pair.swiftlet.cache / "models--org--model/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{etag(BIG)}.swiftlet.incomplete").write_bytes(b"x" * (len(BIG) + 1))
    pair.agree("file", "big.bin")


def test_damaged_remains_are_found(pair, big):
    blobs = pair.swiftlet.cache / "models--org--model/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{etag(BIG)}.swiftlet.incomplete").write_bytes(b"x" * 1000)
    pair.swiftlet.file("big.bin").fails(74, "hash")
    pair.agree("file", "big.bin")


def test_a_range_that_the_server_lacks_starts_again(pair, big):
    def refuse(handler):
        if not handler.headers.get("Range"):
            return False
        handler.send(416, b"", {"Content-Range": "bytes */5"})
        return True

    blobs = pair.swiftlet.cache / "models--org--model/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{etag(BIG)}.swiftlet.incomplete").write_bytes(BIG[:1000])
    pair.hub.fail("cdn GET", refuse)
    pair.agree("file", "big.bin")


def test_a_server_that_never_answers_is_an_error(pair, big):
    pair.hub.fail("cdn GET", drop)
    ours = pair.swiftlet.file("big.bin")
    ours.fails(74, "cannot reach", "/cdn/")
    assert "sig=secret" not in ours.err
    assert not partial_files(pair.swiftlet)


def test_a_hub_that_is_down_leaves_the_cache_in_use(pair, repository):
    pair.agree("snapshot")
    pair.hub.fail("hub", status(500))
    ours, theirs = pair.both("snapshot")
    assert ours.status == theirs.status == 0
    assert "the model in the cache is used" in ours.err
    pair.same()


def test_a_hub_that_is_gone_leaves_the_cache_in_use(pair, repository):
    pair.agree("snapshot")
    ours, theirs = pair.both("snapshot", HF_ENDPOINT="http://127.0.0.1:9")
    assert ours.status == theirs.status == 0
    pair.same()


def test_an_incomplete_snapshot_is_not_used(pair, repository):
    pair.agree("snapshot")
    for client in (pair.swiftlet, pair.python):
        (client.cache / f"models--org--model/snapshots/{repository.main}/vocab.txt").unlink()
    ours, theirs = pair.both("offline")
    ours.fails(66, "not complete in the cache", "vocab.txt", "HF_HUB_OFFLINE")
    assert theirs.status != 0
    pair.same()


def test_no_network_and_no_cache_is_an_error(pair):
    pair.swiftlet.file("x", HF_ENDPOINT="http://127.0.0.1:9").fails(74, "cannot reach", "HF_HUB_OFFLINE")
    assert not pair.swiftlet.cache.exists()


def test_an_address_that_is_not_a_hub_is_an_error(pair, big):
    pair.hub.fail("hub", lambda handler: handler.send(200, b"<html>Welcome</html>") or True)
    pair.swiftlet.snapshot().fails(74, "is not an address of a Hub", "HF_ENDPOINT")
    pair.swiftlet.file("big.bin").fails(74, "X-Repo-Commit")
    assert not pair.swiftlet.cache.exists()


def test_redirects_in_a_circle_end(pair, big):
    pair.hub.fail("hub", lambda handler: handler.send(302, b"", {"Location": handler.path}) or True)
    pair.swiftlet.file("big.bin").fails(74, "redirects")


def test_notices_of_the_hub_are_shown_once(pair, repository):
    def note(handler):
        handler.send_response_only = lambda *a, send=handler.send_response_only: (
            send(*a), handler.send_header("X-HF-Warning", "topic; Please update."))
        return False

    pair.hub.fail("hub", note)
    assert pair.swiftlet.snapshot().err.count("the Hub says: Please update.") == 1


# Proxies


def test_a_proxy_is_used_and_not_for_its_exceptions(pair, big):
    with Proxy(pair.hub) as proxy:
        variables = {"HF_ENDPOINT": "http://hub.test:80", "HTTP_PROXY": f"http://me:h%40sh@127.0.0.1:{proxy.port}"}
        assert pair.swiftlet.file("config.json", **variables).status == 0
        assert proxy.requests and set(proxy.requests) == {("hub.test:80", "Basic bWU6aEBzaA==")}
        pair.swiftlet.file("big.bin", **variables, NO_PROXY=".test").fails(74, "cannot reach")
    assert not any("proxy-authorization" in request.headers for request in pair.hub.requests)


def test_a_proxy_of_another_kind_is_refused(pair, big):
    pair.swiftlet.file("big.bin", ALL_PROXY="socks5://me:hush@localhost:1").fails(64, "HTTP proxy")


# Tokens


@pytest.mark.parametrize("source", ["variable", "old variable", "file", "file elsewhere"])
def test_a_token_reaches_the_hub_alone(pair, source):
    pair.hub.add(NAME, model_files(), token=TOKEN)
    variables = {}
    for client in (pair.swiftlet, pair.python):
        if source == "file":
            (client.home / "token").write_text(TOKEN + "\n")
        elif source == "file elsewhere":
            (client.home / "elsewhere").write_text(TOKEN)
            client.environment["HF_TOKEN_PATH"] = str(client.home / "elsewhere")
    if "variable" in source:
        variables = {"HF_TOKEN" if source == "variable" else "HUGGING_FACE_HUB_TOKEN": f" {TOKEN}\n"}
    pair.agree("snapshot", **variables)
    for request in pair.hub.asked("hub"):
        assert request.headers.get("authorization") == f"Bearer {TOKEN}"
    assert len(pair.hub.asked("cdn GET")) == 2


def test_a_token_is_not_sent_unasked(pair, repository):
    pair.agree("snapshot", HF_TOKEN=TOKEN, HF_HUB_DISABLE_IMPLICIT_TOKEN="1")
    assert not any("authorization" in each.headers for each in pair.hub.requests)


def test_a_token_does_not_follow_redirects(pair, repository):
    """Of the list of files and of a page of it, to another port."""
    def redirect(handler):
        handler.send(302, b"", {"Location": f"{pair.hub.cdn}{handler.path}"})
        return True

    pair.hub.fail("hub GET /api", redirect)
    pair.swiftlet.snapshot(HF_TOKEN=TOKEN)
    assert pair.hub.asked("cdn GET /api") and not pair.hub.leaks


def test_a_token_with_control_characters_is_refused(pair, repository):
    result = pair.swiftlet.snapshot(HF_TOKEN="hf_\rX-Evil: 1")
    result.fails(64, "HF_TOKEN")
    assert "Evil" not in result.err and not pair.hub.requests
