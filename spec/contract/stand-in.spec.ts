import { createRuntime } from '../../src/index';
import { standInWorker } from '../helpers/stand-in-worker';
import { describeContract } from './contract';

describeContract('the stand-in', (options) => createRuntime({ worker: () => standInWorker(), ...options }));
