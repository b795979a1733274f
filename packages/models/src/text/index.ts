/** @file Text: what the rest of the package, and those who import it, use of this folder. */
export { ChatTemplate, defaultChatTemplate, defaultSegmentTemplate, frozenDate } from './chat-template.ts';
export {
  createFormatter,
  type Dropped,
  type FormattedRow,
  type FormattedTree,
  type Formatter,
  type FormatterOptions,
} from './formatter.ts';
export { loadTokenizer, type SpecialToken, type Tokenizer } from './tokenizer.ts';
export { type BpeTraining, trainByteLevelBpe } from './train-bpe.ts';
