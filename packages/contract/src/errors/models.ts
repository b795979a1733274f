/** @file Errors of checkpoints, tokenizers and templates. */
import type { ErrorRow } from './error.ts';

export const modelErrors = {
  'model.missing': {
    status: 404,
    exit: 'missing',
    message: '{path} is not there.',
    cure: 'Give the path of a checkpoint folder (config.json beside model.safetensors) or of a .gguf file.',
  },
  'model.unreadable': {
    status: 400,
    exit: 'input',
    message: '{path} cannot be read: {problem}',
    cure: 'Check that it is a regular file and that its permissions allow reading.',
  },
  'model.weights_missing': {
    status: 400,
    exit: 'missing',
    message: '{path} holds no weights that Plaudit reads.',
    cure: 'A checkpoint folder needs model.safetensors, model.safetensors.index.json with its shards, or one .gguf file.',
  },
  'model.pickle_refused': {
    status: 400,
    exit: 'input',
    message: '{path} is a Python pickle, and opening a pickle can run any code that its author put inside.',
    cure: "Convert it once where you trust it: python -c \"from transformers import AutoModel; AutoModel.from_pretrained('FOLDER').save_pretrained('OUT', safe_serialization=True)\", then use OUT.",
  },
  'model.wrong_format': {
    status: 400,
    exit: 'input',
    message: '{path} is not a {expected} file: {found}.',
    cure: 'Give it the ending of what it is, or download it again; a few hundred bytes of text are often a Git LFS pointer or an error page.',
  },
  'model.corrupt': {
    status: 400,
    exit: 'input',
    message: '{path} is damaged: {problem}.',
    cure: 'Download or export it again, and compare its size and SHA-256 with the source.',
  },
  'model.changed': {
    status: 409,
    exit: 'input',
    message: '{path} changed while it was being read.',
    cure: 'Run again when nothing writes to that file any more.',
  },
  'model.config_missing': {
    status: 400,
    exit: 'missing',
    message: '{path} has no config.json, so the family and the sizes of the model are unknown.',
    cure: 'Copy config.json from where the weights came from into that folder.',
  },
  'model.config_invalid': {
    status: 400,
    exit: 'input',
    message: '{path} is not a usable configuration: {problem}.',
    cure: 'Copy the original config.json, or correct that field.',
  },
  'model.family_unsupported': {
    status: 400,
    exit: 'input',
    message: 'The model family {family} is not supported.',
    cure: 'Use a checkpoint of one of these families: {supported}.',
  },
  'model.feature_unsupported': {
    status: 400,
    exit: 'input',
    message: '{path} uses {feature}, which Plaudit does not support.',
    cure: '{cure}',
  },
  'model.dtype_unsupported': {
    status: 400,
    exit: 'input',
    message: 'Tensor {tensor} of {path} is stored as {dtype}, which Plaudit cannot read.',
    cure: 'Use a checkpoint stored as F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K or Q6_K.',
  },
  'model.tensor_missing': {
    status: 400,
    exit: 'input',
    message: '{path} has no tensor {tensor}.',
    cure: 'Check that the checkpoint is complete and that its config.json belongs to it.',
  },
  'model.tensor_shape': {
    status: 400,
    exit: 'input',
    message: 'Tensor {tensor} of {path} has shape {found}; its configuration asks for {expected}.',
    cure: 'Check that config.json belongs to these weights.',
  },
  'model.tokenizer_missing': {
    status: 400,
    exit: 'missing',
    message: '{path} has no tokenizer.json.',
    cure: "Copy tokenizer.json into that folder; where only vocab files exist: python -c \"from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('FOLDER').save_pretrained('FOLDER')\".",
  },
  'model.tokenizer_invalid': {
    status: 400,
    exit: 'input',
    message: 'The tokenizer of {path} cannot be used: {problem}.',
    cure: 'Copy the original tokenizer.json and tokenizer_config.json; for a .gguf file, a tokenizer.json beside it is used where its own tokenizer is not supported.',
  },
  'model.tokenizer_mismatch': {
    status: 400,
    exit: 'input',
    message:
      'The tokenizer does not belong to this model: it makes token ids up to {largest}, the model has {vocabulary}.',
    cure: 'Use the tokenizer files that came with these weights.',
  },
  'model.template_invalid': {
    status: 400,
    exit: 'input',
    message: 'The chat template cannot be used: {problem}',
    cure: 'Correct chat_template.jinja, or remove it to use the plain format.',
  },
  'model.template_limit': {
    status: 400,
    exit: 'input',
    message: 'The chat template was stopped: it passed the limit of {limit}.',
    cure: 'Use the template that came with the model; a template should do little more than join the messages.',
  },
  'model.template_refused': {
    status: 400,
    exit: 'input',
    message: 'The chat template refuses this conversation: {problem}',
    cure: 'Change the roles or their order to what the template accepts.',
  },
  'model.too_long': {
    status: 400,
    exit: 'input',
    message: 'Prompt and longest response make {tokens} tokens; the limit is {limit}.',
    cure: 'Raise the maximum length (up to what the model was trained for), shorten the text, or allow truncation.',
  },
} as const satisfies Record<string, ErrorRow>;
