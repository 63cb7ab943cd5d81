"""One work in PyTorch: `python3 main.py <work> <threads>`. Answers orders in lines of JSON, as child.ts does."""
import json
import sys
import time

# The import is a work of its own, so the clock stands before it.
work, threads = sys.argv[1], int(sys.argv[2])
start = time.perf_counter()
import torch  # noqa: E402

import_seconds = time.perf_counter() - start


def say(**answer):
    print("#" + json.dumps(answer), flush=True)


class Import:
    """What the import at the top took."""

    def run(self, steps):
        return import_seconds

    def check(self):
        return []


def serve(runner):
    say(ready=True)
    for line in sys.stdin:
        order, _, count = line.strip().partition(" ")
        if order == "check":
            say(check=[float(number) for number in runner.check()])
            continue
        began = time.perf_counter()
        measured = runner.run(int(count))
        say(seconds=time.perf_counter() - began if measured is None else measured)


def open_work():
    if work == "import":
        return Import()
    from blas import unfit

    if unfit():
        return unfit()
    torch.set_num_threads(threads)
    from works import works

    found = works[work]
    return found if isinstance(found, str) else found()


try:
    opened = open_work()
    if isinstance(opened, str):
        say(cannot=opened)
    else:
        serve(opened)
except Exception as error:  # the table shows it
    say(error=f"{type(error).__name__}: {error}")
