/** The one element of the page that a selector names; a page without it is a mistake that should show at once. */
export function element<T extends Element>(selector: string, type: new () => T): T {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} at ${selector}`);
  return found;
}
