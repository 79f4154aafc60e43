use super::*;
use proptest::prelude::*;

fn document(seq: u64, bytes: &[u8]) -> Document {
    Document { seq, commons: false, bytes: bytes.to_vec() }
}

fn entry(seq: u64, bytes: &[u8]) -> Entry {
    Entry { seq, commons: false, root: sha256(&[bytes]).to_vec(), length: bytes.len() as u64 }
}

#[test]
fn the_commons_rank_before_every_author_whatever_their_seq() {
    let text = b"a licence of more than thirty-two bytes, word for word";
    let mut commons = document(9, text);
    commons.commons = true;
    let index = Index::build(vec![document(1, text), commons]).unwrap();
    let window: [u8; WINDOW] = text[3..3 + WINDOW].try_into().unwrap();
    assert_eq!(index.owner(&window), Some((9, 3)));
    assert_eq!(index.is_commons(9), Some(true));
}

#[test]
fn a_window_never_spans_two_documents() {
    let index = Index::build(vec![document(1, &[7; 20]), document(2, &[7; 20])]).unwrap();
    assert_eq!(index.owner(&[7; WINDOW]), None);
    let empty = Index::build(Vec::new()).unwrap();
    assert_eq!(empty.owner(&[7; WINDOW]), None);
    assert!(empty.occurrences(b"x").is_empty());
}

#[test]
fn windows_of_zeros_are_told_from_the_padding_behind_the_text() {
    let index = Index::build(vec![document(1, &[0; 31]), document(2, b"end")]).unwrap();
    assert_eq!(index.owner(&[0; WINDOW]), None);
    let index = Index::build(vec![document(1, &[0; 31]), document(2, &[0; 33])]).unwrap();
    assert_eq!(index.owner(&[0; WINDOW]), Some((2, 0)));
}

#[test]
fn a_corpus_is_cut_where_a_segment_is_full_and_growth_leaves_full_segments_alone() {
    let length = SEGMENT_BYTES / 3;
    let list: Vec<Entry> = (1..=8).map(|seq| Entry { length, ..entry(seq, &[seq as u8]) }).collect();
    let names = |list: &[Entry]| cut(list).into_iter().map(name).collect::<Vec<_>>();
    let (before, after) = (names(&list[..7]), names(&list));
    assert_eq!(before.len(), 4);
    assert_eq!(before[..3], after[..3]);
    assert_ne!(before[3], after[3]);
    let giant = Entry { length: 2 * SEGMENT_BYTES, ..entry(9, b"x") };
    assert_eq!(cut(std::slice::from_ref(&giant)).len(), 1);
}

#[test]
fn a_damaged_file_is_built_again_and_a_whole_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<Vec<u8>> = (1u8..4).map(|seq| (0..5000u32).map(|i| (i * i / 7) as u8 ^ seq).collect()).collect();
    let list: Vec<Entry> = texts.iter().zip(1..).map(|(text, seq)| entry(seq, text)).collect();
    let built = std::cell::Cell::new(0);
    let open = || {
        let content = |entry: &Entry| {
            built.set(built.get() + 1);
            Ok(texts[entry.seq as usize - 1].clone())
        };
        Index::open(folder.path(), std::slice::from_ref(&list), content, &Progress::none()).unwrap()
    };
    let window: [u8; WINDOW] = texts[1][100..100 + WINDOW].try_into().unwrap();
    let expected = open().owner(&window);
    assert!(expected.is_some());
    open();
    assert_eq!(built.get(), 3, "opened, not built");
    let path = folder.path().join(name(&list));
    let whole = std::fs::read(&path).unwrap();
    for damage in 0..40 {
        let mut bytes = whole.clone();
        match damage % 4 {
            0 => bytes[damage * 997] ^= 1 << (damage % 8),
            1 => bytes.truncate(damage * 1009),
            2 => bytes.push(0),
            _ => bytes.swap(damage * 811, damage * 811 + 4),
        }
        if bytes == whole {
            continue;
        }
        std::fs::write(&path, &bytes).unwrap();
        let before = built.get();
        assert_eq!(open().owner(&window), expected);
        assert_eq!(built.get(), before + 3, "damage {damage} went unnoticed");
    }
}

#[test]
fn a_file_in_the_wrong_order_under_a_right_checksum_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.seg");
    Segment::create(&path, vec![document(1, &b"abcdefgh".repeat(40)), document(2, &b"abcdefgh".repeat(9))]).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let (mut refused, suffixes) = (0, whole.len() - 4 - 4 * (8 * 49 + 2));
    for entry in 0..8 * 49 {
        let (mut bytes, at) = (whole.clone(), suffixes + 4 * entry);
        // Two neighbours change places; equal ones that do not lead may.
        (0..4).for_each(|byte| bytes.swap(at + byte, at + 4 + byte));
        let body = bytes.len() - 4;
        let sum = crc32fast::hash(&bytes[..body]).to_le_bytes();
        bytes[body..].copy_from_slice(&sum);
        refused += usize::from(format::check(&bytes).is_err());
    }
    assert!(refused > 20, "{refused}");
    assert!(format::check(&whole).is_ok());
}

proptest! {
    #[test]
    fn owners_and_occurrences_are_those_of_a_plain_search_over_all_segments(
        texts in prop::collection::vec((prop::collection::vec(0u8..3, 0..90), any::<bool>()), 1..6),
        probe in prop::collection::vec(0u8..3, WINDOW),
    ) {
        // Every document a segment of its own, and all in one.
        let documents: Vec<_> = texts.iter().zip(1..)
            .map(|((text, commons), seq)| Document { commons: *commons, ..document(seq, text) }).collect();
        let one = Index::build(documents.clone()).unwrap();
        let many = Index::over(documents.iter().map(|document| Segment::temporary(vec![document.clone()]).unwrap()).collect());
        let mut windows: Vec<Vec<u8>> =
            texts.iter().flat_map(|(text, _)| text.windows(WINDOW).map(<[u8]>::to_vec)).collect();
        windows.push(probe);
        let mut ranked = documents.clone();
        ranked.sort_by_key(|document| (!document.commons, document.seq));
        for window in windows {
            let plain = ranked.iter().find_map(|document| {
                let at = document.bytes.windows(WINDOW).position(|found| found == window)?;
                Some((document.seq, at))
            });
            let wanted = window.as_slice().try_into().unwrap();
            prop_assert_eq!(one.owner(&wanted), plain);
            prop_assert_eq!(many.owner(&wanted), plain);
            // Patterns without a zero stay inside documents.
            if !window[..5].contains(&0) {
                let count: usize = texts.iter().map(|(text, _)| text.windows(5).filter(|found| *found == &window[..5]).count()).sum();
                prop_assert_eq!(one.occurrences(&window[..5]).len(), count);
                prop_assert_eq!(many.occurrences(&window[..5]).len(), count);
            }
        }
    }
}
