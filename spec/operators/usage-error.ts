/** Matches the UsageError of an option. */
export const usageError = (option: string): Error => expect.objectContaining({ name: 'UsageError', option }) as Error;
