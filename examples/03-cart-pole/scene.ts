/** Where the game stands: what there is for the player to see and do. */
export type Scene =
  | { readonly name: 'loading' }
  | { readonly name: 'waiting'; readonly episode: number }
  | { readonly name: 'playing' | 'over'; readonly episode: number; readonly score: number }
  | { readonly name: 'failed'; readonly error: unknown };
