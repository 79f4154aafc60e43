"""What the official client does against an engine: lists models, completes, chats, streams, is refused; reads citations, checks them, pays."""
import json
import sys
import time

import openai
import openledger

session = openledger.Session(json.loads(sys.argv[1]))
# Its own retries would hide what the server says.
client = openai.OpenAI(base_url=session.base_url, api_key=session.api_key, max_retries=0)


def check(what, condition):
    if not condition:
        sys.exit(f"openai: {what} is not so")
    print(f"  {what}")


def refused(what, kind, status, code, **request):
    try:
        client.completions.create(**{"model": model, "prompt": "x", "max_tokens": 5, **request})
    except kind as error:
        body = error.body
        check(f"{what}: {status} {code}", error.status_code == status and body["code"] == code and body["message"])
        return
    sys.exit(f"openai: {what} is answered")


print(f"openai {openai.__version__}:")
card = client.models.list().data[0]
model = card.id
check(f"the model {model} is listed with its lineage", card.owned_by.startswith("open1") and "ancestors" in card.openledger["lineage"])
check("its datanets have titles and licences", all(net["licence"] and net["title"] for net in card.openledger["datanets"]))
check("it is found by its id", client.models.retrieve(model).id == model and card.created > 1_600_000_000)

prompt = "The river "
answer = client.completions.create(model=model, prompt=prompt, max_tokens=300, seed=7, temperature=1)
cited = answer.openledger
at = cited["receipt"]["corpus_height"]
for height, corpus in ((at + 601, "an old corpus"), (at - 2, "a corpus to come")):
    try:
        session.accept(prompt, answer.choices[0].text, cited, height)
        sys.exit(f"openai: an answer over {corpus} is accepted")
    except openledger.Refused as error:
        check(f"an answer over {corpus} is refused: {error}", "corpus height" in str(error))
session.accept(prompt, answer.choices[0].text, cited)
check("a completion's receipt is that of its words", cited["receipt"]["index"] == 1)
check("usage counts bytes", answer.usage.completion_tokens == len(answer.choices[0].text.encode()) and answer.usage.prompt_tokens == len(prompt))
check("it ended because of its length", answer.choices[0].finish_reason == "length")
check("its authors are cited, with what they get", cited["contributions"] and all(one["author"] and int(one["amount"]) >= 0 for one in cited["contributions"]))
check("their handles are told where they hold one", all("handle" in one for one in cited["contributions"]))
owned = sum(one["windows"] for one in cited["contributions"]) + cited["echo_windows"] + cited["none_windows"]
check("every window has one owner", owned == cited["windows"] == 300 - 31)
parts = cited["split_estimate"]
paid = sum(int(parts[name]) for name in ("server", "platform", "burnt", "model", "stakers", "curators", "contributors"))
check("the split sums to the price", paid == int(cited["price"]["fee"]))

again = client.completions.create(model=model, prompt=prompt, max_tokens=300, seed=7)
session.accept(prompt, again.choices[0].text, again.openledger)
check("the same seed says the same", again.choices[0].text == answer.choices[0].text)
stop = answer.choices[0].text[50:58]
short = client.completions.create(model=model, prompt=prompt, max_tokens=300, seed=7, stop=stop)
session.accept(prompt, short.choices[0].text, short.openledger)
check("a stop sequence ends it", short.choices[0].finish_reason == "stop" and answer.choices[0].text.startswith(short.choices[0].text) and stop not in short.choices[0].text)

messages = [{"role": "system", "content": "Say where it went."}, {"role": "user", "content": "The "}, {"role": "assistant", "content": "what?"}, {"role": "user", "content": "river"}]
chat = client.chat.completions.create(model=model, messages=messages, max_completion_tokens=120, seed=3)
session.accept("The river", chat.choices[0].message.content, chat.openledger)
check("a chat's prompt is what its user wrote", chat.openledger["receipt"]["prompt_len"] == len("The river") and chat.choices[0].message.role == "assistant")

text, pieces, last = "", 0, None
for chunk in client.completions.create(model=model, prompt=prompt, max_tokens=300, seed=7, stream=True):
    text, pieces, last = text + chunk.choices[0].text, pieces + 1, chunk
session.accept(prompt, text, last.openledger)
check(f"a stream says the same in {pieces} pieces, its citations last", text == answer.choices[0].text and pieces > 10 and last.choices[0].finish_reason == "length")

text, usage = "", None
for chunk in client.chat.completions.create(model=model, messages=messages, max_tokens=120, seed=3, stream=True, stream_options={"include_usage": True}):
    if chunk.choices:
        text += chunk.choices[0].delta.content or ""
    else:
        usage, last = chunk.usage, chunk
session.accept("The river", text, last.openledger)
check("a streamed chat says the same, its usage last", text == chat.choices[0].message.content and usage.completion_tokens == len(text.encode()))

refused("another model", openai.NotFoundError, 404, "model_not_found", model="gpt-4")
refused("two answers at once", openai.BadRequestError, 400, "invalid_value", n=2)
refused("a prompt that is too long", openai.APIStatusError, 413, "context_length_exceeded", prompt="x" * 40_000)
refused("a body that is too long", openai.APIStatusError, 413, "context_length_exceeded", prompt="x" * 600_000)
refused("more than the deposit covers", openai.APIStatusError, 402, "insufficient_quota", max_tokens=16_000)
stranger = openai.OpenAI(base_url=session.base_url, api_key="no-session", max_retries=0)
try:
    stranger.completions.create(model=model, prompt="x")
    sys.exit("openai: a stranger is answered")
except openai.AuthenticationError as error:
    check("a stranger: 401 invalid_api_key", error.body["code"] == "invalid_api_key")

try:
    session.accept(prompt, text, dict(last.openledger, receipt=dict(last.openledger["receipt"], index=99)))
    sys.exit("openai: a receipt of other words is accepted")
except openledger.Refused as error:
    check(f"a receipt of other words is refused: {error}", True)

standing = session.pay()
check("a voucher made in Python is taken", standing["vouchered"] == len(session.leaves) == 6)
for _ in range(120):
    standing = session.standing()
    if standing["settled"] == 6:
        break
    time.sleep(0.5)
check(f"it is settled on chain, settlement {standing['settlement']}", standing["settled"] == 6 and standing["settle_error"] is None)
