"""A one-validator chain of simd, so prepared that there is something to ask about: what rest.py and cli.py record.

alice sent 7 of denom to bob in transaction hash in the block height; tx_bytes is another such transaction of hers, signed, as the file
`signed` holds it. validator is alice's validator, cons its consensus address: since genesis. Before she sent, she did in one transaction
what stands in done(): undelegated, proposed and voted, and let bob send and pay fees in her name. tests/src/rest.rs prepares ours alike.
"""
import contextlib, json, os, pathlib, re, shutil, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request

TX, COMET = "/cosmos/tx/v1beta1", "/cosmos/base/tendermint/v1beta1"
KEYRING = ["--keyring-backend", "test"]
CHAIN_ID = "golden-1"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(base, method, path, body):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, method=method, headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def done(alice, bob, validator, denom):
    """What alice did before she sent: the messages of one transaction."""
    amount = lambda number: {"denom": denom, "amount": str(number)}
    send = {"@type": "/cosmos.bank.v1beta1.SendAuthorization", "spend_limit": [amount(100)], "allow_list": []}
    allowance = {"@type": "/cosmos.feegrant.v1beta1.BasicAllowance", "spend_limit": [amount(100)], "expiration": None}
    return [
        {"@type": "/cosmos.staking.v1beta1.MsgUndelegate", "delegator_address": alice, "validator_address": validator, "amount": amount(10)},
        {"@type": "/cosmos.gov.v1.MsgSubmitProposal", "messages": [], "initial_deposit": [amount(10_000_000)], "proposer": alice,
         "metadata": "ipfs://x", "title": "A title", "summary": "A summary", "expedited": False},
        {"@type": "/cosmos.gov.v1.MsgVote", "proposal_id": "1", "voter": alice, "option": "VOTE_OPTION_YES", "metadata": ""},
        {"@type": "/cosmos.authz.v1beta1.MsgGrant", "granter": alice, "grantee": bob, "grant": {"authorization": send, "expiration": None}},
        {"@type": "/cosmos.feegrant.v1beta1.MsgGrantAllowance", "granter": alice, "grantee": bob, "allowance": allowance},
    ]


class Chain:
    """The chain, running."""

    def __init__(self, simd, home):
        self.simd, self.home, self.node, self.values = simd, pathlib.Path(home), None, {}
        self.unsigned, self.signed = self.home / "unsigned.json", self.home / "signed.json"

    def run(self, *args):
        """A verb that has to succeed; its standard output."""
        done = subprocess.run([self.simd, *args, "--home", self.home], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"simd {' '.join(args)}: {done.stderr}")
        return done.stdout

    def sign(self, tx):
        """Signs a transaction's JSON as alice."""
        self.unsigned.write_text(tx)
        self.signed.write_text(self.run("tx", "sign", str(self.unsigned), "--from", "alice", "--chain-id", CHAIN_ID, *KEYRING, *self.at))
        return str(self.signed)

    def fill(self, text):
        """A text with its {names} replaced."""
        return re.sub(r"\{(\w+)\}", lambda name: self.values[name[1]], text)

    def unfill(self, text, names):
        """A text with these values as their {names} again."""
        for name in names:
            text = text.replace(self.values[name], "{" + name + "}")
        return text

    def found(self, hash):
        """Waits until a transaction is in a block; what REST says of it."""
        for _ in range(60):
            status, _, found = ask(self.base, "GET", f"{TX}/txs/{hash}", None)
            if status == 200:
                break
            time.sleep(0.5)
        response = json.loads(found)["tx_response"]
        if response["code"]:
            sys.exit(found)
        return response

    def start(self):
        run = self.run
        run("init", "golden", "--chain-id", CHAIN_ID)
        for name in ["alice", "bob", "nobody"]:
            run("keys", "add", name, *KEYRING, "--output", "json")
        who = {name: run("keys", "show", name, "-a", *KEYRING).strip() for name in ["alice", "bob", "nobody"]}
        run("genesis", "add-genesis-account", "alice", "1000000000000stake", *KEYRING)
        run("genesis", "gentx", "alice", "5000000stake", "--chain-id", CHAIN_ID, *KEYRING)
        run("genesis", "collect-gentxs")
        rpc, api, grpc, p2p = (free_port() for _ in range(4))
        log = open(self.home / "log", "w")
        self.node = subprocess.Popen([self.simd, "start", "--home", self.home, "--rpc.laddr", f"tcp://127.0.0.1:{rpc}", "--p2p.laddr",
                                      f"tcp://127.0.0.1:{p2p}", "--rpc.pprof_laddr", "", "--grpc.address", f"127.0.0.1:{grpc}",
                                      "--api.enable", "--api.address", f"tcp://127.0.0.1:{api}", "--minimum-gas-prices", "0stake"],
                                     stdout=log, stderr=log)
        self.base, self.at = f"http://127.0.0.1:{api}", ["--node", f"tcp://127.0.0.1:{rpc}"]
        for _ in range(240):
            try:
                if ask(self.base, "GET", f"{COMET}/blocks/2", None)[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.5)
        else:
            sys.exit((self.home / "log").read_text()[-3000:])
        send = ["tx", "bank", "send", "alice", who["bob"], "7stake", "--chain-id", CHAIN_ID, *KEYRING, "--gas", "200000", "--fees", "3stake",
                *self.at, "--output", "json"]
        who["validator"] = run("keys", "show", "alice", "-a", "--bech", "val", *KEYRING).strip()
        who["cons"] = run("comet", "show-address").strip()
        before = json.loads(run(*send, "--generate-only"))
        before["body"]["messages"] = done(who["alice"], who["bob"], who["validator"], "stake")
        before["auth_info"]["fee"]["gas_limit"] = "1000000"
        first = json.loads(run("tx", "broadcast", self.sign(json.dumps(before)), *self.at, "--output", "json"))
        if first["code"]:
            sys.exit(str(first))
        self.found(first["txhash"])
        sent = json.loads(run(*send, "--yes"))
        height = self.found(sent["txhash"])["height"]
        self.sign(run(*send, "--generate-only"))
        self.values = {**who, "denom": "stake", "hash": sent["txhash"], "height": height,
                       "tx_bytes": run("tx", "encode", str(self.signed)).strip()}
        # Until the latest block is an empty one.
        while json.loads(ask(self.base, "GET", f"{COMET}/blocks/latest", None)[2])["block"]["data"]["txs"]:
            time.sleep(0.5)


@contextlib.contextmanager
def chain():
    """The chain, ended and removed afterwards. $SIMD names the binary."""
    simd = os.environ.get("SIMD") or shutil.which("simd") or sys.exit("name simd with SIMD=…")
    home = tempfile.mkdtemp()
    made = Chain(simd, home)
    try:
        made.start()
        yield made
    finally:
        if made.node:
            made.node.terminate()
            made.node.wait()
        shutil.rmtree(home, ignore_errors=True)
