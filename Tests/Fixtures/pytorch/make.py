"""Writes dictionaries of tensors with torch.save, each in several forms, and their values as safetensors.

    python3 make.py

Every folder has one dictionary: `values.safetensors` is what torch.load reads of each of its `.bin` files.
Made with torch 2.15.0 and safetensors 0.8.0. `make_old.py` made the files `torch-1.*.bin`.
"""

import collections
import pathlib

import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent

# Sets with the values of a checkpoint, which are not repeated here.
CHECKPOINTS = {
    "single-label": HERE.parent / "checkpoints/single-label/model.safetensors",
    "dense": HERE.parent / "heads/embed-joined/2_Dense/model.safetensors",
}

FORMS = {
    "zip": {},
    "legacy": {"_use_new_zipfile_serialization": False},
}
PROTOCOLS = {
    f"{form}-protocol-{protocol}": {**options, "pickle_protocol": protocol}
    for form, options in FORMS.items() for protocol in (3, 4, 5)
}


def normal(*shape):
    return torch.randn(*shape, generator=GENERATOR)


def shapes():
    return {
        "matrix": normal(3, 4), "vector": normal(5), "scalar": torch.tensor(3.5), "one": normal(1, 1, 1),
        "empty": normal(0), "empty.rows": normal(0, 4), "empty.columns": normal(4, 0), "deep": normal(2, 1, 3, 1, 2),
        "special": torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 1e-40]),
    }


def types():
    result = {
        str(dtype).removeprefix("torch."): normal(2, 3).mul(10).to(dtype)
        for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64)
    }
    for dtype in (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool):
        low = -100 if dtype.is_signed else 0
        result[str(dtype).removeprefix("torch.")] = torch.randint(low, 100, (2, 3), generator=GENERATOR).to(dtype)
    return result


def new_types():
    """Types without a storage class of their own, which are saved as bytes."""
    return {
        str(dtype).removeprefix("torch."): torch.randint(0, 120, (2, 3), generator=GENERATOR).to(torch.uint8)
        .repeat(1, dtype.itemsize).view(dtype)[:, 1:]
        for dtype in (
            torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2,
            torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu)
    }


def views():
    base = normal(6, 8)
    return {
        "transposed": normal(4, 3).t(), "rows": base[1:3], "columns": base[:, 2:5], "step": base[::2, ::3],
        "column": base[:, 7], "permuted": normal(2, 3, 4, 2).permute(3, 1, 0, 2), "scalar": base[5, 7],
        "expanded": normal(1, 3).expand(4, 3), "from.scalar": torch.tensor(2.0).expand(2, 2),
        "half": normal(4, 3).half().t(), "double": normal(3, 3).double().t(), "bytes": (normal(3, 5) > 0).t(),
        "positions": torch.arange(5).expand((1, -1)), "nothing": base[2:2, ::2],
    }


def tied():
    table, turned, flat = normal(5, 4), normal(3, 2).t(), normal(12)
    return {
        "table": table, "table.again": table, "turned": turned, "turned.again": turned.detach(),
        "first": flat[:8].view(2, 4), "overlapping": flat[4:].view(2, 4), "other.order": flat.view(3, 4).t(),
    }


def parameters():
    tensor = torch.nn.Parameter(normal(2, 2))
    leaf = normal(3).requires_grad_()
    return {"parameter": tensor, "frozen": torch.nn.Parameter(normal(3), requires_grad=False), "leaf": leaf}


def module():
    layers = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.Embedding(4, 3))
    for parameter in layers.parameters():
        parameter.data = normal(*parameter.shape)
    return layers.state_dict()


def names():
    return {"": normal(1), "é": normal(1), "e\u0301": normal(2), "a" * 300: normal(1), "a/b\n\"": normal(1)}


def checkpoint(name):
    return lambda: collections.OrderedDict(safetensors.torch.load_file(CHECKPOINTS[name]))


# Of each: what makes it, whether the older form can hold it, whether it is written in every protocol.
SETS = {
    "shapes": (shapes, True, True), "types": (types, True, False), "new-types": (new_types, False, False),
    "views": (views, True, True), "tied": (tied, True, False), "parameters": (parameters, True, False),
    "module": (module, True, True), "names": (names, True, False),
    "nothing": (dict, True, False), "single-label": (checkpoint("single-label"), True, False),
    "dense": (checkpoint("dense"), True, False),
}


def equal(left, right):
    return left.dtype == right.dtype and left.shape == right.shape and left.contiguous().view(-1).view(
        torch.uint8).equal(right.contiguous().view(-1).view(torch.uint8))


def write(name, tensors, forms):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    values = {key: value.detach().contiguous().clone() for key, value in tensors.items()}
    if name not in CHECKPOINTS:
        safetensors.torch.save_file(values, folder / "values.safetensors")
    for form, options in forms.items():
        path = folder / f"{form}.bin"
        torch.save(tensors, path, **options)
        # torch.load reads the protocols 4 and 5 only without its own restrictions.
        read = torch.load(path, weights_only=options.get("pickle_protocol", 2) < 4)
        assert list(read) == list(values) and all(equal(read[key], values[key]) for key in values), path


if __name__ == "__main__":
    for name, (make, has_legacy, has_protocols) in SETS.items():
        GENERATOR = torch.Generator().manual_seed(20)
        forms = {form: options for form, options in FORMS.items() if has_legacy or form == "zip"}
        write(name, make(), forms | (PROTOCOLS if has_protocols else {}))
