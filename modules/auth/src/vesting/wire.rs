//! The protobuf forms of vesting accounts, `cosmos.vesting.v1beta1`, which queries and genesis have.

use openledger_core::{Coins, Result};
use openledger_proto::cosmos::auth::v1beta1::BaseAccount;
use openledger_proto::cosmos::vesting::v1beta1::{
    BaseVestingAccount, ContinuousVestingAccount, DelayedVestingAccount, Period as ProtoPeriod, PeriodicVestingAccount,
    PermanentLockedAccount,
};
use openledger_proto::{Any, Message, Name};

use super::{invalid, Period, Schedule, Vesting};
use crate::key::pack;

impl Vesting {
    /// The protobuf form of the account that it vests in.
    pub(crate) fn to_any(&self, base: BaseAccount) -> Any {
        let base = Some(BaseVestingAccount {
            base_account: Some(base),
            original_vesting: self.original.to_proto(),
            delegated_free: self.delegated_free.to_proto(),
            delegated_vesting: self.delegated_vesting.to_proto(),
            // Checked when the schedule was made.
            end_time: self.schedule.end().unwrap_or_default(),
        });
        match &self.schedule {
            Schedule::Continuous { start, .. } => {
                pack(&ContinuousVestingAccount { base_vesting_account: base, start_time: *start })
            }
            Schedule::Delayed { .. } => pack(&DelayedVestingAccount { base_vesting_account: base }),
            Schedule::PermanentLocked => pack(&PermanentLockedAccount { base_vesting_account: base }),
            Schedule::Periodic { start, periods } => pack(&PeriodicVestingAccount {
                base_vesting_account: base,
                start_time: *start,
                vesting_periods: periods.iter().map(Period::to_proto).collect(),
            }),
        }
    }

    /// Reads a vesting account of a genesis, checked; `None` where the type is another.
    pub(crate) fn from_any(any: &Any) -> Result<Option<(BaseAccount, Self)>> {
        let (base, schedule) = if any.type_url == ContinuousVestingAccount::type_url() {
            let ContinuousVestingAccount { base_vesting_account, start_time } = decode(any)?;
            let base = there(base_vesting_account)?;
            let schedule = Schedule::Continuous { start: start_time, end: base.end_time };
            (base, schedule)
        } else if any.type_url == DelayedVestingAccount::type_url() {
            let base = there(decode::<DelayedVestingAccount>(any)?.base_vesting_account)?;
            let schedule = Schedule::Delayed { end: base.end_time };
            (base, schedule)
        } else if any.type_url == PermanentLockedAccount::type_url() {
            let base = there(decode::<PermanentLockedAccount>(any)?.base_vesting_account)?;
            if base.end_time > 0 {
                return Err(invalid("permanently vested accounts cannot have an end-time".into()));
            }
            (base, Schedule::PermanentLocked)
        } else if any.type_url == PeriodicVestingAccount::type_url() {
            let PeriodicVestingAccount { base_vesting_account, start_time, vesting_periods } = decode(any)?;
            let periods = vesting_periods.iter().map(Period::from_proto).collect::<Result<_>>()?;
            (there(base_vesting_account)?, Schedule::Periodic { start: start_time, periods })
        } else {
            return Ok(None);
        };
        if base.end_time < 0 {
            return Err(invalid("end time cannot be negative".into()));
        }
        if schedule.end()? != base.end_time {
            return Err(invalid("vesting end time does not match length of all vesting periods".into()));
        }
        let vesting = Self {
            original: Coins::from_proto(&base.original_vesting)?,
            delegated_free: Coins::from_proto(&base.delegated_free)?,
            delegated_vesting: Coins::from_proto(&base.delegated_vesting)?,
            schedule,
        };
        vesting.check()?;
        let account = base.base_account.ok_or_else(|| invalid("a vesting account has no base account".into()))?;
        Ok(Some((account, vesting)))
    }
}

impl Period {
    /// Reads the protobuf form: sorted, distinct and positive coins.
    pub fn from_proto(period: &ProtoPeriod) -> Result<Self> {
        Ok(Self { length: period.length, amount: Coins::from_proto(&period.amount)? })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> ProtoPeriod {
        ProtoPeriod { length: self.length, amount: self.amount.to_proto() }
    }
}

fn decode<M: Message + Name + Default>(any: &Any) -> Result<M> {
    M::decode(any.value.as_slice()).map_err(|error| invalid(format!("{}: {error}", any.type_url)))
}

fn there(base: Option<BaseVestingAccount>) -> Result<BaseVestingAccount> {
    base.ok_or_else(|| invalid("a vesting account has no base vesting account".into()))
}
