"""docs/economics.md's numbers: its parameters are read from the code, its example is computed by the Python implementation.

`economics.py` fails where the document says something else; `economics.py --write` writes what it should say.
"""

import re
import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openledger_spec import splits

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "economics.md"
OPEN = 10**18
# Where the parameters of the mission's modules stand: the file, and the prefix of the names in it.
PARAMETERS = [
    ("attribution", "modules/attribution/src/params.rs", ""),
    ("attribution", "modules/attribution/src/audit/params.rs", "audit."),
    ("datanet", "modules/datanet/src/params.rs", ""),
    ("datanet", "modules/datanet/src/content/params.rs", "content."),
    ("model", "modules/model/src/params.rs", ""),
    ("contributor", "modules/contributor/src/params.rs", ""),
]
USUAL = {"server": 3000, "platform": 500, "burnt": 200, "model": 1500, "stakers": 500, "contributors": 4000, "curators": 500}


def value_of(text: str, source: str) -> int | None:
    """A constant expression of a `Default`, such as `Uint256::from(10 * OPEN)`; nothing where it is none."""
    text = re.sub(r"Uint256::from\((.*)\)$", r"\1", text.strip())
    text = re.sub(r"(\d)_(?=\d)", r"\1", text)
    text = re.sub(r"(\d)u\d+", r"\1", text)
    for name in set(re.findall(r"[A-Z][A-Z_]+", text)):
        text = re.sub(rf"\b{name}\b", str(value_of(re.search(rf"const {name}: \w+ = (.*);", source)[1], source)), text)
    if not re.fullmatch(r"[\d\s*+/()-]+|true|false", text):
        return None
    return {"true": 1, "false": 0}.get(text) if text in ("true", "false") else eval(text.replace("/", "//"))


def demo_values() -> dict[str, str]:
    """What the demo sets instead."""
    source = (ROOT / "demo/src/localnet.rs").read_text()
    return dict(re.findall(r'"(\w+)"(?:,|\] =) json!\("?(\w+)"?\)', source))


def parameters() -> str:
    """A table of every parameter: what the code says of it, its value on the main network, and in the demo."""
    rows, demo = [], demo_values()
    for module, file, prefix in PARAMETERS:
        if not (ROOT / file).exists():
            continue
        source = (ROOT / file).read_text()
        says = dict(re.findall(r"((?:    ///.*\n)+)    pub (\w+):", source))
        says = {name: " ".join(line.strip()[4:] for line in doc.strip().splitlines()) for doc, name in says.items()}
        body = re.search(r"impl Default for \w+ \{(.*?)\n\}\n", source, re.S)[1]
        for name, text in re.findall(r"(\w+): ((?:Uint256::from\([^)]*\)|[^,{}\n])+),", body):
            value = value_of(text, source)
            if value is None or name not in says:
                continue
            shown = {True: str(bool(value)).lower(), False: amount(value)}[text in ("true", "false")]
            there = amount(int(demo[name])) if demo.get(name, "").isdigit() else demo.get(name, "same")
            rows.append(f"| {module} | `{prefix}{name}` | {shown} | {there} | {says[name]} |")
    return "| module | parameter | mainnet | demo | what |\n| --- | --- | --- | --- | --- |\n" + "\n".join(rows)


def amount(value: int) -> str:
    """Base units from a millionth of an OPEN up as OPEN, everything else with commas."""
    if value >= OPEN // 10**6:
        whole = f"{value // OPEN:,}"
        rest = f"{value % OPEN:018}".rstrip("0")
        return f"{whole}{'.' + rest if rest else ''} OPEN"
    return f"{value:,}"


def example() -> str:
    """One receipt, to the unit; what a server that takes its pool loses; what paying oneself loses."""
    fee, n, cap = OPEN + 7, 2017, 2000
    windows = {"3 (Ada)": 700, "8 (Ben)": 201}
    unowned = {"ECHO": 117, "the chain's commons": 99, "NONE": 900}
    datanets = {1: 700, 2: 201}
    shares = splits.divide_fee(fee, USUAL)
    pool = shares["contributors"]
    parts, rest = splits.split_pool(pool, n, {3: 700, 8: 201})
    kept, treasury = splits.cap_baseline(pool, rest, cap)
    uses = {datanet: pool * owned // n for datanet, owned in datanets.items()}
    matched = splits.by_use(kept, treasury, uses)
    lines = [f"fee {fee:,} aopen; 2,048 bytes of output, {n:,} windows"]
    lines += [row(name, share) for name, share in shares.items()]
    lines += [f"contributor pool {pool:,}, by windows"]
    for (name, weight), part in zip(windows.items(), parts.values()):
        lines.append(row(name, part, f"{weight} windows"))
    lines.append(row("unowned", rest, " + ".join(f"{count} {name}" for name, count in unowned.items())))
    lines.append(f"what is unowned, by the use of datanet 1 ({uses[1]:,}) and 2 ({uses[2]:,})")
    for name, amount, notes in zip(
        ["baselines", "treasuries"], matched, [f"at most {cap / 100:g} % of the pool, and at most the use", "at most what use is left"]
    ):
        by = splits.running_shares(amount, uses)
        lines.append(row(name, amount, f"{notes}: {by[1]:,} and {by[2]:,}"))
    lines.append(row("platform", matched[2], "what no use matches"))
    bond = 2 * pool
    lines.append(f"locked behind it (L) {bond:,}; forfeited if it is false")
    lines += [row(name, part) for name, part in zip(["disputant", "maker", "burnt"], splits.forfeit(bond))]
    lost = shares["burnt"] + shares["platform"] + shares["stakers"]
    lines.append(f"who is server, model, every author and curator at once and pays this fee to themselves loses {lost:,}")
    lines.append(f"and who is every staker and the platform as well loses {shares['burnt']:,}")
    assert sum(shares.values()) == fee and sum(parts.values()) + rest == pool and sum(matched) == rest
    assert sum(windows.values()) + sum(unowned.values()) == n
    return "```\n" + "\n".join(lines) + "\n```"


def row(name: str, amount: int, note: str = "") -> str:
    return f"  {name:<14}{amount:>28,}  {note}".rstrip()


def detection() -> str:
    """What a server gains that diverts a part x of a settlement's pool C, in units of C, when k receipts are drawn and looked at."""
    rows = []
    for x in [Fraction(1, 256), Fraction(1, 64), Fraction(1, 10), Fraction(1, 2), Fraction(1)]:
        caught = 1 - (1 - x) ** 8
        row = [f"{float(x):.4g}", f"{float(caught):.4f}"]
        for loss in [Fraction(2), Fraction(5, 4)]:
            row.append(f"{float(x * (1 - caught) - loss * caught):+.4f}")
            row.append(f"{float(x / ((x + loss) * caught)):.3f}")
        rows.append("| " + " | ".join(row) + " |")
    head = "| x | found by 8 draws | gain, L = 2 C | breaks even if looked at in | gain, accomplices take their part of L back | breaks even if looked at in |\n"
    return head + "| --- | --- | --- | --- | --- | --- |\n" + "\n".join(rows)


def main() -> None:
    text = DOCUMENT.read_text()
    wanted = text
    for name, made in [("parameters", parameters()), ("example", example()), ("detection", detection())]:
        start, end = f"<!-- computed: {name} -->\n", f"\n<!-- computed -->"
        before, rest = wanted.split(start)
        wanted = before + start + made + rest[rest.index(end) :]
    if "--write" in sys.argv:
        DOCUMENT.write_text(wanted)
    elif wanted != text:
        raise SystemExit("docs/economics.md is stale: tests/spec/economics.py --write computes it anew")
    print("docs/economics.md says what the code and the Python implementation compute")


if __name__ == "__main__":
    main()
