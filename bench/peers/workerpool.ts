import { Transfer, worker } from 'workerpool';
import { exposed } from './methods.js';

worker(exposed(({ value, transfer }) => (transfer.length ? new Transfer(value as object, transfer) : value)));
