// What a wallet does with the modules of validators, by CosmJS as its users have it: stake, earn, govern, grant.
//
// Usage: node modules.mjs RPC_URL CHAIN_ID "MNEMONIC". The chain has one validator; the mnemonic's account pays for all.
import assert from "node:assert/strict";
import { Secp256k1HdWallet } from "@cosmjs/amino";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { connectComet } from "@cosmjs/tendermint-rpc";
import { GenericAuthorization } from "cosmjs-types/cosmos/authz/v1beta1/authz";
import { MsgExec, MsgGrant, MsgRevoke } from "cosmjs-types/cosmos/authz/v1beta1/tx";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx";
import { BasicAllowance } from "cosmjs-types/cosmos/feegrant/v1beta1/feegrant";
import { MsgGrantAllowance } from "cosmjs-types/cosmos/feegrant/v1beta1/tx";
import { TextProposal, VoteOption } from "cosmjs-types/cosmos/gov/v1beta1/gov";
import { BondStatus } from "cosmjs-types/cosmos/staking/v1beta1/staking";
import {
  GasPrice,
  QueryClient,
  SigningStargateClient,
  assertIsDeliverTxSuccess,
  coin,
  coins,
  makeCosmoshubPath,
  setupAuthzExtension,
  setupDistributionExtension,
  setupFeegrantExtension,
  setupGovExtension,
  setupMintExtension,
  setupSlashingExtension,
  setupStakingExtension,
} from "@cosmjs/stargate";
import { check, finish } from "./checks.mjs";

const [, , rpc, , mnemonic] = process.argv;
const DENOM = "aopen";
const OPEN = 10n ** 18n;
const options = { gasPrice: GasPrice.fromString(`10${DENOM}`), broadcastPollIntervalMs: 200 };
const path = { prefix: "open", hdPaths: [0, 5].map(makeCosmoshubPath) };
const direct = await SigningStargateClient.connectWithSigner(rpc, await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, path), options);
const wallet = await Secp256k1HdWallet.fromMnemonic(mnemonic, path);
const amino = await SigningStargateClient.connectWithSigner(rpc, wallet, options);
const [{ address: ann }, { address: bob }] = await wallet.getAccounts();
const comet = await connectComet(rpc);
const query = QueryClient.withExtensions(
  comet,
  setupAuthzExtension,
  setupDistributionExtension,
  setupFeegrantExtension,
  setupGovExtension,
  setupMintExtension,
  setupSlashingExtension,
  setupStakingExtension,
);
const amount = async (who) => BigInt((await direct.getBalance(who, DENOM)).amount);
const open = (number) => coin((BigInt(number) * OPEN).toString(), DENOM);
const { validators } = await query.staking.validators("BOND_STATUS_BONDED");
const validator = validators[0].operatorAddress;

await check("the validator, its stake and the parameters", async () => {
  assert.deepEqual([validators.length, validators[0].status, validators[0].jailed], [1, BondStatus.BOND_STATUS_BONDED, false]);
  assert.equal((await query.staking.validator(validator)).validator.tokens, validators[0].tokens);
  assert.equal((await query.staking.pool()).pool.bondedTokens, validators[0].tokens);
  assert.equal((await query.staking.params()).params.bondDenom, DENOM);
  assert.equal((await query.mint.inflation()).toString(), "0");
  assert.equal((await query.slashing.signingInfos()).info.length, 1);
});

await check("delegating, with either kind of wallet", async () => {
  assert.equal(await direct.getDelegation(ann, validator), null);
  assertIsDeliverTxSuccess(await direct.delegateTokens(ann, validator, open(5), 3));
  assertIsDeliverTxSuccess(await amino.delegateTokens(ann, validator, open(2), 3));
  assert.deepEqual(await direct.getDelegation(ann, validator), open(7));
  assert.equal((await direct.getBalanceStaked(ann)).amount, (7n * OPEN).toString());
  assert.equal((await query.staking.delegatorValidators(ann)).validators.length, 1);
});

await check("undelegating, and what is on its way", async () => {
  assertIsDeliverTxSuccess(await amino.undelegateTokens(ann, validator, open(1), 3));
  const { unbond } = await query.staking.unbondingDelegation(ann, validator);
  assert.deepEqual([unbond.entries.length, unbond.entries[0].balance], [1, OPEN.toString()]);
  assert.equal((await query.staking.delegatorUnbondingDelegations(ann)).unbondingResponses.length, 1);
  await assert.rejects(direct.undelegateTokens(ann, validator, open(100), "auto"), /invalid shares amount|not enough delegation shares/);
});

await check("rewards are due, and are withdrawn", async () => {
  const deadline = Date.now() + 30_000;
  let due;
  do {
    assert.ok(Date.now() < deadline, "nothing was earned in 30 s");
    ({ rewards: due } = await query.distribution.delegationRewards(ann, validator));
  } while (due.length === 0);
  assert.equal(due[0].denom, DENOM);
  assert.equal((await query.distribution.delegationTotalRewards(ann)).rewards[0].validatorAddress, validator);
  assertIsDeliverTxSuccess(await amino.withdrawRewards(ann, validator, 3));
  assertIsDeliverTxSuccess(await direct.withdrawRewards(ann, validator, 3));
  assert.equal((await query.distribution.communityPool()).pool[0].denom, DENOM);
  assert.ok((await query.distribution.validatorCommission(validator)).commission);
  assert.equal((await query.distribution.delegatorWithdrawAddress(ann)).withdrawAddress, ann);
});

let proposal;
await check("proposing, depositing and voting, as wallets of v1beta1 do", async () => {
  const value = {
    content: { typeUrl: "/cosmos.gov.v1beta1.TextProposal", value: TextProposal.encode({ title: "Ask", description: "Shall we?" }).finish() },
    initialDeposit: [open(4)],
    proposer: ann,
  };
  const submitted = await direct.signAndBroadcast(ann, [{ typeUrl: "/cosmos.gov.v1beta1.MsgSubmitProposal", value }], 3);
  assertIsDeliverTxSuccess(submitted);
  const event = submitted.events.find(({ type }) => type === "submit_proposal");
  proposal = BigInt(event.attributes.find(({ key }) => key === "proposal_id").value);
  const deposit = { typeUrl: "/cosmos.gov.v1beta1.MsgDeposit", value: { proposalId: proposal, depositor: ann, amount: [open(6)] } };
  assertIsDeliverTxSuccess(await amino.signAndBroadcast(ann, [deposit], 3));
  const vote = { typeUrl: "/cosmos.gov.v1beta1.MsgVote", value: { proposalId: proposal, voter: ann, option: VoteOption.VOTE_OPTION_YES } };
  assertIsDeliverTxSuccess(await amino.signAndBroadcast(ann, [vote], 3));
  const weighted = { proposalId: proposal, voter: ann, options: [{ option: VoteOption.VOTE_OPTION_NO, weight: "1000000000000000000" }] };
  assertIsDeliverTxSuccess(await direct.signAndBroadcast(ann, [{ typeUrl: "/cosmos.gov.v1beta1.MsgVoteWeighted", value: weighted }], 3));
  assert.equal((await query.gov.tally(proposal.toString())).tally.no, (6n * OPEN).toString());
});

await check("proposals, deposits, votes and parameters are found", async () => {
  const { proposal: found } = await query.gov.proposal(proposal.toString());
  assert.deepEqual([found.proposalId, found.content.typeUrl], [proposal, "/cosmos.gov.v1beta1.TextProposal"]);
  assert.equal((await query.gov.proposals(0, "", "")).proposals.length, 1);
  assert.equal((await query.gov.deposits(proposal.toString())).deposits[0].amount[0].amount, (10n * OPEN).toString());
  assert.equal((await query.gov.votes(proposal.toString())).votes[0].voter, ann);
  assert.equal((await query.gov.vote(proposal.toString(), ann)).vote.voter, ann);
  for (const kind of ["deposit", "voting", "tallying"]) assert.ok(await query.gov.params(kind));
});

const send = (from, to, aopen) => MsgSend.fromPartial({ fromAddress: from, toAddress: to, amount: coins(aopen, DENOM) });
const packed = (message) => ({ typeUrl: MsgSend.typeUrl, value: MsgSend.encode(message).finish() });

await check("one sends in another's name as long as it may (authz)", async () => {
  assertIsDeliverTxSuccess(await direct.sendTokens(ann, bob, coins(100_000_000, DENOM), 3));
  const exec = { typeUrl: MsgExec.typeUrl, value: MsgExec.fromPartial({ grantee: bob, msgs: [packed(send(ann, bob, 7))] }) };
  await assert.rejects(direct.signAndBroadcast(bob, [exec], "auto"), /authorization not found/);
  const authorization = {
    typeUrl: GenericAuthorization.typeUrl,
    value: GenericAuthorization.encode({ msg: MsgSend.typeUrl }).finish(),
  };
  const grant = MsgGrant.fromPartial({ granter: ann, grantee: bob, grant: { authorization } });
  assertIsDeliverTxSuccess(await direct.signAndBroadcast(ann, [{ typeUrl: MsgGrant.typeUrl, value: grant }], 3));
  assert.equal((await query.authz.grants(ann, bob, MsgSend.typeUrl)).grants.length, 1);
  assert.equal((await query.authz.granteeGrants(bob)).grants[0].granter, ann);
  assert.equal((await query.authz.granterGrants(ann)).grants[0].grantee, bob);
  const before = await amount(ann);
  assertIsDeliverTxSuccess(await direct.signAndBroadcast(bob, [exec], 3));
  assert.equal(await amount(ann), before - 7n);
  const revoke = MsgRevoke.fromPartial({ granter: ann, grantee: bob, msgTypeUrl: MsgSend.typeUrl });
  assertIsDeliverTxSuccess(await direct.signAndBroadcast(ann, [{ typeUrl: MsgRevoke.typeUrl, value: revoke }], 3));
  await assert.rejects(direct.signAndBroadcast(bob, [exec], "auto"), /authorization not found/);
});

await check("one pays another's fees as long as it may (feegrant)", async () => {
  const fee = { amount: coins(2_000_000, DENOM), gas: "200000", granter: ann };
  const message = { typeUrl: MsgSend.typeUrl, value: send(bob, ann, 1) };
  await assert.rejects(direct.signAndBroadcast(bob, [message], fee), /does not allow to pay fees/);
  const basic = BasicAllowance.encode(BasicAllowance.fromPartial({ spendLimit: coins(3_000_000, DENOM) })).finish();
  const allowance = { typeUrl: BasicAllowance.typeUrl, value: basic };
  const grant = { typeUrl: MsgGrantAllowance.typeUrl, value: MsgGrantAllowance.fromPartial({ granter: ann, grantee: bob, allowance }) };
  assertIsDeliverTxSuccess(await direct.signAndBroadcast(ann, [grant], 3));
  assert.equal((await query.feegrant.allowances(bob)).allowances.length, 1);
  const before = [await amount(ann), await amount(bob)];
  assertIsDeliverTxSuccess(await direct.signAndBroadcast(bob, [message], fee));
  assert.deepEqual([await amount(ann), await amount(bob)], [before[0] - 2_000_000n + 1n, before[1] - 1n]);
  const left = BasicAllowance.decode((await query.feegrant.allowance(ann, bob)).allowance.allowance.value);
  assert.deepEqual(left.spendLimit, coins(1_000_000, DENOM));
  await assert.rejects(direct.signAndBroadcast(bob, [message], fee), /fee limit exceeded/);
});

comet.disconnect();
direct.disconnect();
amino.disconnect();
finish();
