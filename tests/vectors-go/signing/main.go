// Prints transactions that the Cosmos SDK itself builds and signs, in every mode and with every sort of key, for the chain of app/tests:
// person N's key is SHA-256("person N"), account number N; who came later has the number that the vector names.
//
// Regenerate: cd tests/vectors-go && go run ./signing > ../../app/tests/signing/vectors.json
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"cosmossdk.io/x/tx/signing"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	kmultisig "github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	"github.com/cosmos/cosmos-sdk/crypto/types/multisig"
	"github.com/cosmos/cosmos-sdk/std"
	sdk "github.com/cosmos/cosmos-sdk/types"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/protobuf/types/known/anypb"

	signingv1beta1 "cosmossdk.io/api/cosmos/tx/signing/v1beta1"
)

const (
	direct    = signingtypes.SignMode_SIGN_MODE_DIRECT
	aux       = signingtypes.SignMode_SIGN_MODE_DIRECT_AUX
	amino     = signingtypes.SignMode_SIGN_MODE_LEGACY_AMINO_JSON
	chainID   = "test-1"
	firstNew  = 19
	firstText = "<b> & \" \\ \b\u2028 grüße 🚀"
)

type vector struct {
	Note string `json:"note"`
	Tx   string `json:"tx"`
	// Addresses, in hexadecimal, that need money and accounts before, in this order; their numbers start at 15.
	New []string `json:"new"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "signing:", err)
		os.Exit(1)
	}
}

func config() client.TxConfig {
	sdk.GetConfig().SetBech32PrefixForAccount("open", "openpub")
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec("open"),
			ValidatorAddressCodec: address.NewBech32Codec("openvaloper"),
		},
	})
	check(err)
	std.RegisterInterfaces(registry)
	cryptocodec.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	return authtx.NewTxConfig(codec.NewProtoCodec(registry), authtx.DefaultSignModes)
}

// signer signs with one key, or with those of a multisig's keys that take part.
type signer struct {
	private *secp256k1.PrivKey
	key     cryptotypes.PubKey
	parts   map[int]*signer
}

func person(index int) *signer {
	secret := sha256.Sum256(fmt.Appendf(nil, "person %d", index))
	private := &secp256k1.PrivKey{Key: secret[:]}
	return &signer{private: private, key: private.PubKey()}
}

func many(threshold int, keys []*signer, signing ...int) *signer {
	public := []cryptotypes.PubKey{}
	for _, key := range keys {
		public = append(public, key.key)
	}
	parts := map[int]*signer{}
	for _, index := range signing {
		parts[index] = keys[index]
	}
	return &signer{key: kmultisig.NewLegacyAminoPubKey(threshold, public), parts: parts}
}

// data signs the bytes; before they are known, it says in which mode.
func (s *signer) data(mode signingtypes.SignMode, bz []byte) signingtypes.SignatureData {
	if s.private != nil {
		data := &signingtypes.SingleSignatureData{SignMode: mode}
		if bz != nil {
			signature, err := s.private.Sign(bz)
			check(err)
			data.Signature = signature
		}
		return data
	}
	keys := s.key.(multisig.PubKey).GetPubKeys()
	data := multisig.NewMultisig(len(keys))
	for index := range keys {
		if part := s.parts[index]; part != nil {
			multisig.AddSignature(data, part.data(mode, bz), index)
		}
	}
	return data
}

type party struct {
	signer *signer
	number uint64
	mode   signingtypes.SignMode
}

func transaction(config client.TxConfig, parties []party, change func(client.TxBuilder)) string {
	builder := config.NewTxBuilder()
	messages := []sdk.Msg{}
	for _, party := range parties {
		messages = append(messages, banktypes.NewMsgSend(sdk.AccAddress(party.signer.key.Address()),
			sdk.AccAddress(bytes.Repeat([]byte{7}, 20)), sdk.NewCoins(sdk.NewInt64Coin("aopen", 10))))
	}
	check(builder.SetMsgs(messages...))
	builder.SetGasLimit(400_000)
	builder.SetFeeAmount(sdk.NewCoins(sdk.NewInt64Coin("aopen", 5)))
	change(builder)
	set := func(bytes func(party) []byte) {
		signatures := []signingtypes.SignatureV2{}
		for _, party := range parties {
			signatures = append(signatures, signingtypes.SignatureV2{PubKey: party.signer.key, Data: party.signer.data(party.mode, bytes(party))})
		}
		check(builder.SetSignatures(signatures...))
	}
	set(func(party) []byte { return nil })
	data := builder.GetTx().(authsigning.V2AdaptableTx).GetSigningTxData()
	set(func(party party) []byte {
		packed, err := codectypes.NewAnyWithValue(party.signer.key)
		check(err)
		bz, err := config.SignModeHandler().GetSignBytes(context.Background(), signingv1beta1.SignMode(party.mode), signing.SignerData{
			Address: sdk.AccAddress(party.signer.key.Address()).String(), ChainID: chainID, AccountNumber: party.number,
			PubKey: &anypb.Any{TypeUrl: packed.TypeUrl, Value: packed.Value},
		}, data)
		check(err)
		return bz
	})
	bz, err := config.TxEncoder()(builder.GetTx())
	check(err)
	return hex.EncodeToString(bz)
}

func main() {
	config := config()
	plain := func(client.TxBuilder) {}
	vectors := []vector{}
	add := func(note string, parties []party, change func(client.TxBuilder)) {
		v := vector{Note: note, Tx: transaction(config, parties, change), New: []string{}}
		for _, party := range parties {
			if party.number >= firstNew {
				v.New = append(v.New, hex.EncodeToString(party.signer.key.Address()))
			}
		}
		vectors = append(vectors, v)
	}
	ann, bob, eve, dan := person(0), person(1), person(2), person(3)
	add("direct", []party{{ann, 0, direct}}, plain)
	add("amino JSON with all that a body says", []party{{ann, 0, amino}}, func(b client.TxBuilder) {
		b.SetMemo(firstText)
		b.SetTimeoutHeight(1_000)
	})
	add("three signers in three modes, the second of whom pays", []party{{ann, 0, amino}, {bob, 1, direct}, {eve, 2, aux}}, func(b client.TxBuilder) {
		b.SetFeePayer(sdk.AccAddress(bob.key.Address()))
	})
	trio := []*signer{ann, bob, eve}
	add("two of three, amino JSON", []party{{many(2, trio, 0, 2), firstNew, amino}}, plain)
	add("two of three, direct", []party{{many(2, trio, 1, 2), firstNew, direct}}, plain)
	nested := many(2, []*signer{dan, many(1, trio, 1), ann}, 0, 1)
	add("a multisig in a multisig", []party{{nested, firstNew, amino}}, plain)
	add("a multisig beside a single key that pays", []party{{many(3, trio, 0, 1, 2), firstNew, aux}, {dan, 3, direct}}, func(b client.TxBuilder) {
		b.SetFeePayer(sdk.AccAddress(dan.key.Address()))
	})
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(vectors))
}
