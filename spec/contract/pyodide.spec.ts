import { cold, realRuntime } from '../helpers/real-runtime';
import { describeContract } from './contract';

describeContract(
  'Pyodide in a worker thread',
  (options) => realRuntime(options),
  (options) => realRuntime(options, cold),
);
