import numpy
import pytest
import swiftlet


@pytest.fixture(scope="module")
def tokenizer(sentiment_path):
    with swiftlet.Tokenizer(sentiment_path) as tokenizer:
        yield tokenizer


def test_tokens_have_ids_and_places_in_bytes(tokenizer):
    tokens = tokenizer.tokenize("Café films")
    assert tokens.ids.tolist() == [101, 7668, 3152, 102]
    assert tokens.ids.dtype == numpy.int32
    assert tokens.offsets.tolist() == [[0, 0], [0, 5], [6, 11], [0, 0]]
    assert tokens.special.tolist() == [True, False, False, True]
    assert tokens.type_ids.tolist() == [0, 0, 0, 0]
    assert not tokens.truncated and len(tokens) == 4
    data = "Café films".encode()
    assert data[slice(*tokens.offsets[1])].decode() == "Café"


def test_pairs_truncation_and_special_tokens(tokenizer):
    assert tokenizer.tokenize("one", "two").type_ids.tolist() == [0, 0, 0, 1, 1]
    cut = tokenizer.tokenize("one two three", max_length=3)
    assert len(cut) == 3 and cut.truncated and cut.untruncated_count == 5
    bare = tokenizer.tokenize("", special_tokens=False)
    assert len(bare) == 0 and bare.offsets.shape == (0, 2)


def test_decoding_gives_text_back(tokenizer):
    ids = tokenizer.tokenize("Café films").ids
    assert tokenizer.decode(ids) == "cafe films"
    assert tokenizer.decode(list(ids), skip_special_tokens=False) == "[CLS] cafe films [SEP]"
    assert tokenizer.decode([]) == ""
    assert tokenizer.decode([-1, 2**31 - 1]) == ""


def test_bad_arguments(tokenizer):
    with pytest.raises(TypeError, match="a text is a int; expected a str"):
        tokenizer.tokenize(1)
    with pytest.raises(swiftlet.InvalidTextError, match="lone surrogate"):
        tokenizer.tokenize("\udfff")
    with pytest.raises(swiftlet.InvalidOptionError, match="max_length is -1"):
        tokenizer.tokenize("a", max_length=-1)
    with pytest.raises(TypeError, match="max_length is a str"):
        tokenizer.tokenize("a", max_length="9")
    assert tokenizer.vocabulary_size == 30522


def test_ids_are_whole_numbers_and_those_that_no_token_has_are_left_out(sentiment_path):
    tokenizer = swiftlet.Tokenizer(sentiment_path)
    assert tokenizer.decode(numpy.array([7592, 2**32 + 2204, -5, 2**40], numpy.int64)) == "hello"
    assert tokenizer.decode([7592, 2**32 + 2204]) == "hello"
    assert tokenizer.decode([]) == ""
    for ids in [[1.5], "12", [[1, 2]], 7]:
        with pytest.raises(TypeError, match="list of integers"):
            tokenizer.decode(ids)
