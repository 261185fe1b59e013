"""The cache after a download is that of huggingface_hub, byte for byte and link for link, and each client reads
what the other wrote."""

import os

import pytest
from conftest import NAME, NEEDED, PLAIN, SENTENCE, TOKEN, model_files, tree
from fake_hub import Large

AWFUL = ["subfolder/to?/awful?filename%you:should,never.give", "a b/ünï/c&d=e+f#g.txt", "deep/er/and/deeper/file.json"]


def test_a_model(pair, repository):
    path = pair.agree("snapshot").path
    assert sorted(os.listdir(path)) == ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"]
    pair.exchange()


def test_modes_are_those_of_the_umask(pair, repository):
    for umask in (0o022, 0o037, 0o002):
        for client in (pair.swiftlet, pair.python):
            client.umask = umask
            client.environment["HF_HUB_CACHE"] = str(client.home / f"hub{umask}")
            client.cache = client.home / f"hub{umask}"
        pair.agree("snapshot")
        pair.same(modes=True)


def test_a_second_run_downloads_nothing(pair, repository):
    pair.agree("snapshot")
    before = tree(pair.swiftlet.cache)
    count = len(pair.hub.requests)
    pair.swiftlet.snapshot()
    assert [each.path for each in pair.hub.requests[count:]] == [f"/api/models/{NAME}/revision/main"]
    assert tree(pair.swiftlet.cache) == before


def test_a_new_commit_shares_the_blobs_of_the_old_one(pair, repository):
    pair.agree("snapshot")
    files = dict(repository.commits[repository.main])
    files["vocab.txt"] += b"extra\n"
    commit = repository.commit(files)
    assert pair.agree("snapshot").path.endswith(commit)
    assert len(list((pair.swiftlet.cache / "models--org--model/blobs").iterdir())) == 5
    pair.exchange()


@pytest.mark.parametrize("revision", ["v1.0", "refs/pr/1", "a-branch/of/parts"])
def test_a_revision(pair, repository, revision):
    repository.commit(model_files(), branch=revision)
    pair.agree("snapshot", f"{NAME}@{revision}")
    pair.exchange(f"{NAME}@{revision}")


def test_a_commit(pair, repository):
    pair.agree("snapshot", f"{NAME}@{repository.main}")
    assert not (pair.swiftlet.cache / "models--org--model/refs").exists()
    pair.exchange(f"{NAME}@{repository.main}")
    count = len(pair.hub.requests)
    assert pair.swiftlet.snapshot(f"{NAME}@{repository.main}").status == 0
    assert len(pair.hub.requests) == count


def test_a_name_without_a_namespace(pair):
    pair.hub.add("bare", model_files())
    pair.agree("snapshot", "bare")
    pair.exchange("bare")


def test_small_files_behind_relative_redirects(pair, repository):
    pair.hub.redirects_small_files = True
    pair.agree("snapshot")


def test_a_renamed_repository(pair, repository):
    pair.hub.renamed["old/name"] = NAME
    repository.token = TOKEN
    pair.agree("snapshot", "old/name", HF_TOKEN=TOKEN)
    pair.exchange("old/name")


def test_an_absolute_redirect_to_the_same_host(pair, repository):
    def redirect(handler):
        handler.send(302, b"", {"Location": pair.hub.endpoint + handler.path.replace("/old/name/", f"/{NAME}/")})
        return True

    pair.hub.fail("hub (HEAD|GET) .*/old/name/", redirect)
    pair.agree("snapshot", "old/name")


def test_a_list_of_files_in_pages(pair, repository):
    pair.hub.page_size = 3
    pair.agree("snapshot")
    assert len(pair.hub.asked("hub GET .*/tree/")) == 2 * 4


def test_weak_tags(pair, repository):
    pair.hub.tag_format = 'W/"{}"'
    pair.agree("snapshot")


def test_compressed_small_files(pair, repository):
    pair.hub.compresses = True
    pair.agree("snapshot")


def test_one_file(pair, repository):
    pair.agree("file", "README.md")
    pair.agree("file", "onnx/model.onnx")
    pair.agree("file", "README.md", f"{NAME}@{repository.main}")


def test_a_file_that_a_commit_lacks(pair, repository):
    ours, theirs = pair.both("file", "missing/file.json")
    ours.fails(66, 'has no file "missing/file.json"')
    assert theirs.status != 0
    pair.same()
    assert f"models--org--model/.no_exist/{repository.main}/missing/file.json" in tree(pair.swiftlet.cache)


@pytest.mark.parametrize("name", AWFUL)
def test_awful_names(pair, name):
    pair.hub.add(NAME, {name: b"contents", "other.bin": Large(b"large")})
    pair.agree("file", name)


def test_a_list_with_awful_names(pair):
    names = {name: b"contents" for name in [*AWFUL, "tab\there", "quote\"and\\slash", "z\U0001f600", "\u007f", "Z", "a"]}
    pair.hub.add(NAME, {**model_files(), **names})
    pair.agree("snapshot")
    pair.exchange()


def test_an_empty_file(pair):
    pair.hub.add(NAME, {**model_files(), "special_tokens_map.json": b""})
    pair.agree("file", "special_tokens_map.json")


def test_without_links(pair, repository):
    pair.agree("snapshot", HF_HUB_DISABLE_SYMLINKS="1")
    files = dict(repository.commits[repository.main])
    repository.commit({**files, "vocab.txt": files["vocab.txt"] + b"extra\n"})
    pair.agree("snapshot", HF_HUB_DISABLE_SYMLINKS="1")


def test_without_links_a_blob_is_copied(pair, repository):
    pair.agree("snapshot")
    files = dict(repository.commits[repository.main])
    repository.commit({**files, "vocab.txt": files["vocab.txt"] + b"extra\n"})
    pair.agree("snapshot", HF_HUB_DISABLE_SYMLINKS="1")


def test_a_leftover_of_another_writer_stays(pair, repository):
    content = repository.commits[repository.main]["vocab.txt"]
    from fake_hub import etag
    for client in (pair.swiftlet, pair.python):
        blobs = client.cache / "models--org--model/blobs"
        blobs.mkdir(parents=True)
        (blobs / f"{etag(content)}.incomplete").write_bytes(b"of an older version")
        (blobs / f"{etag(content)}.0123abcd.incomplete").write_bytes(b"of another process")
    pair.agree("snapshot")


def test_a_link_without_its_blob_is_mended(pair, repository):
    from fake_hub import etag
    pair.agree("snapshot")
    tag = etag(repository.commits[repository.main]["model.safetensors"])
    for client in (pair.swiftlet, pair.python):
        (client.cache / "models--org--model/blobs" / tag).unlink()
    pair.agree("snapshot")
    pair.exchange()


def test_a_read_only_cache(pair, repository):
    pair.agree("snapshot")
    # Root ignores modes; a mount is read-only for it too.
    for client in (pair.swiftlet, pair.python):
        client.environment["HF_HUB_CACHE"] = str(client.cache)
    before = tree(pair.swiftlet.cache)
    command = ["unshare", "-m", "bash", "-c",
               f'mount --bind "{pair.swiftlet.cache}" "{pair.swiftlet.cache}" && '
               f'mount -o remount,ro,bind "{pair.swiftlet.cache}" && exec "$@"', "bash"]
    if pair.swiftlet.run([*command, "true"], {}).status != 0:
        pytest.skip("no right to mount")
    from conftest import PROGRAM
    assert pair.swiftlet.run([*command, str(PROGRAM), "download", NAME], {}).status == 0
    files = dict(repository.commits[repository.main])
    repository.commit({**files, "vocab.txt": files["vocab.txt"] + b"extra\n"})
    result = pair.swiftlet.run([*command, str(PROGRAM), "download", NAME], {})
    result.fails(73, "cannot write", "Read-only file system", "HF_HUB_CACHE")
    assert tree(pair.swiftlet.cache) == before


def test_sharded_weights(pair):
    files = model_files()
    weights = files.pop("model.safetensors")
    shards = {f"model-0000{number}-of-00002.safetensors": Large(weights + bytes([number])) for number in (1, 2)}
    index = b'{"metadata":{},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}'
    pair.hub.add(NAME, {**files, **shards, "model.safetensors.index.json": index})
    needed = [*NEEDED, "model.safetensors.index.json", *shards]
    ours, theirs = pair.swiftlet.snapshot(), pair.python.snapshot(NAME, needed)
    assert ours.status == theirs.status == 0, ours
    pair.same()
    pair.exchange(NAME, needed)


def test_a_sentence_model(pair):
    files = model_files(SENTENCE)
    pair.hub.add(NAME, files)
    needed = [*NEEDED, "modules.json", "config_sentence_transformers.json", "sentence_bert_config.json",
              "1_Pooling/config.json"]
    ours, theirs = pair.swiftlet.snapshot(), pair.python.snapshot(NAME, needed)
    assert ours.status == theirs.status == 0, ours
    pair.same()
    pair.exchange(NAME, needed)


def test_where_the_cache_is(pair, repository):
    home = pair.swiftlet.home
    for number, variables in enumerate([
        {"HF_HUB_CACHE": f"{home}/one/cache"}, {"HUGGINGFACE_HUB_CACHE": f"{home}/two"},
        {"HF_HOME": f"{home}/three"}, {"HF_HOME": "", "XDG_CACHE_HOME": f"{home}/four"},
        {"HF_HOME": "~/five", "HOME": str(home)}, {"HF_HUB_CACHE": "$PLACE/six", "PLACE": str(home)},
        {"HF_HUB_CACHE": "relative/seven"},
    ]):
        ours = pair.swiftlet.snapshot(**variables)
        if variables.get("HF_HOME") == "":
            # Python takes the empty text for a folder.
            assert ours.path.startswith(f"{home}/four/huggingface/hub/")
            continue
        theirs = pair.python.snapshot(**{**variables, "HF_HUB_OFFLINE": "1"}) if "relative" not in str(variables) else ours
        assert ours.path == theirs.path, (number, ours, theirs)


def test_the_model_that_was_downloaded_answers(pair, repository):
    expected = pair.swiftlet("classify", "--model", PLAIN, "a text", "--json")
    ours = pair.swiftlet("classify", "--model", NAME, "a text", "--json")
    assert expected.status == ours.status == 0, ours
    assert ours.out == expected.out
    assert pair.swiftlet("classify", "--model", f"{NAME}@main", "a text", "--json", HF_HUB_OFFLINE="1").out == ours.out
