export { createPool, createRuntime, nodeWorker } from './create-runtime.js';
