// Prints consensus parameters as the Cosmos SDK stores them (hexadecimal) and as its event `update_consensus_params` shows them.
//
// Regenerate: cd tests/vectors-go && go run ./consensus > ../../modules/consensus/tests/vectors/params.json
package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"

	"github.com/cosmos/cosmos-sdk/x/consensus/types"
)

type vector struct {
	Stored string `json:"stored"`
	Shown  string `json:"shown"`
}

func show(params cmttypes.ConsensusParams, abci bool) vector {
	stored := params.ToProto()
	bytes, err := stored.Marshal()
	if err != nil {
		panic(err)
	}
	msg := types.MsgUpdateParams{Block: stored.Block, Evidence: stored.Evidence, Validator: stored.Validator}
	if abci {
		msg.Abci = stored.Abci
	}
	update, err := msg.ToProtoConsensusParams()
	if err != nil {
		panic(err)
	}
	return vector{hex.EncodeToString(bytes), update.String()}
}

func main() {
	odd := *cmttypes.DefaultConsensusParams()
	odd.Block.MaxBytes = -1
	odd.Block.MaxGas = 0
	odd.Evidence.MaxAgeDuration = 90*time.Minute + 500*time.Millisecond
	odd.Evidence.MaxBytes = 0
	odd.Validator.PubKeyTypes = []string{"ed25519", "secp256k1"}
	odd.ABCI.VoteExtensionsEnableHeight = 12
	short := *cmttypes.DefaultConsensusParams()
	short.Evidence.MaxAgeDuration = 1500 * time.Microsecond
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	vectors := []vector{show(*cmttypes.DefaultConsensusParams(), false), show(odd, true), show(short, true)}
	if err := encoder.Encode(vectors); err != nil {
		panic(err)
	}
}
