//! Models: what continues a text, behind one small trait, and how an answer is made of it.
//!
//! Bytes are the tokens: the unit of lengths, limits and prices. A model may hand over several at once.

pub mod infini_gram;

use std::ops::ControlFlow;

use anyhow::Result;

pub use infini_gram::InfiniGram;

/// How a model is asked to sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// The same seed, prompt and model give the same output.
    pub seed: u64,
    /// The most bytes of output.
    pub max_bytes: usize,
    /// 0 takes the likeliest, 1 samples as the model says, more flattens.
    pub temperature: f64,
    /// Only the likeliest that together reach this probability are sampled from; 1 for all.
    pub top_p: f64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { seed: 0, max_bytes: 256, temperature: 1.0, top_p: 1.0 }
    }
}

/// A language model.
pub trait Model: Send + Sync {
    /// Continues `context` by at most `sampling.max_bytes` bytes. Each piece goes to `on_token` as soon as it is drawn; when that breaks,
    /// generation ends. What was generated, pieces joined.
    fn generate(
        &self,
        context: &[u8],
        sampling: &Sampling,
        on_token: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Vec<u8>>;
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model had nothing more to say, or a stop sequence came.
    Stop,
    /// It has the bytes that were asked for.
    Length,
    /// Whoever listens has gone.
    Cancelled,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Its bytes: stop sequences and a last, incomplete UTF-8 character left out.
    pub output: Vec<u8>,
    /// Why it ended.
    pub finish: Finish,
}

/// Lets a model answer. `on_text` gets the output in pieces: whole UTF-8 characters, nothing of a stop sequence.
pub fn complete(
    model: &dyn Model,
    context: &[u8],
    sampling: &Sampling,
    stops: &[Vec<u8>],
    on_text: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<Completion> {
    let mut output: Vec<u8> = Vec::new();
    let mut sent = 0;
    let mut finish = None;
    model.generate(context, sampling, &mut |piece| {
        let from = output.len();
        output.extend_from_slice(piece);
        if let Some(at) = first_stop(&output, from, stops) {
            output.truncate(at);
            finish = Some(Finish::Stop);
            return ControlFlow::Break(());
        }
        let end = output.len() - held_back(&output[sent..], stops);
        if end > sent {
            let flow = on_text(&output[sent..end]);
            sent = end;
            if flow.is_break() {
                finish = Some(Finish::Cancelled);
            }
            return flow;
        }
        ControlFlow::Continue(())
    })?;
    let length = output.len();
    output.truncate(length - incomplete(&output));
    if finish.is_none() {
        finish = Some(if length >= sampling.max_bytes { Finish::Length } else { Finish::Stop });
    }
    if output.len() > sent && on_text(&output[sent..]).is_break() {
        finish = Some(Finish::Cancelled);
    }
    // What was sent stays said.
    debug_assert!(output.len() >= sent);
    Ok(Completion { output, finish: finish.unwrap_or(Finish::Stop) })
}

/// Where the first stop sequence begins that ends after `from`.
fn first_stop(output: &[u8], from: usize, stops: &[Vec<u8>]) -> Option<usize> {
    let find = |stop: &Vec<u8>| {
        let start = (from + 1).saturating_sub(stop.len());
        output[start..].windows(stop.len().max(1)).position(|window| window == stop).map(|at| start + at)
    };
    stops.iter().filter(|stop| !stop.is_empty()).filter_map(find).min()
}

/// How many bytes at the end may still become a stop sequence or a character.
fn held_back(unsent: &[u8], stops: &[Vec<u8>]) -> usize {
    let begins = |length: &usize| stops.iter().any(|stop| stop.len() > *length && unsent.ends_with(&stop[..*length]));
    let longest = stops.iter().map(Vec::len).max().unwrap_or(0).min(unsent.len());
    let stop = (1..=longest).rev().find(begins).unwrap_or(0);
    stop + incomplete(&unsent[..unsent.len() - stop])
}

/// Bytes at the end that begin a UTF-8 character and do not end it.
fn incomplete(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    // The last byte that does not continue a character begins one of a length that it tells.
    let Some(back) = tail.iter().rev().position(|byte| byte & 0b1100_0000 != 0b1000_0000) else { return 0 };
    let wanted = match tail[tail.len() - 1 - back] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    if back + 1 < wanted {
        back + 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Says its text, some bytes at a time.
    struct Parrot(Vec<u8>, usize);

    impl Model for Parrot {
        fn generate(
            &self,
            _: &[u8],
            sampling: &Sampling,
            on_token: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
        ) -> Result<Vec<u8>> {
            let mut said = Vec::new();
            for piece in self.0[..self.0.len().min(sampling.max_bytes)].chunks(self.1) {
                said.extend_from_slice(piece);
                if on_token(piece).is_break() {
                    break;
                }
            }
            Ok(said)
        }
    }

    fn say(text: &[u8], step: usize, max_bytes: usize, stops: &[&str]) -> (Completion, Vec<u8>) {
        let stops: Vec<Vec<u8>> = stops.iter().map(|stop| stop.as_bytes().to_vec()).collect();
        let mut heard = Vec::new();
        let sampling = Sampling { max_bytes, ..Sampling::default() };
        let completion = complete(&Parrot(text.to_vec(), step), b"", &sampling, &stops, &mut |piece| {
            heard.extend_from_slice(piece);
            ControlFlow::Continue(())
        });
        (completion.unwrap(), heard)
    }

    #[test]
    fn a_stop_sequence_is_never_said_however_it_arrives() {
        for step in 1..12 {
            let (completion, heard) = say(b"one two END three", step, 100, &["END", "three"]);
            assert_eq!(completion, Completion { output: b"one two ".to_vec(), finish: Finish::Stop });
            assert_eq!(heard, completion.output);
        }
    }

    #[test]
    fn the_beginning_of_a_stop_sequence_that_never_ends_is_said() {
        let (completion, heard) = say(b"one EN", 1, 100, &["END"]);
        assert_eq!((completion.output.as_slice(), completion.finish), (&b"one EN"[..], Finish::Stop));
        assert_eq!(heard, b"one EN");
    }

    #[test]
    fn a_character_that_the_limit_cuts_is_left_out() {
        let (completion, heard) = say("süß".as_bytes(), 1, 4, &[]);
        assert_eq!((completion.output, completion.finish), ("sü".as_bytes().to_vec(), Finish::Length));
        assert_eq!(heard, "sü".as_bytes());
    }

    #[test]
    fn a_listener_who_goes_ends_the_answer_with_what_he_heard() {
        let mut left = 2;
        let completion = complete(&Parrot(b"abcdef".to_vec(), 1), b"", &Sampling::default(), &[], &mut |_| {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!(completion.unwrap(), Completion { output: b"ab".to_vec(), finish: Finish::Cancelled });
    }

    proptest! {
        #[test]
        fn what_is_heard_is_what_is_returned(text in prop::collection::vec(any::<u8>(), 0..60), step in 1usize..9, most in 0usize..70) {
            let (completion, heard) = say(&text, step, most, &["ab", "\u{20ac}"]);
            prop_assert_eq!(&heard, &completion.output);
            prop_assert!(text.starts_with(&heard));
        }

        #[test]
        fn text_is_heard_in_whole_characters(text in "\\PC{0,40}", step in 1usize..9) {
            let mut pieces = Vec::new();
            let sampling = Sampling { max_bytes: 1000, ..Sampling::default() };
            complete(&Parrot(text.clone().into_bytes(), step), b"", &sampling, &[], &mut |piece| {
                pieces.push(piece.to_vec());
                ControlFlow::Continue(())
            }).unwrap();
            prop_assert!(pieces.iter().all(|piece| std::str::from_utf8(piece).is_ok()));
            prop_assert_eq!(pieces.concat(), text.into_bytes());
        }
    }
}
