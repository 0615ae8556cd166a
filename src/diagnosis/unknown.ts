import { phrase } from '../core/phrase.ts';
import type { Log } from './log.ts';

/** What is said instead of a cause: what the log shows, and which log would show the cause. */
interface Words {
  readonly title: string;
  readonly fix: string;
}

/** Where FTP is, unless somebody has moved it. */
const FTP = 21;

const MORE = phrase`A log helps that goes from the connection to the error, with commands and replies: curl -v, lftp -d, Python ftplib with set_debuglevel(1), WinSCP’s session log, or FileZilla with Edit, Settings, Debug at level 2.`;

/** @param log one in which no cause was found */
export function helpfulLog({ lines, sftp, sessions, attempts }: Log): Words {
  const words = (title: string, fix = MORE): Words => ({ title, fix });
  const last = sessions.at(-1);
  if (sftp)
    return words(
      phrase`This is a log of SFTP, which has no passive mode.`,
      phrase`Look for the cause in the log of the SSH server.`,
    );
  if (attempts.length > 0 && attempts.every(({ done }) => done !== null))
    return words(
      phrase`All transfers in this log succeed.`,
      phrase`A log of a transfer that fails helps; it need not be a long one.`,
    );
  if (attempts.length > 0) return words(phrase`Transfers fail in this log, and it does not show why.`);
  if (last?.login === 'refused')
    return words(
      phrase`The server refuses the login; passive mode was not reached.`,
      phrase`Check user name and password. If they are right, a log of a session that gets further helps.`,
    );
  if (lines.some(({ text }) => /^\W*425[ -]/.test(text)))
    return words(
      phrase`The data connection failed, and the log does not show whether the mode was passive or active.`,
    );
  if (last?.greeted === true) return words(phrase`The log ends before data was to be moved.`);
  if (last?.failure != null && last.tried && (last.port === null || last.port === FTP))
    return words(
      phrase`The client does not get as far as the FTP server’s greeting; passive mode was not reached.`,
      phrase`Look at the name, at port 21 and its firewall rule, and at bans of the client’s address.`,
    );
  return words(phrase`This shows no conversation of an FTP client with a server.`);
}
