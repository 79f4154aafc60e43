package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"cosmossdk.io/store/rootmulti"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
)

// Claim is a query's answer and the app hash that it is claimed under.
type Claim struct {
	AppHash string `json:"app_hash"`
	Query
}

// verify reads a list of claims and fails unless each of them holds under the proof runtime of cosmossdk.io/store, and none of them
// holds any more once the app hash is another.
func verify(in io.Reader) error {
	var claims []Claim
	if err := json.NewDecoder(in).Decode(&claims); err != nil {
		return err
	}
	if len(claims) == 0 {
		return fmt.Errorf("no claims")
	}
	for i, claim := range claims {
		hash, err := hex.DecodeString(claim.AppHash)
		if err != nil {
			return fmt.Errorf("claim %d: %w", i, err)
		}
		if err := claim.check(hash); err != nil {
			return fmt.Errorf("claim %d (%s/%s): %w", i, claim.Store, claim.Key, err)
		}
		hash[0] ^= 1
		if claim.check(hash) == nil {
			return fmt.Errorf("claim %d (%s/%s) also holds under another app hash", i, claim.Store, claim.Key)
		}
	}
	fmt.Printf("%d claims verified\n", len(claims))
	return nil
}

func (c Claim) check(hash []byte) error {
	value, err := hex.DecodeString(c.Value)
	if err != nil {
		return err
	}
	ops := &cmtcrypto.ProofOps{}
	for _, op := range c.Ops {
		key, err := hex.DecodeString(op.Key)
		if err != nil {
			return err
		}
		data, err := hex.DecodeString(op.Data)
		if err != nil {
			return err
		}
		ops.Ops = append(ops.Ops, cmtcrypto.ProofOp{Type: op.Type, Key: key, Data: data})
	}
	path := "/" + c.Store + "/x:" + c.Key
	if len(value) == 0 {
		return rootmulti.DefaultProofRuntime().VerifyAbsence(ops, hash, path)
	}
	return rootmulti.DefaultProofRuntime().VerifyValue(ops, hash, path, value)
}
