/** The clients whose logs are known by their shape. `transcript`: bare commands and replies. */
export type Client =
  'FileZilla' | 'WinSCP' | 'lftp' | 'curl' | 'Python ftplib' | 'Windows ftp' | 'ftp command' | 'transcript';

/**
 * What a line is. `remark`: what the client says of itself; `error`: the same, marked as an error. `loose`: of no shape
 * that is known, which may be a remark too, or a file's name in a listing. `at`: seconds of the day, where the line has a time.
 */
export interface Shape {
  readonly kind: 'command' | 'reply' | 'remark' | 'error' | 'loose';
  readonly text: string;
  readonly client: Client | null;
  readonly at: number | null;
  /** Which of several connections at once it is of, where the log says so. */
  readonly thread: string;
}

type Read = Omit<Shape, 'at' | 'thread'>;

const TIME =
  /^\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[ T]|\d\d[./]\d\d[./]\d{4} )?(\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?\s+/;

/** FileZilla says these in the language of its user. */
const LABELS = {
  command: 'Command|Befehl|Commande|Comando|Polecenie|Opdracht|Команда|命令|コマンド',
  reply:
    'Response|Reply|Returns|Antwort|Réponse|Respuesta|Risposta|Resposta|Odpowiedź|Antwoord|Ответ|响应|返回|レスポンス',
  remark: 'Status|Statut|Estado|Stato|Статус|状态|状態',
  error: 'Error|Fehler|Erreur|Errore|Erro|Błąd|Fout|Ошибка|错误|エラー',
} as const;
const LABEL = new RegExp(
  `^(?:> )?(?:(${LABELS.command})|(${LABELS.reply})|(${LABELS.remark})|${LABELS.error})\\s?:\\s*(.*)$`,
);

const VERBS =
  'USER|PASS|ACCT|X?CWD|CDUP|X?PWD|TYPE|MODE|STRU|PASV|P@SW|EPSV|PORT|EPRT|LIST|NLST|MLSD|MLST|RETR|STOR|STOU|APPE|REST|SIZE|MDTM|FEAT|OPTS|AUTH|PBSZ|PROT|CCC|SYST|QUIT|NOOP|ABOR|SITE|PRET|HOST|CLNT|ALLO';
const COMMAND = new RegExp(`^(?:${VERBS})(?: .*)?$`);
const REPLY = /^[1-6]\d\d(?:[ -]|$)/;
const ARROW = /^(?:C:|S:|Client:|Server:|<-+|-+>|<<|>>|=+>|<=+|\S{1,40}\s[<>])\s+(.*)$/;

/** What a line is, by its own look alone. */
export function shapeOf(line: string): Shape {
  const winscp = /^([.<>!*]) (.*)$/.exec(line);
  const marked = winscp !== null && TIME.test(winscp[2] ?? '');
  const stamped = marked ? (winscp[2] ?? '') : line;
  const time = TIME.exec(stamped);
  const at = time === null ? null : Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3]);
  const rest = stamped.slice(time?.[0].length ?? 0);
  // FileZilla’s log file has process and connection after the time.
  const [numbered = '', thread = ''] = (time === null ? null : /^(\d+ \d+) (?=\p{L})/u.exec(rest)) ?? [];
  const text = rest.slice(numbered.length);
  return { ...(marked ? winscpShape(winscp[1] ?? '', text) : plainShape(text)), at, thread };
}

function winscpShape(mark: string, text: string): Read {
  const kind = mark === '>' ? 'command' : mark === '<' ? 'reply' : mark === '.' ? 'remark' : 'error';
  return { kind, text, client: 'WinSCP' };
}

function plainShape(text: string): Read {
  return filezilla(text) ?? lftp(text) ?? ftplib(text) ?? curl(text) ?? prompted(text) ?? bare(text);
}

function filezilla(text: string): Read | null {
  const label = LABEL.exec(text);
  if (label === null) return null;
  const kinds = ['command', 'reply', 'remark'] as const;
  const kind = kinds.find((_, index) => label[index + 1] !== undefined) ?? 'error';
  // Every program has errors.
  const client = kind === 'error' ? null : 'FileZilla';
  return { kind, text: label[4] ?? '', client };
}

function lftp(text: string): Read | null {
  const arrow = /^(--->|<---|----|\*{4}) ?(.*)$/.exec(text);
  if (arrow === null) return null;
  const kind = arrow[1] === '--->' ? 'command' : arrow[1] === '<---' ? 'reply' : 'remark';
  // The debugging of Windows ftp has the same arrow for a command.
  return { kind, text: arrow[2] ?? '', client: kind === 'command' ? null : 'lftp' };
}

function ftplib(text: string): Read | null {
  const client = 'Python ftplib';
  const said = /^\*(cmd|resp|welcome|put|get)\* b?(['"])(.*)\2$/.exec(text);
  if (said === null) return /ftplib\.py"|^ftplib\./.test(text) ? { kind: 'remark', text, client } : null;
  // The second level of its debugging says everything twice.
  if (said[1] === 'put' || said[1] === 'get') return { kind: 'remark', text: '', client };
  const last = (said[3] ?? '').split(/(?:\\r)?\\n/).findLast((part) => part !== '') ?? '';
  return { kind: said[1] === 'cmd' ? 'command' : 'reply', text: last.replaceAll("\\'", "'"), client };
}

function curl(text: string): Read | null {
  const said = /^([<>*]) +(.*)$/.exec(text);
  if (said === null) return /^curl: \(\d+\)/.test(text) ? { kind: 'remark', text, client: 'curl' } : null;
  const [, mark, rest = ''] = said;
  if (mark === '*') return { kind: 'remark', text: rest, client: 'curl' };
  if (mark === '<' && REPLY.test(rest)) return { kind: 'reply', text: rest, client: null };
  return mark === '>' && COMMAND.test(rest) ? { kind: 'command', text: rest, client: null } : null;
}

/** What only the program of Windows prints; the others of this name share its prompt. */
const WINDOWS = /^> ftp: |^User \(.*:\(none\)\):|^Debugging On \.$|^[A-Z]:\\.*>ftp\b/;

function prompted(text: string): Read | null {
  const failed = /^>? ?(ftp: [a-z]+ ?:.*)$/.exec(text);
  if (failed !== null)
    return { kind: 'remark', text: failed[1] ?? '', client: WINDOWS.test(text) ? 'Windows ftp' : null };
  const typed = /^ftp> ?(.*)$/.exec(text);
  if (typed === null) return null;
  const quoted = /^(?:quote|literal) +(.*)$/i.exec(typed[1] ?? '');
  return quoted === null
    ? { kind: 'remark', text: '', client: 'ftp command' }
    : { kind: 'command', text: (quoted[1] ?? '').toUpperCase(), client: 'ftp command' };
}

function bare(text: string): Read {
  const inner = ARROW.exec(text)?.[1] ?? text;
  if (REPLY.test(inner)) return { kind: 'reply', text: inner, client: null };
  if (COMMAND.test(inner)) return { kind: 'command', text: inner, client: null };
  return { kind: 'loose', text, client: WINDOWS.test(text) ? 'Windows ftp' : null };
}
