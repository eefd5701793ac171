/** Where the game stands. */
export type Scene =
  | { readonly name: 'loading' | 'playing' }
  | { readonly name: 'over'; readonly score: number }
  | { readonly name: 'failed'; readonly error: unknown };
