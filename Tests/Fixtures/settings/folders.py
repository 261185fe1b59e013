"""Folders of a tokenizer whose settings vary, and what transformers makes of them."""

import itertools
import json
import os
import random
import shutil
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

from transformers import AutoTokenizer

TOKENS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] hello world hell ##o ##ing a b A ! é e 中 <s> </s> new ##new É H ##H c ##c @@o"
).split()
TEXTS = ["hello WORLD! é É 中中", "A [MASK] b<new>NEW new<two>", "hellocccccccc helloing", "", "B\u00a0a [SEP] <s>H"]
PAIRS = [("hello a", "b É world"), ("", "a")]


def vocabulary(end="\n"):
    return "".join(token + end for token in TOKENS)


def template(specials=("[CLS]", "[SEP]"), types=(0, 1)):
    cls, sep = specials

    def piece(kind, name, number):
        return {kind: {"id": name, "type_id": types[number]}}

    single = [piece("SpecialToken", cls, 0), piece("Sequence", "A", 0), piece("SpecialToken", sep, 0)]
    tokens = {name: {"id": name, "ids": [TOKENS.index(name)], "tokens": [name]} for name in specials}
    pair = single + [piece("Sequence", "B", 1), piece("SpecialToken", sep, 1)]
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}


def normalizer(**changes):
    keys = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    return {"type": "BertNormalizer"} | keys | changes


def added(content, number, special=False, **changes):
    keys = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": not special, "special": special}
    return {"id": number, "content": content} | keys | changes


def tokenizer_file(model=None, **changes):
    wordpiece = {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {token: number for number, token in enumerate(TOKENS)},
    } | (model or {})
    sections = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": normalizer(),
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": template(),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": wordpiece,
    }
    return sections | changes


def token(content, special=True, **changes):
    return {key: value for key, value in added(content, 0, special, **changes).items() if key != "id"}


CASED = normalizer(lowercase=False, strip_accents=False, handle_chinese_chars=False, clean_text=False)
FAST = "PreTrainedTokenizerFast"


def case(covers, config=None, file=None, model_type="bert", model=None, refused=None, **files):
    """A folder: `config` is tokenizer_config.json, `file` tokenizer.json, without which there is a vocab.txt."""
    contents = {"config.json": {"model_type": model_type} | (model or {})}
    if config is not None:
        contents["tokenizer_config.json"] = config
    if file is not None:
        contents["tokenizer.json"] = file
    else:
        contents["vocab.txt"] = vocabulary()
    names = {"special_map": "special_tokens_map.json", "added_file": "added_tokens.json", "vocab": "vocab.txt"}
    for name, content in files.items():
        contents[names[name]] = content
    return {"covers": covers, "files": contents, "refused": refused}


def covering():
    """One folder for each setting, and for each way in which settings decide over one another."""
    cases = [
        case("nothing but a vocabulary"),
        case("a tokenizer.json alone", file=tokenizer_file()),
        case("BERT's class over a tokenizer.json", {"tokenizer_class": "BertTokenizer"}, tokenizer_file(normalizer=CASED)),
        case("BERT's fast class", {"tokenizer_class": "BertTokenizerFast", "do_lower_case": False}, tokenizer_file()),
        case("DistilBERT's class gives no types", {"tokenizer_class": "DistilBertTokenizer"}, tokenizer_file()),
        case("DistilBERT's fast class", {"tokenizer_class": "DistilBertTokenizerFast"}),
        case("the model's type alone", {}, model_type="distilbert"),
        case("Lxmert's class is BERT's", {"tokenizer_class": "LxmertTokenizer"}, tokenizer_file(normalizer=CASED)),
        case("an unknown class takes the file", {"tokenizer_class": "KoBertTokenizer"}, tokenizer_file(normalizer=CASED)),
        case("Electra's class is BERT's", {"tokenizer_class": "ElectraTokenizer"}, tokenizer_file(normalizer=CASED)),
        case("the fast base class takes the file", {"tokenizer_class": FAST}, tokenizer_file(normalizer=CASED)),
        case("the slow base class takes the file", {"tokenizer_class": "PreTrainedTokenizer"}, tokenizer_file(normalizer=CASED)),
        case("TokenizersBackend takes the file", {"tokenizer_class": "TokenizersBackend"}, tokenizer_file(normalizer=CASED)),
        case("the class of config.json", {}, tokenizer_file(normalizer=CASED), model={"tokenizer_class": FAST}),
        case(
            "the class of tokenizer_config.json before config.json's",
            {"tokenizer_class": "BertTokenizer"},
            tokenizer_file(normalizer=CASED),
            model={"tokenizer_class": FAST},
        ),
        case("an empty class is an unknown one", {"tokenizer_class": ""}, tokenizer_file(normalizer=CASED)),
    ]
    for name in ("BertJapaneseTokenizer", "BertweetTokenizer", "RoCBertTokenizer", "MPNetTokenizer", "FunnelTokenizerFast", "LongformerTokenizer"):
        cases.append(case(f"{name} has another algorithm", {"tokenizer_class": name}, refused=name))
    cases += [
        case("another algorithm by config.json", model={"tokenizer_class": "BertJapaneseTokenizer"}, refused="BertJapanese"),
        case("another algorithm with a tokenizer.json", {"tokenizer_class": "BertJapaneseTokenizer"}, tokenizer_file(), refused="BertJapanese"),
        case("an unknown class over a vocabulary", {"tokenizer_class": "KoBertTokenizer"}, refused="KoBertTokenizer"),
        case("the fast base class over a vocabulary", {"tokenizer_class": FAST}, refused=FAST),
        case("code of the model's own", {"auto_map": {"AutoTokenizer": ["t.T", None]}}, tokenizer_file(), refused="auto_map"),
        case("versioned files", {"fast_tokenizer_files": ["tokenizer.4.0.json"]}, tokenizer_file(), refused="tokenizer.4.0.json"),
    ]
    sections = {
        "no post-processor": {"post_processor": None},
        "types of the template": {"post_processor": template(types=(1, 0))},
        "other special tokens in the template": {"post_processor": template(("<s>", "</s>"))},
        "BertProcessing": {"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}},
        "no clean_text": {"normalizer": normalizer(clean_text=False)},
        "another normalizer": {"normalizer": {"type": "Lowercase"}},
        "another pre-tokenizer": {"pre_tokenizer": {"type": "WhitespaceSplit"}},
        "short words": {"model": {"max_input_chars_per_word": 5}},
        "another prefix": {"model": {"continuing_subword_prefix": "@@"}},
        "another unknown token": {"model": {"unk_token": "</s>"}},
        "added tokens": {"added_tokens": [added("<new>", 27, True), added("new", 28, normalized=True)]},
        "added tokens out of order": {"added_tokens": [added("<two>", 28, True), added("<new>", 27, True)]},
        "an added token that is a word": {"added_tokens": [added("hello", 5, single_word=True)]},
    }
    for name, changes in sections.items():
        for config in ({}, {"tokenizer_class": FAST}, {"tokenizer_class": FAST, "model_input_names": ["input_ids", "token_type_ids"]}):
            cases.append(case(f"{name}, {config.get('tokenizer_class', 'BERT')}", config, tokenizer_file(**changes)))
    keys = {
        "no lower case": {"do_lower_case": False},
        "accents stay": {"strip_accents": False},
        "Chinese words stay": {"tokenize_chinese_chars": False},
        "no types by model_input_names": {"model_input_names": ["input_ids", "attention_mask"]},
        "special tokens are split": {"split_special_tokens": True},
        "special tokens are split, added ones": {"split_special_tokens": True, "additional_special_tokens": ["hello"]},
        "basic tokenization is not read": {"do_basic_tokenize": False, "never_split": ["hello"]},
        "another classifier token": {"cls_token": "<s>", "sep_token": "</s>"},
        "another unknown token": {"unk_token": "</s>"},
        "a mask that the vocabulary lacks": {"mask_token": "<new>"},
        "a beginning and an end": {"bos_token": "hello", "eos_token": "<two>"},
        "bos and eos are not put in": {"add_bos_token": True, "add_eos_token": True, "bos_token": "a", "eos_token": "b"},
        "a token of a role of its own": {"image_token": "<new>", "video_token": "a"},
        "an older list": {"additional_special_tokens": ["<two>", "<new>"]},
        "a newer list over an older": {"extra_special_tokens": ["<new>"], "additional_special_tokens": ["<two>"]},
        "a name of a token twice": {"image_token": "a", "extra_special_tokens": {"image_token": "hello", "video_token": "b"}},
        "named extras": {"extra_special_tokens": {"image_token": "<two>"}, "additional_special_tokens": ["<new>"]},
        "added_tokens_decoder": {"added_tokens_decoder": {"28": token("<two>"), "27": token("new", False)}},
        "added_tokens_decoder with strips": {
            "added_tokens_decoder": {"27": token("<new>", lstrip=True, rstrip=True), "5": token("hello", single_word=True)}
        },
        "a length": {"model_max_length": 16},
        "an older length": {"max_len": 16},
        "a null over an older length": {"model_max_length": None, "max_len": 16},
        "the left side": {"truncation_side": "left", "model_max_length": 4},
        "no clean-up": {"clean_up_tokenization_spaces": True},
    }
    for name, config in keys.items():
        cases.append(case(f"{name}, vocabulary", config))
        cases.append(case(f"{name}, tokenizer.json", config, tokenizer_file(added_tokens=[added("<new>", 27, True)])))
        cases.append(case(f"{name}, as it is", config | {"tokenizer_class": FAST}, tokenizer_file()))
    cases += [
        case("types of a DistilBERT class by the key", {"tokenizer_class": "DistilBertTokenizer", "model_input_names": ["input_ids", "token_type_ids"]}),
        case("special_tokens_map.json over tokenizer_config.json", {"mask_token": "a"}, special_map={"mask_token": "<new>", "foo_token": "b"}),
        case("special_tokens_map.json beside added_tokens_decoder", keys["added_tokens_decoder"], special_map={"mask_token": "hello"}),
        case("special tokens as objects", {}, special_map={"mask_token": token("<new>", lstrip=True), "sep_token": token("</s>", normalized=True)}),
        case("added_tokens.json", {}, added_file={"<two>": 28, "New": 27}),
        case("added_tokens.json of special tokens", {"additional_special_tokens": ["<two>"]}, added_file={"<two>": 28, "New": 27}),
        case("added_tokens.json beside tokenizer.json", {}, tokenizer_file(added_tokens=[added("<new>", 27, True)]), added_file={"<two>": 27, "New": 28}),
        case("lines that end in white space", vocab="".join(t + e for t, e in zip(TOKENS, itertools.cycle(["\n", " \n", "\r\n", "\u3000\n", "\t\u00a0\n"])))),
        case("lines that are the same without white space", vocab=vocabulary() + "hello \n"),
        case("a carriage return alone is in a token", vocab=vocabulary().replace("world\nhell\n", "world\rhell\n")),
        case("a line separator is in a token", vocab=vocabulary().replace("world\nhell\n", "world\u2028hell\n")),
        case("a vocabulary without mask and padding", vocab=vocabulary().replace("[MASK]\n", "x\n").replace("[PAD]\n", "y\n")),
        case("truncation of tokenizer.json", {}, tokenizer_file(truncation={"direction": "Left", "max_length": 4, "strategy": "LongestFirst", "stride": 0})),
    ]
    return cases


def drawn(seed: int):
    """A folder with settings drawn at random."""
    draw = random.Random(seed)

    def some(**options):
        return {key: draw.choice(values) for key, values in options.items() if draw.random() < 0.25}

    config = some(
        tokenizer_class=["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", FAST, "KoBertTokenizer", "TokenizersBackend", "ElectraTokenizer", None],
        do_lower_case=[True, False],
        strip_accents=[True, False, None],
        tokenize_chinese_chars=[True, False],
        model_input_names=[["input_ids"], ["input_ids", "token_type_ids", "attention_mask"]],
        split_special_tokens=[True, False],
        model_max_length=[8, 16, 1e30, None],
        max_len=[12],
        truncation_side=["left", "right"],
        cls_token=["<s>", "[CLS]"],
        sep_token=["</s>", "[SEP]"],
        unk_token=["[UNK]", "</s>"],
        mask_token=["<new>", "a", "[MASK]"],
        bos_token=["hello", "<two>"],
        image_token=["<two>", "e"],
        additional_special_tokens=[["<new>"], ["A", "<two>"], []],
        extra_special_tokens=[["b"], [], {"image_token": "world"}],
        added_tokens_decoder=[{"27": token("<new>")}, {"28": token("new", False), "27": token("<two>", lstrip=True)}, {"5": token("hello", False)}],
        add_bos_token=[True],
        do_basic_tokenize=[False],
    )
    file = None
    if draw.random() < 0.6:
        model = some(max_input_chars_per_word=[3, 5], continuing_subword_prefix=["@@"], unk_token=["</s>"])
        file = tokenizer_file(
            model,
            **some(
                normalizer=[CASED, {"type": "Lowercase"}, None, normalizer(clean_text=False)],
                pre_tokenizer=[{"type": "Whitespace"}, {"type": "WhitespaceSplit"}],
                post_processor=[None, template(types=(1, 0)), template(("<s>", "</s>"))],
                added_tokens=[[added("<new>", 27, True)], [added("New", 27), added("<two>", 28, True)], [added("hello", 5, rstrip=True)]],
                truncation=[{"direction": "Left", "max_length": 4, "strategy": "LongestFirst", "stride": 0}],
            ),
        )
    files = {}
    if draw.random() < 0.2:
        files["special_map"] = draw.choice([{"mask_token": "b"}, {"cls_token": "<s>"}, {"additional_special_tokens": ["!"]}, {"x_token": "c"}])
    if draw.random() < 0.2:
        files["added_file"] = draw.choice([{"<two>": 27}, {"New": 28, "<new>": 27}])
    model_type = draw.choice(["bert", "distilbert"])
    model = some(tokenizer_class=[FAST, "BertTokenizer", "DistilBertTokenizer"])
    return case(f"seed {seed}", config if draw.random() < 0.9 else None, file, model_type, model, **files)


BASE = {"vocab.txt": vocabulary(), "tokenizer.json": tokenizer_file()}


def shortened(files):
    """The files of a case: what differs from those of BASE."""
    short = {}
    for name, content in files.items():
        if name == "tokenizer.json":
            content = {key: value for key, value in content.items() if value != BASE[name][key]}
        elif content == BASE.get(name):
            content = None
        short[name] = content
    return short


def write(folder: Path, case):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in case["files"].items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (folder / name).write_bytes(text.encode())


def encodings(folder: Path):
    """What the model gets of each text and pair, uncut, and the length and side at which it is cut."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = []
    for text, pair in [(text, None) for text in TEXTS] + PAIRS:
        encoding = tokenizer(text, pair)
        ids = encoding["input_ids"]
        types = encoding.get("token_type_ids", [0] * len(ids))
        found.append({"text": text, "pair": pair, "ids": ids, "types": types})
    length = tokenizer.model_max_length
    return {"encodings": found, "maxLength": length if length < 1e9 else None, "side": tokenizer.truncation_side}
