package main

import (
	"fmt"
	"strings"

	sdkmath "cosmossdk.io/math"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// newValidators changes the set of a chain's validators twice, and takes the other chain's client over both changes at once. The second
// validator exists on paper alone: it signs nothing, and the commits have a gap where it stands.
func newValidators(src, dst *End) error {
	before, err := src.height()
	if err != nil {
		return err
	}
	operator, err := bech32.ConvertAndEncode(src.Kind.Prefix+"valoper", src.key.PubKey().Address())
	if err != nil {
		return err
	}
	stake := func(units int64) sdk.Coin {
		return sdk.Coin{Denom: src.Kind.Denom, Amount: sdkmath.NewIntWithDecimal(units, src.Kind.Decimals)}
	}
	key, err := codectypes.NewAnyWithValue(ed25519.GenPrivKeyFromSecret([]byte("nobody has this validator")).PubKey())
	if err != nil {
		return err
	}
	rates := stakingtypes.NewCommissionRates(sdkmath.LegacyNewDecWithPrec(5, 2), sdkmath.LegacyNewDecWithPrec(2, 1), sdkmath.LegacyNewDecWithPrec(1, 2))
	create := &stakingtypes.MsgCreateValidator{
		Description:       stakingtypes.NewDescription("on paper", "", "", "", ""),
		Commission:        rates,
		MinSelfDelegation: sdkmath.OneInt(),
		ValidatorAddress:  operator,
		Pubkey:            key,
		Value:             stake(30),
	}
	if _, err := src.send(create); err != nil {
		return fmt.Errorf("MsgCreateValidator: %w", err)
	}
	if err := src.setBecomes(2, 1_030); err != nil {
		return err
	}
	if _, err := src.send(stakingtypes.NewMsgDelegate(src.signer(), operator, stake(20))); err != nil {
		return fmt.Errorf("MsgDelegate: %w", err)
	}
	if err := src.setBecomes(2, 1_050); err != nil {
		return err
	}
	state, err := dst.clientState(dst.client)
	if err != nil {
		return err
	}
	if int64(state.LatestHeight.RevisionHeight) > before {
		return fmt.Errorf("the client knows %s already, from after the change", state.LatestHeight)
	}
	update, err := dst.update(src)
	if err != nil {
		return err
	}
	if _, err := dst.send(update.msg); err != nil {
		return fmt.Errorf("over a change of validators: %w", err)
	}
	if status, err := dst.status(dst.client); err != nil || !strings.EqualFold(status, "Active") {
		return fmt.Errorf("after a change of validators the client is %s (%v)", status, err)
	}
	return nil
}

// setBecomes waits until so many validators with this power in all decide blocks.
func (c *Chain) setBecomes(count int, power int64) error {
	return until(fmt.Sprintf("%s has %d validators with %d", c.ChainID, count, power), func() (bool, error) {
		height, err := c.height()
		if err != nil {
			return false, err
		}
		set, err := c.validators(height)
		return err == nil && set.Size() == count && set.TotalVotingPower() == power, err
	})
}
