"""Writes names.json: PyTorch's public names, as its own modules show them. Run by hand: python3 tools/parity/names.py

A name is public where the module's __all__ says so, or, without one, where it does not begin with an underscore and is neither a module
nor something that another library brought in. Nothing is left out by hand. What PyTorch 2 added since the version at hand stands in
names-of-pytorch-2.json, from its release notes.
"""

import importlib
import json
import pathlib
import types

import torch

MODULES = [
    "torch",
    "torch.Tensor",
    "torch.amp",
    "torch.autograd",
    "torch.autograd.functional",
    "torch.cuda.amp",
    "torch.distributions",
    "torch.fft",
    "torch.linalg",
    "torch.nn",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.parameter",
    "torch.nn.utils",
    "torch.nn.utils.parametrizations",
    "torch.nn.utils.parametrize",
    "torch.nn.utils.prune",
    "torch.nn.utils.rnn",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.optim.swa_utils",
    "torch.random",
    "torch.special",
    "torch.testing",
    "torch.utils.checkpoint",
    "torch.utils.data",
    "torch.utils.data.distributed",
]


def belongs(value: object) -> bool:
    """Whether PyTorch made it: no module, and not from Python's own library."""
    if isinstance(value, types.ModuleType):
        return False
    module = getattr(value, "__module__", None)
    return module is None or module.split(".")[0] in ("torch", "builtins")


def names(path: str) -> list[str]:
    """The public names of a module or a class, sorted."""
    if path == "torch.Tensor":
        return sorted(name for name in dir(torch.Tensor) if not name.startswith("_"))
    module = importlib.import_module(path)
    listed = set(getattr(module, "__all__", []))
    # torch.__all__ leaves out what C++ brings (torch.add is there, torch.float32 is not).
    shown = {name for name, value in vars(module).items() if not name.startswith("_") and belongs(value)}
    return sorted(name for name in listed | shown if not name.startswith("_") and hasattr(module, name)
                  and not isinstance(getattr(module, name), types.ModuleType))


def main() -> None:
    written = {path: names(path) for path in MODULES}
    file = pathlib.Path(__file__).with_name("names.json")
    file.write_text(json.dumps({"version": torch.__version__.split("a")[0], "modules": written}, indent=1) + "\n")
    print({path: len(found) for path, found in written.items()})


main()
