package main

import (
	"encoding/hex"
	"strings"
	"time"

	"cosmossdk.io/math"
	cmtabci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/codec/unknownproto"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	sdktx "github.com/cosmos/cosmos-sdk/types/tx"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/gogoproto/proto"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
	ibctm "github.com/cosmos/ibc-go/v8/modules/light-clients/07-tendermint"
	ics23 "github.com/cosmos/ics23/go"
	"google.golang.org/protobuf/encoding/protowire"
)

var (
	alice    = bech("open", "a")
	bob      = bech("open", "b")
	operator = bech("openvaloper", "a")
	when     = time.Date(2026, 11, 21, 3, 4, 5, 120_000_000, time.UTC)
)

func bech(prefix, letter string) string {
	text, err := address.NewBech32Codec(prefix).BytesToString([]byte(strings.Repeat(letter, 20)))
	check(err)
	return text
}

func pack(msg proto.Message) *codectypes.Any {
	any, err := codectypes.NewAnyWithValue(msg)
	check(err)
	return any
}

func coins(amount int64) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin("aopen", amount)) }

func send() *banktypes.MsgSend {
	return &banktypes.MsgSend{FromAddress: alice, ToAddress: bob, Amount: coins(1_000_000)}
}

func key() *secp256k1.PubKey { return &secp256k1.PubKey{Key: []byte(strings.Repeat("\x02", 33))} }

func transaction() *sdktx.Tx {
	return &sdktx.Tx{
		Body: &sdktx.TxBody{Messages: []*codectypes.Any{pack(send())}, Memo: "a \"memo\" & more", TimeoutHeight: 7},
		AuthInfo: &sdktx.AuthInfo{
			SignerInfos: []*sdktx.SignerInfo{{
				PublicKey: pack(key()),
				ModeInfo:  &sdktx.ModeInfo{Sum: &sdktx.ModeInfo_Single_{Single: &sdktx.ModeInfo_Single{Mode: signingtypes.SignMode_SIGN_MODE_DIRECT}}},
				Sequence:  1<<63 + 1,
			}},
			Fee: &sdktx.Fee{Amount: coins(5), GasLimit: 200_000},
		},
		Signatures: [][]byte{{1, 2, 3}, {}},
	}
}

func account() *authtypes.BaseAccount {
	return &authtypes.BaseAccount{Address: alice, PubKey: pack(key()), AccountNumber: 3, Sequence: 9}
}

func validator() *stakingtypes.Validator {
	return &stakingtypes.Validator{
		OperatorAddress: operator,
		ConsensusPubkey: pack(&ed25519.PubKey{Key: []byte(strings.Repeat("k", 32))}),
		Status:          stakingtypes.Bonded,
		Tokens:          math.NewIntWithDecimal(1, 30),
		DelegatorShares: math.LegacyMustNewDecFromStr("1000000.000000000000000001"),
		Description:     stakingtypes.Description{Moniker: "ä <node>"},
		UnbondingTime:   when,
		Commission: stakingtypes.Commission{
			CommissionRates: stakingtypes.NewCommissionRates(math.LegacyNewDecWithPrec(5, 2), math.LegacyOneDec(), math.LegacySmallestDec()),
			UpdateTime:      when.Add(123 * time.Nanosecond),
		},
		MinSelfDelegation: math.OneInt(),
	}
}

func messages() []vector {
	params := stakingtypes.DefaultParams()
	quorum := govv1.DefaultParams()
	short := 1500 * time.Millisecond
	quorum.VotingPeriod = &short
	vesting, err := vestingtypes.NewContinuousVestingAccount(
		authtypes.NewBaseAccountWithAddress(sdk.AccAddress(strings.Repeat("a", 20))), coins(10), 1, 2)
	check(err)
	slashing := slashingtypes.DefaultParams()
	return []vector{
		printed("a transaction with a MsgSend", transaction()),
		printed("a transaction without its parts", &sdktx.Tx{}),
		printed("an account in an Any", &authtypes.QueryAccountResponse{Account: pack(account())}),
		printed("an account without a key", authtypes.NewBaseAccountWithAddress(sdk.AccAddress(strings.Repeat("b", 20)))),
		printed("an embedded account", vesting),
		printed("a validator with decimals", validator()),
		printed("an empty validator: decimals and times that are never absent", &stakingtypes.Validator{}),
		printed("parameters with a duration", &params),
		printed("parameters with decimals as text and optional durations", &quorum),
		printed("bytes of decimals that are not a customtype", &slashing),
		printed("a send of nothing", &banktypes.MsgSend{}),
		printed("a negative amount", &sdk.IntProto{Int: math.NewInt(-12)}),
		printed("a negative decimal", &sdk.DecProto{Dec: math.LegacyMustNewDecFromStr("-0.5")}),
		printed("a page without next_key", &banktypes.QueryAllBalancesResponse{Balances: coins(1), Pagination: &query.PageResponse{Total: 1}}),
		printed("a page with next_key", &banktypes.QueryAllBalancesResponse{Pagination: &query.PageResponse{NextKey: []byte{0xff, 0xfe}}}),
		printed("a response of nothing", &banktypes.QueryAllBalancesResponse{}),
		printed("consensus parameters", &consensustypes.QueryParamsResponse{Params: &cmtproto.ConsensusParams{
			Block: &cmtproto.BlockParams{MaxBytes: 1 << 20, MaxGas: -1}, Evidence: &cmtproto.EvidenceParams{MaxAgeDuration: 48 * time.Hour}}}),
		printed("an enum without a name, and nested lists", &govv1.Vote{ProposalId: 1, Voter: alice, Options: []*govv1.WeightedVoteOption{
			{Option: govv1.OptionYes, Weight: "1.0"}, {Option: 77}}}),
		printed("a proposal of messages", &govv1.MsgSubmitProposal{Messages: []*codectypes.Any{pack(send())}, Proposer: alice}),
		printed("a light client's state", clientState()),
		printed("a block's events", &cmtabci.ExecTxResult{Code: 5, GasUsed: 3, Events: []cmtabci.Event{{Type: "t",
			Attributes: []cmtabci.EventAttribute{{Key: "k", Value: "v", Index: true}}}}}),
		printed("a packet", &channeltypes.Packet{Sequence: 1, Data: []byte("{}"), TimeoutHeight: clienttypes.NewHeight(1, 9)}),
		printed("a header with times", &cmtproto.Header{ChainID: "c", Height: 4, Time: when, AppHash: []byte{1}}),
	}
}

func clientState() *clienttypes.IdentifiedClientState {
	state := ibctm.NewClientState("chain-1", ibctm.DefaultTrustLevel, time.Hour, 2*time.Hour, 10*time.Second,
		clienttypes.NewHeight(1, 5), []*ics23.ProofSpec{ics23.IavlSpec}, []string{"upgrade"})
	id := clienttypes.NewIdentifiedClientState("07-tendermint-0", state)
	return &id
}

func readings() []vector {
	msgSend := func() proto.Message { return &banktypes.MsgSend{} }
	return []vector{
		read("snake case", `{"from_address":"a","to_address":"b","amount":[{"denom":"x","amount":"1"}]}`, msgSend()),
		read("camel case", `{"fromAddress":"a","toAddress":"b"}`, msgSend()),
		read("null", `{"from_address":"a","amount":null}`, msgSend()),
		read("an amount left out is zero", `{"amount":[{"denom":"x"}]}`, msgSend()),
		read("an unknown field", `{"from_adress":"a"}`, msgSend()),
		read("an unknown nested field", `{"amount":[{"denom":"x","amont":"1"}]}`, msgSend()),
		read("a number for text", `{"from_address":1}`, msgSend()),
		read("an amount as a number", `{"amount":[{"denom":"x","amount":1}]}`, msgSend()),
		read("an amount over 256 bits", `{"amount":[{"denom":"x","amount":"`+strings.Repeat("9", 78)+`"}]}`, msgSend()),
		read("64 bits as text and as a number", `{"account_number":"18446744073709551615","sequence":5}`, &authtypes.BaseAccount{}),
		read("64 bits overflow", `{"sequence":"18446744073709551616"}`, &authtypes.BaseAccount{}),
		read("a negative unsigned number", `{"sequence":"-1"}`, &authtypes.BaseAccount{}),
		read("a fraction for an integer", `{"sequence":1.5}`, &authtypes.BaseAccount{}),
		read("durations with units", `{"unbonding_time":"1h30m0.5s","max_validators":"100","min_commission_rate":"0.05"}`, &stakingtypes.Params{}),
		read("a bad duration", `{"unbonding_time":"15"}`, &stakingtypes.Params{}),
		read("19 decimal places", `{"min_commission_rate":"0.0000000000000000001"}`, &stakingtypes.Params{}),
		read("a decimal that ends in a point", `{"min_commission_rate":"1."}`, &stakingtypes.Params{}),
		read("a negative decimal", `{"min_commission_rate":"-1.25"}`, &stakingtypes.Params{}),
		read("an enum by name", `{"option":"VOTE_OPTION_YES"}`, &govv1.MsgVote{}),
		read("an enum by number", `{"option":3,"proposal_id":"1"}`, &govv1.MsgVote{}),
		read("an unknown enum name", `{"option":"VOTE_OPTION_MAYBE"}`, &govv1.MsgVote{}),
		read("an Any", `{"messages":[{"@type":"/cosmos.bank.v1beta1.MsgSend","from_address":"a"}]}`, &sdktx.TxBody{}),
		read("an Any without a type", `{"messages":[{"from_address":"a"}]}`, &sdktx.TxBody{}),
		read("an Any of an unknown type", `{"messages":[{"@type":"/no.such.Type"}]}`, &sdktx.TxBody{}),
		read("an unknown field in an Any", `{"messages":[{"@type":"/cosmos.bank.v1beta1.MsgSend","x":1}]}`, &sdktx.TxBody{}),
		read("a oneof", `{"single":{"mode":"SIGN_MODE_DIRECT"}}`, &sdktx.ModeInfo{}),
		read("base64", `{"signatures":["AQID",""]}`, &sdktx.Tx{}),
		read("bad base64", `{"signatures":["A?"]}`, &sdktx.Tx{}),
		read("a time with an offset", `{"time":"2026-11-21T05:04:05.5+02:00"}`, &cmtproto.Header{}),
		read("a bad time", `{"time":"2026-13-21T05:04:05Z"}`, &cmtproto.Header{}),
		read("a list for an object", `[]`, msgSend()),
		read("an object for a list", `{"amount":{}}`, msgSend()),
	}
}

func unknown(note string, msg proto.Message, bz []byte) vector {
	v := vector{Note: note, Type: proto.MessageName(msg), Hex: hex.EncodeToString(bz)}
	judge := func(allow bool) *outcome {
		found, err := unknownproto.RejectUnknownFields(bz, msg, allow, registry)
		o := &outcome{OK: err == nil, Found: found}
		if err != nil {
			o.Error = err.Error()
		}
		return o
	}
	v.Strict, v.NonCritical = judge(false), judge(true)
	return v
}

func with(bz []byte, number protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(append([]byte{}, bz...), number, protowire.BytesType), value)
}

func unknowns() []vector {
	tx := transaction()
	body, auth := marshal(tx.Body), marshal(tx.AuthInfo)
	inAny := func(bz []byte) []byte {
		return marshal(&sdktx.TxBody{Messages: []*codectypes.Any{{TypeUrl: "/cosmos.bank.v1beta1.MsgSend", Value: bz}}})
	}
	group := protowire.AppendTag(protowire.AppendTag(nil, 1024, protowire.StartGroupType), 1024, protowire.EndGroupType)
	varint := func(number protowire.Number) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), 1)
	}
	return []vector{
		unknown("a plain body", &sdktx.TxBody{}, body),
		unknown("a plain auth info", &sdktx.AuthInfo{}, auth),
		unknown("nothing", &sdktx.TxBody{}, nil),
		unknown("a critical field", &sdktx.TxBody{}, with(body, 4, "x")),
		unknown("a non-critical field", &sdktx.TxBody{}, with(body, 1024, "x")),
		unknown("the last non-critical number of the first range", &sdktx.TxBody{}, with(body, 2046, "x")),
		unknown("the body's own extension options of no known type", &sdktx.TxBody{}, with(body, 2047, "\x0a\x02/x")),
		unknown("critical again past the first range", &sdktx.TxBody{}, with(body, 2048, "x")),
		unknown("a critical field in a nested Any", &sdktx.TxBody{}, inAny(with(marshal(send()), 9, "x"))),
		unknown("a non-critical field in a nested Any", &sdktx.TxBody{}, inAny(with(marshal(send()), 1031, "x"))),
		unknown("an extra field in an Any itself", &sdktx.TxBody{}, with(nil, 1, string(with(marshal(pack(send())), 3, "x")))),
		unknown("an Any of an unknown type", &sdktx.TxBody{}, marshal(&sdktx.TxBody{Messages: []*codectypes.Any{{TypeUrl: "/no.such.Type"}}})),
		unknown("an Any without a type", &sdktx.TxBody{}, with(nil, 1, "")),
		unknown("an Any whose type has no slash", &sdktx.TxBody{}, marshal(&sdktx.TxBody{Messages: []*codectypes.Any{{TypeUrl: "cosmos.bank.v1beta1.MsgSend"}}})),
		unknown("a number where text belongs", &sdktx.TxBody{}, varint(2)),
		unknown("text where a number belongs passes, as if packed", &sdktx.TxBody{}, with(nil, 3, "\x01")),
		unknown("text cut short", &sdktx.TxBody{}, []byte{0x12, 5, 'a'}),
		unknown("a tag cut short", &sdktx.TxBody{}, []byte{0x80}),
		unknown("field number zero", &sdktx.TxBody{}, []byte{0x02, 0x00}),
		unknown("a reserved wire type", &sdktx.TxBody{}, []byte{0x16, 0x00}),
		unknown("an empty group that is not critical", &sdktx.TxBody{}, group),
		unknown("a group that doesn't end", &sdktx.TxBody{}, group[:2]),
		unknown("the end of a group that didn't start", &sdktx.TxBody{}, protowire.AppendTag(nil, 1024, protowire.EndGroupType)),
		unknown("a varint of ten bytes", &sdktx.TxBody{}, append([]byte{0x18}, []byte(strings.Repeat("\xff", 9)+"\x01")...)),
		unknown("a varint over 64 bits", &sdktx.TxBody{}, append([]byte{0x18}, []byte(strings.Repeat("\xff", 9)+"\x02")...)),
		unknown("a raw transaction with a fourth field", &sdktx.TxRaw{}, with(marshal(&sdktx.TxRaw{BodyBytes: body}), 4, "x")),
		unknown("a nested message's unknown field", &sdktx.AuthInfo{}, with(nil, 2, string(with(nil, 5, "x")))),
		unknown("the last critical number of the first range", &sdktx.TxBody{}, with(body, 1022, "x")),
		unknown("the last critical number of the second range", &sdktx.TxBody{}, with(body, 3071, "x")),
		unknown("non-critical again in the second range", &sdktx.TxBody{}, with(body, 3072, "x")),
		unknown("the greatest number", &sdktx.TxBody{}, with(body, 1<<29-1, "x")),
		unknown("an unordered transaction of the SDK's successors", &sdktx.TxBody{}, append(append([]byte{}, body...), 0x20, 0x01)),
		unknown("a critical field two Anys deep", &sdktx.TxBody{}, twoDeep(with(marshal(send()), 9, "x"))),
		unknown("a non-critical field two Anys deep", &sdktx.TxBody{}, twoDeep(with(marshal(send()), 1031, "x"))),
		unknown("an Any of no known type two Anys deep", &sdktx.TxBody{}, inAny2(marshal(&authz.MsgExec{Msgs: []*codectypes.Any{{TypeUrl: "/no.such.Type"}}}))),
		unknown("a critical field in a coin of a message in an Any", &sdktx.TxBody{}, inAny(with(nil, 3, string(with(nil, 3, "x"))))),
		unknown("a non-critical field in a coin of a message in an Any", &sdktx.TxBody{}, inAny(with(nil, 3, string(with(nil, 1030, "x"))))),
		unknown("two Anys in one field, the second without a type", &sdktx.AuthInfo{}, with(nil, 1, string(append(with(nil, 1, string(marshal(pack(key())))), with(nil, 1, string(with(nil, 2, "x")))...)))),
		unknown("a field that a key does not have", &sdktx.AuthInfo{}, inKey(with(marshal(key()), 2, "x"))),
		unknown("a non-critical field in a key", &sdktx.AuthInfo{}, inKey(with(marshal(key()), 1024, "x"))),
		unknown("a field in a multisig's key", &sdktx.AuthInfo{}, inMultisig(with(marshal(key()), 2, "x"))),
		unknown("a multisig's key that is none", &sdktx.AuthInfo{}, inMultisig([]byte{0x0a})),
		unknown("a field in a mode of a mode", &sdktx.AuthInfo{}, inMode(with(nil, 3, "x"))),
		unknown("a non-critical field in a mode of a mode", &sdktx.AuthInfo{}, inMode(with(nil, 1024, "x"))),
	}
}

func inAny2(bz []byte) []byte {
	return marshal(&sdktx.TxBody{Messages: []*codectypes.Any{{TypeUrl: "/cosmos.authz.v1beta1.MsgExec", Value: bz}}})
}

func twoDeep(bz []byte) []byte {
	inner := &codectypes.Any{TypeUrl: "/cosmos.bank.v1beta1.MsgSend", Value: bz}
	return inAny2(marshal(&authz.MsgExec{Grantee: alice, Msgs: []*codectypes.Any{inner}}))
}

func inKey(bz []byte) []byte {
	info := &sdktx.SignerInfo{PublicKey: &codectypes.Any{TypeUrl: "/cosmos.crypto.secp256k1.PubKey", Value: bz}}
	return marshal(&sdktx.AuthInfo{SignerInfos: []*sdktx.SignerInfo{info}})
}

func inMultisig(bz []byte) []byte {
	part := &codectypes.Any{TypeUrl: "/cosmos.crypto.secp256k1.PubKey", Value: bz}
	whole := &multisig.LegacyAminoPubKey{Threshold: 1, PubKeys: []*codectypes.Any{part}}
	return marshal(&sdktx.AuthInfo{SignerInfos: []*sdktx.SignerInfo{{PublicKey: pack(whole)}}})
}

// inMode nests the bytes of a mode in the list of a multisig's modes.
func inMode(bz []byte) []byte {
	mode := with(nil, 2, string(with(nil, 2, string(bz))))
	return with(nil, 1, string(with(nil, 2, string(mode))))
}

func signed(note string, msg proto.Message) vector {
	bz := marshal(msg)
	signers, _, err := registryCodec().GetMsgAnySigners(pack(msg))
	v := vector{Note: note, Type: proto.MessageName(msg), Hex: hex.EncodeToString(bz), Refused: err != nil}
	accounts, validators := address.NewBech32Codec("open"), address.NewBech32Codec("openvaloper")
	for _, signer := range signers {
		codec := accounts
		if proto.MessageName(msg) == "cosmos.staking.v1beta1.MsgCreateValidator" {
			codec = validators
		}
		text, err := codec.BytesToString(signer)
		check(err)
		v.Signers = append(v.Signers, text)
	}
	return v
}

func signersOf() []vector {
	return []vector{
		signed("one", send()),
		signed("nested in a list", &banktypes.MsgMultiSend{Inputs: []banktypes.Input{{Address: alice}, {Address: bob}, {Address: alice}}}),
		signed("none in an empty list", &banktypes.MsgMultiSend{}),
		signed("a validator", &stakingtypes.MsgCreateValidator{ValidatorAddress: operator, Pubkey: pack(key()),
			Value: sdk.NewInt64Coin("aopen", 1), MinSelfDelegation: math.OneInt()}),
		signed("absent", &banktypes.MsgSend{}),
		signed("an authority", &consensustypes.MsgUpdateParams{Authority: alice}),
		signed("a message without signers", &banktypes.QueryBalanceRequest{Address: alice}),
	}
}
