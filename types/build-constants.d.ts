// What webpack (and, for the specs, Jest) puts in place of these names: see scripts/constants.mjs.

/** Of this package. */
declare const __RXGYM_VERSION__: string;

/** The one Pyodide version that this build was made for, for instance `'314.0.7'`. */
declare const __PYODIDE_VERSION__: string;

/** The bytes of that Pyodide's core files, uncompressed, so that progress has a total before any header has come. */
declare const __PYODIDE_SIZES__: Readonly<Record<'pyodide.asm.wasm' | 'python_stdlib.zip' | 'pyodide.asm.mjs', number>>;

/** The one version of onnxruntime-web that rxgym/onnx was made for, for instance `'1.30.0'`. */
declare const __ORT_VERSION__: string;

/** The bytes of its `ort-wasm-simd-threaded.wasm`, uncompressed. */
declare const __ORT_WASM_SIZE__: number;

/** The hash of worker/bridge: a snapshot that holds another bridge is not used. */
declare const __BRIDGE__: string;
