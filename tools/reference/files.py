"""Writes packages/core/test/fixtures/files.json: files of Python's, base64, with what stands in them.

Run: /usr/bin/python3 tools/reference/files.py           writes the fixtures
     /usr/bin/python3 tools/reference/files.py FOLDER    reads what tools/reference/files.ts wrote there, and compares

safetensors: files made with `struct` after the format's specification, and asserted to be those of the safetensors
package where that is installed. npy, npz: NumPy's own. pt: torch.save's. values: what is in a file, by name, as
{dtype, shape, data}, the dtype being the one that it has here; bytes: the file itself.
model: a net trained in PyTorch, its state dict in both formats, and what it gives for an input.
"""

import base64
import collections
import io
import json
import pathlib
import pickle
import struct
import sys
import zipfile

import numpy as np
import torch

try:
    import safetensors.torch
except ImportError:
    safetensors = None

FILE = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/files.json"
CODES = {
    "torch.bool": "BOOL", "torch.uint8": "U8", "torch.int8": "I8", "torch.int16": "I16", "torch.int32": "I32",
    "torch.int64": "I64", "torch.float16": "F16", "torch.bfloat16": "BF16", "torch.float32": "F32", "torch.float64": "F64",
}
HERE = {"float16": "float16", "bfloat16": "float32", "float32": "float32", "float64": "float64", "bool": "bool", "uint8": "uint8"}


def b64(data):
    return base64.b64encode(data).decode()


def number(x):
    if isinstance(x, float) and (x != x or x in (float("inf"), float("-inf"))):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(x)]
    return x


def value(x):
    """A tensor or array, as it is to be read."""
    x = torch.as_tensor(x) if isinstance(x, torch.Tensor) else np.asarray(x)
    name = str(x.dtype).replace("torch.", "") if isinstance(x, torch.Tensor) else x.dtype.name
    data = x.float().flatten().tolist() if name == "bfloat16" else x.flatten().tolist()
    return {"dtype": HERE.get(name, "int32"), "shape": list(x.shape), "data": [number(v) for v in data]}


def values(named):
    return {name: value(x) for name, x in named.items()}


def raw(x):
    return x.view(torch.int16).numpy().tobytes() if x.dtype == torch.bfloat16 else x.numpy().tobytes()


def safetensors_bytes(tensors, metadata=None, order=None, compact=True):
    """The format after its specification. `order`: of the data; by default that of the safetensors package."""
    ranks = ["BOOL", "U8", "I8", "I16", "F16", "BF16", "I32", "F32", "F64", "I64"]
    names = order or sorted(tensors, key=lambda name: (-ranks.index(CODES[str(tensors[name].dtype)]), name))
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name in names:
        x = tensors[name].contiguous()
        start, data = len(data), data + raw(x)
        header[name] = {"dtype": CODES[str(x.dtype)], "shape": list(x.shape), "data_offsets": [start, len(data)]}
    if not compact:  # another order of names than of data, and white space
        header = dict(reversed(header.items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False) if compact else json.dumps(header, indent=1)
    text = text.encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def make_safetensors():
    every = {
        "bool": torch.tensor([True, False, True]),
        "uint8": torch.tensor([0, 7, 255], dtype=torch.uint8),
        "int8": torch.tensor([-128, 0, 127], dtype=torch.int8),
        "int16": torch.tensor([-32768, 5, 32767], dtype=torch.int16),
        "int32": torch.tensor([[-(2**31), 2**31 - 1]], dtype=torch.int32),
        "int64": torch.tensor([-(2**31), -1, 2**31 - 1]),
        "float16": torch.tensor([0.5, -0.0, 65504, 6e-8, float("inf"), float("nan"), 6.1e-5], dtype=torch.float16),
        "bfloat16": torch.tensor([1.5, -3.1415926, 1e38, float("-inf")], dtype=torch.bfloat16),
        "float32": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 7,
        "float64": torch.tensor([1 / 3, 1e300], dtype=torch.float64),
        "zeroDim": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "näme \"with\" \\ signs": torch.ones(1),
    }
    ours = {
        "w": torch.arange(6, dtype=torch.float32).reshape(2, 3),
        "b": torch.tensor([0.5, -1]),
        "count": torch.tensor(3, dtype=torch.int32),
        "mask": torch.tensor([True, False, True]),
        "bytes": torch.tensor([1, 2], dtype=torch.uint8),
        "double": torch.tensor([1 / 3], dtype=torch.float64),
        "none": torch.zeros(2, 0),
        "größe": torch.tensor([1.0]),
    }
    metadata = {"format": "pt", "note": "ä \"quoted\""}
    # One entry of metadata: the package writes several in an order of its own.
    cases = {
        "every": (every, None, None, True),
        "metadata": ({"x": torch.ones(2)}, metadata, None, True),
        "loose": ({"a": torch.arange(4.0), "z": torch.tensor([7], dtype=torch.int64)}, None, ["a", "z"], False),
        "nothing": ({}, {"format": "pt"}, None, True),
        "ours": (ours, {"format": "pt"}, None, True),
    }
    files = {}
    for name, (tensors, extra, order, compact) in cases.items():
        data = safetensors_bytes(tensors, extra, order, compact)
        if safetensors is not None:
            read = safetensors.torch.load(data)
            assert all(torch.equal(read[key].nan_to_num(), x.nan_to_num()) if x.is_floating_point() else torch.equal(read[key], x) for key, x in tensors.items())
            if compact and name != "metadata":
                assert safetensors.torch.save(tensors, extra) == data, name
        files[name] = {"bytes": b64(data), "metadata": extra or {}, "values": values(tensors)}
    large = struct.pack("<q", 2**31)
    text = b'{"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}'
    files["tooLarge"] = {"bytes": b64(struct.pack("<Q", len(text)) + text + large), "metadata": {}, "values": {}}
    return files


def npy(x, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, x, version, allow_pickle=True)
    return file.getvalue()


def make_npy():
    arrays = {}
    base = np.arange(24).reshape(2, 3, 4)
    for code in ["b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
        for order in "<>" if code[1] != "1" else "|":
            arrays[order + code] = (base[0] % 2 if code == "b1" else base[0]).astype(order + code)
    arrays["negative"] = np.array([-1, -(2**31), 2**31 - 1], "<i8")
    arrays["halves"] = np.array([0.5, -2, 65504, 6e-8, np.inf, np.nan], "<f2")
    arrays["fortran"] = np.asfortranarray(base.astype("<f4"))
    arrays["fortranBig"] = np.asfortranarray(base[0].astype(">f8"))
    arrays["zeroDim"] = np.array(2.5)
    arrays["empty"] = np.zeros((0, 3), "<f4")
    arrays["vector"] = np.linspace(0, 1, 5)
    files = {name: {"bytes": b64(npy(x)), "value": value(x)} for name, x in arrays.items()}
    for version in [(1, 0), (2, 0), (3, 0)]:
        files[f"version{version[0]}"] = {"bytes": b64(npy(base.astype("<i4"), version)), "value": value(base.astype("<i4"))}
    refused = {
        "object": np.array([{"a": 1}, None], dtype=object),
        "complex": np.array([1j]),
        "text": np.array(["abc"]),
        "record": np.zeros(2, [("x", "<f4"), ("y", "<i4")]),
        "date": np.array(["2026-01-01"], "datetime64[D]"),
        "tooLarge": np.array([2**31], "<u4"),
        "tooSmall": np.array([-(2**31) - 1], "<i8"),
    }
    return files, {name: b64(npy(x)) for name, x in refused.items()}


def make_npz():
    arrays = {"x": np.arange(6, dtype="<f4").reshape(2, 3), "labels": np.array([1, 0, 2]), "zeros": np.zeros(1000, "<f4"), "a/b": np.ones(1)}
    files = {}
    for name, save in {"stored": np.savez, "deflated": np.savez_compressed}.items():
        file = io.BytesIO()
        save(file, **arrays)
        files[name] = {"bytes": b64(file.getvalue()), "values": values(arrays)}
    return files


def saved(x, **options):
    file = io.BytesIO()
    torch.save(x, file, **options)
    return b64(file.getvalue())


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 3, 3, padding=1)
        self.batch_norm = torch.nn.BatchNorm2d(3)
        self.embed = torch.nn.Linear(3 * 3 * 3, 8)
        self.attention = torch.nn.MultiheadAttention(8, 2, batch_first=True)
        self.layer_norm = torch.nn.LayerNorm(8)
        self.head = torch.nn.Sequential(torch.nn.Linear(8, 6), torch.nn.Tanh(), torch.nn.Linear(6, 2))

    def forward(self, x):
        x = torch.nn.functional.max_pool2d(torch.relu(self.batch_norm(self.conv1(x))), 2)
        x = self.embed(x.flatten(1)).unsqueeze(0)
        x = self.layer_norm(x + self.attention(x, x, x, need_weights=False)[0])
        return self.head(x).squeeze(0)


def train():
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.randn(6, 1, 6, 6), torch.randn(6, 2)
    for _ in range(20):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    model.eval()
    return model, optimizer, x


def make_torch():
    base = torch.arange(12, dtype=torch.float32)
    shared = {"whole": base, "matrix": base.view(3, 4).t(), "part": base[4:8], "steps": base[1::3], "repeated": base[:2].expand(3, 2)}
    kinds = {
        "bool": torch.tensor([True, False]), "uint8": torch.tensor([200], dtype=torch.uint8),
        "int8": torch.tensor([-5], dtype=torch.int8), "int16": torch.tensor([-500], dtype=torch.int16),
        "int32": torch.tensor([-70000], dtype=torch.int32), "int64": torch.tensor([[-1, 2]]),
        "float16": torch.tensor([0.1], dtype=torch.float16), "bfloat16": torch.tensor([0.1], dtype=torch.bfloat16),
        "float64": torch.tensor([0.1], dtype=torch.float64), "zeroDim": torch.tensor(1.5), "empty": torch.zeros(3, 0),
    }
    torch.manual_seed(1)
    parameter = {"parameter": torch.nn.Parameter(torch.randn(2)), "buffer": torch.ones(1)}
    files = {
        "shared": {"bytes": saved(shared), "values": values(shared)},
        "kinds": {"bytes": saved(kinds), "values": values(kinds)},
        "ordered": {"bytes": saved(collections.OrderedDict(parameter)), "values": values({k: v.detach() for k, v in parameter.items()})},
        "protocol4": {"bytes": saved(shared, pickle_protocol=4), "values": values(shared)},
    }
    plain = {
        "none": None, "true": True, "false": False, "small": 7, "int16": 300, "negative": -5, "long": 2**40, "big": 2**70,
        "float": 0.1, "text": "naïve", "list": [1, [2.5, "x"], []], "tuple": (1,), "four": (1, 2, 3, 4), "dict": {0: "zero", "one": 1},
        "size": torch.Size([2, 3]), "dtype": torch.float32,
    }
    tensor = torch.tensor([1.0, 2.0])
    return files, {"plain": saved(plain), "tensor": saved(tensor), "nested": saved([tensor, {"again": tensor, "list": [tensor]}])}


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def zipped(data, name="archive/data.pkl"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, data)
    return b64(file.getvalue())


def make_refused():
    import os

    legacy = io.BytesIO()
    torch.save(torch.ones(1), legacy, _use_new_zipfile_serialization=False)
    return {
        "system": [zipped(pickle.dumps({"w": Calls(os.system, "echo")}, 2)), "posix.system"],
        "eval": [zipped(pickle.dumps([Calls(eval, "1")], 4)), "builtins.eval"],
        "oldEval": [zipped(pickle.dumps([Calls(eval, "1")], 2)), "__builtin__.eval"],
        "module": [saved(torch.nn.Linear(1, 1)), "torch.nn.modules.linear.Linear"],
        "complex": [saved(torch.ones(1, dtype=torch.complex64)), "torch.ComplexFloatStorage"],
        "sparse": [saved(torch.eye(2).to_sparse()), "torch._utils._rebuild_sparse_tensor"],
        "set": [zipped(pickle.dumps({1, 2}, 4)), "opcode 0x8f"],
        "protocol0": [zipped(pickle.dumps([1], 0)), "opcode 0x70"],
        "legacy": [b64(legacy.getvalue()), "PyTorch before 1.6"],
        "prototype": [zipped(pickle.dumps({"__proto__": {"polluted": 1}}, 2)), "__proto__"],
        "tooLarge": [saved(torch.tensor([2**31])), "2147483648"],
    }


def write():
    arrays, refused_arrays = make_npy()
    tensors, plain = make_torch()
    model, optimizer, x = train()
    state = model.state_dict()
    fixtures = {
        "safetensors": make_safetensors(),
        "npy": arrays,
        "npyRefused": refused_arrays,
        "npz": make_npz(),
        "pt": tensors,
        "ptPlain": plain,
        "ptRefused": make_refused(),
        "model": {
            "pt": saved(state),
            "optimizer": saved(optimizer.state_dict()),
            "safetensors": b64(safetensors_bytes({name: value for name, value in state.items()})),
            "x": value(x),
            "y": value(model(x).detach()),
        },
    }
    FILE.write_text(json.dumps(fixtures, separators=(",", ":"), ensure_ascii=False) + "\n")


def read_safetensors(path):
    """A reader of our own, so that it is independent of everything."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    kinds = {"BOOL": np.bool_, "U8": np.uint8, "I32": np.int32, "F32": np.float32, "F64": np.float64}
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, stop = entry["data_offsets"]
        assert start == end
        end = stop
        array = np.frombuffer(data, kinds[entry["dtype"]], offset=8 + length + start, count=int(np.prod(entry["shape"])))
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    assert 8 + length + end == len(data)
    if safetensors is not None:
        other = safetensors.torch.load_file(path)
        assert other.keys() == tensors.keys() and all(torch.equal(other[name], x) for name, x in tensors.items())
    return tensors, metadata


def read(folder):
    """What files.ts wrote: a net trained there, with what it gave for x."""
    state, metadata = read_safetensors(folder / "model.safetensors")
    assert metadata == {"format": "pt"}, metadata
    index = json.loads((folder / "shards.safetensors.index.json").read_text())
    parts = [read_safetensors(folder / name)[0] for name in sorted(set(index["weight_map"].values()))]
    joined = {name: x for part in parts for name, x in part.items()}
    assert len(parts) > 1 and joined.keys() == state.keys() and all(torch.equal(joined[name], x) for name, x in state.items())
    for name in ["stored.npz", "deflated.npz"]:
        arrays = np.load(folder / name)
        assert set(arrays) == state.keys() and all(np.array_equal(arrays[key], x.numpy()) for key, x in state.items())
    model = Net()
    model.load_state_dict(state)
    model.eval()
    x, y = (torch.from_numpy(np.load(folder / f"{name}.npy")) for name in "xy")
    difference = (model(x) - y).abs().max().item()
    print(f"{len(state)} tensors; largest difference of the outputs: {difference:.1e}")
    assert difference < 1e-5
    checkpoint, metadata = read_safetensors(folder / "run.safetensors")
    content = json.loads(metadata["downhill.checkpoint"])
    assert torch.equal(checkpoint["model.conv1.weight"], state["conv1.weight"]) and content["parts"]["epoch"] == 7


if len(sys.argv) > 1:
    read(pathlib.Path(sys.argv[1]))
else:
    write()
