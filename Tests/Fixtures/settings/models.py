"""Models of heads/ whose settings vary, and what sentence-transformers and transformers make of them."""

import json
import os
import random
import shutil
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers import pipeline

HEADS = Path(__file__).resolve().parent.parent / "heads"
LONG = "The plot of this film was not bad at all, the acting was good and the best cat loved it. " * 3
TEXTS = ["A Good film", LONG, "The [MASK] was [SEP] ÜBER naïve"]
PAIRS = [["A good film", "The acting was bad"], [LONG, "not bad"], ["", LONG]]
NAMES = "bert roberta distilbert camembert albert xlm-roberta xlnet".split()
CASED = {"do_lower_case": False, "model_max_length": 48, "tokenizer_class": "BertTokenizer"}
TRANSFORMER = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"}


def case(covers, base, task="embed", **options):
    """A copy of a model with other files; None takes a file away."""
    return {"covers": covers, "base": base, "task": task} | options


def settings(covers, content, base="bert-embed-mean", name="bert", **options):
    files = {"sentence_bert_config.json": None} | options.pop("files", {})
    files[f"sentence_{name}_config.json"] = content
    return case(covers, base, files=files, **options)


def refusals():
    """Settings that Swiftlet does not follow, and what its error names."""
    keys = {
        "transformer_task": ({"transformer_task": "fill-mask"}, "fill-mask"),
        "another output": (
            {"modality_config": {"text": {"method": "forward", "method_output_name": "pooler_output"}}, "module_output_name": "sentence_embedding"},
            "pooler_output",
        ),
        "chat messages": ({"modality_config": {"message": {"method": "forward", "method_output_name": "last_hidden_state"}}, "module_output_name": "token_embeddings"}, "chat"),
        "config_kwargs": ({"config_kwargs": {"hidden_act": "relu"}}, "hidden_act"),
        "model_args": ({"model_args": {"variant": "fp16"}}, "variant"),
        "no special tokens": ({"processing_kwargs": {"text": {"add_special_tokens": False}}}, "add_special_tokens"),
        "no truncation": ({"processing_kwargs": {"common": {"truncation": False}}}, "truncation"),
        "another tokenizer": ({"tokenizer_name_or_path": "bert-base-cased"}, "bert-base-cased"),
        "a tokenizer's type": ({"processor_kwargs": {"tokenizer_type": "roberta"}}, "tokenizer_type"),
        "an unknown key": ({"max_seq_len": 16}, "max_seq_len"),
        "a length that is none": ({"max_seq_length": "16"}, "max_seq_length"),
    }
    cases = [settings(name, content, refused=refused) for name, (content, refused) in keys.items()]
    base = "bert-embed-mean"
    modules = json.loads((HEADS / base / "modules.json").read_text())
    cases += [
        case("a sparse encoder", base, files={"config_sentence_transformers.json": {"model_type": "SparseEncoder"}}, refused="SparseEncoder"),
        case("code of the model's own", base, files={"modules.json": [TRANSFORMER | {"type": "custom_st.Transformer"}]}, refused="custom_st"),
        case("normalized tokens", base, files={"2_Normalize/config.json": {"module_input_name": "token_embeddings"}}, refused="token_embeddings"),
        case("a dense module over tokens", "bert-embed-cls", files={"2_Dense/config.json": {"in_features": 20, "out_features": 13, "module_input_name": "token_embeddings"}}, refused="token_embeddings"),
        case("an activation of one's own", "bert-embed-cls", files={"2_Dense/config.json": {"in_features": 20, "out_features": 13, "activation_function": "mine.GELU"}}, refused="mine.GELU"),
        case("a cross-encoder with more modules", "reranker", task="pairs", files={"modules.json": [TRANSFORMER] + modules[1:], "config_sentence_transformers.json": {"model_type": "CrossEncoder"}}, refused="Pooling"),
    ]
    return cases


def covering():
    cases = [settings(f"the name sentence_{name}_config.json", {"max_seq_length": 16, "do_lower_case": False}, name=name) for name in NAMES]
    cases += [
        settings("the first that is there counts", {"max_seq_length": 12}, name="roberta", files={"sentence_distilbert_config.json": {"max_seq_length": 8}}),
        settings("an empty file says nothing", {}, files={"sentence_albert_config.json": {"max_seq_length": 9}}),
        settings("no file", None),
        settings("a null length", {"max_seq_length": None}),
        settings("do_lower_case over a cased tokenizer", {"max_seq_length": 32, "do_lower_case": True}, files={"tokenizer_config.json": CASED}),
        settings("a cased tokenizer", {"max_seq_length": 32, "do_lower_case": False}, files={"tokenizer_config.json": CASED}),
        settings("do_lower_case over tokens that are added", {"do_lower_case": True}, files={"tokenizer_config.json": CASED, "added_tokens.json": {"good": 7}}),
        settings("tokenizer_args", {"max_seq_length": 20, "tokenizer_args": {"model_max_length": 10}}),
        settings("processor_kwargs", {"processor_kwargs": {"model_max_length": 10, "truncation_side": "left"}}),
        settings("processor_kwargs over the tokenizer's files", {"processor_kwargs": {"do_lower_case": True}}, files={"tokenizer_config.json": CASED}),
        settings("tokenizer_args over processor_kwargs", {"tokenizer_args": {"model_max_length": 7}, "processor_kwargs": {"model_max_length": 9}}),
        settings("processing_kwargs", {"max_seq_length": 20, "processing_kwargs": {"text": {"max_length": 8}}}),
        settings("processing_kwargs in common", {"processing_kwargs": {"text": {"max_length": 8, "padding": True}, "common": {"max_length": 30}}}),
        settings("processing_kwargs over the tokenizer's length", {"max_seq_length": 8, "processing_kwargs": {"text": {"max_length": 64}}}),
        settings("what version 6 saves", {"transformer_task": "feature-extraction", "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}, "module_output_name": "token_embeddings"}),
        settings("harmless arguments", {"model_args": {"torch_dtype": "float32"}, "config_args": {"use_cache": False}, "unpad_inputs": False}),
    ]
    prompts = {"prompts": {"query": "the best: ", "passage": "film "}, "default_prompt_name": "passage"}
    lengths = {"query_length": 6, "document_length": 9}
    for role in (None, "query", "document"):
        files = {"config_sentence_transformers.json": prompts}
        cases.append(settings(f"query_length and document_length, role {role}", lengths, files=files, role=role))
        cases.append(settings(f"roles without prompts, role {role}", lengths, files={"config_sentence_transformers.json": None}, role=role))
        cases.append(settings(f"a call's length over the role's {role}", lengths | {"processing_kwargs": {"text": {"max_length": 12}}}, role=role))
    base = "bert-embed-mean"
    cases += [
        case("truncate_dim", base, files={"config_sentence_transformers.json": {"truncate_dim": 7}}),
        case("truncate_dim after a dense module", "bert-embed-cls", files={"config_sentence_transformers.json": {"truncate_dim": 5}}),
        case("truncate_dim that is too large", base, files={"config_sentence_transformers.json": {"truncate_dim": 700}}),
        case("a null prompt", base, files={"config_sentence_transformers.json": {"prompts": {"query": None}, "default_prompt_name": "query"}}),
        case("a default prompt that every model has", base, files={"config_sentence_transformers.json": {"default_prompt_name": "document"}}),
        case("no modules.json: settings and prompts are not read", base, files={"modules.json": None, "config_sentence_transformers.json": prompts, "sentence_bert_config.json": {"max_seq_length": 8}}),
        case("a cross-encoder's encoder", base, files={"modules.json": [TRANSFORMER], "config_sentence_transformers.json": prompts | {"model_type": "CrossEncoder"}, "sentence_bert_config.json": {"transformer_task": "sequence-classification", "max_seq_length": 8}}),
        case("the fast base class gives no types", base, files={"tokenizer_config.json": {"tokenizer_class": "DistilBertTokenizer"}}),
    ]
    task = {"transformer_task": "sequence-classification"}
    cross = {"modules.json": [TRANSFORMER], "config_sentence_transformers.json": {"model_type": "CrossEncoder"}}
    cross["sentence_bert_config.json"] = task
    for name in ("reranker", "bert-nli"):
        cases += [
            case("a cross-encoder", name, "pairs", files=cross),
            case("a cross-encoder's default prompt", name, "pairs", files=cross | {"config_sentence_transformers.json": prompts | {"model_type": "CrossEncoder"}}),
            case("a cross-encoder's named prompt", name, "pairs", prompt="query", files=cross | {"config_sentence_transformers.json": prompts | {"model_type": "CrossEncoder"}}),
            case("a cross-encoder's settings", name, "pairs", files=cross | {"sentence_bert_config.json": None, "sentence_roberta_config.json": task | {"processor_kwargs": {"model_max_length": 14}}}),
            case("prompts without modules.json", name, "pairs", files={"config_sentence_transformers.json": prompts | {"model_type": "CrossEncoder"}}),
            case("prompts of a sentence model", name, "pairs", files={"modules.json": [TRANSFORMER], "config_sentence_transformers.json": prompts}),
        ]
    for names in (["input_ids", "attention_mask"], ["input_ids", "token_type_ids", "attention_mask"]):
        cases.append(case(f"model_input_names {names}", "bert-nli", "pairs", files={"tokenizer_config.json": {"model_input_names": names, "model_max_length": 48}}))
    cases.append(case("DistilBERT's class under BERT", "bert-nli", "pairs", files={"tokenizer_config.json": {"tokenizer_class": "DistilBertTokenizer", "model_max_length": 48}}))
    return cases + refusals()


def drawn(seed: int):
    """A sentence model or a cross-encoder with settings drawn at random."""
    draw = random.Random(seed)

    def some(**options):
        return {key: draw.choice(values) for key, values in options.items() if draw.random() < 0.3}

    tokenizer = some(model_max_length=[5, 11, None], truncation_side=["left"], do_lower_case=[True, False], split_special_tokens=[True])
    call = some(text=[{"max_length": 9}, {"padding": True}], common=[{"max_length": 13}, {"truncation": True}])
    keys = some(
        max_seq_length=[7, 40, None],
        do_lower_case=[True, False],
        tokenizer_args=[tokenizer],
        processor_kwargs=[tokenizer, {}],
        processing_kwargs=[call],
        query_length=[6],
        document_length=[10],
        model_kwargs=[{"attn_implementation": "eager"}],
    )
    own = CASED if draw.random() < 0.4 else some(
        do_lower_case=[False, True], model_max_length=[12, 60], tokenizer_class=["BertTokenizer", "DistilBertTokenizer"],
        model_input_names=[["input_ids"], ["input_ids", "token_type_ids"]], strip_accents=[False], truncation_side=["left"],
    )
    whole = some(prompts=[{"query": "the best: ", "passage": "film "}, {"document": "cat "}], truncate_dim=[3, 30])
    if names := list(whole.get("prompts", {})):
        whole |= some(default_prompt_name=names)
    pairs = draw.random() < 0.4
    if pairs:
        keys["transformer_task"] = "sequence-classification"
        whole["model_type"] = "CrossEncoder"
    files = {"sentence_bert_config.json": None, f"sentence_{draw.choice(NAMES)}_config.json": keys}
    files |= {"tokenizer_config.json": own, "config_sentence_transformers.json": whole}
    if pairs:
        files["modules.json"] = [TRANSFORMER]
        return case(f"seed {seed}", draw.choice(["bert-nli", "reranker"]), "pairs", files=files)
    role = draw.choice([None, "query", "document"])
    return case(f"seed {seed}", draw.choice(["bert-embed-mean", "embed-mean"]), files=files, role=role)


def write(folder: Path, case):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HEADS / case["base"], folder)
    for name, content in case.get("files", {}).items():
        path = folder / name
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content))


def answers(folder: Path, case):
    with torch.no_grad():
        if case["task"] == "embed":
            model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
            encode = {None: model.encode, "query": model.encode_query, "document": model.encode_document}[case.get("role")]
            return {"texts": TEXTS, "vectors": [shorter(encode([text])[0]) for text in TEXTS]}
        file = folder / "config_sentence_transformers.json"
        kind = json.loads(file.read_text()).get("model_type") if file.exists() else None
        if kind == "CrossEncoder" and (folder / "modules.json").exists():
            model = CrossEncoder(str(folder), device="cpu")
            rows = [model.predict([pair], prompt_name=case.get("prompt"), activation_fn=torch.nn.Identity())[0] for pair in PAIRS]
            return {"pairs": PAIRS, "logits": [shorter(row if getattr(row, "ndim", 0) else [row]) for row in rows]}
        pipe = pipeline("text-classification", model=str(folder), dtype=torch.float32, device="cpu")
        labels = [pipe.model.config.id2label[number] for number in sorted(pipe.model.config.id2label)]
        rows = []
        for text, pair in PAIRS:
            scores = pipe({"text": text, "text_pair": pair}, top_k=None, function_to_apply="none", truncation=True)
            rows.append(shorter(next(score["score"] for score in scores if score["label"] == label) for label in labels))
        return {"pairs": PAIRS, "logits": rows}


def shorter(numbers):
    return [round(float(number), 6) for number in numbers]
