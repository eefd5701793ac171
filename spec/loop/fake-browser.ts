import { FakePage } from './key-events.js';

/** The window and the document of a page, as globals while a spec runs; Node has neither. */
export function useFakeBrowser() {
  const globals = globalThis as { window?: unknown; document?: unknown };
  const state = { isHidden: false, isFocused: true };
  let window: FakePage;
  let document: FakePage;

  beforeEach(() => {
    jest.useFakeTimers();
    Object.assign(state, { isHidden: false, isFocused: true });
    window = new FakePage();
    document = Object.defineProperties(new FakePage(), {
      visibilityState: { get: () => (state.isHidden ? 'hidden' : 'visible') },
      hasFocus: { value: () => state.isFocused },
    });
    Object.assign(globals, { window, document });
  });
  afterEach(() => {
    jest.runAllTimers();
    jest.useRealTimers();
    delete globals.window;
    delete globals.document;
  });

  return {
    get window() {
      return window;
    },
    get document() {
      return document;
    },
    hide(isHidden = true) {
      state.isHidden = isHidden;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    blur() {
      state.isFocused = false;
      window.dispatchEvent(new Event('blur'));
    },
    focus() {
      state.isFocused = true;
      window.dispatchEvent(new Event('focus'));
    },
    listening: () => window.listening() + document.listening(),
  };
}
