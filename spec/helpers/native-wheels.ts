// Packages with native code, as small as they can be: a module for Python, and a library that it needs, assembled from text.
// https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md

import wabt from 'wabt';
import { libraries, wheel, type Wheel } from '../browser/wheel';

const library = `(module
  (import "env" "memory" (memory 1))
  (import "env" "__memory_base" (global $memory i32))
  (func (export "shared_once") (param i32) (result i32) (local.get 0))
  (func (export "shared_twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (global (export "shared_step") i32 (i32.const 0))
  (data (global.get $memory) "\\05"))`;

/**
 * `native_part._native.count(None)` adds 10 to a number in the module's data: it calls one function of the library by its
 * name, another by its address, and reads the library's data. At 16 lies its PyModuleDef, at 80 the table of its functions.
 */
const extension = `(module
  (type $unary (func (param i32) (result i32)))
  (import "env" "memory" (memory 1))
  (import "env" "__indirect_function_table" (table 1 funcref))
  (import "env" "__memory_base" (global $memory i32))
  (import "env" "__table_base" (global $table i32))
  (import "env" "PyModule_Create2" (func $create (param i32 i32) (result i32)))
  (import "env" "PyLong_FromLong" (func $long (param i32) (result i32)))
  (import "env" "shared_once" (func $once (param i32) (result i32)))
  (import "GOT.func" "shared_twice" (global $twice (mut i32)))
  (import "GOT.mem" "shared_step" (global $step (mut i32)))
  (func $count (param i32 i32) (result i32)
    (i32.store (global.get $memory)
      (i32.add
        (i32.load (global.get $memory))
        (call_indirect (type $unary) (call $once (i32.load (global.get $step))) (global.get $twice))))
    (call $long (i32.load (global.get $memory))))
  (func $point (param $at i32) (param $to i32)
    (i32.store (i32.add (global.get $memory) (local.get $at)) (i32.add (global.get $memory) (local.get $to))))
  (func (export "__wasm_apply_data_relocs")
    (call $point (i32.const 36) (i32.const 112))
    (call $point (i32.const 48) (i32.const 80))
    (call $point (i32.const 80) (i32.const 128))
    (i32.store (i32.add (global.get $memory) (i32.const 84)) (global.get $table)))
  (func (export "PyInit__native") (result i32)
    (call $create (i32.add (global.get $memory) (i32.const 16)) (i32.const 1013)))
  (elem (global.get $table) $count)
  (data (global.get $memory)
    "\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00"
    "\\01\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00"
    "\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\ff\\ff\\ff\\ff"
    "\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00"
    "\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00"
    "\\00\\00\\00\\00\\00\\00\\00\\00\\08\\00\\00\\00\\00\\00\\00\\00"
    "\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00"
    "_native\\00\\00\\00\\00\\00\\00\\00\\00\\00"
    "count\\00"))`;

/** The wheel `native_part`, which has the module `_native` and counts by it, and the library that it depends on. */
export async function nativeWheels(): Promise<readonly [part: Wheel, shared: Wheel]> {
  const shared = await sideModule(library, { memory: 4, table: 0, needs: [] });
  const native = await sideModule(extension, { memory: 144, table: 1, needs: ['libshared.so'] });
  const file = 'native_part/_native.cpython-314-wasm32-emscripten.so';
  const source = 'from ._native import count\n';
  return [
    wheel('native_part', source, { [file]: native, 'native_part/late.py': 'late = 7\n' }, ['shared-part']),
    libraries('shared_part', { 'libshared.so': shared }),
  ];
}

interface Dylink {
  readonly memory: number;
  readonly table: number;
  readonly needs: readonly string[];
}

/** Assembles text, and puts in front what the dynamic linker wants to know. */
async function sideModule(text: string, { memory, table, needs }: Dylink): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const binary = parseWat('side.wat', text).toBinary({}).buffer;
  const inSection = (id: number, content: readonly number[]): number[] => [id, ...number(content.length), ...content];
  const named = (name: string): number[] => [...number(name.length), ...Buffer.from(name)];
  const info = inSection(1, [...number(memory), 4, ...number(table), 0]);
  const needed = inSection(2, [...number(needs.length), ...needs.flatMap(named)]);
  const section = inSection(0, [...named('dylink.0'), ...info, ...needed]);
  return Uint8Array.from([...binary.slice(0, 8), ...section, ...binary.slice(8)]);
}

/** As LEB128: https://webassembly.github.io/spec/core/binary/values.html#integers */
const number = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...number(n >> 7)]);
