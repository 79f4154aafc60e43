package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	sdkmath "cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
	"github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"
	commitmenttypes "github.com/cosmos/ibc-go/v8/modules/core/23-commitment/types"
)

// Chain is a node, and the account that the relayer has there.
type Chain struct {
	*Node
	key      *secp256k1.PrivKey
	number   uint64
	sequence uint64
	fees     sdkmath.Int // that it has paid
}

// relayerKey is the account of the tests on both chains. Whoever reads this has the key: for tests alone.
func relayerKey() *secp256k1.PrivKey {
	return secp256k1.GenPrivKeyFromSecret([]byte("openledger interchain tests"))
}

// bech is an address as text.
func (k Kind) bech(address []byte) string {
	text, err := bech32.ConvertAndEncode(k.Prefix, address)
	if err != nil {
		panic(err) // Addresses of 20 or 32 bytes always have a text.
	}
	return text
}

func (c *Chain) signer() string { return c.Kind.bech(c.key.PubKey().Address()) }

// query asks a query of the chain through ABCI.
func (c *Chain) query(path string, request, response proto.Message) error {
	bytes, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	answer, err := c.ask(path, bytes)
	if err != nil {
		return err
	}
	return proto.Unmarshal(answer, response)
}

// ask is a query with a request that is encoded already.
func (c *Chain) ask(path string, request []byte) ([]byte, error) {
	answer, err := c.RPC.ABCIQueryWithOptions(context.Background(), path, request, rpcclient.ABCIQueryOptions{})
	if err != nil {
		return nil, err
	}
	if answer.Response.Code != 0 {
		return nil, fmt.Errorf("%s on %s: %s", path, c.ChainID, answer.Response.Log)
	}
	return answer.Response.Value, nil
}

// account reads the number and the sequence of the relayer's account.
func (c *Chain) account() error {
	var response authtypes.QueryAccountResponse
	request := &authtypes.QueryAccountRequest{Address: c.signer()}
	if err := c.query("/cosmos.auth.v1beta1.Query/Account", request, &response); err != nil {
		return err
	}
	var account authtypes.BaseAccount
	if err := proto.Unmarshal(response.Account.Value, &account); err != nil {
		return err
	}
	c.number, c.sequence, c.fees = account.AccountNumber, account.Sequence, sdkmath.ZeroInt()
	return nil
}

func (c *Chain) balance(address, denom string) (sdkmath.Int, error) {
	var response banktypes.QueryBalanceResponse
	request := &banktypes.QueryBalanceRequest{Address: address, Denom: denom}
	if err := c.query("/cosmos.bank.v1beta1.Query/Balance", request, &response); err != nil {
		return sdkmath.Int{}, err
	}
	return response.Balance.Amount, nil
}

func (c *Chain) supply(denom string) (sdkmath.Int, error) {
	var response banktypes.QuerySupplyOfResponse
	if err := c.query("/cosmos.bank.v1beta1.Query/SupplyOf", &banktypes.QuerySupplyOfRequest{Denom: denom}, &response); err != nil {
		return sdkmath.Int{}, err
	}
	return response.Amount.Amount, nil
}

// Failed is a transaction that a chain refused.
type Failed struct {
	Chain     string
	Codespace string
	Code      uint32
	Log       string
	InBlock   bool
}

func (f *Failed) Error() string {
	return fmt.Sprintf("%s refused it with %s/%d: %s", f.Chain, f.Codespace, f.Code, f.Log)
}

// price is the gas that a transaction of so many messages may use, and what that costs.
func (c *Chain) price(messages int) (gas uint64, fee sdkmath.Int) {
	gas = uint64(1_000_000 + 700_000*messages)
	return gas, sdkmath.NewIntFromUint64(gas).MulRaw(c.Kind.GasPrice)
}

// sign makes a transaction of these messages in SIGN_MODE_DIRECT.
func (c *Chain) sign(msgs []proto.Message) ([]byte, error) {
	body := tx.TxBody{}
	for _, msg := range msgs {
		any, err := codectypes.NewAnyWithValue(msg)
		if err != nil {
			return nil, err
		}
		body.Messages = append(body.Messages, any)
	}
	key, err := codectypes.NewAnyWithValue(c.key.PubKey())
	if err != nil {
		return nil, err
	}
	gas, fee := c.price(len(msgs))
	info := tx.AuthInfo{
		SignerInfos: []*tx.SignerInfo{{
			PublicKey: key,
			ModeInfo:  &tx.ModeInfo{Sum: &tx.ModeInfo_Single_{Single: &tx.ModeInfo_Single{Mode: signing.SignMode_SIGN_MODE_DIRECT}}},
			Sequence:  c.sequence,
		}},
		Fee: &tx.Fee{Amount: sdk.NewCoins(sdk.NewCoin(c.Kind.Denom, fee)), GasLimit: gas},
	}
	raw := tx.TxRaw{}
	if raw.BodyBytes, err = body.Marshal(); err != nil {
		return nil, err
	}
	if raw.AuthInfoBytes, err = info.Marshal(); err != nil {
		return nil, err
	}
	document := tx.SignDoc{BodyBytes: raw.BodyBytes, AuthInfoBytes: raw.AuthInfoBytes, ChainId: c.ChainID, AccountNumber: c.number}
	bytes, err := document.Marshal()
	if err != nil {
		return nil, err
	}
	signature, err := c.key.Sign(bytes)
	if err != nil {
		return nil, err
	}
	raw.Signatures = [][]byte{signature}
	return raw.Marshal()
}

// send executes messages in one transaction; the events of the block's result.
func (c *Chain) send(msgs ...proto.Message) ([]abci.Event, error) {
	bytes, err := c.sign(msgs)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	checked, err := c.RPC.BroadcastTxSync(ctx, bytes)
	if err != nil {
		return nil, err
	}
	if checked.Code != 0 {
		return nil, &Failed{c.ChainID, checked.Codespace, checked.Code, checked.Log, false}
	}
	c.sequence++
	deadline := time.Now().Add(time.Minute)
	for {
		found, err := c.RPC.Tx(ctx, checked.Hash, false)
		if err == nil {
			return c.result(len(msgs), &found.TxResult, found.Height)
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s: transaction %s is in no block: %w", c.ChainID, checked.Hash, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// result is what became of a transaction in a block.
func (c *Chain) result(messages int, result *abci.ExecTxResult, height int64) ([]abci.Event, error) {
	// It is found a moment before queries read the state after it.
	if err := c.waitCommitted(height); err != nil {
		return nil, err
	}
	_, fee := c.price(messages)
	c.fees = c.fees.Add(fee)
	if result.Code != 0 {
		return nil, &Failed{c.ChainID, result.Codespace, result.Code, result.Log, true}
	}
	return result.Events, nil
}

// waitCommitted waits until the application's last committed height is at least this.
func (c *Chain) waitCommitted(height int64) error {
	return until(fmt.Sprintf("%s has committed %d", c.ChainID, height), func() (bool, error) {
		info, err := c.RPC.ABCIInfo(context.Background())
		return err == nil && info.Response.LastBlockHeight >= height, err
	})
}

// raw reads what stands under a key after the block of this height, with its proof.
func (c *Chain) raw(store string, key []byte, height int64) ([]byte, *commitmenttypes.MerkleProof, error) {
	options := rpcclient.ABCIQueryOptions{Height: height, Prove: true}
	answer, err := c.RPC.ABCIQueryWithOptions(context.Background(), "store/"+store+"/key", key, options)
	if err != nil {
		return nil, nil, err
	}
	response := answer.Response
	if response.Code != 0 {
		return nil, nil, fmt.Errorf("store/%s/key on %s at %d: %s", store, c.ChainID, height, response.Log)
	}
	if response.Height != height {
		return nil, nil, fmt.Errorf("asked for height %d, %s answers for %d", height, c.ChainID, response.Height)
	}
	proof, err := commitmenttypes.ConvertProofs(response.ProofOps)
	return response.Value, &proof, err
}

// prove is an encoded proof of a key of the store `ibc`, as relayers have it.
func (c *Chain) prove(key string, height int64) (value, proof []byte, err error) {
	value, merkle, err := c.raw("ibc", []byte(key), height)
	if err != nil {
		return nil, nil, err
	}
	proof, err = merkle.Marshal()
	return value, proof, err
}

// attributes are those of an event of this type, by name; one map for each event.
func attributes(events []abci.Event, kind string) []map[string]string {
	var found []map[string]string
	for _, event := range events {
		if event.Type != kind {
			continue
		}
		values := map[string]string{}
		for _, attribute := range event.Attributes {
			values[attribute.Key] = attribute.Value
		}
		found = append(found, values)
	}
	return found
}

// attribute is the first value of this name in events of this type.
func attribute(events []abci.Event, kind, name string) (string, error) {
	for _, values := range attributes(events, kind) {
		if value, ok := values[name]; ok {
			return value, nil
		}
	}
	return "", fmt.Errorf("no event %s has %s", kind, name)
}

func unhex(text string) ([]byte, error) { return hex.DecodeString(strings.TrimPrefix(text, "0x")) }
