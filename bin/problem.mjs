/** A mistake in the command line, or in a file that it names; printed without a stack. */
export class Problem extends Error {}
