// CosmJS as its users have it, against a node of this chain: what a wallet and a web page do.
//
// Usage: node client.mjs RPC_URL CHAIN_ID "MNEMONIC". The mnemonic's account has START aopen at genesis, nobody else has any.
// Prints a line a check and, last, `N passed, N failed`; exits with 1 where one failed.
import assert from "node:assert/strict";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { connectComet } from "@cosmjs/tendermint-rpc";
import { ServiceClientImpl as NodeService } from "cosmjs-types/cosmos/base/node/v1beta1/query";
import { ServiceClientImpl as CometService } from "cosmjs-types/cosmos/base/tendermint/v1beta1/query";
import { OrderBy, ServiceClientImpl as TxService } from "cosmjs-types/cosmos/tx/v1beta1/service";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";
import {
  BroadcastTxError,
  GasPrice,
  QueryClient,
  SigningStargateClient,
  StargateClient,
  assertIsDeliverTxSuccess,
  coins,
  createProtobufRpcClient,
} from "@cosmjs/stargate";
import { check, finish } from "./checks.mjs";

const [, , rpc, chainId, mnemonic] = process.argv;
const DENOM = "aopen";
const START = 10n ** 24n;
const PRICE = GasPrice.fromString(`10${DENOM}`);

const reader = await StargateClient.connect(rpc);
const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "open" });
const [{ address }] = await wallet.getAccounts();
const bob = (await (await DirectSecp256k1HdWallet.generate(12, { prefix: "open" })).getAccounts())[0].address;
const signing = await SigningStargateClient.connectWithSigner(rpc, wallet, { gasPrice: PRICE, broadcastPollIntervalMs: 200 });
const amount = async (who) => BigInt((await reader.getBalance(who, DENOM)).amount);

await check("connect learns the chain's id", async () => assert.equal(await reader.getChainId(), chainId));

await check("getHeight grows with the blocks", async () => {
  const from = await reader.getHeight();
  assert.ok(from >= 1);
  const deadline = Date.now() + 30_000;
  while ((await reader.getHeight()) <= from) {
    assert.ok(Date.now() < deadline, `still at height ${from} after 30 s`);
    await new Promise((done) => setTimeout(done, 200));
  }
});

await check("getBlock reads a block", async () => {
  const block = await reader.getBlock(1);
  assert.deepEqual([block.header.height, block.header.chainId], [1, chainId]);
});

await check("getBalance and getAllBalances agree", async () => {
  assert.equal(await amount(address), START);
  assert.deepEqual(await reader.getAllBalances(address), coins(START.toString(), DENOM));
  assert.equal(await amount(bob), 0n);
  assert.deepEqual(await reader.getAllBalances(bob), []);
});

await check("getAccount of a missing account is null, getSequence of it an error", async () => {
  assert.equal(await reader.getAccount(bob), null);
  await assert.rejects(reader.getSequence(bob), /does not exist on chain/);
});

await check("a bad address is refused in words", async () => {
  await assert.rejects(reader.getBalance("open1nonsense", DENOM), /Query failed with \(18\).*InvalidArgument/);
});

await check("getAccount and getSequence of an account", async () => {
  const account = await reader.getAccount(address);
  assert.deepEqual([account.address, account.sequence], [address, 0]);
  const { accountNumber, sequence } = await reader.getSequence(address);
  assert.deepEqual([accountNumber, sequence], [account.accountNumber, 0]);
});

const send = (to, aopen) => ({
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: { fromAddress: address, toAddress: to, amount: coins(aopen, DENOM) },
});

await check("simulate estimates the gas", async () => {
  const gas = await signing.simulate(address, [send(bob, 1)], "");
  assert.ok(gas > 30_000 && gas < 200_000, `${gas} gas`);
});

await check("simulate of what will fail says why", async () => {
  await assert.rejects(signing.simulate(address, [send(bob, (START * 2n).toString())], ""), /insufficient funds/);
});

let sent;
await check("sendTokens pays and waits for its block", async () => {
  sent = await signing.sendTokens(address, bob, coins(1000, DENOM), "auto", "from CosmJS");
  assertIsDeliverTxSuccess(sent);
  assert.equal(sent.msgResponses[0].typeUrl, "/cosmos.bank.v1beta1.MsgSendResponse");
  assert.ok(sent.gasUsed > 0n && sent.gasUsed <= sent.gasWanted, `${sent.gasUsed} of ${sent.gasWanted}`);
  assert.equal(await amount(bob), 1000n);
});

await check("the fee was paid, once", async () => {
  assert.equal(await amount(address), START - 1000n - sent.gasWanted * 10n);
});

await check("the sequence has grown", async () => assert.equal((await reader.getSequence(address)).sequence, 1));

await check("events tell who paid whom", async () => {
  const transfer = sent.events.filter((event) => event.type === "transfer").at(-1);
  const value = (key) => transfer.attributes.find((attribute) => attribute.key === key)?.value;
  assert.deepEqual([value("sender"), value("recipient"), value("amount")], [address, bob, `1000${DENOM}`]);
});

await check("getTx finds it by its hash, and nothing by another", async () => {
  const found = await reader.getTx(sent.transactionHash);
  assert.deepEqual([found.height, found.code, found.hash], [sent.height, 0, sent.transactionHash]);
  assert.equal(await reader.getTx("00".repeat(32)), null);
});

await check("searchTx finds it by hash, by height and by its events", async () => {
  const hashes = async (query) => (await reader.searchTx(query)).map((tx) => tx.hash);
  assert.deepEqual(await hashes(`tx.hash='${sent.transactionHash}'`), [sent.transactionHash]);
  assert.deepEqual(await hashes(`tx.height=${sent.height}`), [sent.transactionHash]);
  assert.deepEqual(await hashes([{ key: "message.sender", value: address }]), [sent.transactionHash]);
  assert.deepEqual(await hashes([{ key: "transfer.recipient", value: bob }]), [sent.transactionHash]);
  assert.deepEqual(await hashes([{ key: "transfer.recipient", value: "nobody" }]), []);
});

await check("two messages in one transaction", async () => {
  const both = await signing.signAndBroadcast(address, [send(bob, 1), send(bob, 2)], 1.5);
  assertIsDeliverTxSuccess(both);
  assert.equal(both.msgResponses.length, 2);
  assert.equal(await amount(bob), 1003n);
});

await check("more than there is fails in its block, and costs the fee", async () => {
  const before = await amount(address);
  const fee = { amount: coins(1_000_000, DENOM), gas: "100000" };
  const result = await signing.sendTokens(address, bob, coins((START * 2n).toString(), DENOM), fee);
  assert.equal(result.code, 5);
  assert.match(result.rawLog, /insufficient funds/);
  assert.equal(await amount(address), before - 1_000_000n);
});

await check("a wrong sequence is refused before it is in a block", async () => {
  const { accountNumber } = await signing.getSequence(address);
  const fee = { amount: coins(1_000_000, DENOM), gas: "100000" };
  const raw = await signing.sign(address, [send(bob, 1)], fee, "", { accountNumber, sequence: 99, chainId });
  await assert.rejects(signing.broadcastTx(TxRaw.encode(raw).finish()), (error) => {
    assert.ok(error instanceof BroadcastTxError, `${error}`);
    assert.deepEqual([error.code, error.codespace], [32, "sdk"]);
    assert.match(error.log, /account sequence mismatch, expected \d+, got 99/);
    return true;
  });
});

await check("a signature for another chain is refused", async () => {
  const { accountNumber, sequence } = await signing.getSequence(address);
  const fee = { amount: coins(1_000_000, DENOM), gas: "100000" };
  const raw = await signing.sign(address, [send(bob, 1)], fee, "", { accountNumber, sequence, chainId: "another-1" });
  await assert.rejects(signing.broadcastTx(TxRaw.encode(raw).finish()), (error) => error.code === 4);
});

// The services that the node answers beside the modules, by their generated clients.
const comet = await connectComet(rpc);
const protobuf = createProtobufRpcClient(new QueryClient(comet));
const txs = new TxService(protobuf);
const node = new CometService(protobuf);

await check("GetTx shows the transaction, its result and its block's time", async () => {
  const { tx, txResponse } = await txs.GetTx({ hash: sent.transactionHash });
  assert.equal(tx.body.memo, "from CosmJS");
  assert.equal(tx.body.messages[0].typeUrl, "/cosmos.bank.v1beta1.MsgSend");
  assert.deepEqual([txResponse.txhash, txResponse.code, Number(txResponse.height)], [sent.transactionHash, 0, sent.height]);
  assert.deepEqual([txResponse.gasUsed, txResponse.gasWanted], [sent.gasUsed, sent.gasWanted]);
  assert.match(txResponse.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(txResponse.data, /^[0-9A-F]+$/);
  assert.equal(txResponse.tx.typeUrl, "/cosmos.tx.v1beta1.Tx");
  assert.deepEqual(txResponse.events.map((event) => event.type), sent.events.map((event) => event.type));
});

await check("GetTx of an unknown hash says so in the SDK's words", async () => {
  const hash = "00".repeat(32);
  await assert.rejects(txs.GetTx({ hash }), new RegExp(`code = NotFound desc = tx not found: ${hash}`));
});

await check("GetTxsEvent pages through what it finds", async () => {
  const ask = (page, orderBy) =>
    txs.GetTxsEvent({ query: `message.sender='${address}'`, page, limit: 1n, orderBy, events: [] });
  const first = await ask(1n, OrderBy.ORDER_BY_ASC);
  assert.equal(first.txResponses[0].txhash, sent.transactionHash);
  assert.deepEqual([first.txs.length, first.total >= 2n], [1, true]);
  const last = await ask(1n, OrderBy.ORDER_BY_DESC);
  assert.ok(last.txResponses[0].height > first.txResponses[0].height);
  await assert.rejects(ask(1000n, OrderBy.ORDER_BY_ASC), /page should be within/);
});

await check("GetBlockWithTxs and GetBlockByHeight show the same block", async () => {
  const height = BigInt(sent.height);
  const withTxs = await txs.GetBlockWithTxs({ height });
  assert.equal(withTxs.txs[0].body.memo, "from CosmJS");
  assert.equal(withTxs.pagination.total, 1n);
  const { block, blockId, sdkBlock } = await node.GetBlockByHeight({ height });
  assert.deepEqual(block, withTxs.block);
  assert.equal(Buffer.from(blockId.hash).toString("hex").toUpperCase(), (await reader.getBlock(sent.height)).id);
  assert.match(sdkBlock.header.proposerAddress, /^openvalcons1/);
  assert.equal(block.lastCommit.signatures.length, 1);
  await assert.rejects(node.GetBlockByHeight({ height: 1_000_000n }), /bigger then the chain length/);
});

await check("the latest block, the validators and whether the node catches up", async () => {
  const { block } = await node.GetLatestBlock({});
  assert.deepEqual([block.header.chainId, block.header.height >= BigInt(sent.height)], [chainId, true]);
  const latest = await node.GetLatestValidatorSet({});
  assert.equal(latest.validators.length, 1);
  assert.match(latest.validators[0].address, /^openvalcons1/);
  assert.equal(latest.validators[0].pubKey.typeUrl, "/cosmos.crypto.ed25519.PubKey");
  const first = await node.GetValidatorSetByHeight({ height: 1n });
  assert.deepEqual([first.blockHeight, first.validators[0].pubKey], [1n, latest.validators[0].pubKey]);
  assert.equal((await node.GetSyncing({})).syncing, false);
});

await check("GetNodeInfo tells what relayers look for", async () => {
  const { defaultNodeInfo, applicationVersion } = await node.GetNodeInfo({});
  assert.deepEqual([defaultNodeInfo.network, defaultNodeInfo.moniker], [chainId, "cosmjs"]);
  assert.match(applicationVersion.cosmosSdkVersion, /^v0\.50\./);
  const deps = Object.fromEntries(applicationVersion.buildDeps.map(({ path, version }) => [path, version]));
  assert.match(deps["github.com/cometbft/cometbft"], /^v0\.38\./);
});

await check("the node's own settings and status", async () => {
  const service = new NodeService(protobuf);
  assert.equal((await service.Config({})).minimumGasPrice, `1${DENOM}`);
  const status = await service.Status({});
  assert.ok(status.height >= BigInt(sent.height));
  assert.deepEqual([status.appHash.length, status.validatorHash.length], [32, 32]);
});

comet.disconnect();
reader.disconnect();
signing.disconnect();
finish();
