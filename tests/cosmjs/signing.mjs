// Every way in which CosmJS, unchanged, signs: amino JSON (Ledger's and Keplr's way), several signers and a fee payer, multisigs; and how
// what they sent is found again.
//
// Usage: node signing.mjs RPC_URL CHAIN_ID "MNEMONIC". The mnemonic's account pays for all. Each check sends what it makes to the node.
import assert from "node:assert/strict";
import { Secp256k1HdWallet, createMultisigThresholdPubkey, encodeSecp256k1Pubkey, makeSignDoc, pubkeyToAddress, serializeSignDoc } from "@cosmjs/amino";
import { DirectSecp256k1HdWallet, Registry, encodePubkey, makeAuthInfoBytes, makeSignDoc as makeDirectSignDoc } from "@cosmjs/proto-signing";
import { connectComet } from "@cosmjs/tendermint-rpc";
import { BinaryReader, BinaryWriter } from "cosmjs-types/binary";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";
import {
  AminoTypes,
  GasPrice,
  QueryClient,
  SigningStargateClient,
  StargateClient,
  assertIsDeliverTxSuccess,
  coins,
  createDefaultAminoConverters,
  defaultRegistryTypes,
  makeCosmoshubPath,
  makeMultisignedTxBytes,
  setupTxExtension,
} from "@cosmjs/stargate";
import { check, finish } from "./checks.mjs";

const [, , rpc, chainId, mnemonic] = process.argv;
const DENOM = "aopen";
const FEE = { amount: coins(1_000_000, DENOM), gas: "200000" };

// A message of this chain, as an application's own code generator would give it: fields 1 to 4 are texts.
const FIELDS = ["account", "name", "about", "website"];
const SET_PROFILE = "/openledger.contributor.v1.MsgSetProfile";
const MsgSetProfile = {
  fromPartial: (partial) => Object.fromEntries(FIELDS.map((field) => [field, partial[field] ?? ""])),
  encode(message, writer = BinaryWriter.create()) {
    FIELDS.forEach((field, index) => {
      if (message[field]) writer.uint32(((index + 1) << 3) | 2).string(message[field]);
    });
    return writer;
  },
  decode(bytes) {
    const reader = bytes instanceof BinaryReader ? bytes : new BinaryReader(bytes);
    const message = this.fromPartial({});
    while (reader.pos < reader.len) message[FIELDS[(reader.uint32() >>> 3) - 1]] = reader.string();
    return message;
  },
};
const omitEmpty = (value) => Object.fromEntries(Object.entries(value).filter(([, text]) => text !== ""));
const registry = new Registry([...defaultRegistryTypes, [SET_PROFILE, MsgSetProfile]]);
const aminoTypes = new AminoTypes({
  ...createDefaultAminoConverters(),
  [SET_PROFILE]: {
    aminoType: "openledger/MsgSetProfile",
    toAmino: omitEmpty,
    fromAmino: (value) => MsgSetProfile.fromPartial(value),
  },
});
const options = { registry, aminoTypes, gasPrice: GasPrice.fromString(`10${DENOM}`), broadcastPollIntervalMs: 200 };

const reader = await StargateClient.connect(rpc);
const amount = async (who) => BigInt((await reader.getBalance(who, DENOM)).amount);
const connect = (wallet) => SigningStargateClient.connectWithSigner(rpc, wallet, options);
const hdPaths = [0, 1, 2, 3].map(makeCosmoshubPath);
const wallet = await Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "open", hdPaths });
const direct = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "open", hdPaths });
const [ann, bob, eve] = await wallet.getAccounts();
const client = await connect(wallet);
const friend = (await (await Secp256k1HdWallet.generate(12, { prefix: "open" })).getAccounts())[0].address;

const send = (from, to, aopen) => ({
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: { fromAddress: from, toAddress: to, amount: coins(aopen, DENOM) },
});

let sent;
await check("an amino wallet sends, with a memo that JSON must escape", async () => {
  sent = await client.sendTokens(ann.address, friend, coins(1000, DENOM), "auto", "<b> & \"grüße\" \\ 漢字 🚀");
  assertIsDeliverTxSuccess(sent);
  assert.equal(await amount(friend), 1000n);
});

await check("an amino wallet signs several messages and a timeout", async () => {
  const height = BigInt((await reader.getHeight()) + 100);
  const messages = [send(ann.address, friend, 1), send(ann.address, friend, 2)];
  const result = await client.signAndBroadcast(ann.address, messages, 1.6, "", height);
  assertIsDeliverTxSuccess(result);
  assert.equal(result.msgResponses.length, 2);
  const late = client.signAndBroadcast(ann.address, [send(ann.address, friend, 1)], FEE, "", 1n);
  await assert.rejects(late, /timeout height: 1: tx timeout height/);
});

await check("an amino wallet signs a message of this chain", async () => {
  const value = { account: ann.address, name: "Ann <&>", about: "writes \u2713" };
  const result = await client.signAndBroadcast(ann.address, [{ typeUrl: SET_PROFILE, value }], FEE);
  assertIsDeliverTxSuccess(result);
  assert.equal(result.msgResponses[0].typeUrl, `${SET_PROFILE}Response`);
});

await check("amino signatures for another chain, account or sequence are refused", async () => {
  const { accountNumber, sequence } = await client.getSequence(ann.address);
  const refused = async (data, code, text) => {
    const raw = await client.sign(ann.address, [send(ann.address, friend, 1)], FEE, "", { accountNumber, sequence, chainId, ...data });
    await assert.rejects(client.broadcastTx(TxRaw.encode(raw).finish()), (error) => {
      assert.deepEqual([error.code, error.codespace], [code, "sdk"]);
      assert.match(error.log, text);
      return true;
    });
  };
  const verify = new RegExp(`please verify account number \\(${accountNumber}\\), sequence \\(${sequence}\\) and chain-id \\(${chainId}\\)`);
  await refused({ chainId: "another-1" }, 4, verify);
  await refused({ accountNumber: accountNumber + 1n }, 4, verify);
  await refused({ sequence: sequence + 1 }, 32, /account sequence mismatch, expected \d+, got \d+/);
});

await check("a body that an amino wallet did not sign is refused", async () => {
  const { accountNumber, sequence } = await client.getSequence(ann.address);
  const raw = await client.sign(ann.address, [send(ann.address, friend, 1)], FEE, "", { accountNumber, sequence, chainId });
  const other = await client.sign(ann.address, [send(ann.address, friend, 2)], FEE, "", { accountNumber, sequence, chainId });
  const mixed = TxRaw.encode({ ...raw, bodyBytes: other.bodyBytes }).finish();
  await assert.rejects(client.broadcastTx(mixed), (error) => error.code === 4);
});

await check("one signs and another pays the fee", async () => {
  assertIsDeliverTxSuccess(await client.sendTokens(ann.address, bob.address, coins(5_000_000, DENOM), "auto"));
  const before = [await amount(ann.address), await amount(bob.address)];
  const signers = [ann, bob];
  const data = await Promise.all(signers.map(({ address }) => client.getSequence(address)));
  const keys = signers.map(({ pubkey }) => encodePubkey(encodeSecp256k1Pubkey(pubkey)));
  const infos = keys.map((pubkey, index) => ({ pubkey, sequence: data[index].sequence }));
  const bodyBytes = registry.encodeTxBody({ messages: [send(ann.address, friend, 5)], memo: "bob pays" });
  const authInfoBytes = makeAuthInfoBytes(infos, FEE.amount, Number(FEE.gas), undefined, bob.address);
  const signatures = [];
  for (const [index, { address }] of signers.entries()) {
    const document = makeDirectSignDoc(bodyBytes, authInfoBytes, chainId, data[index].accountNumber);
    signatures.push(Buffer.from((await direct.signDirect(address, document)).signature.signature, "base64"));
  }
  const alone = TxRaw.encode({ bodyBytes, authInfoBytes, signatures: signatures.slice(0, 1) }).finish();
  await assert.rejects(client.broadcastTx(alone), /wrong number of signers; expected 2, got 1/);
  const result = await client.broadcastTx(TxRaw.encode({ bodyBytes, authInfoBytes, signatures }).finish());
  assertIsDeliverTxSuccess(result);
  assert.deepEqual([await amount(ann.address), await amount(bob.address)], [before[0] - 5n, before[1] - 1_000_000n]);
});

await check("nobody pays fees who granted nothing", async () => {
  const fee = { ...FEE, granter: bob.address };
  const granted = client.signAndBroadcast(ann.address, [send(ann.address, friend, 1)], fee);
  await assert.rejects(granted, /does not allow to pay fees/);
});

// Two of three; each signs alone, with nothing but what it is told.
const members = [ann, bob, eve];
const multisig = createMultisigThresholdPubkey(members.map(({ pubkey }) => encodeSecp256k1Pubkey(pubkey)), 2);
const treasury = pubkeyToAddress(multisig, "open");

async function together(messages, who, account, memo = "") {
  const signed = await Promise.all(
    who.map(async ({ address }) => {
      const offline = await SigningStargateClient.offline(wallet, options);
      const { bodyBytes, signatures } = await offline.sign(address, messages, FEE, memo, { ...account, chainId });
      return { address, bodyBytes, signature: signatures[0] };
    }),
  );
  const signatures = new Map(signed.map(({ address, signature }) => [address, signature]));
  return makeMultisignedTxBytes(multisig, account.sequence, FEE, signed[0].bodyBytes, signatures);
}

let joint;
await check("two of three send from a multisig's account", async () => {
  assertIsDeliverTxSuccess(await client.sendTokens(ann.address, treasury, coins(10_000_000, DENOM), "auto"));
  const account = await reader.getSequence(treasury);
  const tx = await together([send(treasury, friend, 7)], [ann, eve], account, "two of three");
  joint = await reader.broadcastTx(tx, 30_000, 200);
  assertIsDeliverTxSuccess(joint);
  assert.equal(await amount(treasury), 10_000_000n - 1_000_000n - 7n);
});

await check("the chain knows the multisig's key, and two others may sign", async () => {
  const { pubkey, sequence, accountNumber } = await reader.getAccount(treasury);
  assert.deepEqual(pubkey, multisig);
  assert.equal(sequence, 1);
  assertIsDeliverTxSuccess(await reader.broadcastTx(await together([send(treasury, friend, 8)], [bob, eve], { accountNumber, sequence }), 30_000, 200));
  const all = await together([send(treasury, friend, 9)], members, { accountNumber, sequence: 2 });
  assertIsDeliverTxSuccess(await reader.broadcastTx(all, 30_000, 200));
});

await check("one of three is too few, and nobody signs for another account", async () => {
  const account = await reader.getSequence(treasury);
  const refused = async (tx, text) => assert.rejects(reader.broadcastTx(tx), (error) => error.code === 4 && text.test(error.log));
  const messages = [send(treasury, friend, 1)];
  await refused(await together(messages, [bob], account), /not enough signatures set, have 1, expected 2/);
  await refused(await together(messages, [ann, bob], { ...account, accountNumber: 0n }), /unable to verify signature at index 0/);
});

await check("a multisig's transaction is simulated before anybody signs", async () => {
  const { sequence } = await reader.getSequence(treasury);
  const comet = await connectComet(rpc);
  const { tx } = QueryClient.withExtensions(comet, setupTxExtension);
  const { gasInfo } = await tx.simulate([registry.encodeAsAny(send(treasury, friend, 1))], "", multisig, sequence);
  assert.ok(gasInfo.gasUsed >= joint.gasUsed / 2n && gasInfo.gasUsed < 2n * joint.gasUsed, `${gasInfo.gasUsed} for ${joint.gasUsed}`);
  comet.disconnect();
});

await check("transactions are found by signer and sequence, by signature, by action and by height", async () => {
  const hashes = async (query) => (await reader.searchTx(query)).map((tx) => tx.hash);
  assert.deepEqual(await hashes([{ key: "tx.acc_seq", value: `${treasury}/0` }]), [joint.transactionHash]);
  const told = joint.events.filter((event) => event.type === "tx").flatMap((event) => event.attributes);
  const signatures = told.filter((attribute) => attribute.key === "signature").map((attribute) => attribute.value);
  // Each member's, and both as one.
  assert.equal(signatures.length, 3);
  for (const value of signatures) {
    assert.deepEqual(await hashes([{ key: "tx.signature", value }]), [joint.transactionHash]);
  }
  assert.equal((await hashes([{ key: "message.action", value: SET_PROFILE }])).length, 1);
  const both = `message.sender='${treasury}' AND tx.height>=${joint.height}`;
  assert.equal((await hashes(both)).length, 3);
  assert.deepEqual(await hashes(`tx.height=${sent.height} AND tx.fee_payer='${ann.address}'`), [sent.transactionHash]);
  assert.equal((await reader.getTx(joint.transactionHash)).code, 0);
});

await check("CosmJS's own document is what the node verified", async () => {
  // The same as above by hand: makeSignDoc, a signature over serializeSignDoc, a transaction of it.
  const { accountNumber, sequence } = await client.getSequence(ann.address);
  const message = { type: "cosmos-sdk/MsgSend", value: { from_address: ann.address, to_address: friend, amount: coins(3, DENOM) } };
  const document = makeSignDoc([message], FEE, chainId, "by hand", accountNumber, sequence);
  assert.match(Buffer.from(serializeSignDoc(document)).toString(), /^\{"account_number":"/);
  const { signature } = await wallet.signAmino(ann.address, document);
  const bodyBytes = registry.encodeTxBody({ messages: [send(ann.address, friend, 3)], memo: "by hand" });
  const key = encodePubkey(encodeSecp256k1Pubkey(ann.pubkey));
  const AMINO_JSON = 127;
  const authInfoBytes = makeAuthInfoBytes([{ pubkey: key, sequence }], FEE.amount, Number(FEE.gas), undefined, undefined, AMINO_JSON);
  const raw = { bodyBytes, authInfoBytes, signatures: [Buffer.from(signature.signature, "base64")] };
  assertIsDeliverTxSuccess(await client.broadcastTx(TxRaw.encode(raw).finish()));
});

reader.disconnect();
client.disconnect();
finish();
