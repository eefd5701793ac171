// What the participant reads and answers: jsPsych's own plugins.
import Buttons from '@jspsych/plugin-html-button-response';
import Instructions from '@jspsych/plugin-instructions';
import Likert from '@jspsych/plugin-survey-likert';
import type { ParallelStep } from 'rxgym';
import type { RoundsTexts } from 'rxgym/jspsych';

export const consent = {
  type: Buttons,
  stimulus: `<h1>Picking apples</h1>
    <p>You play a game with a bot, and answer two questions: about three minutes. We record your moves and your answers,
    and nothing else of you. You may stop at any time by closing the page.</p>`,
  choices: ['I agree'],
};

export const instructions = {
  type: Instructions,
  pages: [
    `<h1>The orchard</h1>
      <p>You are green, the bot is orange. Walk with the arrow keys or the buttons below the picture; two at once go
      across.</p>`,
    `<h1>Points</h1>
      <p>Whoever picks an apple gets a point, and the other one half a point. First there is a short practice, then three
      rounds that count.</p>`,
  ],
  show_clickable_nav: true,
};

const scale = ['not at all', 'a little', 'somewhat', 'rather', 'very'];

export const questionnaire = {
  type: Likert,
  preamble: '<h1>Two questions</h1>',
  questions: [
    { prompt: 'How helpful was the bot?', name: 'helpful', labels: scale, required: true },
    { prompt: 'How human did it seem?', name: 'human', labels: scale, required: true },
  ],
};

/** The words of a round. */
export const texts = (round: string): Partial<RoundsTexts> => ({
  waiting: round,
  picture: 'An orchard with two players and five apples',
  over: ({ return: points }) => `${round}: ${sum(points as ParallelStep['return'] | null)}`,
  score: ({ score, timeLeft }) =>
    [
      round,
      sum(score instanceof Map ? score : null),
      ...(timeLeft === null ? [] : [`${Math.ceil(timeLeft)} s left`]),
    ].join(' · '),
});

const sum = (points: ReadonlyMap<string | number, unknown> | null): string =>
  `you ${Number(points?.get('you') ?? 0)}, the bot ${Number(points?.get('bot') ?? 0)}`;
