/** A page to press keys on: Node has EventTarget and Event, not KeyboardEvent. */
export class FakePage extends EventTarget {
  tagName?: string;
  isContentEditable?: boolean;
  visibilityState?: string;

  /** The listeners that are there, by type. */
  readonly listeners: Record<string, number> = {};

  override addEventListener(
    type: string,
    ...rest: [EventListenerOrEventListenerObject | null, AddEventListenerOptions?]
  ) {
    this.listeners[type] = (this.listeners[type] ?? 0) + 1;
    super.addEventListener(type, ...rest);
  }

  override removeEventListener(
    type: string,
    ...rest: [EventListenerOrEventListenerObject | null, EventListenerOptions?]
  ) {
    this.listeners[type] = (this.listeners[type] ?? 0) - 1;
    super.removeEventListener(type, ...rest);
  }

  /** Dispatches a keydown; `key` may be given alone. */
  down(key: string, more: Partial<KeyboardEvent> = {}): Event {
    return this.#key('keydown', key, more);
  }

  up(key: string, more: Partial<KeyboardEvent> = {}): Event {
    return this.#key('keyup', key, more);
  }

  listening(): number {
    return Object.values(this.listeners).reduce((sum, count) => sum + count, 0);
  }

  #key(type: string, key: string, more: Partial<KeyboardEvent>): Event {
    const event = Object.assign(new Event(type, { cancelable: true }), { key, ...more });
    this.dispatchEvent(event);
    return event;
  }
}
