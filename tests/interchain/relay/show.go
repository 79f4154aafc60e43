package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// say prints a command as a person would give it, runs it and gives what it printed.
func (n *Node) say(args ...string) (string, error) {
	short := args
	for i, arg := range args {
		if arg == "--node" {
			short = args[:i]
			break
		}
	}
	fmt.Printf("\n$ %s %s\n", name(n.Kind.Binary), strings.Join(short, " "))
	return n.verb(args...)
}

func name(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// node are the flags that every command of the tour has.
func (n *Node) node() []string {
	return []string{"--node", n.Address, "--output", "json"}
}

// pay sends coins over the channel with the program's own command, and waits until they are there.
func pay(src, dst *End, coin string, denomThere string) error {
	to, err := dst.verb("keys", "show", "val", "--address", "--keyring-backend", "test")
	if err != nil {
		return err
	}
	to = strings.TrimSpace(to)
	before, err := dst.balance(to, denomThere)
	if err != nil {
		return err
	}
	args := []string{"tx", "ibc-transfer", "transfer", port, src.channel, to, coin, "--from", "val"}
	args = append(args, "--node", src.Address, "--output", "json", "--keyring-backend", "test", "--chain-id", src.ChainID,
		"--gas", "400000", "--fees", fmt.Sprintf("%d%s", 400_000*src.Kind.GasPrice, src.Kind.Denom), "--yes")
	out, err := src.say(args...)
	if err != nil {
		return err
	}
	var sent struct {
		Code   uint32 `json:"code"`
		RawLog string `json:"raw_log"`
	}
	if err := json.Unmarshal([]byte(out), &sent); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if sent.Code != 0 {
		return fmt.Errorf("it was refused: %s", sent.RawLog)
	}
	began := time.Now()
	err = until("the coins are there", func() (bool, error) {
		now, err := dst.balance(to, denomThere)
		return err == nil && now.GT(before), err
	})
	if err != nil {
		return err
	}
	now, err := dst.balance(to, denomThere)
	fmt.Printf("  %s has received %s%s (%.1f s)\n", to, now.Sub(before), denomThere, time.Since(began).Seconds())
	return err
}

// show moves coins of both chains over and back as an operator would by hand, and prints what is seen on the way.
func show(h *Hermes, a, b *End) error {
	if err := h.start(); err != nil {
		return err
	}
	for _, one := range []struct{ src, dst *End }{{a, b}, {b, a}} {
		denom := one.src.Kind.Denom
		voucher := one.dst.voucher(denom)
		zeros := strings.Repeat("0", one.src.Kind.Decimals)
		fmt.Printf("\n== %s from %s to %s and back\n", denom, one.src.ChainID, one.dst.ChainID)
		if err := pay(one.src, one.dst, "12"+zeros+denom, voucher); err != nil {
			return err
		}
		held, err := one.src.balance(one.src.escrow(), denom)
		if err != nil {
			return err
		}
		out, err := one.dst.supply(voucher)
		if err != nil {
			return err
		}
		fmt.Printf("  %s holds %s%s in escrow, %s has %s of %s\n", one.src.ChainID, held, denom, one.dst.ChainID, out, voucher)
		trace, err := one.dst.say(append([]string{"query", "ibc-transfer", "denom-trace", strings.TrimPrefix(voucher, "ibc/")}, one.dst.node()...)...)
		if err != nil {
			return err
		}
		fmt.Println(" ", strings.TrimSpace(trace))
		if err := pay(one.dst, one.src, "12"+zeros+voucher, denom); err != nil {
			return err
		}
		if err := backed(one.src, one.dst, denom, 0); err != nil {
			return err
		}
		fmt.Printf("  the escrow on %s is empty again, and no voucher is left on %s\n", one.src.ChainID, one.dst.ChainID)
	}
	return proven(a)
}

// proven prints the proof of the chain's end of the channel, verified by ICS-23's own verifier.
func proven(c *End) error {
	now, err := c.height()
	if err != nil {
		return err
	}
	if err := c.waitHeight(now + 1); err != nil {
		return err
	}
	header, err := c.signed(now + 1)
	if err != nil {
		return err
	}
	key := channelPath(c.channel)
	there, err := c.verified("ibc", []byte(key), now, header.AppHash)
	if err != nil || !there {
		return fmt.Errorf("%s is not proven (%v)", key, err)
	}
	absent, err := c.verified("ibc", []byte(packetPath("commitments", c.channel, 1_000_000)), now, header.AppHash)
	if err != nil || absent {
		return fmt.Errorf("an absent packet is not proven absent (%v)", err)
	}
	fmt.Printf("\n== proofs\n  %s is in app hash %X of block %d of %s, and packet 1000000 is not: both verified with ICS-23\n", key, header.AppHash, now+1, c.ChainID)
	return nil
}
