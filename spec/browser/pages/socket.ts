// The bench of bench.ts, and beside it a Socket.IO client and Pyodide on the page's own thread.
import { io } from 'socket.io-client';
import type * as Pyodide from 'pyodide';
import './bench.js';

const socketBench = {
  /** Connects to the server that the page came from. */
  connect: () =>
    new Promise<void>((resolve) => {
      io({ transports: ['websocket'], reconnection: false }).once('connect', resolve);
    }),

  /** Runs Python without rxgym, where the page's own thread has to wait for it. */
  async runOnPage(code: string): Promise<void> {
    const url = '/pyodide/pyodide.mjs';
    const { loadPyodide } = (await import(/* webpackIgnore: true */ url)) as typeof Pyodide;
    const pyodide = await loadPyodide({ indexURL: '/pyodide/' });
    pyodide.runPython(code);
  },
};

declare global {
  var socketBench: SocketBench;
}
type SocketBench = typeof socketBench;
globalThis.socketBench = socketBench;
