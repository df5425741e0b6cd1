#!/usr/bin/python3
"""formula_checkpoint.py NETWORK FILE: a checkpoint of a published network's real size with weights by formula, as safetensors.

NETWORK is SSLalign, EZVSL, SLAVC or FNAC: the names and shapes of tests/Golden/forward.json, and the formula that stands there. What such a network
finds means nothing; how long it takes is what the real one takes."""
import json
import pathlib
import struct
import sys

import numpy as np

network, path = sys.argv[1:]
golden = json.loads((pathlib.Path(__file__).parent.parent / "tests/Golden/forward.json").read_text())
state = golden["state_dict"] if network == "SSLalign" else golden[network]["state_dict"]


def uniform(seed, count, low, high):
    """The counter hash of forward.json."""
    x = np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x9E3779B9 % 2**32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return (low + (high - low) * (x.astype(np.float64) / 2**32)).astype(np.float32)


header, data, seed = {}, [], 10000
for name, shape in state:
    if shape:
        bound = np.sqrt(6.0 / max(1, int(np.prod(shape[1:]))))
        low, high = (
            (0.5, 1.5) if name.endswith("running_var")
            else (-0.1, 0.1) if name.endswith(("running_mean", "bias"))
            else (0.8, 1.2) if len(shape) == 1
            else (-bound, bound)
        )
        values = uniform(seed, int(np.prod(shape)), low, high).tobytes()
        begin = sum(map(len, data))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, begin + len(values)]}
        data.append(values)
    seed += 1

text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for values in data:
        file.write(values)
