export { RoundsPlugin } from './rounds-plugin.js';
export type { RoundsParameters } from './parameters.js';
export type { RoundsText, RoundsTexts } from './texts.js';
export type { RoundsView } from './rounds-view.js';
export type { RoundRow, RoundsData, StepRow } from './trial-data.js';
export type { TrialEnv, TrialRecordConfig } from './play-trial.js';
export type { TrialValue } from './data-of.js';
