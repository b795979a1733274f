"""Opens a reward model that Plaudit saved with Hugging Face's transformers and PEFT, and compares the rewards.

    node --conditions=source bench/compat/rows.ts MODEL ROWS.jsonl > expected.json
    python bench/compat/open_saved_model.py MODEL expected.json

Needs torch, transformers, peft and, for a GGUF base, gguf. Exits with 1 where a reward differs by more than 1e-4.
"""

import json
import os
import sys

import torch
from transformers import AutoModelForSequenceClassification


def open_model(folder):
    adapter = os.path.join(folder, "adapter_config.json")
    if not os.path.exists(adapter):
        return AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    from peft import PeftModel

    with open(adapter) as file:
        base = json.load(file)["base_model_name_or_path"]
    kwargs = {"num_labels": 1, "dtype": torch.float32}
    if base.endswith(".gguf"):
        kwargs["gguf_file"] = os.path.basename(base)
        base = os.path.dirname(base)
    model = AutoModelForSequenceClassification.from_pretrained(base, **kwargs)
    return PeftModel.from_pretrained(model, folder)


def main(folder, expected_file):
    with open(expected_file) as file:
        rows = json.load(file)
    with open(os.path.join(folder, "config.json")) as file:
        pad = json.load(file)["pad_token_id"]
    model = open_model(folder).eval()
    model.config.pad_token_id = pad
    # Two rows at a time with padding on the right, so that the place at which Python reads the reward is checked too.
    worst = 0.0
    with torch.no_grad():
        for start in range(0, len(rows), 2):
            pair = rows[start : start + 2]
            width = max(len(row["ids"]) for row in pair)
            ids = torch.tensor([row["ids"] + [pad] * (width - len(row["ids"])) for row in pair])
            mask = torch.tensor([[1] * len(row["ids"]) + [0] * (width - len(row["ids"])) for row in pair])
            kwargs = {"input_ids": ids, "attention_mask": mask}
            if "types" in pair[0]:
                kwargs["token_type_ids"] = torch.tensor(
                    [row["types"] + [0] * (width - len(row["types"])) for row in pair]
                )
            logits = model(**kwargs).logits[:, 0]
            for row, logit in zip(pair, logits.tolist()):
                worst = max(worst, abs(logit - row["reward"]))
    print(f"{type(model).__name__}: {len(rows)} rewards, largest difference {worst:.2e}")
    return 0 if worst < 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
