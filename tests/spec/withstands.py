"""docs/economics.md's table of what is withstood against the tests: each test that it names is there, and each row names one.

A name is a test of a Rust file of this repository, which runs: a function under `#[test]`, in a proptest too, and not under `#[ignore]`. One with a
slash is a file.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ["client", "demo", "engine", "modules", "provenance", "tests"]
ATTRIBUTE = r"#\[(?:[^\[\]]|\[[^\]]*\])*\]"
FUNCTION = re.compile(rf"((?:{ATTRIBUTE}\s*)+)(?:async\s+)?fn\s+(\w+)")
TEST = re.compile(r"#\[(?:\w+::)?test\b")
BEGIN, END = "<!-- withstands -->", "<!-- /withstands -->"


def tests() -> set[str]:
    found = set()
    for file in (file for folder in FOLDERS for file in (ROOT / folder).rglob("*.rs")):
        text = re.sub(r"^\s*//.*\n", "", file.read_text(), flags=re.MULTILINE)
        found |= {name for attributes, name in FUNCTION.findall(text) if TEST.search(attributes) and "#[ignore" not in attributes}
    return found


def main() -> None:
    text = (ROOT / "docs/economics.md").read_text()
    table = text.split(BEGIN)[1].split(END)[0]
    rows = [row for row in table.splitlines() if row.startswith("| ")][2:]
    known, wrong = tests(), []
    for row in rows:
        names = re.findall(r"`([\w./-]+)`", row.rsplit("|", 2)[1])
        if not names:
            wrong.append(f"no test stands behind: {row}")
        for name in names:
            if not ((ROOT / name).is_file() if "/" in name else name in known):
                wrong.append(f"no test that runs is called {name}")
    if len(rows) < 20 or wrong:
        raise SystemExit("\n".join(wrong or ["docs/economics.md has lost its table of what is withstood"]))
    print(f"{len(rows)} attacks with tests that are there")


main()
