"""What cosmpy's LedgerClient does, over gRPC and over REST: account, balances, node, blocks, a transfer with estimated gas, its result;
staking and rewards."""
import sys

from cosmpy.aerial.client import LedgerClient
from cosmpy.aerial.config import NetworkConfig
from cosmpy.aerial.exceptions import NotFoundError
from cosmpy.aerial.wallet import LocalWallet

rest, grpc, chain_id, mnemonic = sys.argv[1:]
PRICE, DENOM = 1, "aopen"
OPEN = 10**18


def check(what, condition):
    if not condition:
        sys.exit(f"cosmpy: {what} is not so")
    print(f"  {what}")


for name, url in [("gRPC", f"grpc+http://{grpc}"), ("REST", f"rest+http://{rest}")]:
    print(f"cosmpy over {name}:")
    config = NetworkConfig(chain_id=chain_id, url=url, fee_minimum_gas_price=PRICE, fee_denomination=DENOM, staking_denomination=DENOM)
    client = LedgerClient(config, query_interval_secs=1, query_timeout_secs=60)
    alice, bob = LocalWallet.from_mnemonic(mnemonic, prefix="open"), LocalWallet.generate(prefix="open")

    account = client.query_account(alice.address())
    before = client.query_bank_balance(alice.address())
    check("an account has a number and a sequence, and its balance is read", account.number >= 0 and before > 0)
    check("all balances hold the one", [coin.amount for coin in client.query_bank_all_balances(alice.address())] == [str(before)])
    info = client.query_node_info()
    check(f"the node is {info.app_name} {info.app_version}, SDK {info.cosmos_sdk_version}", info.app_name == "openledger")
    check("the chain has its id", client.query_chain_id() == chain_id)
    height = client.query_height()
    check("a block is found by its height", client.query_block(height).height == height)
    check("consensus parameters are read", int(client.query_consensus_params().params.block.max_bytes) > 0)

    try:
        client.query_tx("0" * 64)
        check("a transaction that never was is not found", False)
    except NotFoundError:
        check("a transaction that never was is not found", True)

    sent = client.send_tokens(bob.address(), 1000, DENOM, alice, memo="from cosmpy").wait_to_complete()
    result = sent.response
    check("a transfer with estimated gas arrives", client.query_bank_balance(bob.address()) == 1000)
    check("its result says so", result.code == 0 and result.height > height and result.gas_used < result.gas_wanted)
    check("its events and time are there", result.events["transfer"]["amount"].endswith(DENOM) and result.timestamp is not None)
    paid = before - client.query_bank_balance(alice.address()) - 1000
    check("the fee is the estimate at the price", paid == result.gas_wanted * PRICE)
    check("the sequence went on", client.query_account(alice.address()).sequence == account.sequence + 1)

    try:
        client.send_tokens(bob.address(), before * 2, DENOM, alice)
        check("what is not there is not sent", False)
    except Exception as error:  # each door has its own kind
        check("what is not there is not sent", "insufficient funds" in str(error))

    [validator] = client.query_validators()
    check("the validator and its stake are read", validator.tokens >= OPEN)
    staked = client.query_staking_summary(alice.address())
    client.delegate_tokens(validator.address, 5 * OPEN, alice).wait_to_complete()
    client.undelegate_tokens(validator.address, 2 * OPEN, alice).wait_to_complete()
    summary = client.query_staking_summary(alice.address())
    check("what is delegated is found", summary.total_staked == staked.total_staked + 3 * OPEN)
    check("what is unbonding is found", summary.total_unbonding == staked.total_unbonding + 2 * OPEN)
    [position] = summary.current_positions
    check("by its validator, with what it earned", position.validator == validator.address and position.reward_dec >= 0)
    claimed = client.claim_rewards(validator.address, alice).wait_to_complete().response
    check("rewards are claimed", claimed.code == 0 and "withdraw_rewards" in claimed.events)
