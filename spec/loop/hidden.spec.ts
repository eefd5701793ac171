import type { Observable } from 'rxjs';
import { focused$, hidden$, visible$ } from '../../src/loop/hidden.js';
import { useFakeBrowser } from './fake-browser.js';

function watch<T>(source$: Observable<T>) {
  const values: T[] = [];
  const subscription = source$.subscribe((value) => values.push(value));
  return { values, subscription };
}

describe('on a page', () => {
  const browser = useFakeBrowser();

  it('hidden$ has the current state, and each change of it', () => {
    browser.hide();
    const { values } = watch(hidden$());
    browser.hide(false);
    browser.hide(false);
    browser.hide();
    expect(values).toEqual([true, false, true]);
  });

  it('visible$ is its opposite', () => {
    const { values } = watch(visible$());
    browser.hide();
    expect(values).toEqual([true, false]);
  });

  it('focused$ is true while the page is visible and has the focus', () => {
    const { values } = watch(focused$());
    browser.blur();
    browser.hide();
    browser.focus();
    browser.hide(false);
    browser.hide();
    expect(values).toEqual([true, false, true, false]);
  });

  it('focused$ stays true when the focus goes to a frame in the page', () => {
    const { values } = watch(focused$());
    browser.window.dispatchEvent(new Event('blur')); // document.hasFocus() is still true
    expect(values).toEqual([true]);
  });

  it.each([
    ['hidden$', hidden$, 1],
    ['visible$', visible$, 1],
    ['focused$', focused$, 3],
  ])('%s has one set of listeners for all subscribers, as long as there are any', (_, make, listeners) => {
    const state$ = make();
    const subscriptions = [watch(state$), watch(state$)].map(({ subscription }) => subscription);
    expect(browser.listening()).toBe(listeners);
    browser.hide();
    expect(watch(state$).values).toEqual([make === hidden$]);
    subscriptions.forEach((subscription) => subscription.unsubscribe());
    expect(browser.listening()).toBe(listeners); // of the third
  });

  it('reads the state anew for one who comes when nobody is subscribed', () => {
    const state$ = hidden$();
    watch(state$).subscription.unsubscribe();
    expect(browser.listening()).toBe(0);
    browser.hide();
    expect(watch(state$).values).toEqual([true]);
  });
});

describe('where there is no page', () => {
  it('it is visible and has the focus', () => {
    expect([hidden$, visible$, focused$].map((make) => watch(make()).values)).toEqual([[false], [true], [true]]);
  });
});
