import { parseAnsi } from '../../src/render/ansi.js';

const esc = '\u001b[';

describe('parseAnsi', () => {
  it('leaves plain text as it is', () => {
    expect(parseAnsi('FFFG').runs).toEqual([{ text: 'FFFG' }]);
  });

  it("parses a background, as FrozenLake marks the player's place", () => {
    expect(parseAnsi(`S${esc}41mF${esc}0mFF`).runs).toEqual([
      { text: 'S' },
      { text: 'F', background: '#cd0000' },
      { text: 'FF' },
    ]);
  });

  it('parses colours, bright ones too, and several codes in one sequence', () => {
    expect(parseAnsi(`${esc}35;1ma${esc}92mb${esc}104mc`).runs).toEqual([
      { text: 'a', colour: '#cd00cd' },
      { text: 'b', colour: '#00ff00' },
      { text: 'c', colour: '#00ff00', background: '#5c5cff' },
    ]);
  });

  it('returns to the default colours one by one, or to both', () => {
    expect(parseAnsi(`${esc}31;42ma${esc}39mb${esc}49mc${esc}31md${esc}me`).runs).toEqual([
      { text: 'a', colour: '#cd0000', background: '#00cd00' },
      { text: 'b', background: '#00cd00' },
      { text: 'c' },
      { text: 'd', colour: '#cd0000' },
      { text: 'e' },
    ]);
  });

  it('leaves out all other sequences', () => {
    expect(parseAnsi(`${esc}2Ja${esc}1;1Hb${esc}4mc`).runs.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(parseAnsi(`${esc}4mc${esc}31Hd`).runs).toStrictEqual([{ text: 'c' }, { text: 'd' }]);
  });

  it('does not take a part of an extended colour for one of the sixteen', () => {
    const line = `${esc}32ma${esc}38;5;31mb${esc}48;2;41;42;43mc${esc}38;5;9;45md`;
    expect(parseAnsi(line).runs).toStrictEqual([
      { text: 'a', colour: '#00cd00' },
      { text: 'b', colour: '#00cd00' },
      { text: 'c', colour: '#00cd00' },
      { text: 'd', colour: '#00cd00', background: '#cd00cd' },
    ]);
  });

  it('goes on in the style in which the line before ended', () => {
    const { style } = parseAnsi(`a${esc}33m`);
    expect(parseAnsi('b', style).runs).toEqual([{ text: 'b', colour: '#cdcd00' }]);
  });
});
