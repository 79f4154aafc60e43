//! Answers in OpenAI's forms: whole, or in chunks.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{json, Value};

use crate::model::Finish;
use crate::serve::answer::Told;

/// How one answer is written down.
pub struct Form {
    chat: bool,
    id: String,
    created: u64,
    model: String,
    usage_chunk: bool,
}

impl Form {
    /// An answer of a chat or a completion by a model.
    pub fn new(chat: bool, model: String, usage_chunk: bool) -> Self {
        let kind = if chat { "chatcmpl" } else { "cmpl" };
        let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self { chat, id: format!("{kind}-{}", hex::encode(rand::random::<[u8; 12]>())), created, model, usage_chunk }
    }

    /// The whole answer.
    pub fn whole(&self, reply: &Told) -> Value {
        let text = String::from_utf8_lossy(&reply.output);
        let mut choice = json!({"index": 0, "logprobs": null, "finish_reason": finish(reply)});
        if self.chat {
            choice["message"] = json!({"role": "assistant", "content": text, "refusal": null});
        } else {
            choice["text"] = json!(text);
        }
        let object = if self.chat { "chat.completion" } else { "text_completion" };
        let mut body = self.frame(object, vec![choice]);
        body["usage"] = usage(reply);
        body["openledger"] = citations(reply);
        body
    }

    /// What a stream begins with.
    pub fn first(&self) -> Vec<String> {
        match self.chat {
            true => vec![self.chunk(json!({"role": "assistant", "content": ""}), "", Value::Null).to_string()],
            false => Vec::new(),
        }
    }

    /// A piece of a stream.
    pub fn piece(&self, piece: &[u8]) -> Vec<String> {
        // Pieces are whole characters where the output is text.
        let text = String::from_utf8_lossy(piece);
        vec![self.chunk(json!({ "content": text }), &text, Value::Null).to_string()]
    }

    /// What a stream ends with, before `[DONE]`: the reason, the citations, and the usage where it was asked for.
    pub fn last(&self, reply: &Told) -> Vec<String> {
        let mut last = self.chunk(json!({}), "", json!(finish(reply)));
        last["openledger"] = citations(reply);
        if !self.usage_chunk {
            return vec![last.to_string()];
        }
        let mut chunk = self.frame(last["object"].as_str().unwrap_or_default(), Vec::new());
        chunk["usage"] = usage(reply);
        chunk["openledger"] = last["openledger"].take();
        vec![last.to_string(), chunk.to_string()]
    }

    fn chunk(&self, delta: Value, text: &str, finish: Value) -> Value {
        let mut choice = json!({"index": 0, "logprobs": null, "finish_reason": finish});
        if self.chat {
            choice["delta"] = delta;
        } else {
            choice["text"] = json!(text);
        }
        self.frame(if self.chat { "chat.completion.chunk" } else { "text_completion" }, vec![choice])
    }

    fn frame(&self, object: &str, choices: Vec<Value>) -> Value {
        json!({"id": self.id, "object": object, "created": self.created, "model": self.model, "choices": choices})
    }
}

fn finish(reply: &Told) -> &'static str {
    match reply.finish {
        Finish::Length => "length",
        Finish::Stop | Finish::Cancelled => "stop",
    }
}

/// Bytes are the tokens.
fn usage(reply: &Told) -> Value {
    let (prompt, output) = (reply.prompt, reply.output.len());
    json!({"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output})
}

/// The citations, with the exact bytes where the text does not tell them.
fn citations(reply: &Told) -> Value {
    let mut citations = reply.citations.clone();
    if std::str::from_utf8(&reply.output).is_err() {
        citations["output_hex"] = json!(hex::encode(&reply.output));
    }
    citations
}
