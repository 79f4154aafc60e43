package main

import (
	"fmt"

	sdkmath "cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/types/query"
	transfertypes "github.com/cosmos/ibc-go/v8/modules/apps/transfer/types"
	channeltypes "github.com/cosmos/ibc-go/v8/modules/core/04-channel/types"
)

// persons is how many people there are, each with an account on both chains.
const persons = 3

func personKey(number int) *secp256k1.PrivKey {
	return secp256k1.GenPrivKeyFromSecret([]byte(fmt.Sprintf("openledger interchain person %d", number)))
}

// Stage is how far a packet has come.
type Stage int

const (
	sent     Stage = iota
	received       // and answered: the sender has not learnt it
	finished
)

// Moving is a packet between the chains, and what is in it.
type Moving struct {
	*Sent
	from   int // the end that sent it
	home   int // the end whose coin it carries
	amount int64
	sender *End
	to     string
	held   bool // is not brought before it has run out
	brief  bool // may run out before it is brought
	paid   bool // has reached its receiver
	stage  Stage
}

// Ledger is what everybody on two chains must have, by what was sent, brought and answered.
type Ledger struct {
	ends    [2]*End
	people  [2][]*End // with an account each, over the channel of the end
	moving  []*Moving
	have    map[string]sdkmath.Int // without the fees: `account` is the key
	began   map[string]sdkmath.Int
	supply  [2]sdkmath.Int // of each end's coin
	escrows [2]sdkmath.Int // what other channels hold
	ranOut  [2]int         // packets, by height and by time
	refused int            // packets
}

// denom is what the coin of one end is called on the other, or at home.
func (l *Ledger) denom(on, home int) string {
	if on == home {
		return l.ends[home].Kind.Denom
	}
	return l.ends[on].voucher(l.ends[home].Kind.Denom)
}

func account(on int, address string, home int) string {
	return fmt.Sprintf("%d/%s/%d", on, address, home)
}

// newLedger reads what there is before anything moves over a new channel.
func newLedger(a, b *End) (*Ledger, error) {
	l := &Ledger{ends: [2]*End{a, b}, have: map[string]sdkmath.Int{}, began: map[string]sdkmath.Int{}}
	for on, end := range l.ends {
		var err error
		if l.supply[on], err = end.supply(end.Kind.Denom); err != nil {
			return nil, err
		}
		if l.escrows[on], err = end.totalEscrow(); err != nil {
			return nil, err
		}
		for number := range persons {
			person := &End{Chain: &Chain{Node: end.Node, key: personKey(number)}, client: end.client, connection: end.connection, channel: end.channel}
			if err := person.account(); err != nil {
				return nil, err
			}
			l.people[on] = append(l.people[on], person)
			for home := range l.ends {
				has, err := person.balance(person.signer(), l.denom(on, home))
				if err != nil {
					return nil, err
				}
				key := account(on, person.signer(), home)
				l.have[key], l.began[key] = has, has
			}
		}
	}
	return l, l.holds()
}

// totalEscrow is what a chain says that all its channels hold of its coin.
func (c *Chain) totalEscrow() (sdkmath.Int, error) {
	var response transfertypes.QueryTotalEscrowForDenomResponse
	request := &transfertypes.QueryTotalEscrowForDenomRequest{Denom: c.Kind.Denom}
	err := c.query("/ibc.applications.transfer.v1.Query/TotalEscrowForDenom", request, &response)
	return response.Amount.Amount, err
}

func (l *Ledger) add(on int, address string, home int, amount int64) {
	key := account(on, address, home)
	l.have[key] = l.have[key].AddRaw(amount)
}

// left is the packet's money leaving its sender, or coming back to it.
func (l *Ledger) left(packet *Moving) {
	l.add(packet.from, packet.sender.signer(), packet.home, -packet.amount)
}
func (l *Ledger) refund(packet *Moving) {
	l.add(packet.from, packet.sender.signer(), packet.home, packet.amount)
}

// pay is the packet's money coming to its receiver.
func (l *Ledger) pay(packet *Moving) {
	packet.paid = true
	l.add(1-packet.from, packet.to, packet.home, packet.amount)
}

// pending are the packets with which something is still to be done, in the order in which they were sent.
func (l *Ledger) pending() (all []*Moving) {
	for _, packet := range l.moving {
		if packet.stage != finished {
			all = append(all, packet)
		}
	}
	return all
}

// equal compares sums.
func equal(what string, have sdkmath.Int, err error, want sdkmath.Int) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if !have.Equal(want) {
		return fmt.Errorf("%s is %s, not %s", what, have, want)
	}
	return nil
}

// holds compares both chains with the ledger: no coin is made or lost anywhere, what is in escrow is exactly what is abroad or under way,
// everybody has what everybody must have, and each chain waits for the answers to those packets that have none.
func (l *Ledger) holds() error {
	for on, end := range l.ends {
		coin := end.Kind.Denom
		all, err := end.supply(coin)
		if err := equal("all "+coin+" on "+end.ChainID, all, err, l.supply[on]); err != nil {
			return err
		}
		abroad, err := l.ends[1-on].supply(l.denom(1-on, on))
		if err != nil {
			return err
		}
		underWay := sdkmath.ZeroInt()
		for _, packet := range l.pending() {
			if packet.home == on && !packet.paid {
				underWay = underWay.AddRaw(packet.amount)
			}
		}
		held, err := end.balance(end.escrow(), coin)
		what := fmt.Sprintf("the escrow on %s, with %s abroad and %s under way,", end.ChainID, abroad, underWay)
		if err := equal(what, held, err, abroad.Add(underWay)); err != nil {
			return err
		}
		total, err := end.totalEscrow()
		if err := equal("all escrow on "+end.ChainID, total, err, l.escrows[on].Add(held)); err != nil {
			return err
		}
		if err := l.waits(on); err != nil {
			return err
		}
		if err := l.persons(on); err != nil {
			return err
		}
	}
	return nil
}

// persons compares what people have on a chain.
func (l *Ledger) persons(on int) error {
	for number, person := range l.people[on] {
		for home := range l.ends {
			want := l.have[account(on, person.signer(), home)]
			if home == on {
				want = want.Sub(person.fees)
			}
			denom := l.denom(on, home)
			has, err := person.balance(person.signer(), denom)
			what := fmt.Sprintf("what person %d has of %s on %s", number, denom, person.ChainID)
			if err := equal(what, has, err, want); err != nil {
				return err
			}
		}
	}
	return nil
}

// waits compares the packets to which a chain has no answer yet.
func (l *Ledger) waits(on int) error {
	end := l.ends[on]
	var want, have []uint64
	for _, packet := range l.pending() {
		if packet.from == on {
			want = append(want, packet.Sequence)
		}
	}
	var response channeltypes.QueryPacketCommitmentsResponse
	request := &channeltypes.QueryPacketCommitmentsRequest{PortId: port, ChannelId: end.channel, Pagination: &query.PageRequest{Limit: 1_000}}
	if err := end.query("/ibc.core.channel.v1.Query/PacketCommitments", request, &response); err != nil {
		return err
	}
	for _, commitment := range response.Commitments {
		have = append(have, commitment.Sequence)
	}
	return same("commitments on "+end.ChainID, have, want)
}

// isHome checks, when all vouchers have gone home, that nothing is left abroad and nothing is missing at home: all people of a chain
// together have what they had, but for fees.
func (l *Ledger) isHome() error {
	for on, end := range l.ends {
		held, err := end.balance(end.escrow(), end.Kind.Denom)
		if err := expect("the last of the escrow on "+end.ChainID, held, err, 0); err != nil {
			return err
		}
		abroad, err := l.ends[1-on].supply(l.denom(1-on, on))
		if err := expect("the last of "+end.Kind.Denom+" abroad", abroad, err, 0); err != nil {
			return err
		}
		before, now := sdkmath.ZeroInt(), sdkmath.ZeroInt()
		for _, person := range l.people[on] {
			before = before.Add(l.began[account(on, person.signer(), on)]).Sub(person.fees)
			has, err := person.balance(person.signer(), end.Kind.Denom)
			if err != nil {
				return err
			}
			now = now.Add(has)
		}
		if err := equal("what all people of "+end.ChainID+" have", now, nil, before); err != nil {
			return err
		}
	}
	return nil
}
