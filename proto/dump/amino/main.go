// Command amino writes proto/vectors/amino_binary.json: what the Cosmos SDK v0.50 itself makes of transactions in amino's binary form,
// to hold proto/src/amino/binary against. Run `go run ./amino` in proto/dump; the output is deterministic.
//
//	types    the types that have a name in the legacy amino codec of simd and of ibc-go's transfers
//	structs  what amino sees of them and of all that they hold, field by field
//	encode   amino JSON that TxEncodeAmino turns into bytes, or refuses
//	decode   bytes that TxDecodeAmino turns into amino JSON, or refuses
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	evidencetypes "cosmossdk.io/x/evidence/types"
	"cosmossdk.io/x/feegrant"
	upgradetypes "cosmossdk.io/x/upgrade/types"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	"github.com/cosmos/cosmos-sdk/x/auth/migrations/legacytx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	"github.com/cosmos/cosmos-sdk/x/params/types/proposal"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	transfertypes "github.com/cosmos/ibc-go/v8/modules/apps/transfer/types"
)

const output = "../vectors/amino_binary.json"

// A vector goes one way: from Given, which is JSON or hexadecimal, to Made.
type vector struct {
	Note    string `json:"note"`
	Given   string `json:"given"`
	Made    string `json:"made,omitempty"`
	Refused string `json:"refused,omitempty"`
}

type vectors struct {
	Types   []named             `json:"types"`
	Structs map[string][]member `json:"structs"`
	Encode  []vector            `json:"encode"`
	Decode  []vector            `json:"decode"`
}

var cdc = newCodec()

func newCodec() *codec.LegacyAmino {
	// No stack traces of what is refused.
	codectypes.Debug = false
	cdc := codec.NewLegacyAmino()
	std.RegisterLegacyAminoCodec(cdc)
	authtypes.RegisterLegacyAminoCodec(cdc)
	vestingtypes.RegisterLegacyAminoCodec(cdc)
	authz.RegisterLegacyAminoCodec(cdc)
	banktypes.RegisterLegacyAminoCodec(cdc)
	consensustypes.RegisterLegacyAminoCodec(cdc)
	distrtypes.RegisterLegacyAminoCodec(cdc)
	evidencetypes.RegisterLegacyAminoCodec(cdc)
	feegrant.RegisterLegacyAminoCodec(cdc)
	govv1beta1.RegisterLegacyAminoCodec(cdc)
	govv1.RegisterLegacyAminoCodec(cdc)
	minttypes.RegisterLegacyAminoCodec(cdc)
	proposal.RegisterLegacyAminoCodec(cdc)
	slashingtypes.RegisterLegacyAminoCodec(cdc)
	stakingtypes.RegisterLegacyAminoCodec(cdc)
	upgradetypes.RegisterLegacyAminoCodec(cdc)
	transfertypes.RegisterLegacyAminoCodec(cdc)
	return cdc
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "amino:", err)
		os.Exit(1)
	}
}

// caught turns a panic, which a node's gRPC server answers with an error too, into an error.
func caught(do func() (string, error)) (made string, err error) {
	defer func() {
		if why := recover(); why != nil {
			err = fmt.Errorf("panic: %v", why)
		}
	}()
	return do()
}

// encode does what TxEncodeAmino does.
func encode(text string) (string, error) {
	return caught(func() (string, error) {
		var tx legacytx.StdTx
		if err := cdc.UnmarshalJSON([]byte(text), &tx); err != nil {
			return "", err
		}
		bz, err := cdc.Marshal(tx)
		return hex.EncodeToString(bz), err
	})
}

// decode does what TxDecodeAmino does.
func decode(bz string) (string, error) {
	return caught(func() (string, error) {
		given, err := hex.DecodeString(bz)
		check(err)
		var tx legacytx.StdTx
		if err := cdc.Unmarshal(given, &tx); err != nil {
			return "", err
		}
		text, err := cdc.MarshalJSON(tx)
		return string(text), err
	})
}

func tried(note, given string, by func(string) (string, error)) vector {
	made, err := by(given)
	if err != nil {
		// The first line, without addresses in memory.
		why := strings.SplitN(err.Error(), "\n", 2)[0]
		if len(why) > 160 {
			why = why[:160]
		}
		return vector{Note: note, Given: given, Refused: strings.SplitN(why, "(0x", 2)[0]}
	}
	return vector{Note: note, Given: given, Made: made}
}

func (all *vectors) encodes(note, text string) {
	v := tried(note, text, encode)
	all.Encode = append(all.Encode, v)
	if v.Refused == "" {
		all.decodes(note, v.Made)
	}
}

func (all *vectors) decodes(note, bz string) {
	all.Decode = append(all.Decode, tried(note, bz, decode))
}

// goes puts a transaction through both directions, from the JSON that a Go client writes.
func (all *vectors) goes(note string, tx legacytx.StdTx) {
	text, err := caught(func() (string, error) {
		bz, err := cdc.MarshalJSON(tx)
		return string(bz), err
	})
	if err != nil {
		check(fmt.Errorf("%s: %w", note, err))
	}
	all.encodes(note, text)
}

func main() {
	all := &vectors{Structs: map[string][]member{}}
	all.types()
	all.cases()
	all.everyMessage()
	all.odd()
	file, err := os.Create(output)
	check(err)
	enc := json.NewEncoder(file)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	check(enc.Encode(all))
	check(file.Close())
	fmt.Println(len(all.Types), "types,", len(all.Structs), "structs,", len(all.Encode), "encoded,", len(all.Decode), "decoded")
}
