import { expose, transfer } from 'comlink';
import { exposed } from './methods.js';

expose(exposed(({ value, transfer: list }) => (list.length ? transfer(value as object, list) : value)));
