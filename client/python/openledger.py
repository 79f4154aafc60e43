"""Checks a server's answers and signs vouchers over them: the payer's side of a session, for any HTTP client. Standard library only.

    session = openledger.Session(json.load(open("session.json")))       # what `openledger-engine open` printed
    client = openai.OpenAI(base_url=session.base_url, api_key=session.api_key)
    answer = client.completions.create(model=..., prompt="What we saw ", max_tokens=200)
    session.accept("What we saw ", answer.choices[0].text, answer.openledger)   # refuses what is not the receipt of these words
    session.pay()                                                       # a voucher over everything accepted so far

The bytes are those of docs/attribution-spec.md. Never sign for an answer that `accept` refused. `session.save(path)` keeps the session.
"""
import hashlib
import hmac
import json
import os
import urllib.request

CHUNK = 256
OLDEST_CORPUS_BLOCKS = 600  # how old the corpus of an answer may be before a payer refuses it
P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


class Refused(Exception):
    """The answer is not what its receipt says, or the receipt not what was agreed."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaves):
    """RFC 6962's root over leaf hashes."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1", root(leaves[:left]), root(leaves[left:]))


def transcript_root(secret, index, transcript):
    """The root over a transcript's salted chunks, under the key of receipt `index`."""
    key = hmac.digest(secret, b"openledger/receipt-key/v1\0" + index.to_bytes(8, "big"), "sha256")
    salt = lambda chunk: hmac.digest(key, b"openledger/salt/v1\0" + chunk.to_bytes(4, "big"), "sha256")
    starts = range(0, len(transcript), CHUNK)
    return root([sha256(b"\0", salt(i), transcript[at : at + CHUNK]) for i, at in enumerate(starts)])


def receipt_leaf(receipt):
    return sha256(
        b"\0openledger/receipt/v1\0",
        receipt["index"].to_bytes(8, "big"),
        receipt["model_version"].to_bytes(8, "big"),
        receipt["corpus_height"].to_bytes(8, "big"),
        receipt["prompt_len"].to_bytes(4, "big"),
        receipt["transcript_len"].to_bytes(4, "big"),
        bytes.fromhex(receipt["transcript_root"]),
        int(receipt["fee"]).to_bytes(32, "big"),
    )


def _add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _multiply(point, factor):
    result = None
    while factor:
        if factor & 1:
            result = _add(result, point)
        point, factor = _add(point, point), factor >> 1
    return result


def sign(secret, digest):
    """A 64-byte low-S ECDSA signature over secp256k1 with RFC 6979's nonce. Not in constant time: for a session's own key."""
    d, z = int.from_bytes(secret, "big"), int.from_bytes(digest, "big") % N
    seed = secret + z.to_bytes(32, "big")
    v, k = b"\1" * 32, b"\0" * 32
    for mark in (b"\0", b"\1"):
        k = hmac.digest(k, v + mark + seed, "sha256")
        v = hmac.digest(k, v, "sha256")
    while True:
        v = hmac.digest(k, v, "sha256")
        nonce = int.from_bytes(v, "big")
        if 0 < nonce < N:
            r = _multiply(G, nonce)[0] % N
            s = pow(nonce, -1, N) * (z + r * d) % N
            if r and s:
                return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")
        k = hmac.digest(k, v + b"\0", "sha256")
        v = hmac.digest(k, v, "sha256")


class Session:
    """An open session: its terms, its secrets, and the receipts accepted so far."""

    def __init__(self, handout):
        self.handout = handout
        self.base_url, self.api_key = handout["base_url"], handout["api_key"]
        self.secret = bytes.fromhex(handout["secret"])
        self.leaves = [bytes.fromhex(leaf) for leaf in handout.get("leaves", [])]
        self.cumulative_fee = int(handout.get("cumulative_fee", 0))
        self.corpus_height = int(handout.get("corpus_height", handout["opened_height"]))

    def accept(self, prompt, output, openledger, height=None):
        """Takes an answer in, or raises Refused. `prompt` is what the payer wrote: of a chat the contents of its user messages, joined
        by nothing; `output` the text of the answer. `openledger` is the answer's further field. `height` is the chain's present height:
        where it is left out, the session's node is asked."""
        as_bytes = lambda text: text.encode() if isinstance(text, str) else text
        output = bytes.fromhex(openledger["output_hex"]) if "output_hex" in openledger else output
        prompt, output, receipt = as_bytes(prompt), as_bytes(output), openledger["receipt"]
        transcript, index = prompt + output, len(self.leaves) + 1
        fee = int(self.handout["base_price"]) + int(self.handout["byte_price"]) * len(output)
        expected = {
            "index": index,
            "model_version": self.handout["model_version"],
            "prompt_len": len(prompt),
            "transcript_len": len(transcript),
            "transcript_root": transcript_root(self.secret, index, transcript).hex(),
            "fee": str(fee),
        }
        for name, value in expected.items():
            if receipt[name] != value:
                raise Refused(f"{name} is {receipt[name]!r}, not {value!r}")
        if receipt["corpus_height"] < self.corpus_height:
            raise Refused(f"the corpus height fell to {receipt['corpus_height']} from {self.corpus_height}")
        height = self.height() if height is None else height
        if not height - OLDEST_CORPUS_BLOCKS <= receipt["corpus_height"] <= height + 1:
            raise Refused(f"corpus height {receipt['corpus_height']} is not of the last {OLDEST_CORPUS_BLOCKS} blocks before {height}")
        if self.cumulative_fee + fee > int(self.handout["deposit"]):
            raise Refused(f"the deposit does not cover {self.cumulative_fee + fee}")
        self.leaves.append(receipt_leaf(receipt))
        self.cumulative_fee += fee
        self.corpus_height = receipt["corpus_height"]

    def height(self):
        """The chain's present height, by the node that the session was opened with."""
        if not self.handout.get("node"):
            raise ValueError("the session names no node: give accept() the chain's height")
        with urllib.request.urlopen(self.handout["node"].replace("tcp://", "http://", 1).rstrip("/") + "/status", timeout=60) as answer:
            return int(json.load(answer)["result"]["sync_info"]["latest_block_height"])

    def voucher(self):
        """What is owed so far, signed: count and signature."""
        chain, count = self.handout["chain_id"].encode(), len(self.leaves)
        digest = sha256(
            b"openledger/voucher/v1\0",
            len(chain).to_bytes(2, "big") + chain,
            self.handout["session"].to_bytes(8, "big"),
            self.handout["deployment"].to_bytes(8, "big"),
            count.to_bytes(8, "big"),
            self.cumulative_fee.to_bytes(32, "big"),
            root(self.leaves),
        )
        return {"count": count, "signature": sign(bytes.fromhex(self.handout["voucher_secret"]), digest).hex()}

    def pay(self):
        """Hands a voucher over everything accepted so far to the server; where the session stands then."""
        return self._call("/voucher", self.voucher())

    def standing(self):
        """Where the server says that the session stands."""
        return self._call("", None)

    def save(self, path):
        """Keeps the session in a file from which it goes on."""
        kept = {"leaves": [leaf.hex() for leaf in self.leaves], "cumulative_fee": str(self.cumulative_fee), "corpus_height": self.corpus_height}
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump({**self.handout, **kept}, file)

    def _call(self, path, body):
        url = f"{self.base_url}/sessions/{self.handout['session']}{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as answer:
            return json.load(answer)
