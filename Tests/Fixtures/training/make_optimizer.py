"""Writes optimizer.json: what torch and transformers compute for AdamW, clipping, schedules and orders.

    python make_optimizer.py
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import get_scheduler, optimization
from transformers.trainer_pt_utils import get_length_grouped_indices

random = np.random.default_rng(19)
STEPS = 100


def adamw():
    start = random.normal(0, 0.5, 8).astype(np.float32)
    scale = np.array([1e-8, 1e-5, 1e-3, 0.1, 1, 30, 0, 1e-3])
    gradients = (random.normal(0, 1, (STEPS, 8)) * scale).astype(np.float32)
    gradients[1::2, 7] = 0
    cases = []
    for decay, warmup, eps in ((0, 0, 1e-8), (0.01, 0, 1e-8), (0.01, 10, 1e-6)):
        weight = torch.nn.Parameter(torch.tensor(start))
        optimizer = torch.optim.AdamW([weight], lr=1e-3, weight_decay=decay, eps=eps, foreach=False, fused=False)
        scheduler = optimization.get_linear_schedule_with_warmup(optimizer, warmup, STEPS)
        states = []
        for step in range(STEPS):
            weight.grad = torch.tensor(gradients[step])
            optimizer.step()
            scheduler.step()
            if step + 1 in (1, 2, 10, STEPS):
                state = optimizer.state[weight]
                states.append(dict(step=step + 1, weights=weight.tolist(), first=state["exp_avg"].tolist(),
                                   second=state["exp_avg_sq"].tolist()))
        cases.append(dict(weightDecay=decay, warmup=warmup, epsilon=eps, states=states))
    return dict(rate=1e-3, steps=STEPS, start=start.tolist(), gradients=gradients.ravel().tolist(), cases=cases)


def clipping():
    tensors = [random.normal(0, 1, n).astype(np.float32) for n in (5, 1, 12)]
    norm = float(torch.cat([torch.tensor(t, dtype=torch.float64) for t in tensors]).norm())
    cases = []
    for limit in (0.5, norm, 100.0):
        parameters = [torch.nn.Parameter(torch.zeros(len(t), dtype=torch.float64)) for t in tensors]
        for parameter, t in zip(parameters, tensors):
            parameter.grad = torch.tensor(t, dtype=torch.float64)
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit).item()
        cases.append(dict(limit=limit, norm=norm, first=parameters[0].grad.tolist()))
    return dict(tensors=[t.tolist() for t in tensors], cases=cases)


def schedules():
    cases = []
    kinds = [("linear", {}), ("cosine", {}), ("cosine", dict(num_cycles=1.5)), ("cosine_with_restarts", {}),
             ("cosine_with_restarts", dict(num_cycles=3)), ("polynomial", {}),
             ("polynomial", dict(power=2.0, lr_end=1e-5)), ("constant", {}), ("constant_with_warmup", {}),
             ("inverse_sqrt", {}), ("inverse_sqrt", dict(timescale=20))]
    for name, options in kinds:
        for warmup in (0, 7):
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=5e-5)
            scheduler = get_scheduler(name, optimizer, warmup, 40, scheduler_specific_kwargs=options or None)
            factors = [float(scheduler.lr_lambdas[0](step)) for step in range(44)]
            cases.append(dict(name=name, options=options, warmup=warmup, total=40, peak=5e-5, factors=factors))
    return cases


def orders():
    def generator(seed):
        return torch.Generator().manual_seed(seed)

    cases = [dict(rows=n, seed=s, order=torch.randperm(n, generator=generator(s)).tolist())
             for n, s in ((0, 0), (1, 0), (2, 1), (10, 0), (10, 42), (10, 43), (700, 42), (10, 2**32 + 42))]
    grouped = []
    for rows, batch in ((50, 2), (7, 4), (300, 1)):
        lengths = random.integers(4, 20, rows).tolist()
        order = get_length_grouped_indices(lengths, batch, generator=generator(42))
        grouped.append(dict(rows=rows, seed=42, batchSize=batch, lengths=lengths, order=order))
    return dict(plain=cases, grouped=grouped)


versions = dict(torch=torch.__version__, transformers=transformers.__version__)
result = dict(versions=versions, adamw=adamw(), clipping=clipping(), schedules=schedules(), orders=orders())
text = json.dumps(result, separators=(",", ":"))
Path(__file__).with_name("optimizer.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")
