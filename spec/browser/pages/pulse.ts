/** In ms. */
const beat = 50;
const beats: number[] = [];
setInterval(() => beats.push(Date.now()), beat);

/**
 * How often the page's pulse has beaten since that time. It slows down with the machine: what is counted in beats, a spec
 * can bound more closely than what is measured in ms.
 */
export const beatsSince = (time: number): number => beats.filter((each) => each > time).length;
