// Relay takes packets between openledgerd and ibc-go's own chain, both whole nodes with their consensus engines, and checks on the way
// what a relayer, a light client and a thief would try. It builds headers and proofs from the nodes' RPC with ibc-go's types alone.
//
//	relay --openledgerd PATH --simd PATH            the short form
//	relay … --v10                                   the other chain is ibc-go v10's
//	relay … --honest                                nothing that is forged
//	relay … --schedule 300                          only a random schedule of so many steps
//	relay --openledgerd PATH --simd PATH --self     simd with simd: does the relayer itself hold what it checks?
//	relay … --hermes PATH --storm 500               hermes relays, and is killed, and so are the chains
//	relay … --hermes PATH --show                    hermes relays what an operator would send by hand
//	relay … --cost                                  what packets cost each of the two, without consensus engines; --self holds the scales
package main

import (
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	openledgerd := flag.String("openledgerd", "", "the program under test")
	simd := flag.String("simd", "", "the other chain's program")
	self := flag.Bool("self", false, "simd with simd")
	v10 := flag.Bool("v10", false, "simd is of ibc-go v10")
	honest := flag.Bool("honest", false, "only what honest people do")
	steps := flag.Int("schedule", 0, "only a random schedule of so many steps")
	seed := flag.Int64("seed", time.Now().UnixNano(), "of what is drawn")
	codes := flag.Bool("codes", false, "tell where the chains refuse the same with different codes")
	keep := flag.Bool("keep", false, "leave the homes where they are")
	hermes := flag.String("hermes", "", "relay with this hermes")
	packets := flag.Int("storm", 0, "packets each way, while hermes and the chains are killed")
	tour := flag.Bool("show", false, "send by hand, and print what is seen")
	measure := flag.Bool("cost", false, "measure what packets cost both programs")
	block := flag.Int("packets", 500, "in a block that is measured")
	rounds := flag.Int("rounds", 3, "of measuring")
	validators := flag.Int("validators", 100, "who sign headers that are measured")
	flag.Parse()
	ours := Kind{Binary: *openledgerd, Prefix: "open", Denom: "aopen", Decimals: 18, GasPrice: 1}
	theirs := Kind{Binary: *simd, Prefix: "cosmos", Denom: "stake", Decimals: 6, V10: *v10}
	if *self {
		ours = theirs
	}
	work := func(a, b *End, random *rand.Rand) error { return check(a, b, random, *seed, *honest, *codes) }
	if *steps > 0 {
		work = func(a, b *End, _ *rand.Rand) error {
			if err := openConnection(a, b); err != nil {
				return err
			}
			return schedule(a, b, *seed, *steps)
		}
	}
	if *hermes != "" {
		work = func(a, b *End, random *rand.Rand) error { return withHermes(*hermes, a, b, random, *packets, *tour) }
	}
	do := func() error { return run(ours, theirs, *seed, *keep, work) }
	if *measure {
		do = func() error { return cost(ours, theirs, *seed, *block, *rounds, *validators, *keep) }
	}
	if err := do(); err != nil {
		fmt.Fprintf(os.Stderr, "interchain: %v (--seed %d)\n", err, *seed)
		os.Exit(1)
	}
}

func run(ours, theirs Kind, seed int64, keep bool, work func(a, b *End, random *rand.Rand) error) error {
	home, err := os.MkdirTemp("", "openledger-interchain-")
	if err != nil {
		return err
	}
	if keep {
		fmt.Println("homes:", home)
	} else {
		defer os.RemoveAll(home)
	}
	a, err := begin(ours, "ours-1", filepath.Join(home, "a"), (*Node).start)
	if a != nil {
		defer a.stop(syscall.SIGTERM)
	}
	if err != nil {
		return err
	}
	b, err := begin(theirs, "theirs-2", filepath.Join(home, "b"), (*Node).start)
	if b != nil {
		defer b.stop(syscall.SIGTERM)
	}
	if err != nil {
		return err
	}
	if err := work(a, b, rand.New(rand.NewSource(seed))); err != nil {
		for _, end := range []*End{a, b} {
			select {
			case <-end.ended:
				err = fmt.Errorf("%w\n-- %s ended; its log ends:\n%s", err, end.ChainID, end.logTail())
			default:
			}
		}
		return err
	}
	return nil
}

// begin starts a chain on which the relayer has an account.
func begin(kind Kind, chainID, home string, start func(*Node) error) (*End, error) {
	chain := &Chain{key: relayerKey()}
	other, err := hermesKey()
	if err != nil {
		return nil, err
	}
	accounts := []string{kind.bech(chain.key.PubKey().Address()), kind.bech(other.PubKey().Address())}
	for number := range persons {
		accounts = append(accounts, kind.bech(personKey(number).PubKey().Address()))
	}
	node, err := newNode(kind, chainID, home, accounts)
	if err != nil {
		return nil, err
	}
	chain.Node = node
	end := &End{Chain: chain}
	if err := start(node); err != nil {
		return end, err
	}
	return end, chain.account()
}

// withHermes lets hermes open a channel, and then relay what `show` or `storm` send.
func withHermes(binary string, a, b *End, random *rand.Rand, count int, tour bool) error {
	from := time.Now()
	h, err := newHermes(binary, filepath.Join(filepath.Dir(a.Home), "hermes"), a, b)
	if err != nil {
		return err
	}
	defer func() { h.stop(syscall.SIGTERM) }()
	if err := h.openChannel(a, b); err != nil {
		return err
	}
	fmt.Printf("%5.1f s  hermes has opened a channel\n", time.Since(from).Seconds())
	if tour {
		return show(h, a, b)
	}
	if err := h.start(); err != nil {
		return err
	}
	if err := storm(random, h, a, b, count); err != nil {
		return err
	}
	fmt.Printf("interchain: hermes relayed %d packets over 4 kills, none was lost or came twice, in %.0f s\n", 2*count, time.Since(from).Seconds())
	return nil
}

// Checks are what is done to two chains in the short form, and what was checked.
type Checks struct {
	a, b                                *End
	random                              *rand.Rand
	seed                                int64
	packets, timeouts, refusals, proven int
	how                                 map[*End]map[string]*Failed
	strangers                           int
}

// shortSchedule is how many random steps the short form has.
const shortSchedule = 25

// Part is one of the checks.
type Part struct {
	what string
	run  func() error
}

func check(a, b *End, random *rand.Rand, seed int64, honest, codes bool) error {
	from := time.Now()
	c := &Checks{a: a, b: b, random: random, seed: seed, how: map[*End]map[string]*Failed{}}
	parts := c.honest()
	if !honest {
		parts = append(parts, c.dishonest()...)
	}
	for _, part := range parts {
		began := time.Now()
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.what, err)
		}
		fmt.Printf("%5.1f s  %s\n", time.Since(began).Seconds(), part.what)
	}
	what := fmt.Sprintf("%d packets, %d timeouts", c.packets, c.timeouts)
	if !honest {
		others := compare(c.how[a], c.how[b], codes)
		what += fmt.Sprintf(", %d refusals (%d of %d kinds with another code than ibc-go's), %d proofs, 4 clients frozen",
			c.refusals, others, len(c.how[a]), c.proven)
	}
	fmt.Printf("interchain: %s, nothing lost, in %.0f s\n", what, time.Since(from).Seconds())
	return nil
}

// both runs a check from each chain to the other.
func (c *Checks) both(run func(src, dst *End) error) func() error {
	return func() error {
		for _, one := range []struct{ src, dst *End }{{c.a, c.b}, {c.b, c.a}} {
			if err := run(one.src, one.dst); err != nil {
				return fmt.Errorf("from %s to %s: %w", one.src.ChainID, one.dst.ChainID, err)
			}
		}
		return nil
	}
}

func (c *Checks) honest() []Part {
	return []Part{
		{"clients both ways and a connection", func() error { return openConnection(c.a, c.b) }},
		{"a channel", func() error { return openChannel(c.a, c.b) }},
		{"what the clients make of proofs", c.both(judged)},
		{"tokens there and back, 25 packets each way", c.both(func(src, dst *End) error {
			c.strangers++
			c.packets += 25
			_, err := thereAndBack(c.random, src, dst, 13, 12, c.strangers)
			return err
		})},
		{"a receiver that is none", c.both(func(src, dst *End) error { c.packets++; return refused(src, dst) })},
		{"packets that run out", c.both(func(src, dst *End) error { c.timeouts += 2; return timeouts(src, dst) })},
		// Before the next: a validator that signs nothing is slashed some day, and what is slashed is burnt.
		{"a random schedule", func() error { return schedule(c.a, c.b, c.seed, shortSchedule) }},
		{"clients over a change of validators", c.both(newValidators)},
	}
}

func (c *Checks) dishonest() []Part {
	return []Part{
		{"what no honest relayer sends", c.both(func(src, dst *End) (err error) {
			c.packets++
			c.how[dst], err = refusals(src, dst)
			c.refusals += len(c.how[dst])
			return err
		})},
		{"keys of several stores, there and absent", func() error {
			for _, end := range []*End{c.a, c.b} {
				stores, keys := end.known()
				count, err := end.proofs(c.random, stores, keys)
				if err != nil {
					return err
				}
				c.proven += count
			}
			return nil
		}},
		{"two headers for one height", func() error {
			for _, old := range []bool{false, true} {
				if err := c.both(func(src, dst *End) error { return misbehaviour(src, dst, old) })(); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

// compare counts the cases that the two chains refuse with different codes, and tells of them where it is asked.
func compare(ours, theirs map[string]*Failed, tell bool) (others int) {
	for what, one := range ours {
		other := theirs[what]
		if one.Codespace == other.Codespace && one.Code == other.Code {
			continue
		}
		others++
		if tell {
			fmt.Printf("  %s: %s/%d (%s), ibc-go %s/%d (%s)\n", what, one.Codespace, one.Code, one.Log, other.Codespace, other.Code, other.Log)
		}
	}
	return others
}

// known are stores of a chain, and keys that stand in them.
func (c *End) known() ([]string, map[string][][]byte) {
	address := c.key.PubKey().Address().Bytes()
	present := map[string][][]byte{
		"bank": {
			append(append([]byte{2, byte(len(address))}, address...), c.Kind.Denom...),
			append([]byte{0}, c.Kind.Denom...),
		},
		"ibc": {
			[]byte(channelPath(c.channel)),
			[]byte("connections/" + c.connection),
			[]byte("clients/" + c.client + "/clientState"),
			[]byte("clients/" + c.client + "/connections"),
		},
	}
	// Those of a new chain that are not empty; from an empty store nothing can be proven.
	stores := []string{"acc", "bank", "distribution", "gov", "ibc", "mint", "slashing", "staking", "upgrade"}
	if c.Kind.Prefix != "open" {
		// The SDK's other stores have empty values, next to which ICS-23 proves nothing.
		return []string{"acc", "ibc", "mint"}, present
	}
	present["acc"] = [][]byte{append([]byte("\x00\x08accounts"), address...), []byte("next_number")}
	return append(stores, "attribution", "consensus", "contributor", "datanet", "model", "transfer"), present
}
