package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
)

// Kind is a program that a chain runs, and what differs between them. Both have simd's verbs and flags.
type Kind struct {
	Binary string
	Prefix string // of its addresses
	Denom  string // that is staked and pays fees
	V10    bool   // it is of ibc-go v10: see generations.go

	Decimals int // zeros that every amount of genesis has more
	GasPrice int64
}

// Node is a chain of one validator: a process with everything it needs, CometBFT included.
type Node struct {
	Kind    Kind
	ChainID string
	Home    string
	RPC     RPC
	Address string // of its RPC
	GRPC    string
	ports   []string
	engine  *Engine // where the application runs without its own
	process *exec.Cmd
	ended   chan struct{}
}

// freePorts gives ports that nobody listens on.
func freePorts(count int) ([]string, error) {
	var ports []string
	for i := 0; i < count; i++ {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports = append(ports, fmt.Sprint(listener.Addr().(*net.TCPAddr).Port))
	}
	return ports, nil
}

func (n *Node) verb(args ...string) (string, error) {
	command := exec.Command(n.Kind.Binary, append(args, "--home", n.Home)...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(n.Kind.Binary), strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

// amount is coins of a genesis: so many units of stake.
func (k Kind) amount(units int) string {
	return fmt.Sprintf("%d%s%s", units, strings.Repeat("0", k.Decimals), k.Denom)
}

// newNode makes the genesis of a chain with one validator, and an account with coins for each of the addresses.
func newNode(kind Kind, chainID, home string, accounts []string) (*Node, error) {
	n := &Node{Kind: kind, ChainID: chainID, Home: home}
	var err error
	if n.ports, err = freePorts(5); err != nil {
		return nil, err
	}
	n.Address, n.GRPC = "tcp://127.0.0.1:"+n.ports[0], "127.0.0.1:"+n.ports[2]
	keyring := []string{"--keyring-backend", "test"}
	steps := [][]string{
		{"init", "node", "--chain-id", chainID},
		append([]string{"keys", "add", "val"}, keyring...),
		append([]string{"genesis", "add-genesis-account", "val", kind.amount(1_000_000)}, keyring...),
	}
	for _, account := range accounts {
		steps = append(steps, []string{"genesis", "add-genesis-account", account, kind.amount(1_000_000)})
	}
	steps = append(steps,
		append([]string{"genesis", "gentx", "val", kind.amount(1_000), "--chain-id", chainID}, keyring...),
		[]string{"genesis", "collect-gentxs"})
	for _, step := range steps {
		if _, err := n.verb(step...); err != nil {
			return nil, err
		}
	}
	if err := n.stopMinting(); err != nil {
		return nil, err
	}
	return n, n.quicken()
}

// stopMinting sets inflation to zero where a chain mints its coin: what there is of it may then be compared. Ours does not mint.
func (n *Node) stopMinting() error {
	if n.Kind.Prefix == "open" {
		return nil
	}
	path := filepath.Join(n.Home, "config", "genesis.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	// Each in the minter or its parameters, once in the file.
	for _, name := range []string{"inflation", "inflation_rate_change", "inflation_max", "inflation_min"} {
		pattern := regexp.MustCompile(`"` + name + `":\s*"[0-9.]+"`)
		if found := len(pattern.FindAll(text, -1)); found != 1 {
			return fmt.Errorf("%s has %s %d times", path, name, found)
		}
		text = pattern.ReplaceAll(text, []byte(`"`+name+`": "0.000000000000000000"`))
	}
	return os.WriteFile(path, text, 0o600)
}

// quicken sets timeouts for several blocks a second, and for a validator that is never there.
func (n *Node) quicken() error {
	path := filepath.Join(n.Home, "config", "config.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"timeout_commit": "300ms", "timeout_propose": "600ms"} {
		pattern := regexp.MustCompile(`(?m)^` + name + ` = ".*"$`)
		if !pattern.Match(text) {
			return fmt.Errorf("%s has no %s", path, name)
		}
		text = pattern.ReplaceAll(text, []byte(name+` = "`+value+`"`))
	}
	return os.WriteFile(path, text, 0o600)
}

// launch runs the node's program with these flags.
func (n *Node) launch(flags ...string) error {
	log, err := os.OpenFile(filepath.Join(n.Home, "node.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	flags = append([]string{"start", "--home", n.Home, "--minimum-gas-prices", fmt.Sprintf("%d%s", n.Kind.GasPrice, n.Kind.Denom)}, flags...)
	n.process = exec.Command(n.Kind.Binary, flags...)
	n.process.Stdout, n.process.Stderr = log, log
	// A group of its own: an interrupt at the terminal reaches this program alone, which ends it.
	n.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := n.process.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	n.ended = ended
	process := n.process
	go func() { _ = process.Wait(); close(ended) }()
	return nil
}

// startAlone runs the application without its consensus engine, which is played here, with headers that so many validators sign.
func (n *Node) startAlone(validators int) error {
	socket := filepath.Join(n.Home, "abci.sock")
	if err := n.launch("--with-comet=false", "--transport", "socket", "--address", "unix://"+socket, "--grpc.enable=false"); err != nil {
		return err
	}
	if err := until(n.ChainID+" serves ABCI", func() (bool, error) {
		select {
		case <-n.ended:
			return false, fmt.Errorf("it ended:\n%s", n.logTail())
		default:
		}
		_, err := os.Stat(socket)
		return err == nil, err
	}); err != nil {
		return err
	}
	engine, err := newEngine("unix://"+socket, n.Home, n.process.Process.Pid, validators)
	n.RPC, n.engine = engine, engine
	return err
}

// start runs the node and waits for its first blocks, and for one more than it had: until then simd takes every account's number for 0,
// and its signatures for wrong.
func (n *Node) start() (err error) {
	if err := n.launch("--rpc.laddr", n.Address, "--p2p.laddr", "tcp://127.0.0.1:"+n.ports[1], "--grpc.address", n.GRPC,
		"--api.enable=false"); err != nil {
		return err
	}
	if n.RPC, err = rpchttp.New(n.Address, "/websocket"); err != nil {
		return err
	}
	had := int64(0)
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		select {
		case <-n.ended:
			return fmt.Errorf("%s ended:\n%s", n.ChainID, n.logTail())
		case <-time.After(200 * time.Millisecond):
		}
		height, err := n.height()
		if err == nil && height >= 3 && had > 0 && height > had {
			return nil
		}
		if had == 0 {
			had = height
		}
	}
	return fmt.Errorf("%s made no blocks:\n%s", n.ChainID, n.logTail())
}

// stop ends the node with this signal and waits until it is gone.
func (n *Node) stop(signal syscall.Signal) {
	if n.process == nil {
		return
	}
	_ = n.process.Process.Signal(signal)
	select {
	case <-n.ended:
	case <-time.After(20 * time.Second):
		_ = n.process.Process.Kill()
		<-n.ended
	}
	n.process = nil
}

func (n *Node) logTail() string {
	text, _ := os.ReadFile(filepath.Join(n.Home, "node.log"))
	lines := strings.Split(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

func (n *Node) height() (int64, error) {
	status, err := n.RPC.Status(context.Background())
	if err != nil {
		return 0, err
	}
	return status.SyncInfo.LatestBlockHeight, nil
}

// waitHeight waits until the chain has this block.
func (n *Node) waitHeight(height int64) error {
	return until(fmt.Sprintf("%s is at height %d", n.ChainID, height), func() (bool, error) {
		now, err := n.height()
		return now >= height, err
	})
}

// until waits for what takes seconds on an idle machine.
func until(what string, is func() (bool, error)) error {
	deadline := time.Now().Add(time.Minute)
	for {
		ok, err := is()
		if ok && err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("in a minute it did not come that %s (%v)", what, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
