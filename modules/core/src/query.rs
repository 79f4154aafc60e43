//! Answers to queries: gRPC status codes and the SDK's pagination.
//!
//! Source: Cosmos SDK v0.50 `types/query/pagination.go`.

use cosmwasm_std::{Order, Record, Storage};
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};

use crate::error::{Error, SdkError};

/// The entries a page has where the request does not say.
pub const DEFAULT_LIMIT: u64 = 100;
/// The most entries a page may have; more are cut to this, but for [`paginate_whole`].
pub const MAX_LIMIT: u64 = 1_000;

/// gRPC's status codes that queries use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Code {
    /// 2.
    Unknown = 2,
    /// 3.
    InvalidArgument = 3,
    /// 4.
    DeadlineExceeded = 4,
    /// 5.
    NotFound = 5,
    /// 6.
    AlreadyExists = 6,
    /// 7.
    PermissionDenied = 7,
    /// 8.
    ResourceExhausted = 8,
    /// 9.
    FailedPrecondition = 9,
    /// 11.
    OutOfRange = 11,
    /// 12.
    Unimplemented = 12,
    /// 13.
    Internal = 13,
    /// 14.
    Unavailable = 14,
}

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rpc error: code = {code:?} desc = {message}")]
pub struct Status {
    /// gRPC's code.
    pub code: Code,
    /// What was wrong.
    pub message: String,
}

impl Status {
    /// A status with this code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The request is wrong in itself.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// What was asked for is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// There is no such query.
    pub fn unimplemented(message: impl Into<String>) -> Self {
        Self::new(Code::Unimplemented, message)
    }

    /// A fault of ours.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message)
    }
}

impl From<Error> for Status {
    /// An SDK error as gRPC shows it: addresses and requests are the asker's fault, the rest is unknown.
    fn from(error: Error) -> Self {
        let code = match (error.codespace, error.code) {
            ("sdk", 7 | 10 | 18) => Code::InvalidArgument,
            ("sdk", 9 | 22) => Code::NotFound,
            ("sdk", 35) => Code::Internal,
            _ => Code::Unknown,
        };
        Self::new(code, error.message)
    }
}

impl From<SdkError> for Status {
    fn from(error: SdkError) -> Self {
        Error::from(error).into()
    }
}

impl From<cosmwasm_std::StdError> for Status {
    fn from(error: cosmwasm_std::StdError) -> Self {
        Error::from(error).into()
    }
}

/// Collects one page of the raw pairs under `prefix`: keys are given to `keep` without the prefix; it returns `None` for what does
/// not belong to the answer (and is not counted). `next_key` is the first raw key of the next page, without the prefix.
pub fn paginate<T>(
    store: &dyn Storage,
    prefix: &[u8],
    page: Option<&PageRequest>,
    keep: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, Status>,
) -> Result<(Vec<T>, PageResponse), Status> {
    paginate_within(store, prefix, &Within::default(), page, keep)
}

/// The part of what stands under a prefix that a page may be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// The first key, without the prefix; empty for no bound.
    pub from: Vec<u8>,
    /// The key, without the prefix, before which it ends; `None` for no bound.
    pub to: Option<Vec<u8>>,
    /// Most pairs that are looked at for one page. A page that ends for this has a `next_key`, however few entries it has, and its
    /// total counts what was looked at.
    pub most_looks: u64,
}

impl Default for Within {
    fn default() -> Self {
        Self { from: Vec::new(), to: None, most_looks: u64::MAX }
    }
}

/// [`paginate`] for a part of what stands under the prefix.
pub fn paginate_within<T>(
    store: &dyn Storage,
    prefix: &[u8],
    within: &Within,
    page: Option<&PageRequest>,
    keep: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, Status>,
) -> Result<(Vec<T>, PageResponse), Status> {
    collect(prefix, within, page, MAX_LIMIT, |start, end, order| store.range(start, end, order), keep)
}

/// [`paginate`] with pages as long as they are asked for: for lists of which their readers take the first page for the whole. The
/// query's gas and the size of an answer bound them.
pub fn paginate_whole<T>(
    store: &dyn Storage,
    prefix: &[u8],
    page: Option<&PageRequest>,
    keep: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, Status>,
) -> Result<(Vec<T>, PageResponse), Status> {
    paginate_seeking(prefix, page, |start, end, order| store.range(start, end, order), keep)
}

/// [`paginate_whole`] over what `walk` finds between two raw keys, in this order: for lists whose entries stand far apart under the
/// prefix.
pub fn paginate_seeking<'a, T>(
    prefix: &[u8],
    page: Option<&PageRequest>,
    walk: impl FnOnce(Option<&[u8]>, Option<&[u8]>, Order) -> Box<dyn Iterator<Item = Record> + 'a>,
    keep: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, Status>,
) -> Result<(Vec<T>, PageResponse), Status> {
    collect(prefix, &Within::default(), page, u64::MAX, walk, keep)
}

fn collect<'a, T>(
    prefix: &[u8],
    within: &Within,
    page: Option<&PageRequest>,
    most: u64,
    walk: impl FnOnce(Option<&[u8]>, Option<&[u8]>, Order) -> Box<dyn Iterator<Item = Record> + 'a>,
    mut keep: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, Status>,
) -> Result<(Vec<T>, PageResponse), Status> {
    let default = PageRequest::default();
    let page = page.unwrap_or(&default);
    if page.offset > 0 && !page.key.is_empty() {
        return Err(Status::invalid_argument("invalid request, either offset or key is expected, got both"));
    }
    let limit = if page.limit == 0 { DEFAULT_LIMIT } else { page.limit.min(most) };
    let count_total = page.count_total || (page.limit == 0 && page.key.is_empty() && page.offset == 0);
    let count_total = count_total && page.key.is_empty();

    let order = if page.reverse { Order::Descending } else { Order::Ascending };
    let (start, end) = bounds(prefix, within, page);
    let (mut seen, mut items, mut next_key) = (0u64, Vec::new(), Vec::new());
    let (mut looks, last) = (0u64, page.offset.saturating_add(limit));
    if end.as_ref().is_some_and(|end| start >= *end) {
        return Ok((items, PageResponse::default()));
    }
    for (key, value) in walk(Some(&start), end.as_deref(), order) {
        let key = key.get(prefix.len()..).unwrap_or_default();
        if looks == within.most_looks {
            if next_key.is_empty() {
                next_key = key.to_vec();
            }
            break;
        }
        looks = looks.saturating_add(1);
        let Some(item) = keep(key, &value)? else { continue };
        if seen == last && next_key.is_empty() {
            next_key = key.to_vec();
            if !count_total {
                break;
            }
        }
        if seen >= page.offset && seen < last {
            items.push(item);
        }
        seen = seen.saturating_add(1);
    }
    let total = if count_total { seen } else { 0 };
    Ok((items, PageResponse { next_key, total }))
}

/// The raw keys between which a page lies: those of the part, cut where the page's key says that it begins.
fn bounds(prefix: &[u8], within: &Within, page: &PageRequest) -> (Vec<u8>, Option<Vec<u8>>) {
    let under = |key: &[u8]| [prefix, key].concat();
    let start = under(&within.from);
    let end = within.to.as_deref().map_or_else(|| prefix_end(prefix), |to| Some(under(to)));
    if page.key.is_empty() {
        return (start, end);
    }
    let key = under(&page.key);
    if page.reverse {
        let after = [key.as_slice(), &[0]].concat();
        (start, Some(end.map_or(after.clone(), |end| end.min(after))))
    } else {
        (start.max(key), end)
    }
}

/// The least key that is greater than every key with this prefix; `None` where there is none.
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}
