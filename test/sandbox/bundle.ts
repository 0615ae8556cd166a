import { build } from 'esbuild';

/** A program of the sandbox as one text that plain Node runs, so that a machine starts it without a compiler. */
export async function bundle(name: 'cpsrvd' | 'relay' | 'probe'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/${name}.ts`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return outputFiles[0]?.text ?? '';
}
