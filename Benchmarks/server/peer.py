"""A text classifier as people serve one with Python: FastAPI, tokenizers, ONNX Runtime in int8.

Run by gunicorn with a worker for each core (gunicorn.conf.py), each of which has a session of its
own with one thread. SWIFTLET_PEER_MODEL and SWIFTLET_PEER_ONNX name the checkpoint and the export.
"""

import json
import os
from pathlib import Path

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers.implementations import BertWordPieceTokenizer

MODEL = Path(os.environ["SWIFTLET_PEER_MODEL"])

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(
    os.environ["SWIFTLET_PEER_ONNX"], options, providers=["CPUExecutionProvider"]
)
tokenizer = BertWordPieceTokenizer(str(MODEL / "vocab.txt"), lowercase=True)
tokenizer.enable_truncation(512)
configuration = json.loads((MODEL / "config.json").read_text())
labels = configuration.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}

app = FastAPI()


class Request(BaseModel):
    inputs: str


class Score(BaseModel):
    score: float
    label: str


# Of a worker's requests one is computed at a time, on its one core: in threads ("def") they would
# only take turns.
@app.post("/predict")
async def predict(request: Request) -> list[Score]:
    encoding = tokenizer.encode(request.inputs)
    logits = session.run(
        None,
        {
            "input_ids": np.array([encoding.ids], np.int64),
            "attention_mask": np.array([encoding.attention_mask], np.int64),
        },
    )[0][0]
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    order = scores.argsort()[::-1]
    return [Score(score=float(scores[at]), label=labels[str(at)]) for at in order]


@app.get("/health")
async def health():
    return {}
