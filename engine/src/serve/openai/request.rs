//! Reading OpenAI's requests. Every field is honoured, or refused where it asks for what is not done; unknown ones are ignored.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Sampling;
use crate::serve::answer::Question;
use crate::serve::card::Card;
use crate::serve::refusal::Refusal;
use crate::serve::settings::ServeSettings;
use crate::wire::{MAX_STOPS, MAX_STOP_BYTES};

/// A request, read.
pub struct Asked {
    /// What is asked.
    pub question: Question,
    /// Whether the answer comes in pieces.
    pub stream: bool,
    /// Whether a chunk of its own tells the usage at the end of the stream.
    pub usage_chunk: bool,
}

/// What both kinds of requests have in common.
#[derive(Debug, Default, Deserialize)]
struct Common {
    model: Option<String>,
    max_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    n: Option<u64>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    stop: Option<OneOrMany>,
    seed: Option<i64>,
    presence_penalty: Option<f64>,
    frequency_penalty: Option<f64>,
    logit_bias: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// `POST /v1/completions`.
#[derive(Debug, Deserialize)]
pub struct Completion {
    #[serde(flatten)]
    common: Common,
    prompt: Option<OneOrMany>,
    best_of: Option<u64>,
    echo: Option<bool>,
    logprobs: Option<Value>,
    suffix: Option<String>,
}

/// `POST /v1/chat/completions`.
#[derive(Debug, Deserialize)]
pub struct Chat {
    #[serde(flatten)]
    common: Common,
    messages: Option<Vec<Message>>,
    max_completion_tokens: Option<u64>,
    logprobs: Option<bool>,
    tools: Option<Vec<Value>>,
    functions: Option<Vec<Value>>,
    response_format: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
}

impl Completion {
    /// Checks the request and makes the question.
    pub fn read(self, card: &Card, settings: &ServeSettings) -> Result<Asked, Refusal> {
        refuse_unless("best_of", self.best_of.is_none_or(|best| best == 1), "only 1 is served")?;
        refuse_unless("echo", self.echo != Some(true), "only false is served")?;
        refuse_unless("logprobs", is_off(&self.logprobs), "they are not served")?;
        refuse_unless("suffix", self.suffix.is_none_or(|suffix| suffix.is_empty()), "it is not served")?;
        let prompt = match self.prompt {
            Some(OneOrMany::One(prompt)) => prompt,
            Some(OneOrMany::Many(mut prompts)) if prompts.len() == 1 => prompts.remove(0),
            Some(OneOrMany::Many(prompts)) => {
                return Err(Refusal::invalid("prompt", format!("one prompt a request, not {}", prompts.len())))
            }
            None => return Err(Refusal::invalid("prompt", "a prompt is missing: a string")),
        };
        let context = prompt.clone().into_bytes();
        self.common.asked(prompt.into_bytes(), context, None, card, settings)
    }
}

impl Chat {
    /// Checks the request and makes the question.
    pub fn read(self, card: &Card, settings: &ServeSettings) -> Result<Asked, Refusal> {
        refuse_unless("logprobs", self.logprobs != Some(true), "they are not served")?;
        refuse_unless("tools", self.tools.is_none_or(|tools| tools.is_empty()), "they are not served")?;
        refuse_unless("functions", self.functions.is_none_or(|list| list.is_empty()), "they are not served")?;
        let text = self.response_format.as_ref().is_none_or(|format| format["type"] == "text");
        refuse_unless("response_format", text, "only {\"type\": \"text\"} is served")?;
        let messages = self.messages.unwrap_or_default();
        refuse_unless("messages", !messages.is_empty(), "a list with at least one message")?;
        let (mut prompt, mut contents) = (String::new(), Vec::new());
        for (place, message) in messages.into_iter().enumerate() {
            let content = message.content.map_or(Ok(String::new()), |content| content.text(place))?;
            match message.role.as_str() {
                "user" => prompt.push_str(&content),
                "system" | "developer" | "assistant" => {}
                role => {
                    let message = format!("role {role:?}: system, developer, user or assistant");
                    return Err(Refusal::invalid(&format!("messages[{place}].role"), message));
                }
            }
            contents.push(content);
        }
        let most = self.max_completion_tokens;
        self.common.asked(prompt.into_bytes(), contents.join("\n\n").into_bytes(), most, card, settings)
    }
}

impl Content {
    fn text(self, place: usize) -> Result<String, Refusal> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Parts(parts) => parts.into_iter().try_fold(String::new(), |text, part| match part.text {
                Some(more) if part.kind == "text" => Ok(text + &more),
                _ => Err(Refusal::invalid(
                    &format!("messages[{place}].content"),
                    format!("a part of type {:?}: only text is served", part.kind),
                )),
            }),
        }
    }
}

impl Common {
    fn asked(
        self,
        prompt: Vec<u8>,
        context: Vec<u8>,
        most: Option<u64>,
        card: &Card,
        settings: &ServeSettings,
    ) -> Result<Asked, Refusal> {
        let model = self.model.ok_or_else(|| Refusal::invalid("model", "a model is missing"))?;
        if !card.is(&model) {
            return Err(Refusal::model(&model, &card.id));
        }
        refuse_unless("n", self.n.is_none_or(|n| n == 1), "only 1 is served")?;
        let in_range = |value: Option<f64>, top: f64| value.is_none_or(|value| (0.0..=top).contains(&value));
        refuse_unless("temperature", in_range(self.temperature, 2.0), "from 0 to 2")?;
        refuse_unless("top_p", in_range(self.top_p, 1.0), "from 0 to 1")?;
        let no_penalty = |penalty: Option<f64>| penalty.is_none_or(|penalty| penalty == 0.0);
        refuse_unless("presence_penalty", no_penalty(self.presence_penalty), "only 0 is served")?;
        refuse_unless("frequency_penalty", no_penalty(self.frequency_penalty), "only 0 is served")?;
        let unbiased = self.logit_bias.as_ref().is_none_or(|bias| bias.as_object().is_some_and(|bias| bias.is_empty()));
        refuse_unless("logit_bias", unbiased || is_off(&self.logit_bias), "it is not served")?;
        let max_bytes = most.or(self.max_tokens).unwrap_or(settings.default_output as u64);
        refuse_unless("max_tokens", max_bytes > 0, "at least 1")?;
        let sampling = Sampling {
            // A question without a seed has one of its own.
            seed: self.seed.map_or_else(rand::random, |seed| seed as u64),
            max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
            temperature: self.temperature.unwrap_or(1.0),
            top_p: self.top_p.unwrap_or(1.0),
        };
        let question = Question { prompt, context, sampling, stops: stops(self.stop)?, key: None };
        let usage_chunk = self.stream_options.unwrap_or_default().include_usage.unwrap_or(false);
        Ok(Asked { question, stream: self.stream.unwrap_or(false), usage_chunk })
    }
}

fn stops(stop: Option<OneOrMany>) -> Result<Vec<Vec<u8>>, Refusal> {
    let stops = match stop {
        None => Vec::new(),
        Some(OneOrMany::One(stop)) => vec![stop],
        Some(OneOrMany::Many(stops)) => stops,
    };
    refuse_unless("stop", stops.len() <= MAX_STOPS, "at most 4 sequences")?;
    let fit = stops.iter().all(|stop| (1..=MAX_STOP_BYTES).contains(&stop.len()));
    refuse_unless("stop", fit, "sequences of 1 to 256 bytes")?;
    Ok(stops.into_iter().map(String::into_bytes).collect())
}

fn is_off(value: &Option<Value>) -> bool {
    matches!(value, None | Some(Value::Null) | Some(Value::Bool(false)))
}

fn refuse_unless(param: &str, right: bool, what: &str) -> Result<(), Refusal> {
    if right {
        return Ok(());
    }
    Err(Refusal::invalid(param, format!("{param}: {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn card() -> Card {
        Card { id: "notes/3".into(), entry: json!({}) }
    }

    fn chat(body: Value) -> Result<Asked, Refusal> {
        serde_json::from_value::<Chat>(body).unwrap().read(&card(), &ServeSettings::default())
    }

    fn completion(body: Value) -> Result<Asked, Refusal> {
        serde_json::from_value::<Completion>(body).unwrap().read(&card(), &ServeSettings::default())
    }

    #[test]
    fn the_prompt_of_a_chat_is_what_its_user_wrote_and_nothing_else() {
        let asked = chat(json!({"model": "notes/3", "seed": -1, "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "One"},
            {"role": "assistant", "content": "Two"},
            {"role": "user", "content": [{"type": "text", "text": "Th"}, {"type": "text", "text": "ree"}]},
        ]}))
        .unwrap();
        assert_eq!(asked.question.prompt, b"OneThree");
        assert_eq!(asked.question.context, b"Be brief.\n\nOne\n\nTwo\n\nThree");
        assert_eq!(asked.question.sampling.seed, u64::MAX);
    }

    #[test]
    fn a_completion_is_read_with_all_that_shapes_it() {
        let asked =
            completion(json!({"model": "3", "prompt": ["What "], "max_tokens": 7, "temperature": 0, "top_p": 0.5,
            "seed": 9, "stop": ["\n", "END"], "n": 1, "stream": true, "stream_options": {"include_usage": true},
            "logprobs": null, "user": "somebody", "logit_bias": {}}))
            .unwrap();
        assert_eq!(asked.question.sampling, Sampling { seed: 9, max_bytes: 7, temperature: 0.0, top_p: 0.5 });
        assert_eq!(asked.question.stops, [b"\n".to_vec(), b"END".to_vec()]);
        assert!(asked.stream && asked.usage_chunk);
    }

    #[test]
    fn what_is_not_served_is_refused_by_its_name() {
        let base = json!({"model": "notes/3", "prompt": "x"});
        for (param, value) in [
            ("n", json!(2)),
            ("temperature", json!(2.5)),
            ("top_p", json!(-0.1)),
            ("best_of", json!(3)),
            ("echo", json!(true)),
            ("logprobs", json!(5)),
            ("suffix", json!("x")),
            ("stop", json!(["1", "2", "3", "4", "5"])),
            ("stop", json!("")),
            ("max_tokens", json!(0)),
            ("presence_penalty", json!(1)),
            ("frequency_penalty", json!(-1)),
            ("logit_bias", json!({"1": 5})),
            ("prompt", json!(["a", "b"])),
            ("prompt", json!(null)),
            ("model", json!(null)),
        ] {
            let mut body = base.clone();
            body[param] = value.clone();
            let refusal = completion(body).err().unwrap_or_else(|| panic!("{param} = {value} is taken"));
            assert_eq!((refusal.status.as_u16(), refusal.param.as_deref()), (400, Some(param)));
        }
        assert_eq!(completion(json!({"model": "gpt-4", "prompt": "x"})).err().unwrap().status.as_u16(), 404);
        for (param, value) in [
            ("tools", json!([{}])),
            ("response_format", json!({"type": "json_object"})),
            ("messages", json!([])),
            ("messages[0].role", json!(null)),
        ] {
            let mut body = json!({"model": "notes/3", "messages": [{"role": "user", "content": "x"}]});
            match param {
                "messages[0].role" => body["messages"][0]["role"] = json!("tool"),
                param => body[param] = value,
            }
            assert_eq!(chat(body).err().unwrap().param.as_deref(), Some(param));
        }
    }
}
