// Makes keyrings with the Cosmos SDK's own code and prints their files, the records in them, armoured keys and derived secrets.
//
// Regenerate: cd tests/vectors-go && go run ./keyring > ../../client/vectors/keyring.json
// Check the other direction (the SDK opens a home that openledgerd made): go run ./keyring HOME BACKEND PASSPHRASE
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	"github.com/cosmos/cosmos-sdk/crypto"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/crypto/keys/bcrypt"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	"github.com/cosmos/cosmos-sdk/crypto/xsalsa20symmetric"

	cmtcrypto "github.com/cometbft/cometbft/crypto"
)

const (
	passphrase = "correct horse battery staple"
	words      = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	otherWords = "legal winner thank year wave sausage worth useful legal winner thank yellow"
)

type record struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Address string `json:"address"`
	PubKey  string `json:"pubkey"`
	Proto   string `json:"proto"`
}

type derived struct {
	Mnemonic   string `json:"mnemonic"`
	Passphrase string `json:"bip39_passphrase"`
	Path       string `json:"path"`
	Secret     string `json:"secret"`
}

type vectors struct {
	Passphrase string                       `json:"passphrase"`
	Secret     string                       `json:"secret"`
	Homes      map[string]map[string]string `json:"homes"`
	Records    []record                     `json:"records"`
	Armor      map[string]string            `json:"armor"`
	Derived    []derived                    `json:"derived"`
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func newCodec() codec.Codec {
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	return codec.NewProtoCodec(registry)
}

func open(backend, home, pass string, cdc codec.Codec) keyring.Keyring {
	answers := strings.NewReader(strings.Repeat(pass+"\n", 16))
	return must(keyring.New("openledger", backend, home, answers, cdc))
}

func fill(ring keyring.Keyring) []*keyring.Record {
	path := hd.CreateHDPath(118, 0, 0).String()
	alice := must(ring.NewAccount("alice", words, "", path, hd.Secp256k1))
	bob := must(ring.NewAccount("bob/the second", otherWords, "", path, hd.Secp256k1))
	spare := must(hd.Secp256k1.Derive()(words, "", hd.CreateHDPath(118, 1, 7).String()))
	offline := must(ring.SaveOfflineKey("offline", hd.Secp256k1.Generate()(spare).PubKey()))
	members := []cryptotypes.PubKey{must(alice.GetPubKey()), must(bob.GetPubKey()), must(offline.GetPubKey())}
	pair := must(ring.SaveMultisig("pair", multisig.NewLegacyAminoPubKey(2, members)))
	return []*keyring.Record{alice, bob, offline, pair}
}

func files(folder string) map[string]string {
	found := map[string]string{}
	for _, entry := range must(os.ReadDir(folder)) {
		found[entry.Name()] = string(must(os.ReadFile(filepath.Join(folder, entry.Name()))))
	}
	return found
}

// bcryptArmor is what SDKs before v0.50 exported.
func bcryptArmor(key cryptotypes.PrivKey) string {
	salt := bytes.Repeat([]byte{7}, 16)
	hash := must(bcrypt.GenerateFromPassword(salt, []byte(passphrase), crypto.BcryptSecurityParameter))
	sealed := xsalsa20symmetric.EncryptSymmetric(legacy.Cdc.MustMarshal(key), cmtcrypto.Sha256(hash))
	header := map[string]string{"kdf": "bcrypt", "salt": fmt.Sprintf("%X", salt), "type": "secp256k1"}
	return crypto.EncodeArmor("TENDERMINT PRIVATE KEY", header, sealed)
}

func show(home, backend, pass string) {
	for _, rec := range must(open(backend, home, pass, newCodec()).List()) {
		output := must(keys.MkAccKeyOutput(rec))
		fmt.Println(string(must(json.Marshal(output))))
	}
}

func main() {
	if len(os.Args) == 4 {
		show(os.Args[1], os.Args[2], os.Args[3])
		return
	}
	cdc := newCodec()
	out := vectors{Passphrase: passphrase, Homes: map[string]map[string]string{}, Armor: map[string]string{}}
	for _, backend := range []string{"test", "file"} {
		home := must(os.MkdirTemp("", "keyring"))
		defer os.RemoveAll(home)
		// 99designs/keyring opens the folder before it makes it.
		folder := filepath.Join(home, "keyring-"+backend)
		check(os.MkdirAll(folder, 0o700))
		records := fill(open(backend, home, passphrase, cdc))
		out.Homes[backend] = files(folder)
		out.Records = nil
		for _, rec := range records {
			output := must(keys.MkAccKeyOutput(rec))
			address := hex.EncodeToString(must(rec.GetAddress()))
			proto := hex.EncodeToString(must(cdc.Marshal(rec)))
			out.Records = append(out.Records, record{output.Name, output.Type, address, output.PubKey, proto})
		}
	}
	secret := must(hd.Secp256k1.Derive()(words, "", hd.CreateHDPath(118, 0, 0).String()))
	key := hd.Secp256k1.Generate()(secret)
	out.Secret = hex.EncodeToString(secret)
	out.Armor["argon2"] = crypto.EncryptArmorPrivKey(key, passphrase, "secp256k1")
	out.Armor["bcrypt"] = bcryptArmor(key)
	for _, extra := range []string{"", "TREZOR"} {
		for _, path := range []string{"m/44'/118'/0'/0/0", "m/44'/118'/3'/0/9", "44'/60'/0'/0/2147483647", "m/0"} {
			secret := must(hd.Secp256k1.Derive()(words, extra, path))
			out.Derived = append(out.Derived, derived{words, extra, path, hex.EncodeToString(secret)})
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(out))
}
