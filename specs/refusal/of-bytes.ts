import { type Row, theirs } from './row.ts'

const mendValue = 'Change the value at the place named, then send it again.'
const encodeAgain = 'Encode the document again with the canonical encoder of this specification.'

/** Refusals of what was sent as it is: values, bytes, signatures, modules. */
export const refusalsOfBytes = {
  'document.type': theirs(400, 'A value is of another type than its schema says.', mendValue),
  'document.bounds': theirs(400, 'A value lies outside its bounds.', mendValue),
  'document.form': theirs(
    400,
    'A text does not have the form that its schema asks for.',
    mendValue,
  ),
  'document.choice': theirs(400, 'A value is none of those allowed here.', mendValue),
  'document.rule': theirs(400, 'Values that are each allowed do not go together.', mendValue),
  'document.missing-key': theirs(
    400,
    'A required key is missing.',
    'Add the key at the place named.',
  ),
  'document.unknown-key': theirs(
    400,
    'There is a key that the schema does not know.',
    'Remove the key, or spell it as the message suggests.',
  ),

  'bytes.too-large': theirs(413, 'The document is larger than its limit.', 'Make it smaller.'),
  'bytes.truncated': theirs(400, 'The bytes end inside the document.', 'Send the whole document.'),
  'bytes.trailing': theirs(
    400,
    'Bytes follow the end of the document.',
    'Send the document alone.',
  ),
  'bytes.not-shortest': theirs(400, 'A number or length is not in its shortest form.', encodeAgain),
  'bytes.indefinite': theirs(400, 'An item does not give its length first.', encodeAgain),
  'bytes.reserved': theirs(400, 'An item begins with reserved bits.', encodeAgain),
  'bytes.integer': theirs(400, 'An integer is beyond 2^53 - 1.', mendValue),
  'bytes.float': theirs(400, 'There is a float; documents have none.', mendValue),
  'bytes.order': theirs(
    400,
    'Keys are out of canonical order, or one is there twice.',
    encodeAgain,
  ),
  'bytes.utf8': theirs(400, 'A text is not valid UTF-8.', mendValue),
  'bytes.depth': theirs(400, 'Items are nested deeper than any document.', encodeAgain),
  'bytes.not-canonical': theirs(400, 'The bytes are not the canonical encoding.', encodeAgain),

  'signature.false': theirs(
    401,
    'A signature does not belong to this document and key.',
    'Sign the document as it is sent, with the key that it names.',
  ),
  'signature.count': theirs(
    401,
    'The number of signatures is not the number of signers.',
    'Give one signature for each key that the document says must sign, in its order.',
  ),
  'signature.batch': theirs(
    401,
    'The path of a batch signature does not fit its size and index.',
    'Send the path that the batch signer gave for this document.',
  ),

  'wasm.malformed': theirs(
    400,
    'The bytes are no valid WebAssembly module.',
    'Build the module again.',
  ),
  'wasm.feature': theirs(
    400,
    'The module uses a part of WebAssembly that the profile leaves out.',
    'Build it without that: specs/wasm/wasm.md says what is left out, and how to build.',
  ),
  'wasm.bound': theirs(
    400,
    'The module has more of something than the profile allows.',
    'Make it smaller.',
  ),
  'wasm.import': theirs(
    400,
    'The module imports what is not there.',
    'Build it for wasm32-wasi, and import nothing else.',
  ),
  'wasm.export': theirs(
    400,
    'The module does not export what it has to.',
    'Export a memory called memory and a function called _start.',
  ),
} as const satisfies Readonly<Record<string, Row>>
