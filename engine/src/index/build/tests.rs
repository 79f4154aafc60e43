use proptest::prelude::*;

use super::*;

fn laid(documents: &[Vec<u8>]) -> (Memory, Vec<Span>) {
    let document = |(bytes, seq): (&Vec<u8>, u64)| Document { seq, commons: false, bytes: bytes.clone() };
    lay_out(documents.iter().zip(1..).map(document).collect()).unwrap()
}

/// The file's bytes, by runs that are cut at `middle` and merged in `parts`.
fn built(documents: &[Vec<u8>], middle: usize, parts: usize, spoil: impl Fn(&mut [i32])) -> Result<Vec<u8>> {
    let (text, spans) = laid(documents);
    let length = spans.last().unwrap().end + 1;
    let mut runs = sort(&text.as_slice()[..length], middle.min(length)).unwrap();
    let count = runs[0].count;
    spoil(&mut runs[0].entries.as_mut_slice()[..count]);
    let file = tempfile::NamedTempFile::new()?;
    write(file.as_file(), &spans, text.as_slice(), &runs, parts)?;
    Ok(std::fs::read(file.path())?)
}

/// Entries whose windows are the same in two files.
fn same_but_for_order(one: &[u8], other: &[u8]) -> bool {
    let read = |file: &[u8]| {
        let layout = format::check(file).unwrap();
        let text = file[layout.text].to_vec();
        let suffixes = &file[layout.suffixes];
        let entries = suffixes.chunks_exact(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()) as usize);
        let entries: Vec<(Key, usize)> = entries.map(|at| (format::key(&text, at), at)).collect();
        let mut leads = entries.clone();
        leads.dedup_by_key(|(key, _)| *key);
        let mut sorted = entries;
        sorted.sort_unstable();
        (text, leads, sorted)
    };
    read(one) == read(other)
}

fn documents() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let letters = prop::sample::select(vec![b'a', b'a', b'a', b'b', 0]);
    prop::collection::vec(prop::collection::vec(letters, 0..200), 1..6)
}

proptest! {
    #[test]
    fn runs_and_parts_come_to_what_one_of_each_does(
        documents in documents(), middle in 0usize..1_000, parts in 1usize..9,
    ) {
        let one = built(&documents, usize::MAX, 1, |_| {}).unwrap();
        let many = built(&documents, middle, parts, |_| {}).unwrap();
        prop_assert!(same_but_for_order(&one, &many));
    }

    #[test]
    fn what_is_sorted_wrongly_is_not_let_out(
        documents in documents(), middle in 1usize..1_000, parts in 1usize..9,
        (a, b, how) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3),
    ) {
        let (never, same) = (std::cell::Cell::new(true), std::cell::Cell::new(false));
        let file = built(&documents, middle, parts, |entries| {
            let (a, b) = (a.index(entries.len()), b.index(entries.len()));
            match how {
                0 => entries.swap(a, b),
                1 => entries[a] = entries[b],
                _ => entries[a] = i32::MAX,
            }
            // Two of one group may change places.
            same.set(a == b && how < 2);
            never.set(how > 0 && !same.get());
        });
        match file {
            Ok(file) => prop_assert!(!never.get() && format::check(&file).is_ok()),
            Err(_) => prop_assert!(!same.get()),
        }
    }
}

#[test]
fn two_runs_of_a_mebibyte_are_one_text() {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        b"etaoin  "[(state >> 40) as usize % 8]
    };
    let documents: Vec<Vec<u8>> = (0..70).map(|_| (0..16_000).map(|_| next()).collect()).collect();
    let one = built(&documents, usize::MAX, 1, |_| {}).unwrap();
    let halves = built(&documents, 560_000, 2, |_| {}).unwrap();
    assert!(same_but_for_order(&one, &halves));
}
