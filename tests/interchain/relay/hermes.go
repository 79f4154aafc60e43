package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
)

// hermesWords are the account of hermes on both chains, BIP-39's own example. Whoever reads this has the key: for tests alone.
const hermesWords = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

// hermesKey is the first account of those words.
func hermesKey() (*secp256k1.PrivKey, error) {
	bytes, err := hd.Secp256k1.Derive()(hermesWords, "", "m/44'/118'/0'/0/0")
	return &secp256k1.PrivKey{Key: bytes}, err
}

// Hermes is the relayer that most operators run, with a configuration for two chains.
type Hermes struct {
	binary, home, config string
	process              *exec.Cmd
	ended                chan struct{}
}

var hermesConfig = template.Must(template.New("config.toml").Parse(`
[global]
log_level = 'info'
[mode.clients]
enabled = true
refresh = true
misbehaviour = true
[mode.connections]
enabled = false
[mode.channels]
enabled = false
[mode.packets]
enabled = true
clear_interval = 20
clear_on_start = true
tx_confirmation = false
[rest]
enabled = false
host = '127.0.0.1'
port = 3000
[telemetry]
enabled = false
host = '127.0.0.1'
port = 3001
{{range .}}
[[chains]]
id = '{{.ChainID}}'
type = 'CosmosSdk'
rpc_addr = 'http://127.0.0.1:{{.Port}}'
grpc_addr = 'http://{{.GRPC}}'
event_source = { mode = 'push', url = 'ws://127.0.0.1:{{.Port}}/websocket', batch_delay = '200ms' }
rpc_timeout = '10s'
account_prefix = '{{.Kind.Prefix}}'
key_name = 'relayer'
key_store_type = 'Test'
key_store_folder = '{{.Keys}}'
store_prefix = 'ibc'
default_gas = 300000
max_gas = 30000000
gas_price = { price = {{.Kind.GasPrice}}, denom = '{{.Kind.Denom}}' }
gas_multiplier = 1.3
max_msg_num = 30
max_tx_size = 180000
clock_drift = '10s'
max_block_time = '30s'
trusting_period = '14days'
address_type = { derivation = 'cosmos' }
{{end}}`))

// newHermes writes the configuration and takes the words into its keyring.
func newHermes(binary, home string, ends ...*End) (*Hermes, error) {
	h := &Hermes{binary: binary, home: home, config: filepath.Join(home, "config.toml")}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	type chain struct {
		*Node
		Port, Keys string
	}
	var chains []chain
	for _, end := range ends {
		chains = append(chains, chain{end.Node, end.ports[0], filepath.Join(home, "keys")})
	}
	var text bytes.Buffer
	if err := hermesConfig.Execute(&text, chains); err != nil {
		return nil, err
	}
	if err := os.WriteFile(h.config, text.Bytes(), 0o600); err != nil {
		return nil, err
	}
	words := filepath.Join(home, "words")
	if err := os.WriteFile(words, []byte(hermesWords), 0o600); err != nil {
		return nil, err
	}
	for _, end := range ends {
		if _, err := h.run("keys", "add", "--chain", end.ChainID, "--mnemonic-file", words); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// run carries out one command of hermes.
func (h *Hermes) run(args ...string) (string, error) {
	command := exec.Command(h.binary, append([]string{"--config", h.config}, args...)...)
	out, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("hermes %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// start lets it relay.
func (h *Hermes) start() error {
	log, err := os.OpenFile(filepath.Join(h.home, "hermes.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	process := exec.Command(h.binary, "--config", h.config, "start")
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := process.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = process.Wait(); close(ended) }()
	h.process, h.ended = process, ended
	return nil
}

// stop ends it with this signal.
func (h *Hermes) stop(signal syscall.Signal) {
	if h.process == nil {
		return
	}
	_ = h.process.Process.Signal(signal)
	<-h.ended
	h.process = nil
}

func (h *Hermes) logTail() string {
	text, _ := os.ReadFile(filepath.Join(h.home, "hermes.log"))
	lines := strings.Split(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

// openChannel makes clients, a connection and a channel for tokens, and tells the ends their names.
func (h *Hermes) openChannel(a, b *End) error {
	_, err := h.run("create", "channel", "--a-chain", a.ChainID, "--b-chain", b.ChainID, "--a-port", port, "--b-port", port,
		"--new-client-connection", "--yes")
	for _, end := range []*End{a, b} {
		// The chains are new: everything is their first.
		end.client, end.connection, end.channel = "07-tendermint-0", "connection-0", "channel-0"
	}
	return err
}
