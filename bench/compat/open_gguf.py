"""Reads GGUF files that Plaudit wrote with the gguf package of llama.cpp, and compares them with the folder they are of.

    node --conditions=source bench/compat/export_gguf.ts CHECKPOINT OUT
    python bench/compat/open_gguf.py OUT [logits]

Names come from gguf's own table and rows of queries and keys are put back as convert_hf_to_gguf.py puts them; F16 has to
be numpy's rounding and Q8_0 gguf's own quantisation, byte for byte. Tokens, merges and ids are compared with
tokenizer.json. With `logits`, transformers opens both as well: its reader of GGUF knows neither rope_freqs.weight (Llama
3.1) nor the head size of Qwen 3, which llama.cpp does. Needs numpy, safetensors, torch, gguf and, for the logits,
transformers. Exits with 1 at a difference.
"""

import json
import os
import sys

import gguf
import numpy as np
import torch
from gguf.quants import dequantize, quantize
from safetensors.torch import load_file

ARCHITECTURES = {"llama": "LLAMA", "mistral": "LLAMA", "qwen2": "QWEN2", "qwen3": "QWEN3"}


def permuted(value, heads):
    """LlamaModel.permute of convert_hf_to_gguf.py."""
    rows = value.shape[0]
    return value.reshape(heads, 2, rows // heads // 2, *value.shape[1:]).swapaxes(1, 2).reshape(value.shape)


def check_tensors(reader, folder, config):
    architecture = ARCHITECTURES[config["model_type"]]
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[architecture], config["num_hidden_layers"])
    stored = {tensor.name: tensor for tensor in reader.tensors}
    weights = load_file(os.path.join(folder, "model.safetensors"))
    expected = set()
    for name, weight in weights.items():
        target = names.get_name(name, try_suffixes=(".weight", ".bias"))
        expected.add(target)
        value = weight.float().numpy()
        if architecture == "LLAMA" and ("q_proj" in name or "k_proj" in name):
            heads = config["num_attention_heads" if "q_proj" in name else "num_key_value_heads"]
            value = permuted(value, heads)
        tensor = stored[target]
        kind = tensor.tensor_type
        if kind == gguf.GGMLQuantizationType.Q8_0:
            assert np.array_equal(quantize(value, kind), tensor.data), f"{target}: other bytes than gguf's"
            assert np.abs(dequantize(tensor.data, kind) - value).max() <= np.abs(value).max() / 127, target
        elif kind == gguf.GGMLQuantizationType.F16:
            assert np.array_equal(value.astype(np.float16), tensor.data), target
        else:
            assert kind == gguf.GGMLQuantizationType.F32 and np.array_equal(value, tensor.data), target
    assert set(stored) - {"rope_freqs.weight"} == expected, set(stored) ^ expected
    return len(expected)


def check_text(reader, folder):
    def field(name):
        found = reader.get_field(f"tokenizer.ggml.{name}")
        return None if found is None else found.contents()

    with open(os.path.join(folder, "tokenizer.json")) as file:
        tokenizer = json.load(file)
    tokens, types = field("tokens"), field("token_type")
    vocabulary = {**tokenizer["model"]["vocab"], **{t["content"]: t["id"] for t in tokenizer["added_tokens"]}}
    for token, number in vocabulary.items():
        assert tokens[number] == token, (number, token)
    special = {t["id"] for t in tokenizer["added_tokens"] if t["special"]}
    control = {i for i, kind in enumerate(types) if kind == gguf.TokenType.CONTROL}
    assert control == special
    merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]
    assert field("merges") == merges
    with open(os.path.join(folder, "tokenizer_config.json")) as file:
        config = json.load(file)
    for name, key in (("bos", "bos"), ("eos", "eos"), ("padding", "pad"), ("unknown", "unk")):
        token = config.get(f"{key}_token")
        token = token["content"] if isinstance(token, dict) else token
        if token is not None:
            assert tokens[field(f"{name}_token_id")] == token, name
    with open(os.path.join(folder, "chat_template.jinja")) as file:
        assert reader.get_field("tokenizer.chat_template").contents() == file.read()
    return field("pre")


def logits_of(folder, text, **kwargs):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **kwargs).eval()
    ids = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        return model(ids).logits[0].numpy()


def main(folder, *asked):
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    text = "How do I reset my password? Open Settings, then Security."
    wanted = logits_of(folder, text) if "logits" in asked else None
    for kind, allowed in (("F16", 5e-3), ("Q8_0", 0.1)):
        name = f"model-{kind}.gguf"
        reader = gguf.GGUFReader(os.path.join(folder, name))
        tensors = check_tensors(reader, folder, config)
        pre = check_text(reader, folder)
        print(f"{name}: {tensors} tensors equal, tokenizer {pre} equal")
        if wanted is not None:
            found = logits_of(folder, text, gguf_file=name)
            difference = np.abs(found - wanted).max() / np.abs(wanted).max()
            assert difference < allowed, difference
            print(f"{name}: logits within {difference:.1e} of the largest")


if __name__ == "__main__":
    main(*sys.argv[1:])
