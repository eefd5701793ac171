/** `:where` has no specificity, so that any rule of the study's wins. */
export const styleSheet = `
:where(.rxgym-trial) { display: flex; flex-direction: column; align-items: center; gap: 0.5rem; }
:where(.rxgym-trial [hidden]) { display: none; }
:where(.rxgym-score) { min-height: 1.6em; margin: 0; font-variant-numeric: tabular-nums; }
:where(.rxgym-stage) { position: relative; max-width: 100%; outline: none; }
:where(.rxgym-canvas) { display: block; max-width: 100%; height: auto; background: #f3f4f6; }
:where(.rxgym-curtain) {
  position: absolute; inset: 0; padding: 1rem; overflow: auto;
  display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 0.75rem;
  background: rgb(255 255 255 / 85%); color: #111827;
}
:where(.rxgym-curtain[hidden]) { display: none; }
:where(.rxgym-curtain p) { margin: 0; overflow-wrap: anywhere; }
:where(.rxgym-headline) { font-size: 1.5rem; font-weight: 600; }
:where(.rxgym-progress) { width: min(20rem, 80%); }
:where(.rxgym-problem) { color: #b42318; }
`;
