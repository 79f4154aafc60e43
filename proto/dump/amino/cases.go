package main

import (
	"bytes"
	"strings"
	"time"

	"cosmossdk.io/math"
	evidencetypes "cosmossdk.io/x/evidence/types"
	"cosmossdk.io/x/feegrant"
	upgradetypes "cosmossdk.io/x/upgrade/types"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/migrations/legacytx"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	"github.com/cosmos/cosmos-sdk/x/params/types/proposal"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/gogoproto/proto"
)

const (
	alice     = "open1vyv5w4yp2x2v2p8s5kw2xq4g4yd0e8p5qyx0aa"
	bob       = "open1ve5e5h3u3d0q5cux3zj9rl4x0hs0l2ye2j5wbb"
	validator = "openvaloper1vyv5w4yp2x2v2p8s5kw2xq4g4yd0e8p5qyx0cc"
)

var (
	when  = time.Date(2026, 11, 21, 3, 4, 5, 120_000_000, time.UTC)
	keyA  = &secp256k1.PubKey{Key: append([]byte{2}, bytes.Repeat([]byte{0x11}, 32)...)}
	keyB  = &secp256k1.PubKey{Key: append([]byte{3}, bytes.Repeat([]byte{0x22}, 32)...)}
	keyEd = &ed25519.PubKey{Key: bytes.Repeat([]byte{0x33}, 32)}
	both  = multisig.NewLegacyAminoPubKey(2, []cryptotypes.PubKey{keyA, keyB, keyEd})
)

func coins(amount int64) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin("aopen", amount)) }

func send() *banktypes.MsgSend {
	return &banktypes.MsgSend{FromAddress: alice, ToAddress: bob, Amount: coins(1_000_000)}
}

func pack(message proto.Message) *codectypes.Any {
	any, err := codectypes.NewAnyWithValue(message)
	check(err)
	return any
}

func with(key cryptotypes.PubKey, messages ...sdk.Msg) legacytx.StdTx {
	signature := legacytx.NewStdSignature(key, bytes.Repeat([]byte{0x5a}, 64))
	fee := legacytx.NewStdFee(200_000, coins(500))
	return legacytx.NewStdTx(messages, fee, []legacytx.StdSignature{signature}, "")
}

func grant(authorization authz.Authorization, until *time.Time) *authz.MsgGrant {
	message, err := authz.NewMsgGrant(sdk.AccAddress{1}, sdk.AccAddress{2}, authorization, until)
	check(err)
	message.Granter, message.Grantee = alice, bob
	return message
}

func allow(allowance feegrant.FeeAllowanceI) *feegrant.MsgGrantAllowance {
	return &feegrant.MsgGrantAllowance{Granter: alice, Grantee: bob, Allowance: pack(allowance.(proto.Message))}
}

func exec(messages ...proto.Message) *authz.MsgExec {
	exec := &authz.MsgExec{Grantee: bob}
	for _, message := range messages {
		exec.Msgs = append(exec.Msgs, pack(message))
	}
	return exec
}

func propose(content govv1beta1.Content) *govv1beta1.MsgSubmitProposal {
	message, err := govv1beta1.NewMsgSubmitProposal(content, coins(10), sdk.AccAddress{1})
	check(err)
	message.Proposer = alice
	return message
}

func stakeOnly(allow, deny *stakingtypes.StakeAuthorization_Validators) *stakingtypes.StakeAuthorization {
	coin := sdk.NewInt64Coin("aopen", 7)
	one := &stakingtypes.StakeAuthorization{MaxTokens: &coin, AuthorizationType: stakingtypes.AuthorizationType_AUTHORIZATION_TYPE_DELEGATE}
	if allow != nil {
		one.Validators = &stakingtypes.StakeAuthorization_AllowList{AllowList: allow}
	}
	if deny != nil {
		one.Validators = &stakingtypes.StakeAuthorization_DenyList{DenyList: deny}
	}
	return one
}

// cases are transactions as people send them.
func (all *vectors) cases() {
	all.goes("a payment", with(keyA, send()))
	all.goes("nothing at all", legacytx.StdTx{})
	all.goes("two messages, two signers", func() legacytx.StdTx {
		tx := with(keyA, send(), &banktypes.MsgMultiSend{
			Inputs:  []banktypes.Input{{Address: alice, Coins: coins(3)}},
			Outputs: []banktypes.Output{{Address: bob, Coins: coins(1)}, {Address: alice, Coins: coins(2)}},
		})
		tx.Signatures = append(tx.Signatures, legacytx.NewStdSignature(keyB, nil))
		return tx
	}())
	all.goes("every field of the transaction", func() legacytx.StdTx {
		tx := with(keyA, send())
		tx.Memo, tx.TimeoutHeight = "<b>memo</b> & \"quotes\" \\ é \u2028 \n 日本", 18446744073709551615
		tx.Fee.Payer, tx.Fee.Granter = bob, alice
		return tx
	}())
	all.goes("no key, no signature, no fee", func() legacytx.StdTx {
		tx := with(nil, send())
		tx.Fee, tx.Signatures[0].Signature = legacytx.StdFee{}, nil
		return tx
	}())
	all.goes("a multisig", with(both, send()))
	all.goes("a multisig in a multisig", with(multisig.NewLegacyAminoPubKey(1, []cryptotypes.PubKey{both, keyA}), send()))
	all.goes("an ed25519 key", with(keyEd, send()))
	all.goes("a payment of nothing", with(keyA, &banktypes.MsgSend{}))
	all.goes("many coins", with(keyA, &banktypes.MsgSend{Amount: sdk.Coins{
		{Denom: "a", Amount: math.NewIntFromUint64(1 << 63)}, {Denom: "", Amount: math.ZeroInt()},
		{Denom: "minus", Amount: math.NewInt(-5)}, {Denom: "most", Amount: math.NewIntWithDecimal(1, 77)},
	}}))
	all.staking()
	all.governing()
	all.granting()
	all.goes("vesting by periods", with(keyA, &vestingtypes.MsgCreatePeriodicVestingAccount{
		FromAddress: alice, ToAddress: bob, StartTime: -1,
		VestingPeriods: []vestingtypes.Period{{Length: 60, Amount: coins(1)}, {}},
	}))
	all.goes("vesting at once", with(keyA, &vestingtypes.MsgCreateVestingAccount{
		FromAddress: alice, ToAddress: bob, Amount: coins(4), EndTime: 1_900_000_000, Delayed: true,
	}))
	all.goes("evidence", with(keyA, &evidencetypes.MsgSubmitEvidence{Submitter: alice, Evidence: pack(&evidencetypes.Equivocation{
		Height: 5, Time: when, Power: 10, ConsensusAddress: validator,
	})}))
	all.goes("rewards", with(keyA, distrtypes.NewMsgWithdrawDelegatorReward(alice, validator), distrtypes.NewMsgWithdrawValidatorCommission(validator)))
}

func (all *vectors) staking() {
	rate, least := math.LegacyNewDecWithPrec(123, 3), math.NewInt(9)
	all.goes("a validator", with(keyA, &stakingtypes.MsgCreateValidator{
		Description:       stakingtypes.Description{Moniker: "moniker", Details: "details"},
		Commission:        stakingtypes.CommissionRates{Rate: rate, MaxRate: math.LegacyOneDec(), MaxChangeRate: math.LegacySmallestDec()},
		MinSelfDelegation: math.OneInt(), ValidatorAddress: validator, Pubkey: pack(keyEd), Value: sdk.NewInt64Coin("aopen", 5),
	}))
	all.goes("a validator that says the least", with(keyA, &stakingtypes.MsgCreateValidator{Pubkey: pack(keyEd)}))
	all.goes("a validator changes nothing", with(keyA, &stakingtypes.MsgEditValidator{ValidatorAddress: validator}))
	all.goes("a validator changes its rate", with(keyA, &stakingtypes.MsgEditValidator{
		ValidatorAddress: validator, CommissionRate: &rate, MinSelfDelegation: &least,
	}))
	all.goes("delegations", with(keyA,
		&stakingtypes.MsgDelegate{DelegatorAddress: alice, ValidatorAddress: validator, Amount: sdk.NewInt64Coin("aopen", 5)},
		&stakingtypes.MsgUndelegate{DelegatorAddress: alice, ValidatorAddress: validator, Amount: sdk.NewInt64Coin("aopen", 5)},
		&stakingtypes.MsgCancelUnbondingDelegation{DelegatorAddress: alice, CreationHeight: 77},
	))
}

func (all *vectors) governing() {
	all.goes("a text is proposed", with(keyA, propose(govv1beta1.NewTextProposal("title", "what & why"))))
	all.goes("parameters are proposed", with(keyA, propose(proposal.NewParameterChangeProposal("title", "why",
		[]proposal.ParamChange{{Subspace: "staking", Key: "MaxValidators", Value: `"5"`}}))))
	all.goes("an upgrade is proposed", with(keyA, propose(upgradetypes.NewSoftwareUpgradeProposal("title", "why",
		upgradetypes.Plan{Name: "v2", Height: 100, Info: "info"}))))
	v1, err := govv1.NewMsgSubmitProposal([]sdk.Msg{send(), &upgradetypes.MsgCancelUpgrade{Authority: alice}}, coins(10), alice, "ipfs", "title", "summary", true)
	check(err)
	all.goes("messages are proposed", with(keyA, v1))
	all.goes("votes", with(keyA,
		&govv1.MsgVote{ProposalId: 0, Voter: alice, Option: govv1.OptionNoWithVeto, Metadata: "m"},
		&govv1beta1.MsgVote{ProposalId: 4, Voter: alice, Option: govv1beta1.OptionYes},
		&govv1.MsgVoteWeighted{ProposalId: 4, Voter: alice, Options: govv1.WeightedVoteOptions{{Option: govv1.OptionYes, Weight: "0.5"}}},
		&govv1beta1.MsgVoteWeighted{ProposalId: 4, Voter: alice, Options: govv1beta1.WeightedVoteOptions{
			{Option: govv1beta1.OptionAbstain, Weight: math.LegacyNewDecWithPrec(5, 1)}, {Weight: math.LegacyZeroDec()},
		}},
		&govv1.MsgDeposit{ProposalId: 3, Depositor: alice, Amount: coins(1)},
	))
	params := govv1.DefaultParams()
	all.goes("parameters of governance", with(keyA, &govv1.MsgUpdateParams{Authority: alice, Params: params}))
	zero := time.Duration(0)
	params.VotingPeriod, params.MaxDepositPeriod = &zero, nil
	all.goes("periods of nothing and none", with(keyA, &govv1.MsgUpdateParams{Authority: alice, Params: params}))
	all.goes("an upgrade", with(keyA, &upgradetypes.MsgSoftwareUpgrade{Authority: alice, Plan: upgradetypes.Plan{Name: "v2", Time: when, Height: 100}}))
	all.goes("an upgrade without a plan", with(keyA, &upgradetypes.MsgSoftwareUpgrade{Authority: alice}))
}

func (all *vectors) granting() {
	some := &stakingtypes.StakeAuthorization_Validators{Address: []string{validator, alice}}
	all.goes("an authorization without end", with(keyA, grant(authz.NewGenericAuthorization("/cosmos.bank.v1beta1.MsgSend"), nil)))
	all.goes("an authorization to send", with(keyA, grant(&banktypes.SendAuthorization{SpendLimit: coins(9), AllowList: []string{bob, ""}}, &when)))
	all.goes("an authorization to stake with some", with(keyA, grant(stakeOnly(some, nil), &when)))
	all.goes("an authorization to stake but with some", with(keyA, grant(stakeOnly(nil, some), &when)))
	all.goes("an authorization to stake with none", with(keyA, grant(stakeOnly(&stakingtypes.StakeAuthorization_Validators{}, nil), &when)))
	all.goes("an authorization to stake", with(keyA, grant(stakeOnly(nil, nil), &when)))
	all.goes("authorized messages", with(keyA, exec(send(), exec(send(), &authz.MsgRevoke{Granter: alice, Grantee: bob, MsgTypeUrl: "/x"}))))
	all.goes("an allowance", with(keyA, allow(&feegrant.BasicAllowance{SpendLimit: coins(5), Expiration: &when})))
	all.goes("an allowance without end or limit", with(keyA, allow(&feegrant.BasicAllowance{})))
	epoch := time.Unix(0, 0).UTC()
	all.goes("an allowance until 1970", with(keyA, allow(&feegrant.BasicAllowance{Expiration: &epoch})))
	periodic := &feegrant.PeriodicAllowance{
		Basic:  feegrant.BasicAllowance{SpendLimit: coins(5), Expiration: &when},
		Period: time.Hour + time.Nanosecond, PeriodSpendLimit: coins(1), PeriodReset: when,
	}
	all.goes("an allowance by periods", with(keyA, allow(periodic)))
	all.goes("an allowance by periods of nothing", with(keyA, allow(&feegrant.PeriodicAllowance{})))
	all.goes("an allowance for some messages", with(keyA, allow(&feegrant.AllowedMsgAllowance{
		Allowance: pack(periodic), AllowedMessages: []string{"/cosmos.bank.v1beta1.MsgSend"},
	})))
	all.goes("an allowance is taken back", with(keyA, &feegrant.MsgRevokeAllowance{Granter: alice, Grantee: bob}))
}

// odd are inputs that no Go client writes.
func (all *vectors) odd() {
	tx := func(inner string) string { return `{"type":"cosmos-sdk/StdTx","value":` + inner + `}` }
	message := func(inner string) string { return tx(`{"msg":[` + inner + `]}`) }
	coin := func(inner string) string {
		return message(`{"type":"cosmos-sdk/MsgSend","value":{"amount":[` + inner + `]}}`)
	}
	content := func(inner string) string {
		return message(`{"type":"cosmos-sdk/MsgSubmitProposal","value":{` + inner + `}}`)
	}
	vest := func(inner string) string {
		return message(`{"type":"cosmos-sdk/MsgCreateVestingAccount","value":` + inner + `}`)
	}
	revoke := func(until string) string {
		return message(`{"type":"cosmos-sdk/MsgSoftwareUpgrade","value":{"plan":{"time":` + until + `}}}`)
	}
	signed := func(key string) string { return tx(`{"signatures":[{"pub_key":` + key + `,"signature":"AQI="}]}`) }
	for _, one := range [][2]string{
		{"no JSON", `{`}, {"nothing", `{}`}, {"null", `null`}, {"a list", `[]`}, {"not a StdTx", `{"type":"cosmos-sdk/MsgSend","value":{}}`},
		{"no value", `{"type":"cosmos-sdk/StdTx"}`}, {"a null value", tx(`null`)}, {"an empty value", tx(`{}`)}, {"a value that is a list", tx(`[]`)},
		{"unknown keys", `{"type":"cosmos-sdk/StdTx","x":1,"value":{"memo":"m","y":{}}}`}, {"keys twice", tx(`{"memo":"a","memo":"b"}`)},
		{"another order", `{"value":{"memo":"m","fee":{"gas":"1"}},"type":"cosmos-sdk/StdTx"}`}, {"nulls", tx(`{"msg":null,"fee":null,"signatures":null,"memo":null,"timeout_height":null}`)},
		{"a null message", message(`null`)}, {"a message without type", message(`{"value":{}}`)}, {"a message without value", message(`{"type":"cosmos-sdk/MsgSend"}`)},
		{"a message of null", message(`{"type":"cosmos-sdk/MsgSend","value":null}`)}, {"an unknown message", message(`{"type":"cosmos-sdk/MsgNone","value":{}}`)},
		{"a type URL", message(`{"type":"/cosmos.bank.v1beta1.MsgSend","value":{}}`)}, {"a message without amino name", message(`{"type":"/cosmos.circuit.v1.MsgTripCircuitBreaker","value":{}}`)},
		{"one message", tx(`{"msg":{}}`)}, {"gas as a number", tx(`{"fee":{"gas":5}}`)}, {"gas below zero", tx(`{"fee":{"gas":"-5"}}`)}, {"gas beyond 64 bits", tx(`{"fee":{"gas":"18446744073709551616"}}`)},
		{"gas as a fraction", tx(`{"fee":{"gas":"1.5"}}`)}, {"gas as nothing", tx(`{"fee":{"gas":""}}`)}, {"a memo that is a number", tx(`{"memo":5}`)},
		{"a coin of null", coin(`null`)}, {"a coin of nothing", coin(`{}`)}, {"an amount as a number", coin(`{"denom":"a","amount":5}`)}, {"an amount in words", coin(`{"denom":"a","amount":"five"}`)},
		{"an amount of no digits", coin(`{"denom":"a","amount":""}`)}, {"an amount beyond 256 bits", coin(`{"denom":"a","amount":"1` + strings.Repeat("0", 78) + `"}`)},
		{"an amount below zero", coin(`{"denom":"a","amount":"-7"}`)}, {"a fraction of a coin", coin(`{"denom":"a","amount":"1.5"}`)},
		{"no content", content(``)}, {"content of null", content(`"content":null`)}, {"content of an unknown type", content(`"content":{"type":"x","value":{}}`)},
		{"content that is none", content(`"content":{"type":"cosmos-sdk/MsgSend","value":{}}`)},
		{"a bool as text", vest(`{"delayed":"true"}`)}, {"false", vest(`{"delayed":false}`)}, {"an end as a number", vest(`{"end_time":1}`)}, {"an end before 1970", vest(`{"end_time":"-1"}`)},
		{"a time", revoke(`"2026-01-31T12:00:00.5Z"`)}, {"no time", revoke(`null`)}, {"a time with an offset", revoke(`"2026-01-31T12:00:00+01:00"`)}, {"a time without zone", revoke(`"2026-01-31T12:00:00"`)},
		{"a time before year 1", revoke(`"0000-01-31T12:00:00Z"`)}, {"a time as a number", revoke(`5`)}, {"1970", revoke(`"1970-01-01T00:00:00Z"`)}, {"before 1970", revoke(`"1969-12-31T23:59:59.999999999Z"`)},
		{"an Any that is never opened", message(`{"type":"cosmos-sdk/MsgSoftwareUpgrade","value":{"plan":{"upgraded_client_state":{"type":"cosmos-sdk/MsgSend","value":{}}}}}`)},
		{"a key of null", signed(`null`)}, {"a short key", signed(`{"type":"tendermint/PubKeySecp256k1","value":"AQI="}`)}, {"a key that is no base64", signed(`{"type":"tendermint/PubKeySecp256k1","value":"!"}`)},
		{"an unknown key", signed(`{"type":"tendermint/PubKeySecp256r1","value":"AQI="}`)}, {"a multisig of nobody", signed(`{"type":"tendermint/PubKeyMultisigThreshold","value":{}}`)},
		{"a threshold as a number", signed(`{"type":"tendermint/PubKeyMultisigThreshold","value":{"threshold":1,"pubkeys":[]}}`)},
		{"a multisig of null", signed(`{"type":"tendermint/PubKeyMultisigThreshold","value":{"threshold":"1","pubkeys":[null]}}`)},
		{"a signature that is no base64", tx(`{"signatures":[{"signature":"%%"}]}`)}, {"an empty signature", tx(`{"signatures":[{"signature":""}]}`)}, {"a null signature", tx(`{"signatures":[null]}`)},
		{"null in a list of messages", message(`{"type":"cosmos-sdk/MsgExec","value":{"grantee":"a","msgs":[null]}}`)},
		{"null in a list of options", message(`{"type":"cosmos-sdk/v1/MsgVoteWeighted","value":{"options":[null,{"option":1},{}]}}`)},
		{"an option as text", message(`{"type":"cosmos-sdk/MsgVote","value":{"option":"1"}}`)}, {"an option by name", message(`{"type":"cosmos-sdk/MsgVote","value":{"option":"VOTE_OPTION_YES"}}`)},
		{"an option below zero", message(`{"type":"cosmos-sdk/MsgVote","value":{"option":-1}}`)}, {"an option beyond 32 bits", message(`{"type":"cosmos-sdk/MsgVote","value":{"option":2147483648}}`)},
		{"a rate of many places", message(`{"type":"cosmos-sdk/MsgEditValidator","value":{"commission_rate":"0.1234567890123456789"}}`)},
		{"a rate without places", message(`{"type":"cosmos-sdk/MsgEditValidator","value":{"commission_rate":"-2"}}`)},
	} {
		all.encodes(one[0], one[1])
	}
	all.oddBytes()
}

// oddBytes are bytes that no Go client writes; the four at the front are StdTx's prefix.
func (all *vectors) oddBytes() {
	whole, err := encode(func() string {
		bz, err := cdc.MarshalJSON(with(keyA, send()))
		check(err)
		return string(bz)
	}())
	check(err)
	prefix := whole[:8]
	for _, one := range [][2]string{
		{"no bytes", ""}, {"half a prefix", prefix[:4]}, {"another prefix", "00000000"}, {"a prefix alone", prefix},
		{"protobuf", "0a00"}, {"a cut transaction", whole[:len(whole)-4]}, {"a byte too many", whole + "00"}, {"half a tag", prefix + "80"},
		{"an empty memo", prefix + "2200"}, {"a memo as a number", prefix + "2001"}, {"fields in the wrong order", prefix + "22016d1200"}, {"a field twice", prefix + "22016d22016e"},
		{"an unknown field at the end", prefix + "22016d3001"}, {"unknown fields of every wire type", prefix + "28013001390102030405060708420201024d01020304"},
		{"unknown fields in the wrong order", prefix + "38013001"}, {"a group", prefix + "3334"}, {"field 0", prefix + "0001"},
		{"a timeout of zero", prefix + "2800"}, {"a timeout in ten bytes", prefix + "28ffffffffffffffffff01"}, {"a timeout of too many bytes", prefix + "28ffffffffffffffffffff01"},
		{"a message of no bytes", prefix + "0a00"}, {"a message of three bytes", prefix + "0a03010203"}, {"an unknown message", prefix + "0a0401020304"},
		{"a message with bytes that tell it apart", prefix + "0a08" + apart("cosmos-sdk/MsgSend")}, {"a message with others' bytes", prefix + "0a0800ffffff" + apart("cosmos-sdk/MsgSend")[8:]},
		{"an empty message", prefix + "0a04" + apart("cosmos-sdk/MsgSend")[8:]}, {"a text proposal as a message", prefix + "0a04" + apart("cosmos-sdk/TextProposal")[8:]},
		{"content of no bytes", prefix + "0a06" + apart("cosmos-sdk/MsgSubmitProposal")[8:] + "0a00"}, {"no content", prefix + "0a04" + apart("cosmos-sdk/MsgSubmitProposal")[8:]},
		{"a signature of nothing", prefix + "1a00"}, {"a key of 32 bytes", prefix + "1a270a25eb5ae98720" + strings.Repeat("11", 32)}, {"a key and a byte", prefix + "1a290a27eb5ae98721" + strings.Repeat("11", 34)},
		{"a key of no bytes", prefix + "1a020a00"}, {"a fee with an empty coin", prefix + "12020a00"}, {"a coin without denomination", prefix + "12050a03120135"},
		{"an amount of no digits", prefix + "12070a050a01611200"}, {"an amount in words", prefix + "12080a060a0161120178"},
		{"true as 2", prefix + "0a06" + apart("cosmos-sdk/MsgCreateVestingAccount")[8:] + "2802"}, {"false that is written", prefix + "0a06" + apart("cosmos-sdk/MsgCreateVestingAccount")[8:] + "2800"},
		{"an empty plan", prefix + "0a06" + apart("cosmos-sdk/MsgSoftwareUpgrade")[8:] + "1200"}, {"no plan", prefix + "0a04" + apart("cosmos-sdk/MsgSoftwareUpgrade")[8:]},
		{"a time of nanoseconds", prefix + "0a0a" + apart("cosmos-sdk/MsgSoftwareUpgrade")[8:] + "120412021005"}, {"a time of too many nanoseconds", prefix + "0a0e" + apart("cosmos-sdk/MsgSoftwareUpgrade")[8:] + "12081206108094ebdc03"},
		{"a time of another field", prefix + "0a0a" + apart("cosmos-sdk/MsgSoftwareUpgrade")[8:] + "120412021805"},
		{"an option beyond 32 bits", prefix + "0a0a" + apart("cosmos-sdk/MsgVote")[8:] + "188080808010"},
		{"an option of nothing", prefix + "0a06" + apart("cosmos-sdk/v1/MsgVoteWeighted")[8:] + "1a00"},
	} {
		all.decodes(one[0], one[1])
	}
}

// apart is the prefix of a name, with the bytes that tell it from others of the same prefix.
func apart(name string) string {
	for _, info := range registered() {
		if info.Name == name {
			return "00" + hexed(info.Disamb[:]) + hexed(info.Prefix[:])
		}
	}
	panic(name)
}
