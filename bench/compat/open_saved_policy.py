"""Opens a policy that Plaudit saved with Hugging Face's transformers and PEFT, and compares the log-probabilities.

    node --conditions=source bench/compat/policy-rows.ts POLICY ROWS.jsonl > expected.json
    python bench/compat/open_saved_policy.py POLICY expected.json

Rows are prompts with responses. The tokens of a prompt that was not cut have to be those of the saved tokenizer and chat
template. Needs torch, transformers, peft and, for a GGUF base, gguf. Exits with 1 where a token's log-probability differs
by more than 1e-4.
"""

import json
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def open_policy(folder):
    adapter = os.path.join(folder, "adapter_config.json")
    if not os.path.exists(adapter):
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    from peft import PeftModel

    with open(adapter) as file:
        base = json.load(file)["base_model_name_or_path"]
    kwargs = {"dtype": torch.float32}
    if base.endswith(".gguf"):
        kwargs["gguf_file"] = os.path.basename(base)
        base = os.path.dirname(base)
    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, **kwargs), folder)


def main(folder, expected_file):
    with open(expected_file) as file:
        rows = json.load(file)
    model = open_policy(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    worst = 0.0
    tokens = 0
    with torch.no_grad():
        for row in rows:
            prompt, response = row["prompt"], row["response"]
            said = tokenizer.apply_chat_template(
                row["messages"], add_generation_prompt=True, return_dict=True
            )["input_ids"]
            assert said == prompt or not row["whole"], f"other tokens of a prompt: {said} and {prompt}"
            logits = model(input_ids=torch.tensor([prompt + response])).logits[0, len(prompt) - 1 : -1]
            own = logits.log_softmax(-1).gather(-1, torch.tensor(response)[:, None])[:, 0]
            difference = (own - torch.tensor(row["logProbabilities"])).abs().max().item()
            worst = max(worst, difference)
            tokens += len(response)
    print(f"{type(model).__name__}: {tokens} tokens of {len(rows)} responses, largest difference {worst:.2e}")
    return 0 if worst < 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
