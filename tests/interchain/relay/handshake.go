package main

import (
	"fmt"

	clienttypes "github.com/cosmos/ibc-go/v8/modules/core/02-client/types"
	connectiontypes "github.com/cosmos/ibc-go/v8/modules/core/03-connection/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
	commitmenttypes "github.com/cosmos/ibc-go/v8/modules/core/23-commitment/types"
)

const (
	port    = "transfer"
	version = "ics20-1"
)

// openConnection makes clients on both chains and takes a connection through its four steps.
func openConnection(a, b *End) error {
	var err error
	if a.client, err = a.createClient(b.Chain); err != nil {
		return fmt.Errorf("client of %s: %w", b.ChainID, err)
	}
	if b.client, err = b.createClient(a.Chain); err != nil {
		return fmt.Errorf("client of %s: %w", a.ChainID, err)
	}
	prefix := commitmenttypes.NewMerklePrefix([]byte("ibc"))
	init := connectiontypes.NewMsgConnectionOpenInit(a.client, b.client, prefix, connectiontypes.GetCompatibleVersions()[0], 0, a.signer())
	events, err := a.send(init)
	if err != nil {
		return fmt.Errorf("ConnectionOpenInit: %w", err)
	}
	if a.connection, err = attribute(events, connectiontypes.EventTypeConnectionOpenInit, connectiontypes.AttributeKeyConnectionID); err != nil {
		return err
	}

	// b verifies what a has written, and that a's client of b is right.
	update, err := b.update(a)
	if err != nil {
		return err
	}
	_, proof, err := a.prove("connections/"+a.connection, update.at)
	if err != nil {
		return err
	}
	state, stateProof, consensusProof, err := a.proveClient(update.at)
	if err != nil {
		return err
	}
	try := connectiontypes.NewMsgConnectionOpenTry(b.client, a.connection, a.client, state, prefix, connectiontypes.GetCompatibleVersions(), 0,
		proof, stateProof, consensusProof, update.height, state.LatestHeight, b.signer())
	if events, err = b.send(update.msg, try); err != nil {
		return fmt.Errorf("ConnectionOpenTry: %w", err)
	}
	if b.connection, err = attribute(events, connectiontypes.EventTypeConnectionOpenTry, connectiontypes.AttributeKeyConnectionID); err != nil {
		return err
	}

	if update, err = a.update(b); err != nil {
		return err
	}
	if _, proof, err = b.prove("connections/"+b.connection, update.at); err != nil {
		return err
	}
	if state, stateProof, consensusProof, err = b.proveClient(update.at); err != nil {
		return err
	}
	ack := connectiontypes.NewMsgConnectionOpenAck(a.connection, b.connection, state, proof, stateProof, consensusProof, update.height,
		state.LatestHeight, connectiontypes.GetCompatibleVersions()[0], a.signer())
	if _, err = a.send(update.msg, ack); err != nil {
		return fmt.Errorf("ConnectionOpenAck: %w", err)
	}

	if update, err = b.update(a); err != nil {
		return err
	}
	if _, proof, err = a.prove("connections/"+a.connection, update.at); err != nil {
		return err
	}
	confirm := connectiontypes.NewMsgConnectionOpenConfirm(b.connection, proof, update.height, b.signer())
	if _, err = b.send(update.msg, confirm); err != nil {
		return fmt.Errorf("ConnectionOpenConfirm: %w", err)
	}
	for _, end := range []*End{a, b} {
		var response connectiontypes.QueryConnectionResponse
		request := &connectiontypes.QueryConnectionRequest{ConnectionId: end.connection}
		if err := end.query("/ibc.core.connection.v1.Query/Connection", request, &response); err != nil {
			return err
		}
		if response.Connection.State != connectiontypes.OPEN {
			return fmt.Errorf("%s on %s is %s", end.connection, end.ChainID, response.Connection.State)
		}
	}
	return nil
}

// openChannel takes a channel for tokens through its four steps.
func openChannel(a, b *End) error {
	events, err := a.send(channeltypes.NewMsgChannelOpenInit(port, version, channeltypes.UNORDERED, []string{a.connection}, port, a.signer()))
	if err != nil {
		return fmt.Errorf("ChannelOpenInit: %w", err)
	}
	if a.channel, err = attribute(events, channeltypes.EventTypeChannelOpenInit, channeltypes.AttributeKeyChannelID); err != nil {
		return err
	}

	update, proof, err := b.proof(a, channelPath(a.channel))
	if err != nil {
		return err
	}
	try := channeltypes.NewMsgChannelOpenTry(port, version, channeltypes.UNORDERED, []string{b.connection}, port, a.channel, version, proof,
		update.height, b.signer())
	if events, err = b.send(update.msg, try); err != nil {
		return fmt.Errorf("ChannelOpenTry: %w", err)
	}
	if b.channel, err = attribute(events, channeltypes.EventTypeChannelOpenTry, channeltypes.AttributeKeyChannelID); err != nil {
		return err
	}

	if update, proof, err = a.proof(b, channelPath(b.channel)); err != nil {
		return err
	}
	ack := channeltypes.NewMsgChannelOpenAck(port, a.channel, b.channel, version, proof, update.height, a.signer())
	if _, err = a.send(update.msg, ack); err != nil {
		return fmt.Errorf("ChannelOpenAck: %w", err)
	}

	if update, proof, err = b.proof(a, channelPath(a.channel)); err != nil {
		return err
	}
	if _, err = b.send(update.msg, channeltypes.NewMsgChannelOpenConfirm(port, b.channel, proof, update.height, b.signer())); err != nil {
		return fmt.Errorf("ChannelOpenConfirm: %w", err)
	}
	for _, end := range []*End{a, b} {
		var response channeltypes.QueryChannelResponse
		request := &channeltypes.QueryChannelRequest{PortId: port, ChannelId: end.channel}
		if err := end.query("/ibc.core.channel.v1.Query/Channel", request, &response); err != nil {
			return err
		}
		if response.Channel.State != channeltypes.OPEN {
			return fmt.Errorf("%s on %s is %s", end.channel, end.ChainID, response.Channel.State)
		}
	}
	return nil
}

func channelPath(channel string) string {
	return fmt.Sprintf("channelEnds/ports/%s/channels/%s", port, channel)
}

// proof is an update of `dst`'s client, and a proof of one key of `src` that the client can verify then.
func (dst *End) proof(src *End, key string) (*Update, []byte, error) {
	update, err := dst.update(src)
	if err != nil {
		return nil, nil, err
	}
	_, proof, err := src.prove(key, update.at)
	return update, proof, err
}

// heights are those at which a client of this chain knows its own.
func (c *Chain) heights(client string) ([]clienttypes.Height, error) {
	var response clienttypes.QueryConsensusStateHeightsResponse
	request := &clienttypes.QueryConsensusStateHeightsRequest{ClientId: client}
	err := c.query("/ibc.core.client.v1.Query/ConsensusStateHeights", request, &response)
	return response.ConsensusStateHeights, err
}
