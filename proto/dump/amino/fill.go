package main

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"

	"cosmossdk.io/math"
	evidencetypes "cosmossdk.io/x/evidence/types"
	"cosmossdk.io/x/feegrant"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/migrations/legacytx"
	"github.com/cosmos/cosmos-sdk/x/authz"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	"github.com/cosmos/gogoproto/proto"
)

func hexed(bz []byte) string { return hex.EncodeToString(bz) }

// inAny is what stands in a field that is an Any.
var inAny = map[string]proto.Message{
	"Allowance":     &feegrant.BasicAllowance{SpendLimit: coins(3), Expiration: &when},
	"Authorization": &authz.GenericAuthorization{Msg: "/x"},
	"Content":       &govv1beta1.TextProposal{Title: "title", Description: "description"},
	"Evidence":      &evidencetypes.Equivocation{Height: 1, Time: when, Power: 2, ConsensusAddress: "c"},
	"Messages":      send(),
	"Msgs":          send(),
	"Pubkey":        keyEd,
}

// everyMessage is every message of the codec, as full as can be and empty.
func (all *vectors) everyMessage() {
	for _, info := range registered() {
		message, ok := reflect.New(info.Type).Interface().(sdk.Msg)
		if !ok || !strings.HasPrefix(info.Type.Name(), "Msg") {
			continue
		}
		all.encodes(info.Name+", empty", `{"type":"cosmos-sdk/StdTx","value":{"msg":[{"type":"`+info.Name+`","value":{}}]}}`)
		count := 0
		fill(reflect.ValueOf(message).Elem(), "", &count)
		all.goes(info.Name+", full", legacytx.StdTx{Msgs: []sdk.Msg{message}})
	}
}

func fill(v reflect.Value, name string, count *int) {
	*count++
	switch v.Interface().(type) {
	case math.Int:
		v.Set(reflect.ValueOf(math.NewInt(int64(*count) * 1_000_000_007)))
		return
	case math.LegacyDec:
		v.Set(reflect.ValueOf(math.LegacyNewDecWithPrec(int64(*count), 3)))
		return
	case time.Time:
		v.Set(reflect.ValueOf(when.Add(time.Duration(*count) * time.Microsecond)))
		return
	case *codectypes.Any:
		if name == "UpgradedClientState" {
			// Deprecated, and not one that the SDK opens.
			v.SetZero()
			return
		}
		held, ok := inAny[name]
		if !ok {
			check(fmt.Errorf("what stands in %s?", name))
		}
		v.Set(reflect.ValueOf(pack(held)))
		return
	case sdk.Coins:
		v.Set(reflect.ValueOf(sdk.Coins{sdk.NewInt64Coin("aopen", int64(*count)), sdk.NewInt64Coin("uatom", 2)}))
		return
	}
	switch v.Kind() {
	case reflect.Ptr:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, count)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), v.Type().Field(i).Name, count)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{byte(*count), 0, 255})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), name, count)
		fill(v.Index(1), name, count)
	case reflect.String:
		v.SetString(fmt.Sprintf("%s <%d>", name, *count))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*count) * 131)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*count) * 131)
	default:
		check(fmt.Errorf("what stands in %s, which is a %v?", name, v.Type()))
	}
}
