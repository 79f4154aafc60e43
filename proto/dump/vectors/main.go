// Command vectors writes proto/vectors/*.json: what the Cosmos SDK v0.50 itself makes of messages, to hold the
// Rust walker against. Run `go run ./vectors` in proto/dump; the output is deterministic.
//
//	json.json     messages as bytes and as JSON (codec.ProtoMarshalJSON)
//	read.json     JSON that the SDK reads (bytes) or refuses
//	unknown.json  bytes that unknownproto accepts or refuses, in both modes
//	signers.json  signers of messages (x/tx/signing)
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"cosmossdk.io/x/tx/signing"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/std"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/gogoproto/proto"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	ibctm "github.com/cosmos/ibc-go/v8/modules/light-clients/07-tendermint"
)

type vector struct {
	Note string          `json:"note"`
	Type string          `json:"type"`
	Hex  string          `json:"hex"`
	JSON json.RawMessage `json:"json,omitempty"`
	// Of unknown.json.
	Strict      *outcome `json:"strict,omitempty"`
	NonCritical *outcome `json:"non_critical,omitempty"`
	// Of signers.json: addresses, as text.
	Signers []string `json:"signers,omitempty"`
	// The SDK refuses it.
	Refused bool `json:"refused,omitempty"`
}

type outcome struct {
	OK    bool   `json:"ok"`
	Found bool   `json:"found"`
	Error string `json:"error,omitempty"`
}

var registry = newRegistry()

func newRegistry() codectypes.InterfaceRegistry {
	sdk.GetConfig().SetBech32PrefixForAccount("open", "openpub")
	sdk.GetConfig().SetBech32PrefixForValidator("openvaloper", "openvaloperpub")
	r, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec("open"),
			ValidatorAddressCodec: address.NewBech32Codec("openvaloper"),
		},
	})
	check(err)
	std.RegisterInterfaces(r)
	cryptocodec.RegisterInterfaces(r)
	authtypes.RegisterInterfaces(r)
	vestingtypes.RegisterInterfaces(r)
	authz.RegisterInterfaces(r)
	banktypes.RegisterInterfaces(r)
	stakingtypes.RegisterInterfaces(r)
	govv1.RegisterInterfaces(r)
	clienttypes.RegisterInterfaces(r)
	ibctm.RegisterInterfaces(r)
	return r
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func write(name string, vectors []vector) {
	bz, err := json.MarshalIndent(vectors, "", " ")
	check(err)
	check(os.WriteFile(filepath.Join("..", "vectors", name), append(bz, '\n'), 0o644))
}

func marshal(msg proto.Message) []byte {
	bz, err := proto.Marshal(msg)
	check(err)
	return bz
}

// printed gives a message's bytes and the JSON of what is decoded from them, as a node serves it.
func printed(note string, msg proto.Message) vector {
	bz := marshal(msg)
	check(proto.Unmarshal(bz, msg))
	js, err := codec.ProtoMarshalJSON(msg, registry)
	check(err)
	return vector{Note: note, Type: proto.MessageName(msg), Hex: hex.EncodeToString(bz), JSON: js}
}

// read gives the bytes that the SDK reads from JSON, or that it refuses it.
func read(note, text string, msg proto.Message) vector {
	v := vector{Note: note, Type: proto.MessageName(msg), JSON: json.RawMessage(text)}
	if err := codec.NewProtoCodec(registry).UnmarshalJSON([]byte(text), msg); err != nil {
		v.Refused = true
		return v
	}
	v.Hex = hex.EncodeToString(marshal(msg))
	return v
}

func main() {
	write("json.json", messages())
	write("read.json", readings())
	write("unknown.json", unknowns())
	write("signers.json", signersOf())
}

func registryCodec() *codec.ProtoCodec { return codec.NewProtoCodec(registry) }
