/** @file Studies of who judges and of what was judged, as documents and as pages. */
export {
  type AnnotatorModel,
  type AnnotatorStudy,
  type AnnotatorStudyOptions,
  abilityOf,
  annotatorModels,
  type CriterionModel,
  type KnownItems,
  type PairsOfCriterion,
  type StudiedAnnotators,
  studyAnnotators,
} from './annotator-study.ts';
export { concernText, renderAnnotatorReport, subjectName, worstSegments } from './render-annotators.ts';
export { effectsOf, renderSystemsReport, type SystemsReportOptions } from './render-systems.ts';
