// Python's packages with native code are WebAssembly modules of their own ("side modules"), which Emscripten's dynamic
// linker puts beside the main one: https://emscripten.org/docs/compiling/Dynamic-Linking.html. A snapshot of the memory has
// their data, but neither their functions nor what the linker knows of them. That is noted here, and made again: each
// module is instantiated at its former places in memory and table, before its data is put back.
//
// All this is of Pyodide's inside. It throws where it finds something that it cannot note, or make alike.

/** A library that was loaded, as Emscripten keeps it. */
interface Library {
  readonly name: string;
  refcount: number;
  global: boolean;
  readonly exports: WebAssembly.Exports;
}

/** What is used of Emscripten's dynamic linker. */
export interface Linker {
  readonly HEAPU8: Uint8Array;
  readonly LDSO: {
    readonly loadedLibsByName: Record<string, Library>;
    /** By the address of what `dlopen` returned; that of the main module is 0. */
    readonly loadedLibsByHandle: Record<number, Library>;
  };
  /** Symbols' addresses: https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md */
  readonly GOT: Readonly<Record<string, WebAssembly.Global>>;
  readonly GOTHandler: { get(weak: ReadonlySet<string>, symbol: string): WebAssembly.Global };
  readonly wasmTable: WebAssembly.Table;
  readonly freeTableIndexes: number[];
  getDylinkMetadata(module: WebAssembly.Module): {
    readonly neededDynlibs: readonly string[];
    readonly tableSize: number;
  };
  newDSO(name: string, handle: undefined, exports: WebAssembly.Exports): Library;
  relocateExports(exports: WebAssembly.Exports, memoryBase: number): WebAssembly.Exports;
  mergeLibSymbols(exports: WebAssembly.Exports, name: string): void;
  isSymbolDefined(symbol: string): boolean;
  updateTableMap(from: number, count: number): void;
  getFunctionAddress(f: unknown): number;
  addFunction(f: unknown, signature?: string): number;
  growMemory(bytes: number): void;
}

/** What a snapshot of the memory lacks of the side modules. */
export interface Links {
  /** The sizes of the memory and of the table, and of the table before the first module. */
  readonly memory: number;
  readonly table: number;
  readonly tableBefore: number;
  /** In the order in which they were loaded. */
  readonly modules: readonly LinkedModule[];
  /** From what `dlopen` returned to the module's index. */
  readonly handles: readonly (readonly [handle: number, module: number])[];
  /** Functions in the table that no module puts there itself; those of the main module have the index -1. */
  readonly functions: readonly (readonly [at: number, module: number, name: string])[];
  readonly addresses: readonly (readonly [symbol: string, address: number])[];
}

interface LinkedModule {
  /** The path of its file. */
  readonly name: string;
  readonly memoryBase: number;
  readonly tableBase: number;
  /** The modules whose symbols it may use. */
  readonly needs: readonly number[];
  /** Null: it is never unloaded. */
  readonly count: number | null;
  readonly isGlobal: boolean;
}

interface Instance {
  readonly module: WebAssembly.Module;
  readonly exports: WebAssembly.Exports;
  readonly memoryBase: number;
  readonly tableBase: number;
}

/** Watches, from a boot on, which side modules are loaded and where. Returns what notes their links, and stops watching. */
export function watchLinks(linker: Linker): { readonly links: () => Links; readonly stop: () => void } {
  const tableBefore = roomy(linker.wasmTable.length);
  linker.wasmTable.grow(tableBefore - linker.wasmTable.length);
  const symbolsBefore = new Set(Object.keys(linker.GOT));
  const instances: Instance[] = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports?]) {
      const instance = new target(module, imports);
      const { __memory_base: memoryBase, __table_base: tableBase } = imports?.['env'] ?? {};
      if (typeof memoryBase === 'number' && typeof tableBase === 'number')
        instances.push({ module, exports: instance.exports, memoryBase, tableBase });
      return instance;
    },
  });
  return {
    links: () => linksOf(linker, instances, tableBefore, symbolsBefore),
    stop() {
      WebAssembly.Instance = Instance;
    },
  };
}

/** Leaves room in the table: the main module has some functions more in one browser than in another, or in Node. */
const roomy = (length: number): number => Math.ceil((length + 256) / 1024) * 1024;

function linksOf(
  linker: Linker,
  instances: readonly Instance[],
  tableBefore: number,
  symbolsBefore: ReadonlySet<string>,
): Links {
  const { LDSO, GOT, wasmTable, freeTableIndexes } = linker;
  if (freeTableIndexes.length) throw new Error('a function was taken out of the table');
  const loaded = instances.map((instance) => ({ ...instance, library: libraryOf(linker, instance) }));
  const libraries = loaded.map(({ library }) => library);
  const indexOf = (library: Library): number => {
    const index = libraries.indexOf(library);
    if (index < 0) throw new Error(`it is not known how ${library.name} was loaded`);
    return index;
  };
  const [main, ...others] = new Set(Object.values(LDSO.loadedLibsByName));
  if (!main || main !== LDSO.loadedLibsByHandle[0]) throw new Error('the main module is not the first one');
  others.forEach(indexOf);
  const tables = instances.map(({ module, tableBase }) => {
    return { from: tableBase, to: tableBase + linker.getDylinkMetadata(module).tableSize };
  });
  const places = new Map<number, readonly [module: number, name: string]>();
  [main, ...libraries].forEach(({ exports }, i) => {
    for (const [name, value] of Object.entries(exports)) {
      const at = typeof value === 'function' ? linker.getFunctionAddress(value) : 0;
      if (at && !places.has(at)) places.set(at, [i - 1, name]);
    }
  });
  const functions: [number, number, string][] = [];
  for (let at = tableBefore; at < wasmTable.length; at++) {
    if (tables.some(({ from, to }) => from <= at && at < to)) continue;
    const place = places.get(at);
    if (!place) throw new Error(`the table has a function that no module exports, at ${at}`);
    functions.push([at, ...place]);
  }
  return {
    memory: linker.HEAPU8.length,
    table: wasmTable.length,
    tableBefore,
    modules: loaded.map(({ module, memoryBase, tableBase, library: { name, refcount, global } }) => {
      return {
        name,
        memoryBase,
        tableBase,
        needs: linker.getDylinkMetadata(module).neededDynlibs.map((needed) => {
          const found = libraries.find((each) => fileName(each.name) === fileName(needed));
          if (!found) throw new Error(`${needed} was not found`);
          return indexOf(found);
        }),
        count: refcount === Infinity ? null : refcount,
        isGlobal: global,
      };
    }),
    handles: Object.entries(LDSO.loadedLibsByHandle).flatMap(([handle, library]) =>
      library === main ? [] : [[Number(handle), indexOf(library)] as const],
    ),
    functions,
    addresses: Object.entries(GOT).flatMap(([symbol, { value }]) =>
      symbolsBefore.has(symbol) ? [] : [[symbol, value as number] as const],
    ),
  };
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function libraryOf({ LDSO }: Linker, { exports }: Instance): Library {
  const names = Object.keys(exports);
  const withScript = names.find((name) => /^__(em_js__|start_em_asm)/.test(name));
  if (withScript !== undefined) throw new Error(`a module has JavaScript of its own (${withScript})`);
  const functions = Object.values(exports).filter((value) => typeof value === 'function');
  const found = Object.values(LDSO.loadedLibsByName).find((library) => {
    const theirs = new Set(Object.values(library.exports));
    return functions.length > 0 && functions.every((each) => theirs.has(each));
  });
  if (!found) throw new Error('a module was loaded that is no library');
  return found;
}

/** Makes the links in a new interpreter, before a memory is put back that has the modules' data. */
export function relink(linker: Linker, links: Links, modules: readonly WebAssembly.Module[]): void {
  const { LDSO, GOTHandler, wasmTable, freeTableIndexes } = linker;
  if (wasmTable.length > links.tableBefore || freeTableIndexes.length) throw new Error('the table is another one');
  linker.growMemory(links.memory);
  wasmTable.grow(links.table - wasmTable.length);
  const main = LDSO.loadedLibsByHandle[0]?.exports ?? {};
  const none = new Set<string>();
  const addressOf = (symbol: string): WebAssembly.Global => GOTHandler.get(none, symbol);
  for (const [symbol, address] of links.addresses) addressOf(symbol).value = address;
  const exports: WebAssembly.Exports[] = [];
  const scope = (index: number): WebAssembly.Exports[] => [
    ...(links.modules[index]?.needs.flatMap(scope) ?? []),
    exports[index] ?? {},
  ];
  const libraries = links.modules.map(({ name, memoryBase, tableBase, count, isGlobal }, index) => {
    const module = modules[index];
    if (!module) throw new Error(`${name} is missing`);
    const addresses = new Proxy({}, { get: (_, symbol: string) => addressOf(symbol) });
    const own = importsOf(linker, main, { __memory_base: memoryBase, __table_base: tableBase }, () => scope(index));
    const instance = new WebAssembly.Instance(module, {
      'GOT.mem': addresses,
      'GOT.func': addresses,
      env: own,
      wasi_snapshot_preview1: own,
    });
    const relocated = (exports[index] = linker.relocateExports(instance.exports, memoryBase));
    linker.updateTableMap(tableBase, linker.getDylinkMetadata(module).tableSize);
    const library = linker.newDSO(name, undefined, relocated);
    library.refcount = count ?? Infinity;
    library.global = isGlobal;
    if (isGlobal) linker.mergeLibSymbols(relocated, name);
    return library;
  });
  for (const [handle, index] of links.handles) {
    const library = libraries[index];
    if (library) LDSO.loadedLibsByHandle[handle] = library;
  }
  for (const [at, index, name] of links.functions) {
    const f = (index < 0 ? main : exports[index])?.[name] as { readonly sig?: string } | undefined;
    freeTableIndexes.push(at); // which is where it goes then
    if (!f || linker.addFunction(f, f.sig) !== at) throw new Error(`${name} is not at its former place`);
  }
}

type Callable = (...args: readonly unknown[]) => unknown;

/** What a module imports: of the main one, or, looked for when it is called first, of those that it may use. */
function importsOf(
  linker: Linker,
  main: WebAssembly.Exports,
  bases: WebAssembly.ModuleImports,
  scope: () => readonly WebAssembly.Exports[],
): WebAssembly.ModuleImports {
  const found: WebAssembly.ModuleImports = { ...bases };
  return new Proxy(found, {
    get(_, symbol: string) {
      if (!(symbol in found))
        found[symbol] = (linker.isSymbolDefined(symbol) ? main[symbol] : undefined) ?? later(symbol);
      return found[symbol];
    },
  });
  function later(symbol: string): Callable {
    let f: Callable | undefined;
    return (...args) => {
      f ??= [main, ...scope()]
        .map((exports) => exports[symbol] as (Callable & { stub?: boolean }) | undefined)
        .find((each) => each && !each.stub);
      if (!f) throw new Error(`no module has ${symbol}`);
      return f(...args);
    };
  }
}
