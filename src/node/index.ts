export { createRuntime, nodeWorker } from './create-runtime.js';
