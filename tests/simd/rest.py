#!/usr/bin/env python3
"""Asks a one-validator chain of simd (Cosmos SDK v0.50) over REST and writes rest.json beside this file: what tests/tests/rest.rs
compares our answers with, shape by shape.

    SIMD=/path/to/simd tests/simd/rest.py

simd of SDK v0.50.9 or ibc-go v8.8.0 (`go build ./simd` in ibc-go's testing/simapp folder). Needs nothing but Python 3.8. Only run by hand,
when a call is added; the gate needs neither simd nor Python for this.

In paths and bodies, {alice}, {bob}, {denom}, {hash}, {height} and {tx_bytes} stand for what each chain has of its own: alice sent
7 of denom to bob in transaction hash in the block height; tx_bytes is another such transaction of hers, signed. {validator} is alice's
validator, {cons} its consensus address: since genesis. Before she sent, she did in one transaction what stands in done(): undelegated,
proposed and voted, and let bob send and pay fees in her name.
"""
import json, pathlib

from chain import ask, chain

AUTH, BANK, TX = "/cosmos/auth/v1beta1", "/cosmos/bank/v1beta1", "/cosmos/tx/v1beta1"
COMET, NODE = "/cosmos/base/tendermint/v1beta1", "/cosmos/base/node/v1beta1"
STAKING, DISTRIBUTION, SLASHING = "/cosmos/staking/v1beta1", "/cosmos/distribution/v1beta1", "/cosmos/slashing/v1beta1"
GOV, OLD_GOV, MINT = "/cosmos/gov/v1", "/cosmos/gov/v1beta1", "/cosmos/mint/v1beta1"
AUTHZ, FEEGRANT, UPGRADE = "/cosmos/authz/v1beta1", "/cosmos/feegrant/v1beta1", "/cosmos/upgrade/v1beta1"
EVIDENCE, CIRCUIT = "/cosmos/evidence/v1beta1", "/cosmos/circuit/v1"
# What Keplr and Ping.pub ask of the modules of validators, and what else their queries offer.
VALIDATORS = [
    f"{STAKING}/params", f"{STAKING}/pool", f"{STAKING}/validators?pagination.limit=200&status=BOND_STATUS_BONDED",
    f"{STAKING}/validators?status=BOND_STATUS_UNBONDED", f"{STAKING}/validators?status=nonsense", f"{STAKING}/validators/{{validator}}",
    f"{STAKING}/validators/nonsense", f"{STAKING}/validators/{{validator}}/delegations?pagination.limit=10",
    f"{STAKING}/validators/{{validator}}/delegations/{{alice}}", f"{STAKING}/validators/{{validator}}/delegations/{{nobody}}",
    f"{STAKING}/validators/{{validator}}/unbonding_delegations",
    f"{STAKING}/validators/{{validator}}/delegations/{{alice}}/unbonding_delegation",
    f"{STAKING}/validators/{{validator}}/delegations/{{nobody}}/unbonding_delegation",
    f"{STAKING}/delegations/{{alice}}?pagination.limit=1000", f"{STAKING}/delegations/{{nobody}}",
    f"{STAKING}/delegators/{{alice}}/unbonding_delegations?pagination.limit=1000", f"{STAKING}/delegators/{{alice}}/redelegations",
    f"{STAKING}/delegators/{{alice}}/validators", f"{STAKING}/delegators/{{alice}}/validators/{{validator}}",
    f"{STAKING}/historical_info/{{height}}", f"{STAKING}/historical_info/999999999",
    f"{DISTRIBUTION}/params", f"{DISTRIBUTION}/community_pool", f"{DISTRIBUTION}/delegators/{{alice}}/rewards",
    f"{DISTRIBUTION}/delegators/{{alice}}/rewards/{{validator}}", f"{DISTRIBUTION}/delegators/{{nobody}}/rewards",
    f"{DISTRIBUTION}/delegators/{{nobody}}/rewards/{{validator}}", f"{DISTRIBUTION}/delegators/{{alice}}/validators",
    f"{DISTRIBUTION}/delegators/{{alice}}/withdraw_address", f"{DISTRIBUTION}/validators/{{validator}}",
    f"{DISTRIBUTION}/validators/{{validator}}/commission", f"{DISTRIBUTION}/validators/{{validator}}/outstanding_rewards",
    f"{DISTRIBUTION}/validators/{{validator}}/slashes?starting_height=1&ending_height=100",
    f"{SLASHING}/params", f"{SLASHING}/signing_infos?pagination.limit=300", f"{SLASHING}/signing_infos/{{cons}}",
    f"{MINT}/params", f"{MINT}/inflation", f"{MINT}/annual_provisions",
    f"{GOV}/params/voting", f"{GOV}/params/tallying", f"{GOV}/params/deposit", f"{GOV}/params/nonsense", f"{GOV}/constitution",
    f"{GOV}/proposals?pagination.limit=20&pagination.reverse=true", f"{GOV}/proposals?proposal_status=2", f"{GOV}/proposals/1",
    f"{GOV}/proposals/999", f"{GOV}/proposals/1/deposits", f"{GOV}/proposals/1/deposits/{{alice}}", f"{GOV}/proposals/1/tally",
    f"{GOV}/proposals/1/votes", f"{GOV}/proposals/1/votes/{{alice}}", f"{GOV}/proposals/1/votes/{{nobody}}",
    f"{OLD_GOV}/params/voting", f"{OLD_GOV}/params/tallying", f"{OLD_GOV}/params/deposit", f"{OLD_GOV}/proposals/1/tally",
    f"{AUTHZ}/grants?granter={{alice}}&grantee={{bob}}", f"{AUTHZ}/grants/granter/{{alice}}", f"{AUTHZ}/grants/grantee/{{bob}}",
    f"{AUTHZ}/grants?granter={{alice}}&grantee={{bob}}&msg_type_url=/cosmos.gov.v1.MsgVote",
    f"{FEEGRANT}/allowance/{{alice}}/{{bob}}", f"{FEEGRANT}/allowance/{{bob}}/{{alice}}", f"{FEEGRANT}/allowances/{{bob}}",
    f"{FEEGRANT}/issued/{{alice}}", f"{UPGRADE}/current_plan", f"{UPGRADE}/applied_plan/never", f"{UPGRADE}/module_versions",
    f"{UPGRADE}/module_versions?module_name=bank", f"{UPGRADE}/authority", f"{EVIDENCE}/evidence", f"{EVIDENCE}/evidence/00",
    f"{CIRCUIT}/accounts", f"{CIRCUIT}/accounts/{{nobody}}", f"{CIRCUIT}/disable_list",
]
CALLS = [("GET", path, None) for path in [
    f"{AUTH}/params", f"{AUTH}/accounts?pagination.limit=100&pagination.count_total=true", f"{AUTH}/accounts/{{alice}}",
    f"{AUTH}/account_info/{{alice}}", f"{AUTH}/accounts/nonsense", f"{AUTH}/accounts/{{nobody}}",
    f"{AUTH}/module_accounts/fee_collector", f"{AUTH}/module_accounts/nobody", f"{AUTH}/bech32",
    f"{AUTH}/bech32/{{alice}}", f"{AUTH}/address_by_id/0", f"{AUTH}/address_by_id/0?account_id=999",
    f"{BANK}/params", f"{BANK}/balances/{{alice}}?pagination.limit=1000", f"{BANK}/balances/{{nobody}}",
    f"{BANK}/balances/nonsense", f"{BANK}/balances/{{alice}}/by_denom?denom={{denom}}", f"{BANK}/balances/{{alice}}/by_denom",
    f"{BANK}/balances/{{alice}}/by_denom?denom=nothing", f"{BANK}/spendable_balances/{{alice}}", f"{BANK}/spendable_balances/test",
    f"{BANK}/spendable_balances/{{alice}}/by_denom?denom={{denom}}", f"{BANK}/supply", f"{BANK}/supply/by_denom?denom={{denom}}",
    f"{BANK}/supply/by_denom?denom=nothing", f"{BANK}/supply/by_denom", f"{BANK}/supply/{{denom}}",
    f"{BANK}/denoms_metadata/nothing", f"{BANK}/denom_owners/{{denom}}?pagination.limit=1",
    f"{BANK}/denom_owners_by_query?denom={{denom}}&pagination.limit=1", f"{BANK}/send_enabled",
    f"{BANK}/supply?pagination.limit=x", f"{BANK}/supply?pagination.offset=1&pagination.key=AA==", f"{BANK}/supply?nobody=knows",
    f"{BANK}/supply?pagination.key=!", f"{BANK}/supply?pagination.reverse=perhaps",
    f"{TX}/txs/{{hash}}", f"{TX}/txs/{'0' * 64}", f"{TX}/txs?query=message.sender='{{alice}}'&order_by=ORDER_BY_DESC&limit=1",
    f"{TX}/txs?query=message.sender='{{alice}}'&order_by=2", f"{TX}/txs", f"{TX}/txs/block/{{height}}", f"{TX}/txs/block/0",
    f"{TX}/simulate",
    f"{COMET}/node_info", f"{COMET}/syncing", f"{COMET}/blocks/latest", f"{COMET}/blocks/{{height}}", f"{COMET}/blocks/999999999",
    f"{COMET}/blocks/x", f"{COMET}/validatorsets/latest", f"{COMET}/validatorsets/{{height}}?pagination.limit=1",
    f"{COMET}/validatorsets/999999999", f"{COMET}/abci_query",
    f"{COMET}/abci_query?path=/cosmos.bank.v1beta1.Query/Params", f"{COMET}/abci_query?path=/store/bank/key&data=AA==&height=2&prove=true",
    f"{NODE}/config", f"{NODE}/status", "/cosmos/consensus/v1/params", "/nothing", "/",
] + VALIDATORS] + [
    ("POST", f"{TX}/simulate", {"tx_bytes": "{tx_bytes}"}), ("POST", f"{TX}/simulate", {}), ("POST", f"{TX}/simulate", {"tx_byte": ""}),
    ("POST", f"{TX}/simulate", []), ("POST", f"{TX}/decode", {"tx_bytes": "{tx_bytes}"}), ("POST", f"{TX}/decode", {}),
    ("POST", f"{TX}/encode", {}), ("POST", f"{TX}/txs", {"tx_bytes": "{tx_bytes}", "mode": "BROADCAST_MODE_SYNC"}),
    ("POST", f"{TX}/txs", {"tx_bytes": "{tx_bytes}", "mode": "BROADCAST_MODE_SYNC"}),
    ("POST", f"{TX}/txs", {"tx_bytes": "AA==", "mode": "BROADCAST_MODE_SYNC"}), ("POST", f"{TX}/txs", {"mode": 2}),
    ("POST", f"{TX}/txs", {"tx_bytes": "AA==", "mode": "BROADCAST_MODE_BLOCK"}), ("POST", f"{BANK}/supply", {}),
]


def main():
    with chain() as simd:
        made = []
        for method, path, body in CALLS:
            filled = None if body is None else json.loads(simd.fill(json.dumps(body)) if "{tx_bytes}" in json.dumps(body) else json.dumps(body))
            status, headers, answer = ask(simd.base, method, simd.fill(path).replace("'", "%27").replace(" ", "%20"), filled)
            text = simd.unfill(answer.decode(), ["alice", "bob", "nobody", "hash", "validator", "cons"])
            try:
                answer = json.loads(text)
            except ValueError:
                answer = text
            made.append({"method": method, "path": path, **({} if body is None else {"body": body}), "status": status,
                         "height_header": any(name.lower() == "grpc-metadata-x-cosmos-block-height" for name in headers), "answer": answer})
    out = pathlib.Path(__file__).with_name("rest.json")
    out.write_text("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in made) + "\n]\n")
    print(f"{len(made)} calls written to {out}")


if __name__ == "__main__":
    main()
