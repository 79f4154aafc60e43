"""docs/state.md against the code: every key of every module is there, with its parts and the widths of its integers, and no other.

A key is declared once, as `Map<(u64, u32), …> = Map::new("name")` in a file named state.rs; the document's first column says
`name` ‖ part ‖ part (u32). Integers are u64 where nothing else is said, all else is bytes.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Layouts that are not cw-storage-plus': the SDK's own.
FOREIGN = {"bank", "gov", "ibc", "transfer", "upgrade"}
DECLARED = re.compile(r"\b(Item|Map)<(.*?)>\s*=\s*(?:Item|Map)::new\(\s*\"(\w+)\"\s*\)", re.S)


def declared(module: Path) -> dict[str, list[str]]:
    """Each key's parts by name: an integer's width, or `bytes`."""
    keys = {}
    for file in sorted(module.rglob("*.rs")):
        for kind, types, name in DECLARED.findall(file.read_text()):
            if name in keys:
                raise SystemExit(f"{file}: the key {name} is declared twice")
            keys[name] = parts(types) if kind == "Map" else []
    return keys


def parts(types: str) -> list[str]:
    key = re.match(r"\s*(\((.*?)\)|[^,]+),", types, re.S)
    listed = (key[2] or key[1]).split(",")
    return [part.strip() if re.fullmatch(r"u\d+", part.strip()) else "bytes" for part in listed if part.strip()]


def documented() -> dict[str, dict[str, list[str]]]:
    """By store, each key's parts as the document says them; nothing of a part but its width."""
    stores: dict[str, dict[str, list[str]]] = {}
    store = None
    for line in (ROOT / "docs/state.md").read_text().splitlines():
        heading = re.fullmatch(r"## `(\w+)`", line)
        if line.startswith("## "):
            store = heading and stores.setdefault(heading[1], {})
        if store is None or not line.startswith("| `"):
            continue
        key = line.split("|")[1]
        for one in re.split(r"[,;](?![^(]*\))", key):
            name, *rest = one.split("‖")
            store[name.strip().strip("`")] = [width(part) for part in rest]
    return stores


def width(part: str) -> str:
    """What `round (u32)` says of a part; what is joined by `·` is one part, of bytes."""
    return "bytes" if "·" in part else re.search(r"\((u\d+)\b|$", part)[1] or "u64 or bytes"


def main() -> None:
    found, wrong = documented(), []
    modules = sorted(path.parent.parent for path in ROOT.glob("modules/*/src/state.rs"))
    count = 0
    for module in modules:
        keys = declared(module / "src")
        store = re.search(r"STORE.*?\"(\w+)\"", (module / "src/state.rs").read_text())[1]
        if module.name in FOREIGN:
            continue
        there = found.get(store, {})
        count += len(keys)
        wrong += [f"docs/state.md has no `{name}` in {store}" for name in keys if name not in there]
        if module.name != "consensus":  # where others keep keys too
            wrong += [f"docs/state.md has `{name}` in {store}, the code has not" for name in there if name not in keys]
        for name, widths in keys.items():
            says = there.get(name, widths)
            fits = len(says) == len(widths) and all(
                one == other or (one == "u64 or bytes" and other in ("u64", "bytes")) for one, other in zip(says, widths)
            )
            if not fits:
                wrong.append(f"docs/state.md: {store}'s `{name}` has the parts {says}, in the code {widths}")
    if wrong:
        raise SystemExit("\n".join(wrong))
    print(f"docs/state.md has all {count} keys of {len(modules)} modules, and no other")


if __name__ == "__main__":
    main()
