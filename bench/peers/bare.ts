import { load } from './load.js';

void load().then(() => postMessage('ready'));
