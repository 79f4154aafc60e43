#!/usr/bin/env python3
"""Runs command lines of simd (Cosmos SDK v0.50) on the chain of chain.py and writes cli.json beside this file: what
tests/tests/command_line_shapes.rs compares the answers of the same lines with, shape by shape, and unsigned transactions word by word.

    SIMD=/path/to/simd tests/simd/cli.py

simd of ibc-go v8.8.0 (`go build ./simd` in ibc-go's testing/simapp folder), whose SDK is v0.50. Needs nothing but Python 3.8. Only run by
hand, when a line is added; the gate needs neither simd nor Python for this.

{names} stand for what each chain has of its own, as in rest.py; {gov} is the governance account, {files} the folder of FILES, {unsigned}
and {signed} the files of a transaction of alice's.
"""
import json, pathlib, shlex, subprocess, sys

from chain import CHAIN_ID, KEYRING, chain

KEY = '{"@type":"/cosmos.crypto.ed25519.PubKey","key":"oWg2ISpLF405Jcm2vXV+2v4fnjodh6aafuIdeoW+rUw="}'
PROPOSAL = ["--title", "T", "--summary", "S", "--deposit", "10{denom}"]
# Files that lines name.
FILES = {
    "validator.json": {
        "pubkey": json.loads(KEY), "amount": "1000000{denom}", "moniker": "myvalidator", "identity": "I", "website": "W", "security": "S",
        "details": "D", "commission-rate": "0.1", "commission-max-rate": "0.2", "commission-max-change-rate": "0.01",
        "min-self-delegation": "1"},
    "periods.json": {"start_time": 1625204910, "periods": [{"coins": "10{denom}", "length_seconds": 2592000},
                                                            {"coins": "5{denom}", "length_seconds": 60}]},
    "proposal.json": {
        "messages": [{"@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": "{gov}", "to_address": "{bob}",
                      "amount": [{"denom": "{denom}", "amount": "3"}]}],
        "metadata": "ipfs://CID", "deposit": "10{denom}", "title": "T", "summary": "S", "expedited": True},
    "send.json": {
        "body": {"messages": [{"@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": "{bob}", "to_address": "{alice}",
                               "amount": [{"denom": "{denom}", "amount": "3"}]}],
                 "memo": "", "timeout_height": "0", "extension_options": [], "non_critical_extension_options": []},
        "auth_info": {"signer_infos": [], "fee": {"amount": [], "gas_limit": "200000", "payer": "", "granter": ""}, "tip": None},
        "signatures": []},
}
# Messages of alice's, made without a node: the whole transaction is compared.
OFFLINE = [
    "bank send {alice} {bob} 7{denom}",
    "bank send {alice} {bob} 7{denom} --fees 3{denom} --gas 99 --note hello --timeout-height 5 --fee-granter {bob} --fee-payer {nobody}",
    "bank send {alice} {bob} 7{denom} --gas-prices 0.3{denom} --gas 101",
    "bank multi-send {alice} {bob} {nobody} 7{denom}",
    "bank multi-send {alice} {bob} {nobody} 7{denom} --split",
    "staking create-validator {files}/validator.json",
    "staking edit-validator --new-moniker renamed --commission-rate 0.12 --min-self-delegation 5",
    "staking edit-validator --identity I --website W --security-contact S --details D",
    "staking edit-validator --commission-rate 0.12",
    "staking delegate {validator} 5{denom}",
    "staking redelegate {validator} {validator} 5{denom}",
    "staking unbond {validator} 5{denom}",
    "staking cancel-unbond {validator} 5{denom} 3",
    "distribution withdraw-rewards {validator}",
    "distribution withdraw-rewards {validator} --commission",
    "distribution set-withdraw-addr {bob}",
    "distribution fund-community-pool 5{denom}",
    "distribution fund-validator-rewards-pool {validator} 5{denom}",
    "slashing unjail",
    "authz grant {bob} send --spend-limit 5{denom} --allow-list {nobody}",
    "authz grant {bob} generic --msg-type /cosmos.gov.v1.MsgVote --expiration 1798761600",
    "authz grant {bob} delegate --allowed-validators {validator}",
    "authz grant {bob} redelegate --deny-validators {validator}",
    "authz revoke {bob} /cosmos.gov.v1.MsgVote",
    "vesting create-vesting-account {bob} 5{denom} 1798761600",
    "vesting create-vesting-account {bob} 5{denom} 1798761600 --delayed",
    "vesting create-permanent-locked-account {bob} 5{denom}",
    "vesting create-periodic-vesting-account {bob} {files}/periods.json",
    """circuit authorize {bob} '{"level":"LEVEL_SOME_MSGS","limit_type_urls":["/cosmos.bank.v1beta1.MsgSend"]}'""",
    "circuit disable /cosmos.bank.v1beta1.MsgSend",
    "circuit disable /cosmos.bank.v1beta1.MsgSend /cosmos.bank.v1beta1.MsgMultiSend",
    "circuit reset /cosmos.bank.v1beta1.MsgSend /cosmos.bank.v1beta1.MsgMultiSend",
    "feegrant grant {alice} {bob}",
    "feegrant grant {alice} {bob} --spend-limit 5{denom} --expiration 2027-01-30T15:04:05Z",
    "feegrant grant {alice} {bob} --spend-limit 5{denom} --allowed-messages /cosmos.gov.v1.MsgVote,/cosmos.bank.v1beta1.MsgSend",
    "feegrant revoke {alice} {bob}",
    "gov submit-proposal {files}/proposal.json",
    "gov deposit 1 10{denom}",
    "gov vote 1 yes",
    "gov vote 1 no_with_veto --metadata why",
    "gov weighted-vote 1 yes=0.6,no=0.3,abstain=0.1",
    "gov cancel-proposal 1",
    "upgrade cancel-software-upgrade " + shlex.join(PROPOSAL),
    "upgrade software-upgrade v2 --upgrade-height 1000 --upgrade-info I --no-validate " + shlex.join(PROPOSAL),
]
# Lines that ask the node: the shape is compared, and that both refuse.
ONLINE = [
    "tx bank send alice {bob} 7{denom} --generate-only",
    "tx bank send alice {bob} 7{denom} --generate-only --gas auto",
    "tx distribution withdraw-all-rewards --from alice --generate-only",
    "tx distribution withdraw-all-rewards --from {nobody} --generate-only",
    "tx feegrant grant {alice} {nobody} --period 3600 --period-limit 5{denom} --spend-limit 9{denom} --generate-only",
    "tx authz exec {files}/send.json --from alice --generate-only",
    "tx sign {unsigned} --from alice",
    "tx sign {unsigned} --from alice --signature-only",
    "tx sign {unsigned} --from alice --sign-mode amino-json",
    "tx decode {tx_bytes}",
    "tx simulate {signed} --from alice",
    "keys list", "keys show alice", "keys show alice --bech val", "keys show alice --bech cons", "keys show nothing",
    "keys parse {alice}", "keys parse 7b5fe22b5446f7c62ea27b8bd71cef94e03f3df2",
    "status",
    "query tx {hash}", "query tx --type=acc_seq {alice}/1", "query tx " + "0" * 64,
    """query txs --query "message.sender='{alice}'" --limit 2""", "query txs --query tx.height={height} --order_by desc",
    "query block --type=height {height}", "query block", "query blocks --query block.height={height} --limit 2",
    "query comet-validator-set", "query comet-validator-set {height}",
    "query auth params", "query auth account {alice}", "query auth account {nobody}", "query auth accounts", "query auth account-info {alice}",
    "query auth module-account gov", "query auth module-accounts", "query auth bech32-prefix", "query auth address-string-to-bytes {alice}",
    "query auth address-bytes-to-string 7b5fe22b5446f7c62ea27b8bd71cef94e03f3df2",
    "query authz grants {alice} {bob}", "query authz grants {alice} {bob} /cosmos.bank.v1beta1.MsgSend", "query authz grants-by-granter {alice}",
    "query authz grants-by-grantee {bob}",
    "query bank balance {alice} {denom}", "query bank balances {alice}", "query bank balances {alice} --page-limit 1 --page-count-total",
    "query bank spendable-balances {alice}", "query bank spendable-balance {alice} {denom}", "query bank total-supply",
    "query bank total-supply-of {denom}", "query bank params", "query bank send-enabled", "query bank send-enabled {denom}",
    "query bank denoms-metadata", "query bank denom-metadata nothing", "query bank denom-owners {denom}",
    "query circuit accounts", "query circuit account {nobody}", "query circuit disabled-list",
    "query consensus params",
    "query distribution params", "query distribution validator-distribution-info {validator}",
    "query distribution validator-outstanding-rewards {validator}", "query distribution commission {validator}",
    "query distribution slashes {validator} 1 100", "query distribution rewards {alice}",
    "query distribution rewards-by-validator {alice} {validator}", "query distribution community-pool",
    "query evidence list", "query evidence evidence DF0C23E8634E480F84B9D5674A7CDC9816466DEC28A3358F73260F68D28D7660",
    "query feegrant grant {alice} {bob}", "query feegrant grants-by-grantee {bob}", "query feegrant grants-by-granter {alice}",
    "query gov params", "query gov params voting", "query gov proposals", "query gov proposals --proposal-status voting-period",
    "query gov proposal 1", "query gov proposal 99", "query gov votes 1", "query gov vote 1 {alice}", "query gov deposits 1",
    "query gov deposit 1 {alice}", "query gov tally 1", "query gov constitution",
    "query mint params", "query mint inflation", "query mint annual-provisions",
    "query slashing params", "query slashing signing-info {cons}", "query slashing signing-info {cons_key}", "query slashing signing-infos",
    "query staking params", "query staking pool", "query staking validators", "query staking validator {validator}",
    "query staking delegations {alice}", "query staking delegation {alice} {validator}", "query staking delegations-to {validator}",
    "query staking unbonding-delegations {alice}", "query staking unbonding-delegation {alice} {validator}",
    "query staking unbonding-delegations-from {validator}", "query staking redelegation {alice} {validator} {validator}",
    "query staking delegator-validators {alice}", "query staking delegator-validator {alice} {validator}",
    "query staking historical-info {height}",
    "query upgrade plan", "query upgrade applied never", "query upgrade module-versions", "query upgrade module-versions bank",
    "query upgrade authority",
    "query ibc client states", "query ibc client params", "query ibc client self-consensus-state",
    "query ibc connection connections", "query ibc channel channels", "query ibc-transfer params", "query ibc-transfer denom-traces",
    "tx broadcast {signed}",
]
# What a line says of each chain's own.
NAMES = ["tx_bytes", "alice", "bob", "nobody", "hash", "validator", "cons", "gov", "chain_id"]


def main():
    made = []
    with chain() as simd:
        files = simd.home / "files"
        files.mkdir()
        values = simd.values
        values.update(files=str(files), unsigned=str(simd.unsigned), signed=str(simd.signed), chain_id=CHAIN_ID,
                      cons_key=simd.run("comet", "show-validator").strip())
        gov = json.loads(simd.run("query", "auth", "module-account", "gov", "-o", "json", *simd.at))["account"]
        values["gov"] = gov.get("value", gov).get("address") or gov["value"]["base_account"]["address"]
        for name, content in FILES.items():
            (files / name).write_text(simd.fill(json.dumps(content)))

        def line(args, more, exact):
            # Braces of JSON are no names.
            filled = [simd.fill(arg) for arg in args]
            done = subprocess.run([simd.simd, *filled, *more, "--home", simd.home], capture_output=True, text=True)
            one = {"args": args, "exact": exact, "fails": done.returncode != 0}
            # This simd prints its usage, but not what is wrong.
            if not done.returncode:
                # Some is printed where logs are, after what is logged.
                text = simd.unfill(done.stdout or done.stderr, NAMES).replace('"stake"', '"{denom}"')
                try:
                    one["answer"] = json.loads(text if text.startswith(("{", "[")) else text.strip().splitlines()[-1])
                except ValueError:
                    sys.exit(f"{args}: {text}")
            made.append(one)

        for text in OFFLINE:
            args = ["tx", *shlex.split(text), "--from", "{alice}", "--generate-only", "--offline", "-a", "7", "-s", "0"]
            # simd takes no chain here, not even that of its settings.
            line(args, ["--chain-id", "", *KEYRING], True)
        for text in ONLINE:
            args = shlex.split(text)
            more = {"tx": ["--chain-id", CHAIN_ID, *KEYRING, *simd.at], "keys": [*KEYRING, "--output", "json"]}.get(args[0], simd.at)
            if args[0] in ("query", "tx"):
                more = [*more, "-o", "json"]
            line(args, more, False)
    out = pathlib.Path(__file__).with_name("cli.json")
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in made)
    out.write_text('{"files": ' + json.dumps(FILES, ensure_ascii=False) + ',\n"lines": [\n' + lines + "\n]}\n")
    print(f"{len(made)} lines written to {out}")


if __name__ == "__main__":
    main()
