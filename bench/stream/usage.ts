import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const MB = 1_000_000;

/** CPU seconds that a process has used until now, by all its threads and without its children (proc(5), schedstat). */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) => {
    const [ns = ''] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return Number(ns) / 1e9;
  });
  return spent.reduce((sum, each) => sum + each, 0);
}

/** Memory of a process, MB (10^6 bytes). `peak`: the most since `forgetPeak`. */
export function memory(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / MB;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Begins the peak of a process anew (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
