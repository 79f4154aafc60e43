"""docs/economics.md's table of what is withstood against the tests: each test that it names is there, and each row names one.

A name is a function of a Rust file of this repository; one with a slash is a file.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ["client", "demo", "engine", "modules", "provenance", "tests"]
FUNCTION = re.compile(r"\bfn\s+(\w+)")
BEGIN, END = "<!-- withstands -->", "<!-- /withstands -->"


def functions() -> set[str]:
    return {name for folder in FOLDERS for file in (ROOT / folder).rglob("*.rs") for name in FUNCTION.findall(file.read_text())}


def main() -> None:
    text = (ROOT / "docs/economics.md").read_text()
    table = text.split(BEGIN)[1].split(END)[0]
    rows = [row for row in table.splitlines() if row.startswith("| ")][2:]
    known, wrong = functions(), []
    for row in rows:
        names = re.findall(r"`([\w./-]+)`", row.rsplit("|", 2)[1])
        if not names:
            wrong.append(f"no test stands behind: {row}")
        for name in names:
            if not ((ROOT / name).is_file() if "/" in name else name in known):
                wrong.append(f"there is no {name}")
    if len(rows) < 20 or wrong:
        raise SystemExit("\n".join(wrong or ["docs/economics.md has lost its table of what is withstood"]))
    print(f"{len(rows)} attacks with tests that are there")


main()
