// Prints public keys as the Cosmos SDK packs them (type URL and value in hexadecimal) and the addresses that follow from them.
//
// Regenerate: cd tests/vectors-go && go run ./auth > ../../modules/auth/tests/vectors/keys.json
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256r1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
)

// r1 is the generator of P-256 as a key: the SDK refuses 33 bytes that are no point of the curve.
func r1() cryptotypes.PubKey {
	point, err := hex.DecodeString("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
	if err != nil {
		panic(err)
	}
	key := &secp256r1.PubKey{}
	if err := key.Unmarshal(append([]byte{0x0a, 33}, point...)); err != nil {
		panic(err)
	}
	return key
}

type vector struct {
	TypeURL string `json:"type_url"`
	Value   string `json:"value"`
	Address string `json:"address"`
}

func main() {
	one := &secp256k1.PubKey{Key: append([]byte{2}, bytes.Repeat([]byte{0x11}, 32)...)}
	two := &secp256k1.PubKey{Key: append([]byte{3}, bytes.Repeat([]byte{0x22}, 32)...)}
	edwards := &ed25519.PubKey{Key: bytes.Repeat([]byte{0x33}, 32)}
	pair := multisig.NewLegacyAminoPubKey(2, []cryptotypes.PubKey{one, two})
	many := []cryptotypes.PubKey{}
	for range 130 {
		many = append(many, one)
	}
	keys := []cryptotypes.PubKey{
		one, two, edwards, pair, r1(),
		multisig.NewLegacyAminoPubKey(1, []cryptotypes.PubKey{edwards, pair, two}),
		multisig.NewLegacyAminoPubKey(129, many),
	}
	vectors := []vector{}
	for _, key := range keys {
		packed, err := codectypes.NewAnyWithValue(key)
		if err != nil {
			panic(err)
		}
		vectors = append(vectors, vector{packed.TypeUrl, hex.EncodeToString(packed.Value), hex.EncodeToString(key.Address())})
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(vectors); err != nil {
		panic(err)
	}
}
