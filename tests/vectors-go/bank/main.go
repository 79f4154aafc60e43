// Prints a bank store as the Cosmos SDK lays it out: what was set, then every key and value in hexadecimal, in order of keys.
//
// Regenerate: cd tests/vectors-go && go run ./bank > ../../modules/bank/tests/vectors/store.json
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"

	"cosmossdk.io/collections"
	"cosmossdk.io/log"
	"cosmossdk.io/math"
	storetypes "cosmossdk.io/store/types"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/bank/keeper"
	"github.com/cosmos/cosmos-sdk/x/bank/types"
)

type balance struct {
	Address string `json:"address"`
	Denom   string `json:"denom"`
	Amount  string `json:"amount"`
}

type supply struct {
	Denom  string `json:"denom"`
	Amount string `json:"amount"`
}

type vectors struct {
	Balances []balance   `json:"balances"`
	Supply   []supply    `json:"supply"`
	Enabled  []string    `json:"send_enabled"`
	Store    [][2]string `json:"store"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	k := keeper.NewBaseViewKeeper(cdc, runtime.NewKVStoreService(key), nil, log.NewNopLogger())

	short := bytes.Repeat([]byte{0xAB}, 20)
	long := bytes.Repeat([]byte{0xCD}, 32)
	largest := "115792089237316195423570985008687907853269984665640564039457584007913129639935"
	out := vectors{
		Balances: []balance{
			{hex.EncodeToString(short), "aopen", "1"},
			{hex.EncodeToString(short), "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", "1000000000000000000000000000"},
			{hex.EncodeToString(long), "aopen", largest},
			{"01", "aopen", "99999999999999999999999999999999999999"},
			{"02", "aopen", "100000000000000000000000000000000000000"},
		},
		Supply:  []supply{{"aopen", largest}, {"uatom", "7"}},
		Enabled: []string{"aopen"},
	}
	for _, b := range out.Balances {
		address, err := hex.DecodeString(b.Address)
		check(err)
		amount, ok := math.NewIntFromString(b.Amount)
		if !ok {
			panic(b.Amount)
		}
		check(k.Balances.Set(ctx, collections.Join(sdk.AccAddress(address), b.Denom), amount))
	}
	for _, s := range out.Supply {
		amount, ok := math.NewIntFromString(s.Amount)
		if !ok {
			panic(s.Amount)
		}
		check(k.Supply.Set(ctx, s.Denom, amount))
	}
	for _, denom := range out.Enabled {
		check(k.SendEnabled.Set(ctx, denom, true))
	}
	check(k.Params.Set(ctx, types.NewParams(true)))
	check(k.DenomMetadata.Set(ctx, "aopen", types.Metadata{
		Base: "aopen", Display: "open", Name: "OpenLedger", Symbol: "OPEN",
		DenomUnits: []*types.DenomUnit{{Denom: "aopen"}, {Denom: "open", Exponent: 18}},
	}))

	iterator := ctx.KVStore(key).Iterator(nil, nil)
	defer iterator.Close()
	for ; iterator.Valid(); iterator.Next() {
		out.Store = append(out.Store, [2]string{hex.EncodeToString(iterator.Key()), hex.EncodeToString(iterator.Value())})
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(out))
}
