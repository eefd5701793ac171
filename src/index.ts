export { createRuntime, defaultIndexURL } from './create-runtime.js';
export { PythonRuntime } from './env/python-runtime.js';
export { GymEnv } from './env/env.js';
export { releaseFrame } from './env/frame-lease.js';
export type { Problem } from './env/problem-stream.js';
export type {
  CommonSpec,
  EntryPointSpec,
  EnvSpec,
  FrameOptions,
  ImageSpec,
  MakeSpec,
  RenderOptions,
  SourceSpec,
} from './env/spec.js';
export type { Begun, Provenance } from './env/provenance.js';
export type { RecoveryOptions } from './recovery/options.js';
export type {
  AgentColumns,
  AgentsRollout,
  Rollout,
  RolloutChunk,
  RolloutOf,
  RolloutOptions,
  RolloutReset,
} from './env/rollout.js';
export type { EnvState } from './recovery/env-state.js';
export type { EnvKind, EnvReady, PerAgent, Space } from './env/spaces.js';
export type {
  ActedBy,
  Action,
  AgentId,
  AnyStep,
  CrashPolicy,
  DrawableObject,
  Frame,
  ObjectFrame,
  Origin,
  ParallelStep,
  PixelFrame,
  Reset,
  ResetOptions,
  Step,
  StepCounters,
  StepOptions,
  TextFrame,
  TurnStep,
  VectorStep,
} from './env/step.js';
export type { StepTimings } from './env/timings.js';
export {
  BootError,
  CrashError,
  DeadlineError,
  DisposedError,
  FileError,
  ImageError,
  PersistError,
  PoolError,
  ProtocolError,
  PythonError,
  QueueOverflowError,
  ReplayDivergedError,
  RecordError,
  RxgymError,
  StateError,
  UsageError,
  VerifyError,
} from './errors.js';
export type {
  BootStage,
  CrashCause,
  PersistTrouble,
  PythonErrorFacts,
  RecordTrouble,
  VerifyTrouble,
} from './errors.js';
export { createPool } from './pool/create-pool.js';
export type { PoolOptions } from './pool/create-pool.js';
export { PythonPool } from './pool/python-pool.js';
export type { PoolIncident } from './pool/python-pool.js';
export { PoolEnv } from './pool/pool-env.js';
export type { MemberState, PoolEnvOptions, PoolRollout } from './pool/pool-env.js';
export type { Autoreset } from './operators/autoreset.js';
export type { PoolProgress } from './pool/combined-progress.js';
export type { Endpoint, WorkerFactory } from './protocol/endpoint.js';
export { isNdArray } from './protocol/ndarray.js';
export type { ProblemKind } from './protocol/messages.js';
export type { Dtype, NdArray, NdData } from './protocol/ndarray.js';
export { fromPlain, toPlain } from './protocol/plain.js';
export type { Plain } from './protocol/plain.js';
export { isOpaque } from './protocol/values.js';
export type { Data, Opaque, Value } from './protocol/values.js';
export type { FileContent, Files } from './runtime/files.js';
export type { Globals, RunOptions } from './runtime/interpreter-requests.js';
export type { Input } from './runtime/input.js';
export type { CacheOptions, Deadlines, RestartOptions, RuntimeOptions } from './runtime/options.js';
export type { Progress, Report } from './runtime/progress.js';
export type { BootKind } from './runtime/session.js';
export type { Crashed, Incident, Recovered, Unrecoverable } from './runtime/incidents.js';
export type { RuntimeReady, RuntimeStatus } from './runtime/status.js';
export { actions } from './agents/actions.js';
export type { ByAgent } from './agents/actions.js';
export type { AgentOptions, AgentStep, Source } from './agents/agent.js';
export type { Playable } from './agents/playable.js';
export { randomPolicy } from './agents/random-policy.js';
export type { RandomPolicyConfig } from './agents/random-policy.js';
export { rounds } from './loop/rounds.js';
export type { RoundsConfig, RoundsStart } from './loop/rounds-config.js';
export type { PlayableInRounds } from './loop/play-round.js';
export type {
  Countdown,
  Failed,
  Finished,
  InRound,
  Loading,
  Over,
  Paused,
  Playing,
  Resumed,
  Round,
  RoundEnd,
  Waiting,
} from './loop/round.js';
export { preflight } from './loop/preflight.js';
export type { Measured, Measuring } from './loop/preflight.js';
export type { PreflightConfig, PreflightEnv, PreflightNeeds, PreflightRuntime } from './loop/preflight-config.js';
export type {
  PreflightFacts,
  PreflightMeasure,
  PreflightReason,
  PreflightVerdict,
  StorageFacts,
} from './loop/preflight-verdict.js';
export { scoreboard$ } from './loop/scoreboard.js';
export type { Score, Scoreboard } from './loop/scoreboard.js';
export { attention$ } from './loop/attention.js';
export type { Attention, AttentionConfig } from './loop/attention.js';
export type { HeldConfig } from './loop/chords.js';
export { gamepad } from './loop/gamepad.js';
export type { GamepadConfig, GamepadMapping } from './loop/gamepad.js';
export type { GamepadControl } from './loop/gamepad-controls.js';
export { heldButtons } from './loop/held-buttons.js';
export type { Buttons, HeldButtonsConfig } from './loop/held-buttons.js';
export { focused$, hidden$, visible$ } from './loop/hidden.js';
export { inputs } from './loop/inputs.js';
export { keystrokes } from './loop/keystrokes.js';
export { pressedKeys } from './loop/pressed-keys.js';
export type { PressedKeysConfig } from './loop/pressed-keys.js';
export type { KeystrokesConfig } from './loop/keystrokes.js';
export type { KeyboardConfig, KeyMapping } from './loop/keyboard.js';
export { singleTab } from './loop/single-tab.js';
export { ticks } from './loop/ticks.js';
export type { Tick, TicksConfig } from './loop/ticks.js';
export { episodes } from './operators/episodes.js';
export type { EpisodesConfig, EpisodeStep, Policy, PolicyContext } from './operators/episodes.js';
export { Choice } from './operators/choice.js';
export type { Chosen } from './operators/choice.js';
export type { Seeds } from './operators/seeds.js';
export { pauseWhen } from './operators/pause-when.js';
export { stepWith } from './operators/step-with.js';
export type { BusyPolicy, StepWithConfig } from './operators/step-with.js';
export type { Overflow } from './operators/in-turn.js';
export type { Steppable } from './operators/steppable.js';
export { percentiles } from './operators/percentiles.js';
export type { Percentiles, TimingPercentiles } from './operators/percentiles.js';
export { untilDone } from './operators/until-done.js';
export { paint } from './render/paint.js';
export type { Context2D, PaintableCanvas } from './render/canvas.js';
export type { PaintConfig } from './render/paint.js';
export type { PaintProblem } from './render/objects.js';
export type { AtlasImage, Images, SpriteSheet } from './render/images.js';
export type { Atlas, AtlasFrame, AtlasPage, Box } from './render/atlas.js';
export { loadImages } from './render/load-images.js';
export type { ImagesProgress } from './render/load-images.js';
export type { Address, AssetSpec, AtlasAsset, ImageAsset, ImageAssets, SpriteSheetAsset } from './render/assets.js';
export { note } from './records/note.js';
export type { NoteConfig } from './records/note.js';
export { record } from './records/record.js';
export type { RecordConfig, Recorder } from './records/record.js';
export type { Recordable, RecordableStep } from './records/bodies.js';
export type { Stored } from './records/outbox.js';
export { forgetRecords, readRecords } from './records/read-records.js';
export type { RecordableEnv } from './records/env-made.js';
export { recordedSpec } from './records/recorded-spec.js';
export { replay$ } from './records/replay.js';
export type { ReplayConfig } from './records/replay.js';
export { verify } from './records/verify.js';
export type { VerifyConfig } from './records/verify.js';
export type { ReplayableEnv, Verdict } from './records/player.js';
export type {
  EnvMade,
  FocusChanged,
  GameFailed,
  Noted,
  Opened,
  Painted,
  PlayBegun,
  PlayPaused,
  RecordBody,
  RecordHead,
  RecordPlace,
  RecordsLost,
  ResetMade,
  RoundBegun,
  RoundOver,
  RoundsFinished,
  Stepped,
  StudyRecord,
} from './records/study-record.js';
export { deliver } from './records/deliver.js';
export type { DeliverConfig, DeliveryStatus } from './records/deliver.js';
export { exportRecords } from './records/export-records.js';
export type { ExportConfig, ExportProgress } from './records/export-records.js';
export { persist } from './persist/persist.js';
export type { PersistConfig } from './persist/persist.js';
export type { Persistable, PersistablePolicy } from './persist/persistable.js';
