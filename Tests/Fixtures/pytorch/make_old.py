"""Writes dictionaries of make.py with an old torch in the form of its time, from the values that make.py wrote.

    python3.8 make_old.py

Made with torch 1.4.0 (the older form) and torch 1.7.1 (the zip archive).
"""

import collections
import pathlib

import numpy
import torch

HERE = pathlib.Path(__file__).parent


def values(name):
    """The arrays of a safetensors file, which has no package for Python of that time."""
    import json

    data = (HERE / name / "values.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    types = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1", "U8": "u1",
             "BOOL": "?"}
    result = collections.OrderedDict()
    for key, entry in json.loads(data[8:8 + length].decode()).items():
        if key == "__metadata__" or entry["dtype"] not in types:
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        array = numpy.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
        result[key] = torch.from_numpy(array.copy())
    return result


def turned(tensors):
    """The same values, each stored by columns, or within a larger storage."""
    return collections.OrderedDict(
        (key, value.t().contiguous().t() if value.dim() == 2 else torch.cat([value.view(-1)] * 2)[:value.numel()]
         .view(value.shape)) for key, value in tensors.items())


if __name__ == "__main__":
    for name, change in (("shapes", dict), ("types", dict), ("views", turned), ("tied", turned)):
        tensors = change(values(name))
        release = ".".join(torch.__version__.split(".")[:2])
        torch.save(tensors, str(HERE / name / "torch-{}.bin".format(release)))
