"""What the PyTorch tabs of the lesson's pages print: each apps/docs/src/lesson/*/*pytorch.py, run, into the .txt beside it.

Run by hand: /usr/bin/python3 tools/reference/lesson_pages.py
"""
import subprocess
import sys
from pathlib import Path

LESSON = Path(__file__).parents[2] / "apps/docs/src/lesson"

for program in sorted(LESSON.glob("*/*pytorch.py")):
    run = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    program.with_suffix(".txt").write_text(run.stdout)
    print(f"{program.parent.name}/{program.name}: {len(run.stdout.splitlines())} lines")
