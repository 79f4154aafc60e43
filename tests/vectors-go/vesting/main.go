// Writes what the SDK's vesting accounts (v0.50.9, x/auth/vesting/types) make of random schedules, to hold modules/auth/src/vesting
// against: each case is an account as protobuf, and at each of several times what has vested, is vesting and is locked, after
// delegations and undelegations that the account tracks.
//
// Regenerate: cd tests/vectors-go && go run ./vesting > ../../modules/auth/tests/vectors/vesting.json. The output is deterministic.
package main

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"math/rand"
	"os"
	"sort"
	"time"

	"cosmossdk.io/math"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting/exported"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
)

type step struct {
	Time         int64  `json:"time"`
	Delegate     string `json:"delegate,omitempty"` // tracked first, from Balance
	Balance      string `json:"balance,omitempty"`
	Undelegate   string `json:"undelegate,omitempty"` // tracked then
	Vested       string `json:"vested"`
	Vesting      string `json:"vesting"`
	Locked       string `json:"locked"`
	Free         string `json:"delegated_free"`
	DelegatedVes string `json:"delegated_vesting"`
}

type vector struct {
	TypeURL string `json:"type_url"`
	Account string `json:"account"`
	Steps   []step `json:"steps"`
}

func amount(r *rand.Rand, bits int) math.Int {
	limit := new(big.Int).Lsh(big.NewInt(1), uint(1+r.Intn(bits)))
	return math.NewIntFromBigInt(new(big.Int).Add(new(big.Int).Rand(r, limit), big.NewInt(1)))
}

func coins(r *rand.Rand) sdk.Coins {
	sum := sdk.NewCoins(sdk.NewCoin("aopen", amount(r, 150)))
	if r.Intn(3) == 0 {
		sum = sum.Add(sdk.NewCoin("uatom", amount(r, 60)))
	}
	return sum
}

// A part of each coin, at least 1.
func part(r *rand.Rand, of sdk.Coins) sdk.Coins {
	sum := sdk.NewCoins()
	for _, coin := range of {
		some := new(big.Int).Rand(r, coin.Amount.BigInt())
		sum = sum.Add(sdk.NewCoin(coin.Denom, math.NewIntFromBigInt(some.Add(some, big.NewInt(1)))))
	}
	return sum
}

func account(r *rand.Rand) (exported.VestingAccount, int64, int64) {
	base := authtypes.NewBaseAccountWithAddress(sdk.AccAddress(make([]byte, 20)))
	start := 1_700_000_000 + r.Int63n(1000)
	length := int64(1 + r.Intn(1<<uint(1+r.Intn(26))))
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	switch r.Intn(5) {
	case 0:
		a, err := types.NewDelayedVestingAccount(base, coins(r), start+length)
		must(err)
		return a, start, start + length
	case 1:
		a, err := types.NewPermanentLockedAccount(base, coins(r))
		must(err)
		return a, start, start + length
	case 2:
		var periods types.Periods
		sum, end := sdk.NewCoins(), start
		for i := 0; i < 1+r.Intn(6); i++ {
			p := types.Period{Length: int64(1 + r.Intn(1000)), Amount: coins(r)}
			periods, sum, end = append(periods, p), sum.Add(p.Amount...), end+p.Length
		}
		a, err := types.NewPeriodicVestingAccount(base, sum, start, periods)
		must(err)
		return a, start, end
	default:
		a, err := types.NewContinuousVestingAccount(base, coins(r), start, start+length)
		must(err)
		return a, start, start + length
	}
}

func main() {
	sdk.GetConfig().SetBech32PrefixForAccount("open", "openpub")
	r := rand.New(rand.NewSource(1))
	var vectors []vector
	for i := 0; i < 80; i++ {
		acc, start, end := account(r)
		encoded, err := proto.Marshal(acc.(proto.Message))
		if err != nil {
			panic(err)
		}
		v := vector{"/" + proto.MessageName(acc.(proto.Message)), base64.StdEncoding.EncodeToString(encoded), nil}
		times := []int64{start - 1, start, start + 1, end - 1, end, end + 1}
		for j := 0; j < 6; j++ {
			times = append(times, start+r.Int63n(end-start+1))
		}
		sort.Slice(times, func(a, b int) bool { return times[a] < times[b] })
		balance := acc.GetOriginalVesting().Add(coins(r)...)
		staked := sdk.NewCoins()
		for _, at := range times {
			now, s := time.Unix(at, 0), step{Time: at}
			if r.Intn(2) == 0 && !balance.IsZero() {
				some := part(r, balance)
				s.Balance, s.Delegate = balance.String(), some.String()
				acc.TrackDelegation(now, balance, some)
				balance, staked = balance.Sub(some...), staked.Add(some...)
			}
			if r.Intn(3) == 0 && !staked.IsZero() {
				some := part(r, staked)
				staked = staked.Sub(some...)
				if r.Intn(4) == 0 { // more comes back than was noted
					some = some.Add(sdk.NewCoin("aopen", math.NewInt(1)))
				}
				s.Undelegate = some.String()
				acc.TrackUndelegation(some)
				balance = balance.Add(some...)
			}
			s.Vested, s.Vesting, s.Locked = sdk.NewCoins(acc.GetVestedCoins(now)...).String(), acc.GetVestingCoins(now).String(), acc.LockedCoins(now).String()
			s.Free, s.DelegatedVes = acc.GetDelegatedFree().String(), acc.GetDelegatedVesting().String()
			v.Steps = append(v.Steps, s)
		}
		vectors = append(vectors, v)
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(vectors); err != nil {
		panic(err)
	}
}
