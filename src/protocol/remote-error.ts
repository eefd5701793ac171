import {
  BootError,
  FileError,
  ProtocolError,
  PythonError,
  ReplayDivergedError,
  StateError,
  type RxgymError,
} from '../errors.js';
import type { RemoteError } from './messages.js';

/** The public error for one that the worker sent; a crash is not one, since the runtime has to act on it. */
export function toError(command: string, error: Exclude<RemoteError, { kind: 'crash' }>): RxgymError {
  switch (error.kind) {
    case 'python':
      return new PythonError(command, error);
    case 'boot':
      return new BootError(error.stage, error.url, error.message);
    case 'file':
      return new FileError(error.path, error.url, error.status, error.message);
    case 'state':
      return new StateError(command, error.message);
    case 'diverged':
      return new ReplayDivergedError(error.at, error.message);
    case 'protocol':
      return new ProtocolError(error.expected, error.got);
  }
}
