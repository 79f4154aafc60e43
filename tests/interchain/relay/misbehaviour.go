package main

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/cometbft/cometbft/privval"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	"github.com/cosmos/ibc-go/v8/modules/core/exported"
	ibctm "github.com/cosmos/ibc-go/v8/modules/light-clients/07-tendermint"
)

// other is a second header for a height that has one, signed by the validator of the node that has most of the power.
func (c *Chain) other(signed *cmttypes.SignedHeader) (*cmttypes.SignedHeader, error) {
	config := filepath.Join(c.Home, "config")
	key := privval.LoadFilePVEmptyState(filepath.Join(config, "priv_validator_key.json"), filepath.Join(config, "none.json"))
	header := *signed.Header
	hash := sha256.Sum256([]byte("another state"))
	header.AppHash = hash[:]
	commit := signed.Commit.Clone()
	commit.BlockID.Hash = header.Hash()
	for i := range commit.Signatures {
		signature := &commit.Signatures[i]
		if string(signature.ValidatorAddress) != string(key.GetAddress()) {
			*signature = cmttypes.NewCommitSigAbsent()
			continue
		}
		bytes, err := key.Key.PrivKey.Sign(commit.VoteSignBytes(c.ChainID, int32(i)))
		if err != nil {
			return nil, err
		}
		signature.Signature = bytes
	}
	return &cmttypes.SignedHeader{Header: &header, Commit: commit}, nil
}

// misbehaviour proves to a client of its own on `dst` that the validators of `src` signed two headers for one height: it freezes, for
// good, and takes no header any more. `old` says by which of the two messages.
func misbehaviour(src, dst *End, old bool) error {
	client, err := dst.createClient(src.Chain)
	if err != nil {
		return err
	}
	state, err := dst.clientState(client)
	if err != nil {
		return err
	}
	trusted := state.LatestHeight
	height := int64(trusted.RevisionHeight) + 2
	if err := src.waitHeight(height + 1); err != nil {
		return err
	}
	signed, err := src.signed(height)
	if err != nil {
		return err
	}
	forged, err := src.other(signed)
	if err != nil {
		return err
	}
	one, err := src.headerOf(signed, trusted)
	if err != nil {
		return err
	}
	two, err := src.headerOf(forged, trusted)
	if err != nil {
		return err
	}
	message := func(clientMessage exported.ClientMessage) (proto.Message, error) {
		if old {
			return clienttypes.NewMsgSubmitMisbehaviour(client, clientMessage, dst.signer())
		}
		return clienttypes.NewMsgUpdateClient(client, clientMessage, dst.signer())
	}
	// The same header twice is none: it may be refused or passed over (ibc-go passes it over), and changes nothing.
	none, err := message(ibctm.NewMisbehaviour(client, one, one))
	if err != nil {
		return err
	}
	_, _ = dst.send(none)
	if err := dst.statusIs(client, "Active"); err != nil {
		return err
	}
	proven, err := message(ibctm.NewMisbehaviour(client, one, two))
	if err != nil {
		return err
	}
	if _, err := dst.send(proven); err != nil {
		return fmt.Errorf("misbehaviour: %w", err)
	}
	if err := dst.statusIs(client, "Frozen"); err != nil {
		return err
	}
	late, err := clienttypes.NewMsgUpdateClient(client, one, dst.signer())
	if err != nil {
		return err
	}
	_, err = mustFail("a header for a frozen client", dst.Chain, late)
	return err
}

func (c *Chain) statusIs(client, want string) error {
	status, err := c.status(client)
	if err != nil {
		return err
	}
	if !strings.EqualFold(status, want) {
		return fmt.Errorf("client %s on %s is %s, not %s", client, c.ChainID, status, want)
	}
	return nil
}
