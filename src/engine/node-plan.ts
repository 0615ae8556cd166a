import { phrase } from '../core/phrase.ts';
import { nodeChange } from '../firewall/node.ts';
import { writeStep, type Draft } from './steps.ts';
import type { Sight } from './survey.ts';

const LOAD = ['/usr/sbin/modprobe', '-a', 'ip_conntrack', 'ip_nat_ftp'];
const LOAD_SECONDS = 60;

/**
 * On a node of virtual servers: the modules that its guests need, named for the next start of its iptables service,
 * and those for FTP loaded now. A restart of that service, as cPanel's document has it, would forget every rule that
 * is not saved.
 */
export function nodeDrafts({ files }: Sight): Draft[] {
  const change = nodeChange(files);
  if (change === null) return [];
  return [
    writeStep(files, {
      path: change.path,
      after: change.after,
      title: phrase`Name the modules for guests in ${change.path}`,
      why: phrase`The iptables service of this node loads them at its start; in quotes, for a shell reads the file.`,
    }),
    {
      kind: 'run',
      title: phrase`Load the modules for FTP now`,
      why: phrase`Without a restart of the iptables service, which would forget rules that are not saved. Undo leaves them loaded until the next boot: by themselves they let nothing in.`,
      undoable: true,
      command: LOAD,
      timeoutSeconds: LOAD_SECONDS,
    },
  ];
}
