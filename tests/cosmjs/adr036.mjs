// Prints proto/vectors/adr036.json: documents of ADR-036 as CosmJS serialises them and Keplr's `signArbitrary` signs them, with the
// signature of BIP-39's example key.
//
// Regenerate: tests/cosmjs/run installs CosmJS into $OPENLEDGER_CACHE/cosmjs; there, node adr036.mjs > …/proto/vectors/adr036.json
import { Secp256k1HdWallet, makeSignDoc, serializeSignDoc } from "@cosmjs/amino";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const wallet = await Secp256k1HdWallet.fromMnemonic(`${"abandon ".repeat(11)}about`, { prefix: "open" });
const [{ address, pubkey }] = await wallet.getAccounts();

const vectors = [];
for (const data of ["", "hello", "<b> & \u2028 \"quotes\" grüße 🚀", Buffer.from([0, 255, 254, 62, 63])]) {
  const bytes = Buffer.from(data);
  const message = { type: "sign/MsgSignData", value: { signer: address, data: bytes.toString("base64") } };
  // ADR-036: no chain, no fee, no gas, no memo, account number and sequence 0.
  const document = makeSignDoc([message], { gas: "0", amount: [] }, "", "", 0, 0);
  const { signature } = await wallet.signAmino(address, document);
  vectors.push({
    signer: address,
    data: hex(bytes),
    signed: Buffer.from(serializeSignDoc(document)).toString("utf8"),
    public_key: hex(pubkey),
    signature: hex(Buffer.from(signature.signature, "base64")),
  });
}
console.log(JSON.stringify(vectors, null, 1));
