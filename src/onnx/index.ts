export { defaultOnnxURL, onnxPolicy } from './onnx-policy.js';
export type { OnnxPolicy } from './onnx-policy.js';
export { OnnxActionError, OnnxInputError, OnnxModelError, OnnxWorkerError } from './errors.js';
export type { OnnxPolicyOptions, StateSource } from './options.js';
export type { OnnxProgress } from './progress.js';
