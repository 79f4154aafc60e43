// Writes what cosmossdk.io/math v1.3.0 makes of decimals, to hold modules/core/src/dec.rs against: each case has two decimals and
// the results of every operation on them, or null where the SDK panics.
//
// Regenerate: cd tests/vectors-go && go run ./dec > ../../modules/core/vectors/dec.json. The output is deterministic.
package main

import (
	"encoding/json"
	"math/big"
	"math/rand"
	"os"

	"cosmossdk.io/math"
)

type vector struct {
	A       string             `json:"a"`
	B       string             `json:"b"`
	Results map[string]*string `json:"results"`
}

func try(op func() string) (result *string) {
	defer func() {
		if recover() != nil {
			result = nil
		}
	}()
	text := op()
	return &text
}

func number(r *rand.Rand) math.LegacyDec {
	bits := uint(r.Intn(316))
	limit := new(big.Int).Lsh(big.NewInt(1), bits)
	units := new(big.Int).Rand(r, limit)
	if r.Intn(4) == 0 { // halves and whole numbers, where rounding turns
		units.Div(units, big.NewInt(500_000_000_000_000_000))
		units.Mul(units, big.NewInt(500_000_000_000_000_000))
	}
	if r.Intn(3) == 0 {
		units.Neg(units)
	}
	return math.LegacyNewDecFromBigIntWithPrec(units, math.LegacyPrecision)
}

func main() {
	r := rand.New(rand.NewSource(1))
	var vectors []vector
	for i := 0; i < 400; i++ {
		a, b := number(r), number(r)
		if i%2 == 0 { // of a size whose products fit
			small := new(big.Int).Mod(b.BigInt(), new(big.Int).Lsh(big.NewInt(1), 80))
			b = math.LegacyNewDecFromBigIntWithPrec(small, math.LegacyPrecision)
		}
		dec := func(op func() math.LegacyDec) *string { return try(func() string { return op().String() }) }
		vectors = append(vectors, vector{a.String(), b.String(), map[string]*string{
			"add":          dec(func() math.LegacyDec { return a.Add(b) }),
			"sub":          dec(func() math.LegacyDec { return a.Sub(b) }),
			"mul":          dec(func() math.LegacyDec { return a.Mul(b) }),
			"mul_truncate": dec(func() math.LegacyDec { return a.MulTruncate(b) }),
			"mul_round_up": dec(func() math.LegacyDec { return a.MulRoundUp(b) }),
			"quo":          dec(func() math.LegacyDec { return a.Quo(b) }),
			"quo_truncate": dec(func() math.LegacyDec { return a.QuoTruncate(b) }),
			"quo_round_up": dec(func() math.LegacyDec { return a.QuoRoundUp(b) }),
			"ceil":         dec(a.Ceil),
			"truncate":     dec(a.TruncateDec),
			"truncate_int": try(func() string { return a.TruncateInt().String() }),
			"round_int":    try(func() string { return a.RoundInt().String() }),
			"power_3":      dec(func() math.LegacyDec { return b.Power(3) }),
		}})
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(vectors); err != nil {
		panic(err)
	}
}
