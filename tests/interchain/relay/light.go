package main

import (
	"context"
	"fmt"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/gogoproto/proto"
	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	commitmenttypes "github.com/cosmos/ibc-go/v8/modules/core/23-commitment/types"
	ibctm "github.com/cosmos/ibc-go/v8/modules/light-clients/07-tendermint"
)

const (
	trusting  = 14 * 24 * time.Hour
	unbonding = 21 * 24 * time.Hour
	drift     = 10 * time.Second
)

// End is a chain's end of a path between two: its client of the other chain, its connection, its channel.
type End struct {
	*Chain
	client, connection, channel string
}

func (c *Chain) revision() uint64 { return clienttypes.ParseChainID(c.ChainID) }

func (c *Chain) ibcHeight(height int64) clienttypes.Height {
	return clienttypes.NewHeight(c.revision(), uint64(height))
}

// validators are those of a height.
func (c *Chain) validators(height int64) (*cmttypes.ValidatorSet, error) {
	page, perPage := 1, 100
	answer, err := c.RPC.Validators(context.Background(), &height, &page, &perPage)
	if err != nil {
		return nil, err
	}
	return cmttypes.NewValidatorSet(answer.Validators), nil
}

// signed is the header of a height with the commit for it.
func (c *Chain) signed(height int64) (*cmttypes.SignedHeader, error) {
	answer, err := c.RPC.Commit(context.Background(), &height)
	if err != nil {
		return nil, err
	}
	return &answer.SignedHeader, nil
}

func validatorsProto(set *cmttypes.ValidatorSet) (*cmtproto.ValidatorSet, error) {
	bytes, err := set.ToProto()
	if err != nil {
		return nil, err
	}
	bytes.TotalVotingPower = set.TotalVotingPower()
	return bytes, nil
}

// header is what a client that trusts `trusted` needs to learn of `height`.
func (c *Chain) header(height int64, trusted clienttypes.Height) (*ibctm.Header, error) {
	signed, err := c.signed(height)
	if err != nil {
		return nil, err
	}
	return c.headerOf(signed, trusted)
}

// headerOf is the same with a header that the chain may not have.
func (c *Chain) headerOf(signed *cmttypes.SignedHeader, trusted clienttypes.Height) (*ibctm.Header, error) {
	now, err := c.validators(signed.Height)
	if err != nil {
		return nil, err
	}
	// A header commits to the validators of the height after it.
	before, err := c.validators(int64(trusted.RevisionHeight) + 1)
	if err != nil {
		return nil, err
	}
	header := &ibctm.Header{SignedHeader: signed.ToProto(), TrustedHeight: trusted}
	if header.ValidatorSet, err = validatorsProto(now); err != nil {
		return nil, err
	}
	header.TrustedValidators, err = validatorsProto(before)
	return header, err
}

// clientState is a client of Tendermint's kind that stands on this chain.
func (c *Chain) clientState(id string) (*ibctm.ClientState, error) {
	var response clienttypes.QueryClientStateResponse
	request := &clienttypes.QueryClientStateRequest{ClientId: id}
	if err := c.query("/ibc.core.client.v1.Query/ClientState", request, &response); err != nil {
		return nil, err
	}
	var state ibctm.ClientState
	return &state, proto.Unmarshal(response.ClientState.Value, &state)
}

// status is that of a client of this chain, in ibc-go's word.
func (c *Chain) status(id string) (string, error) {
	var response clienttypes.QueryClientStatusResponse
	err := c.query("/ibc.core.client.v1.Query/ClientStatus", &clienttypes.QueryClientStatusRequest{ClientId: id}, &response)
	return response.Status, err
}

// createClient makes a client of the other chain on this one; its identifier.
func (c *Chain) createClient(of *Chain) (string, error) {
	height, err := of.height()
	if err != nil {
		return "", err
	}
	signed, err := of.signed(height)
	if err != nil {
		return "", err
	}
	state := ibctm.NewClientState(of.ChainID, ibctm.DefaultTrustLevel, trusting, unbonding, drift, of.ibcHeight(height),
		commitmenttypes.GetSDKSpecs(), []string{"upgrade", "upgradedIBCState"})
	consensus := ibctm.NewConsensusState(signed.Time, commitmenttypes.NewMerkleRoot(signed.AppHash), signed.NextValidatorsHash)
	msg, err := clienttypes.NewMsgCreateClient(state, consensus, c.signer())
	if err != nil {
		return "", err
	}
	events, err := c.send(msg)
	if err != nil {
		return "", err
	}
	return attribute(events, clienttypes.EventTypeCreateClient, clienttypes.AttributeKeyClientID)
}

// Update is a header for a client, and where proofs are read that the client then can verify.
type Update struct {
	msg    proto.Message
	height clienttypes.Height // of the proof
	at     int64              // at which it is read: the header of a block commits to the state before it
}

// update brings the client on `dst` to the last block of `src`.
func (dst *End) update(src *End) (*Update, error) {
	state, err := dst.clientState(dst.client)
	if err != nil {
		return nil, err
	}
	trusted := state.LatestHeight
	// What is there now is in the header after the next block.
	now, err := src.height()
	if err != nil {
		return nil, err
	}
	if err := src.waitHeight(now + 1); err != nil {
		return nil, err
	}
	return dst.updateTo(src, now+1, trusted)
}

func (dst *End) updateTo(src *End, height int64, trusted clienttypes.Height) (*Update, error) {
	header, err := src.header(height, trusted)
	if err != nil {
		return nil, err
	}
	msg, err := clienttypes.NewMsgUpdateClient(dst.client, header, dst.signer())
	if err != nil {
		return nil, err
	}
	return &Update{msg, src.ibcHeight(height), height - 1}, nil
}

// proveClient proves to `dst` what its counterparty's client knows of it: state, and consensus state at the state's height.
func (src *End) proveClient(at int64) (state *ibctm.ClientState, stateProof, consensusProof []byte, err error) {
	value, stateProof, err := src.prove("clients/"+src.client+"/clientState", at)
	if err != nil {
		return nil, nil, nil, err
	}
	var any codectypes.Any
	if err := proto.Unmarshal(value, &any); err != nil {
		return nil, nil, nil, err
	}
	state = &ibctm.ClientState{}
	if err := proto.Unmarshal(any.Value, state); err != nil {
		return nil, nil, nil, err
	}
	value, consensusProof, err = src.prove(fmt.Sprintf("clients/%s/consensusStates/%s", src.client, state.LatestHeight), at)
	if err == nil && len(value) == 0 {
		err = fmt.Errorf("client %s of %s has no consensus state at %s", src.client, src.ChainID, state.LatestHeight)
	}
	return state, stateProof, consensusProof, err
}
