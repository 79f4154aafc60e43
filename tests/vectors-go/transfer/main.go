// Prints what ibc-go makes of denominations, packets, acknowledgements and escrow addresses.
//
// A module of its own, since the SDK that ibc-go asks for is not that of the other vectors.
//
// Regenerate: cd tests/vectors-go/transfer && go run . > ../../../modules/transfer/tests/vectors/ics20.json
package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/ibc-go/v8/modules/apps/transfer/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

type denom struct {
	Full  string `json:"full"`
	Path  string `json:"path"`
	Base  string `json:"base"`
	Hash  string `json:"hash"`
	Denom string `json:"denom"`
	Trace string `json:"trace"`
	Valid bool   `json:"valid"`
}

type packet struct {
	Denom    string `json:"denom"`
	Amount   string `json:"amount"`
	Sender   string `json:"sender"`
	Receiver string `json:"receiver"`
	Memo     string `json:"memo"`
	Bytes    string `json:"bytes"`
	Valid    bool   `json:"valid"`
}

type read struct {
	Bytes string `json:"bytes"`
	Read  bool   `json:"read"`
}

type ack struct {
	Bytes string `json:"bytes"`
	Text  string `json:"text"`
}

type escrow struct {
	Port    string `json:"port"`
	Channel string `json:"channel"`
	Address string `json:"address"`
}

type vectors struct {
	Denoms  []denom  `json:"denoms"`
	Packets []packet `json:"packets"`
	Reads   []read   `json:"reads"`
	Acks    []ack    `json:"acks"`
	Escrows []escrow `json:"escrows"`
	Total   string   `json:"total"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var out vectors
	for _, full := range []string{
		"uatom", "gamm/pool/1", "transfer/channel-0/uatom", "transfer/channel-0/gamm/pool/1",
		"transfer/channel-0", "transfer/channel-0/", "transfer/channel-0/transfer/channel-1/uatom",
		"transfer/channel-0/transfer/channel-1", "custom-port/channel-18446744073709551615/x",
		"transfer/channel-18446744073709551616/x", "transfer/channel-x/uatom", "transfer/channel-007/uatom",
		"factory/cosmos1abc/sub/denom", "transfer/channel-0/factory/cosmos1abc/channel-1/denom", "",
		"/channel-0/uatom", "a/channel-0/uatom", "transfer/channel-0/ ", "transfer//channel-0/uatom",
		"transfer/channel-0/erc20:0xAbCd", "transfer/channel-000000000000000000001/x",
	} {
		trace := types.ParseDenomTrace(full)
		bz, err := trace.Marshal()
		check(err)
		out.Denoms = append(out.Denoms, denom{
			full, trace.Path, trace.BaseDenom, trace.Hash().String(), trace.IBCDenom(), hex.EncodeToString(bz),
			types.ValidatePrefixedDenom(full) == nil,
		})
	}
	for _, data := range []types.FungibleTokenPacketData{
		types.NewFungibleTokenPacketData("uatom", "1", "a", "b", ""),
		types.NewFungibleTokenPacketData("transfer/channel-0/gamm/pool/1", math.NewIntFromUint64(1).String(), "cosmos1x", "open1y", "{\"a\":\"<b>&c\"}"),
		types.NewFungibleTokenPacketData("uatom", "115792089237316195423570985008687907853269984665640564039457584007913129639935", "a", "b", "line\nfeed\ttab\r\b\f\x01\x1f\x7f \u2028\u2029 é 漢 😀 \\ / \""),
		types.NewFungibleTokenPacketData("uatom", "115792089237316195423570985008687907853269984665640564039457584007913129639936", "a", "b", ""),
		types.NewFungibleTokenPacketData("uatom", "0", "a", "b", ""),
		types.NewFungibleTokenPacketData("uatom", "-1", "a", "b", ""),
		types.NewFungibleTokenPacketData("uatom", "", "a", "b", ""),
		types.NewFungibleTokenPacketData("uatom", "1", " ", "b", ""),
		types.NewFungibleTokenPacketData("uatom", "1", "a", "\t", ""),
		types.NewFungibleTokenPacketData("", "1", "a", "b", ""),
	} {
		out.Packets = append(out.Packets, packet{
			data.Denom, data.Amount, data.Sender, data.Receiver, data.Memo, string(data.GetBytes()), data.ValidateBasic() == nil,
		})
	}
	for _, bz := range []string{
		`{}`, `{"denom":"a","amount":"1","sender":"s","receiver":"r"}`, `{"denom":"a","other":"1"}`, `{"denom":1}`,
		`{"denom":null}`, ``, `null`, `[]`, `"x"`, ` {"denom" : "a" } `, `{"denom":"a",}`, `{"memo":{"forward":1}}`,
	} {
		var data types.FungibleTokenPacketData
		out.Reads = append(out.Reads, read{bz, types.ModuleCdc.UnmarshalJSON([]byte(bz), &data) == nil})
	}
	plain := channeltypes.NewErrorAcknowledgement(errors.New("plain"))
	disabled := channeltypes.NewErrorAcknowledgement(errorsmod.Wrap(types.ErrReceiveDisabled, "why"))
	result := channeltypes.NewResultAcknowledgement([]byte{1})
	odd := channeltypes.NewResultAcknowledgement([]byte("\x00\"\\\n\t\r~\x7f\xff"))
	for _, a := range []channeltypes.Acknowledgement{result, plain, disabled, odd} {
		out.Acks = append(out.Acks, ack{string(a.Acknowledgement()), a.String()})
	}
	for _, e := range [][2]string{{"transfer", "channel-0"}, {"transfer", "channel-141"}, {"custom", "channel-4294967295"}} {
		out.Escrows = append(out.Escrows, escrow{e[0], e[1], hex.EncodeToString(types.GetEscrowAddress(e[0], e[1]))})
	}
	amount, _ := math.NewIntFromString("115792089237316195423570985008687907853269984665640564039457584007913129639935")
	total, err := (&sdk.IntProto{Int: amount}).Marshal()
	check(err)
	out.Total = hex.EncodeToString(total)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(out))
}
