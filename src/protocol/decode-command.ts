// The one place where what comes from the page is looked at as `unknown`. The worker's alone: no page pays for it.

import { describe } from '../describe.js';
import { ProtocolError } from '../errors.js';
import { commands, type Command } from './commands.js';
import {
  buffer,
  hasFields,
  hasVariant,
  listOf,
  oneOf,
  optional,
  text,
  whole,
  type Check,
  type Fields,
  type FieldsOf,
} from './fields.js';
import { protocolVersion, type Connect } from './messages.js';

const anyCommand = { id: whole, recycled: optional(listOf(buffer)) };
const commandFields: Readonly<Record<string, Fields>> = Object.fromEntries(
  Object.entries(commands).map(([type, fields]) => [type, { ...fields, ...anyCommand }]),
);

/** What came from the page over the port, or a {@link ProtocolError}. */
export function decodeCommand(message: unknown): Command {
  if (hasVariant(message, 'type', commandFields)) return message as Command;
  throw new ProtocolError(`one of ${Object.keys(commands).join(', ')} with its fields`, describe(message));
}

/** The first message, which brings the port. Null for any other, since a page may post what it likes. */
export function decodeConnect(message: unknown): Connect | null {
  const object: Check<object | null> = (value): value is object | null => typeof value === 'object';
  const fields: FieldsOf<Connect, never> = {
    type: oneOf('connect'),
    version: oneOf(protocolVersion),
    port: (port): port is MessagePort => typeof (port as MessagePort | null)?.postMessage === 'function',
    interrupt: object,
    mailbox: object,
    replies: object,
    lock: text,
  };
  return hasFields(message, fields) ? (message as unknown as Connect) : null;
}
