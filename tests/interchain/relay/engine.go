package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	abcicli "github.com/cometbft/cometbft/abci/client"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/libs/bytes"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	cmtnode "github.com/cometbft/cometbft/version"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
)

// RPC is what this program asks a node.
type RPC interface {
	ABCIInfo(context.Context) (*coretypes.ResultABCIInfo, error)
	ABCIQueryWithOptions(context.Context, string, bytes.HexBytes, rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error)
	BroadcastTxSync(context.Context, cmttypes.Tx) (*coretypes.ResultBroadcastTx, error)
	Tx(context.Context, []byte, bool) (*coretypes.ResultTx, error)
	Status(context.Context) (*coretypes.ResultStatus, error)
	Commit(context.Context, *int64) (*coretypes.ResultCommit, error)
	Validators(ctx context.Context, height *int64, page, perPage *int) (*coretypes.ResultValidators, error)
}

// Engine is the consensus engine of a daemon that serves ABCI alone, and the node's RPC beside: it decides every block by itself, and
// signs the headers that light clients ask for. It decides one whenever it is asked for the height or given a transaction.
type Engine struct {
	abci      abcicli.Client
	process   int
	chainID   string
	validator abci.VoteInfo // of the application, whose state names one
	set       *cmttypes.ValidatorSet
	keys      map[string]crypto.PrivKey
	params    cmttypes.ConsensusParams
	last      *cmttypes.Header
	appHash   []byte // after the last block
	headers   map[int64]*cmttypes.Header
	results   map[string]*coretypes.ResultTx
}

// newEngine starts a chain of the daemon behind this socket. Its headers are signed by so many validators, of whom the application, which
// does not ask who signs, knows one.
func newEngine(address, home string, process, validators int) (*Engine, error) {
	genesis, err := genutiltypes.AppGenesisFromFile(filepath.Join(home, "config", "genesis.json"))
	if err != nil {
		return nil, err
	}
	e := &Engine{
		abci: abcicli.NewSocketClient(address, true), process: process, chainID: genesis.ChainID, keys: map[string]crypto.PrivKey{},
		params:  *cmttypes.DefaultConsensusParams(),
		headers: map[int64]*cmttypes.Header{}, results: map[string]*coretypes.ResultTx{},
	}
	if err := e.abci.Start(); err != nil {
		return nil, err
	}
	var set []*cmttypes.Validator
	for i := 0; i < validators; i++ {
		key := ed25519.GenPrivKeyFromSecret([]byte(fmt.Sprintf("validator %d of %s", i, e.chainID)))
		set = append(set, cmttypes.NewValidator(key.PubKey(), int64(1_000_000/(i+20))))
		e.keys[string(key.PubKey().Address())] = key
	}
	e.set = cmttypes.NewValidatorSet(set)
	params := e.params.ToProto()
	e.last = &cmttypes.Header{Time: time.Now().UTC().Truncate(time.Millisecond)}
	began, err := e.abci.InitChain(context.Background(), &abci.RequestInitChain{
		Time: e.last.Time, ChainId: e.chainID, ConsensusParams: &params, AppStateBytes: genesis.AppState, InitialHeight: 1,
	})
	if err != nil {
		return nil, err
	}
	if len(began.Validators) != 1 {
		return nil, fmt.Errorf("%s begins with %d validators, not one", e.chainID, len(began.Validators))
	}
	key, err := cryptocodec.FromCmtProtoPublicKey(began.Validators[0].PubKey)
	if err != nil {
		return nil, err
	}
	e.appHash = began.AppHash
	e.validator = abci.VoteInfo{
		Validator: abci.Validator{Address: key.Address(), Power: began.Validators[0].Power}, BlockIdFlag: cmtproto.BlockIDFlagCommit,
	}
	return e, e.empty(2)
}

func blockID(header *cmttypes.Header) cmttypes.BlockID {
	hash := sha256.Sum256(header.Hash())
	return cmttypes.BlockID{Hash: header.Hash(), PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: hash[:]}}
}

// propose is a header for these transactions, now.
func (e *Engine) propose(txs cmttypes.Txs) *cmttypes.Header {
	now := time.Now().UTC().Truncate(time.Millisecond)
	if !now.After(e.last.Time) {
		now = e.last.Time.Add(time.Millisecond)
	}
	nothing := sha256.Sum256(nil)
	header := &cmttypes.Header{
		Version: cmtversion.Consensus{Block: cmtnode.BlockProtocol}, ChainID: e.chainID, Height: e.last.Height + 1, Time: now,
		LastCommitHash: nothing[:], DataHash: txs.Hash(), ValidatorsHash: e.set.Hash(), NextValidatorsHash: e.set.Hash(),
		ConsensusHash: e.params.Hash(), AppHash: e.appHash, LastResultsHash: nothing[:], EvidenceHash: nothing[:],
		ProposerAddress: e.set.Validators[0].Address,
	}
	if e.last.Height > 0 {
		header.LastBlockID = blockID(e.last)
	}
	return header
}

// Spent is what a block took: time that passed, the socket included, and what the daemon had of the processors, all threads together.
type Spent struct {
	check, finalize, commit time.Duration
	checkBusy, blockBusy    time.Duration
}

// busy is what the daemon's threads that still run had of the processors; zero where the kernel does not count it.
func (e *Engine) busy() (sum time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", e.process))
	for _, thread := range threads {
		text, _ := os.ReadFile(thread)
		first, _, _ := strings.Cut(string(text), " ")
		nanos, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(nanos)
	}
	return sum
}

// decide executes a block of these transactions and commits it.
func (e *Engine) decide(txs cmttypes.Txs) (results []*abci.ExecTxResult, spent Spent, err error) {
	header := e.propose(txs)
	request := &abci.RequestFinalizeBlock{
		Txs: txs.ToSliceOfBytes(), Hash: header.Hash(), Height: header.Height, Time: header.Time, ProposerAddress: e.validator.Validator.Address,
		NextValidatorsHash: header.NextValidatorsHash,
	}
	if header.Height > 1 {
		request.DecidedLastCommit.Votes = []abci.VoteInfo{e.validator}
	}
	ctx := context.Background()
	busy := e.busy()
	began := time.Now()
	made, err := e.abci.FinalizeBlock(ctx, request)
	if err != nil {
		return nil, spent, err
	}
	spent.finalize = time.Since(began)
	began = time.Now()
	if _, err := e.abci.Commit(ctx, &abci.RequestCommit{}); err != nil {
		return nil, spent, err
	}
	spent.commit = time.Since(began)
	spent.blockBusy = e.busy() - busy
	if len(made.TxResults) != len(txs) {
		return nil, spent, fmt.Errorf("%s made %d results of %d transactions", e.chainID, len(made.TxResults), len(txs))
	}
	e.last, e.appHash = header, made.AppHash
	e.headers[header.Height] = header
	return made.TxResults, spent, nil
}

func (e *Engine) empty(blocks int) error {
	for ; blocks > 0; blocks-- {
		if _, _, err := e.decide(nil); err != nil {
			return err
		}
	}
	return nil
}

// measure takes transactions through CheckTx, as a node does to which they are gossiped, and a block; all have to succeed.
func (e *Engine) measure(txs cmttypes.Txs) ([]*abci.ExecTxResult, Spent, error) {
	// Transactions are checked at the time of the last block, which must not be behind that of the headers they bring.
	if err := e.empty(1); err != nil {
		return nil, Spent{}, err
	}
	ctx := context.Background()
	busy := e.busy()
	began := time.Now()
	var asked []*abcicli.ReqRes
	for _, tx := range txs {
		request, err := e.abci.CheckTxAsync(ctx, &abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
		if err != nil {
			return nil, Spent{}, err
		}
		asked = append(asked, request)
	}
	if err := e.abci.Flush(ctx); err != nil {
		return nil, Spent{}, err
	}
	for _, request := range asked {
		request.Wait()
		if checked := request.Response.GetCheckTx(); checked.Code != 0 {
			return nil, Spent{}, &Failed{e.chainID, checked.Codespace, checked.Code, checked.Log, false}
		}
	}
	check, checkBusy := time.Since(began), e.busy()-busy
	results, spent, err := e.decide(txs)
	if err != nil {
		return nil, spent, err
	}
	spent.check, spent.checkBusy = check, checkBusy
	for _, result := range results {
		if result.Code != 0 {
			return nil, spent, &Failed{e.chainID, result.Codespace, result.Code, result.Log, true}
		}
	}
	return results, spent, nil
}

// ABCIInfo tells of the application's last block.
func (e *Engine) ABCIInfo(ctx context.Context) (*coretypes.ResultABCIInfo, error) {
	info, err := e.abci.Info(ctx, &abci.RequestInfo{})
	if err != nil {
		return nil, err
	}
	return &coretypes.ResultABCIInfo{Response: *info}, nil
}

// ABCIQueryWithOptions asks the application.
func (e *Engine) ABCIQueryWithOptions(ctx context.Context, path string, data bytes.HexBytes, options rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error) {
	answer, err := e.abci.Query(ctx, &abci.RequestQuery{Path: path, Data: data, Height: options.Height, Prove: options.Prove})
	if err != nil {
		return nil, err
	}
	return &coretypes.ResultABCIQuery{Response: *answer}, nil
}

// BroadcastTxSync puts a transaction that CheckTx lets in into a block of its own.
func (e *Engine) BroadcastTxSync(ctx context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	if err := e.empty(1); err != nil {
		return nil, err
	}
	checked, err := e.abci.CheckTx(ctx, &abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
	if err != nil {
		return nil, err
	}
	answer := &coretypes.ResultBroadcastTx{Code: checked.Code, Codespace: checked.Codespace, Log: checked.Log, Hash: tx.Hash()}
	if checked.Code != 0 {
		return answer, nil
	}
	results, _, err := e.decide(cmttypes.Txs{tx})
	if err != nil {
		return nil, err
	}
	e.results[string(tx.Hash())] = &coretypes.ResultTx{Hash: tx.Hash(), Height: e.last.Height, TxResult: *results[0], Tx: tx}
	return answer, nil
}

// Tx is a transaction that was broadcast.
func (e *Engine) Tx(_ context.Context, hash []byte, _ bool) (*coretypes.ResultTx, error) {
	if found, ok := e.results[string(hash)]; ok {
		return found, nil
	}
	return nil, fmt.Errorf("no transaction %X", hash)
}

// Status decides another block: who asks for the height waits for one.
func (e *Engine) Status(context.Context) (*coretypes.ResultStatus, error) {
	if err := e.empty(1); err != nil {
		return nil, err
	}
	return &coretypes.ResultStatus{SyncInfo: coretypes.SyncInfo{LatestBlockHeight: e.last.Height}}, nil
}

// Commit is a header with the signatures of all validators.
func (e *Engine) Commit(_ context.Context, height *int64) (*coretypes.ResultCommit, error) {
	header, ok := e.headers[*height]
	if !ok {
		return nil, fmt.Errorf("%s has no block %d", e.chainID, *height)
	}
	commit := &cmttypes.Commit{Height: header.Height, BlockID: blockID(header)}
	for i, validator := range e.set.Validators {
		// Validators' clocks differ, and so does what they sign.
		signed := header.Time.Add(time.Duration(i) * time.Millisecond)
		commit.Signatures = append(commit.Signatures, cmttypes.CommitSig{
			BlockIDFlag: cmttypes.BlockIDFlagCommit, ValidatorAddress: validator.Address, Timestamp: signed,
		})
	}
	for i, validator := range e.set.Validators {
		signature, err := e.keys[string(validator.Address)].Sign(commit.VoteSignBytes(e.chainID, int32(i)))
		if err != nil {
			return nil, err
		}
		commit.Signatures[i].Signature = signature
	}
	return coretypes.NewResultCommit(header, commit, true), nil
}

// Validators are always the same.
func (e *Engine) Validators(context.Context, *int64, *int, *int) (*coretypes.ResultValidators, error) {
	count := len(e.set.Validators)
	return &coretypes.ResultValidators{BlockHeight: e.last.Height, Validators: e.set.Validators, Count: count, Total: count}, nil
}
